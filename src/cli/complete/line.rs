use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{ArgMatches, CommandFactory};

use crate::adapter::journal::StateDir;
use crate::cli::args::Cli;
use crate::cli::{drill, load, session};
use crate::model::{Drill, Runbook};
use crate::traverse::Traversal;

/// What stands on a command line that is not finished, as far as it can be understood.
pub(super) struct Line {
    command: Option<(String, ArgMatches)>,
}

impl Line {
    pub(super) fn of(words: &[OsString]) -> Self {
        let cli = Cli::command().ignore_errors(true);
        let matches = cli.try_get_matches_from(words).ok();
        Self {
            command: matches.and_then(|mut matches| matches.remove_subcommand()),
        }
    }

    /// Whether it is a line for this command.
    pub(super) fn is_for(&self, command: &str) -> bool {
        self.command.as_ref().is_some_and(|(name, _)| name == command)
    }

    /// The runbook that the line is about: that of its file, or that of its run.
    pub(super) fn runbook(&self) -> Option<Arc<Runbook>> {
        match self.file() {
            Some(file) => load::read(&file).ok()?.runbook,
            None => Some(self.run()?.shared_runbook()),
        }
    }

    /// The drill beside its file.
    pub(super) fn drill(&self) -> Option<Drill> {
        let (_, parsed) = drill::read(&drill::beside(&self.file()?), None).ok()?;
        parsed.value
    }

    /// The run that it is about.
    pub(super) fn run(&self) -> Option<Traversal> {
        session::open(&self.value::<String>("run")?, &self.state()?).ok()
    }

    /// Where runs are recorded.
    pub(super) fn state(&self) -> Option<StateDir> {
        session::state_dir(self.value::<PathBuf>("state_dir").as_deref()).ok()
    }

    /// What stands for an argument, by its id.
    pub(super) fn typed(&self, id: &str) -> Option<String> {
        self.value(id)
    }

    fn file(&self) -> Option<PathBuf> {
        self.value("file")
    }

    fn value<T: Clone + Send + Sync + 'static>(&self, id: &str) -> Option<T> {
        let (_, matches) = self.command.as_ref()?;
        matches.try_get_one::<T>(id).ok()?.cloned()
    }
}
