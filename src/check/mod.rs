//! What can be known of a runbook before it is run: one file for each family of rules.

mod boolean;
mod graph;
mod names;
mod references;
#[cfg(test)]
mod tests;
mod texts;
mod walk;

pub use walk::{Text, Trail, runbook_texts};

use crate::diagnostic::Diagnostic;
use crate::model::Runbook;

/// Every fault of a runbook that could be read.
pub fn runbook(runbook: &Runbook) -> Vec<Diagnostic> {
    [
        graph::graph(runbook),
        references::references(runbook),
        texts::texts(runbook),
    ]
    .concat()
}
