//! Carries out checks: looks at the world and says what was seen.

mod command;
mod file;
mod http;
mod judge;
mod look;
mod matcher;
mod poll;

pub use judge::judge;

use crate::adapter::process::{Interrupt, Surroundings};
use crate::adapter::secret::Secrets;
use crate::traverse::Verdict;

/// Carries out checks.
#[derive(Clone, Copy)]
pub struct Checker<'a> {
    /// Where commands run and relative paths start.
    pub surroundings: &'a Surroundings,
    /// The secrets that commands and requests may need.
    pub secrets: &'a Secrets,
    /// The wish that it ends.
    pub interrupt: &'a Interrupt,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether it is as it should be.
    pub verdict: Verdict,
    /// What was seen, in one short line without secrets.
    pub evidence: String,
}

#[cfg(test)]
mod tests;
