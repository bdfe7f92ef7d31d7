use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::{Command, Feed, Stream};
use crate::traverse::Running;

use super::child::Child;
use super::supervise::{Ended, supervise};
use super::terminal::Modes;
use super::{Environment, Interrupt, NotStarted, Surroundings, program};

/// A command with everything that it needs, ready to start. It holds secrets: it is never printed or kept.
pub struct Launch {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Its directory.
    pub folder: PathBuf,
    /// The environment that it shares with others.
    pub inherited: Arc<Environment>,
    /// What is added to that, or stands in its place.
    pub environment: Environment,
    /// Its standard input.
    pub stdin: Vec<u8>,
    /// How long it may take; none means as long as it does.
    pub timeout: Option<Duration>,
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
        let mut environment = Environment::new();
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
            inherited: Arc::clone(&surroundings.environment),
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
        self.timeout = self.timeout.into_iter().chain(limit).min();
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

    /// The same; `known` is told what runs, once it does.
    ///
    /// # Errors
    ///
    /// Why it never started.
    pub fn run_known(
        mut self,
        interrupt: &Interrupt,
        known: &mut dyn FnMut(Running),
        sink: &mut dyn FnMut(Stream, &[u8]),
    ) -> Result<Ended, NotStarted> {
        let stdin = std::mem::take(&mut self.stdin);
        let child = self.start(|program, launch| Child::start(program, launch, !stdin.is_empty()))?;
        known(child.target.known_as());
        let limits = (self.timeout, self.grace);
        Ok(supervise(child, &stdin, limits, interrupt, sink))
    }

    /// Runs it to its end with the terminal for itself, and leaves that as it was. What it reads and prints is between it and the person
    /// there.
    ///
    /// # Errors
    ///
    /// Why it never started.
    pub fn run_at_terminal(
        self,
        interrupt: &Interrupt,
        known: &mut dyn FnMut(Running),
    ) -> Result<Ended, NotStarted> {
        let _modes = Modes::now();
        let child = self.start(Child::start_at_terminal)?;
        known(child.target.known_as());
        let limits = (self.timeout, self.grace);
        Ok(supervise(child, &[], limits, interrupt, &mut |_, _| {}))
    }

    fn start(&self, start: impl FnOnce(PathBuf, &Self) -> io::Result<Child>) -> Result<Child, NotStarted> {
        let name = self.argv.first().ok_or(NotStarted::Empty)?;
        if !self.folder.is_dir() {
            return Err(NotStarted::NoFolder(self.folder.clone()));
        }
        let path = OsStr::new("PATH");
        let path = self.environment.get(path).or_else(|| self.inherited.get(path));
        let program = program::find(name, path, &self.folder)?;
        start(program, self).map_err(|error| NotStarted::Refused {
            program: name.clone(),
            error,
        })
    }
}
