//! What can be known of a runbook before it is run: one file for each family of rules.

#[cfg(test)]
mod agreement;
mod allow;
mod before;
mod boolean;
mod chart;
mod choices;
mod commands;
mod comparisons;
mod drill;
mod early;
mod entries;
mod expected;
mod gates;
mod graph;
mod joins;
mod made;
mod names;
mod programs;
mod references;
mod routes;
mod said;
mod script;
mod steps;
mod test;
#[cfg(test)]
mod tests;
mod texts;
mod undefined;
mod unused;
mod uses;
mod values;
mod words;

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::model::{Drill, Runbook, Test};

use chart::Chart;
use uses::Uses;

/// Every error of a runbook that could be read only in part, as `faults` say: what may be a mere consequence of those is left out. Where
/// nothing was lost, every finding.
pub fn beside(faults: &[Diagnostic], part: &Runbook) -> Vec<Diagnostic> {
    let of_file = || faults.iter().filter(|fault| fault.severity == Severity::Error);
    if of_file().next().is_none() {
        return runbook(part);
    }
    let loses_nothing = [
        Code::UnknownField,
        Code::RetryWithoutIdempotent,
        Code::DuplicateId,
    ];
    let any_lost = of_file().any(|fault| !loses_nothing.contains(&fault.code));
    let mut found = errors(&Chart::of(part)).0;
    found.retain(|finding| match finding.code {
        Code::UnreachableNode | Code::NotBefore => false,
        Code::UndefinedName | Code::UnknownName => !any_lost,
        _ => finding.severity == Severity::Error,
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

/// Every fault of a runbook that could be read, but for what it allows itself.
pub fn runbook(runbook: &Runbook) -> Vec<Diagnostic> {
    let chart = Chart::of(runbook);
    let (mut found, uses) = errors(&chart);
    // Of a flowchart with holes and circles, nothing is known of its routes.
    let is_sound = found.iter().all(|finding| finding.severity == Severity::Warning);
    found.extend(steps::steps(runbook));
    // Of a text that cannot be understood, its commands are not known.
    let is_lost = |text: &Diagnostic| [Code::TemplateSyntax, Code::UndefinedName].contains(&text.code);
    let lost: HashSet<String> = found
        .iter()
        .filter(|text| is_lost(text))
        .map(|text| text.path.to_string())
        .collect();
    let of_commands = commands::commands(runbook).into_iter();
    found.extend(of_commands.filter(|finding| !lost.contains(&finding.path.to_string())));
    if is_sound {
        found.extend(of_routes(&chart, &uses));
    }
    allow::apply(runbook, found, is_sound)
}

/// Every error, and the warnings that are found in the same walk through the texts; and what the texts speak of.
fn errors<'r>(chart: &Chart<'r>) -> (Vec<Diagnostic>, Uses<'r>) {
    let mut found = graph::graph(chart.runbook, &chart.graph, &chart.ranks);
    found.extend(references::references(chart.runbook));
    found.extend(early::early(chart.runbook));
    let (of_texts, uses) = texts::texts(chart.runbook);
    found.extend(of_texts);
    found.extend(before::before(chart, &uses.mentions));
    (found, uses)
}

/// Warnings about a flowchart without holes and circles, and about what nothing in it uses.
fn of_routes(chart: &Chart<'_>, uses: &Uses<'_>) -> Vec<Diagnostic> {
    let mut found = joins::joins(chart);
    found.extend(choices::choices(chart.runbook));
    found.extend(undefined::undefined(chart, uses));
    found.extend(gates::gates(chart));
    found.extend(unused::unused(chart.runbook, uses));
    found
}
