use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::model::{Command, Feed, Stream};
use crate::traverse::ProcessGroup;

use super::child::Child;
use super::supervise::{Ended, supervise};
use super::{Environment, Interrupt, NotStarted, Surroundings, program};

/// A command with everything that it needs, ready to start. It holds secrets: it is never printed or kept.
pub struct Launch {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Its directory.
    pub folder: PathBuf,
    /// All of its environment.
    pub environment: Environment,
    /// Its standard input.
    pub stdin: Vec<u8>,
    /// How long it may take.
    pub timeout: Duration,
    /// How long it has between TERM and KILL.
    pub grace: Duration,
}

impl Launch {
    /// A command as it runs in these surroundings; `feed` says what is put where a text or a secret is.
    ///
    /// # Errors
    ///
    /// The first error of `feed`.
    pub fn of<E>(
        command: &Command<String>,
        surroundings: &Surroundings,
        mut feed: impl FnMut(&Feed<String>) -> Result<String, E>,
    ) -> Result<Self, E> {
        let mut environment = surroundings.environment.clone();
        for (name, value) in &command.env {
            environment.insert(name.into(), feed(value)?.into());
        }
        let stdin = command.stdin.as_ref().map(feed).transpose()?;
        Ok(Self {
            argv: command.run.argv(),
            folder: match &command.cwd {
                Some(cwd) => surroundings.folder.join(cwd),
                None => surroundings.folder.clone(),
            },
            environment,
            stdin: stdin.unwrap_or_default().into_bytes(),
            timeout: command.timeout,
            grace: command.grace,
        })
    }

    /// Adds to the environment.
    #[must_use]
    pub fn with_env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.environment.insert(name.into(), value.into());
        self
    }

    /// Lets it take no longer than this.
    #[must_use]
    pub fn within(mut self, limit: Option<Duration>) -> Self {
        self.timeout = limit.map_or(self.timeout, |limit| limit.min(self.timeout));
        self
    }

    /// Runs it to its end. `sink` is given what it prints, in blocks as they come.
    ///
    /// # Errors
    ///
    /// Why it never started.
    pub fn run(
        self,
        interrupt: &Interrupt,
        sink: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Ended, NotStarted> {
        self.run_known(interrupt, &mut |_| {}, sink)
    }

    /// The same; `known` is told where it runs, once it does.
    ///
    /// # Errors
    ///
    /// Why it never started.
    pub fn run_known(
        mut self,
        interrupt: &Interrupt,
        known: &mut dyn FnMut(ProcessGroup),
        sink: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Ended, NotStarted> {
        let name = self.argv.first().cloned().ok_or(NotStarted::Empty)?;
        if !self.folder.is_dir() {
            return Err(NotStarted::NoFolder(self.folder));
        }
        let program = program::find(&name, &self.environment, &self.folder)?;
        let stdin = std::mem::take(&mut self.stdin);
        let refused = |error| NotStarted::Refused { program: name, error };
        let child = Child::start(program, &self, !stdin.is_empty()).map_err(refused)?;
        known(child.group.known_as());
        Ok(supervise(
            child,
            &stdin,
            (self.timeout, self.grace),
            interrupt,
            sink,
        ))
    }
}
