//! What is wrong with a runbook beyond its shape: one file for each family of rules.

mod boolean;
mod names;
#[cfg(test)]
mod tests;
mod texts;
mod walk;

pub use walk::{Text, Trail, runbook_texts};

use crate::diagnostic::Diagnostic;
use crate::model::Runbook;

/// Everything that is wrong with a runbook, in the order of its rules.
pub fn runbook(runbook: &Runbook) -> Vec<Diagnostic> {
    texts::texts(runbook)
}
