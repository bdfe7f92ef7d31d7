//! What can be known of a runbook before it is run: one file for each family of rules.

mod before;
mod boolean;
mod drill;
mod expected;
mod graph;
mod lints;
mod lock;
mod names;
mod references;
mod test;
#[cfg(test)]
mod tests;
mod texts;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::graph::Graph;
use crate::model::{Drill, Runbook, Test};

/// Every fault of a runbook that could be read only in part, as `faults` say: what may be a mere consequence of those is left out.
pub fn beside(faults: &[Diagnostic], part: &Runbook) -> Vec<Diagnostic> {
    let errors = || faults.iter().filter(|fault| fault.severity == Severity::Error);
    let loses_nothing = [
        Code::UnknownField,
        Code::RetryWithoutIdempotent,
        Code::DuplicateId,
    ];
    let any_lost = errors().any(|fault| !loses_nothing.contains(&fault.code));
    let edge_lost = errors().next().is_some();
    let mut found = runbook(part);
    found.retain(|finding| match finding.code {
        Code::UnreachableNode | Code::NotBefore | Code::UnverifiedChange => !edge_lost,
        Code::UndefinedName | Code::UnknownName => !any_lost,
        _ => true,
    });
    found
}

/// What is wrong with a drill, given the runbook that it is of.
pub fn drill(drill: &Drill, runbook: &Runbook) -> Vec<Diagnostic> {
    drill::drill(drill, runbook)
}

/// What is wrong with the tests of a runbook.
pub fn test(test: &Test, runbook: &Runbook) -> Vec<Diagnostic> {
    test::test(test, runbook)
}

/// Every fault of a runbook that could be read.
pub fn runbook(runbook: &Runbook) -> Vec<Diagnostic> {
    let graph = Graph::of(runbook);
    let mut found = graph::graph(runbook, &graph);
    found.extend(references::references(runbook));
    found.extend(lock::lock(runbook));
    let (of_texts, mentions) = texts::texts(runbook);
    found.extend(of_texts);
    found.extend(before::before(runbook, &graph, &mentions));
    found.extend(lints::lints(runbook));
    found
}
