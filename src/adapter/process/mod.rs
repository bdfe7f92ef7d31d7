//! Runs a command as a process group of its own, and leaves nothing of it behind. One that takes the terminal stays in our group, or the
//! system would stop it when it reads.
//!
//! One loop watches everything a command can do: its input, its two outputs, its end, its deadline, and the wish to end it.
//! No thread is started for it and nothing it prints is gathered here.

mod capture;
mod child;
mod interrupt;
mod kept;
mod launch;
mod program;
mod supervise;
mod target;
mod terminal;
mod time;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

pub use capture::{NothingFound, extract, extract_all};
pub use interrupt::Interrupt;
pub use kept::{KEPT_AT_MOST, Kept};
pub use launch::Launch;
pub use program::NotStarted;
pub use supervise::{End, Ended};
pub use target::lives;
use time::{later, timespec};

/// Names and values of an environment.
pub type Environment = BTreeMap<OsString, OsString>;

/// Where commands run, if they say nothing else.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The runbook's own folder: relative paths start here.
    pub folder: PathBuf,
    /// What every command inherits.
    pub environment: Arc<Environment>,
}

#[cfg(test)]
mod tests;
