//! What can be known of a runbook before it is run: one file for each family of rules.

mod graph;
mod names;

use crate::diagnostic::Diagnostic;
use crate::model::Runbook;

/// Every fault of a runbook that could be read.
pub fn runbook(runbook: &Runbook) -> Vec<Diagnostic> {
    [graph::graph(runbook), names::names(runbook)].concat()
}
