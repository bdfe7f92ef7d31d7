//! Values that are there on one route and not on another.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Pair, Position, Way};
use crate::model::{Expression, Join, Runbook};
use crate::source::{Path, Segment};
use crate::template::{Text, Trail, runbook_texts};

use super::chart::Chart;
use super::routes::{Routes, State};
use super::uses::Uses;

/// A text that wants a value which may not be there.
struct Doubt<'r> {
    path: Path,
    text: Text<'r>,
    names: Vec<Vec<String>>,
    is_guard: bool,
}

/// Every text that cannot be made on some route.
pub(super) fn undefined(chart: &Chart<'_>, uses: &Uses<'_>) -> Vec<Diagnostic> {
    let uncertain = uncertain(chart, &uses.values);
    let mut found = Vec::new();
    if uncertain.is_empty() && !uses.gates_want_values {
        return found;
    }
    for (owner, doubts) in doubts(chart.runbook, &uncertain) {
        match owner {
            Owner::Node(node) => {
                let routes = Routes::to(chart, [node]);
                found.extend(in_node(node, routes, doubts));
            }
            Owner::End(when) => {
                let named = doubts.iter().flat_map(|doubt| &doubt.names);
                let routes = Routes::to(chart, named.filter_map(|name| chart.node_of(name)));
                found.extend(at_the_end(when, routes, doubts));
            }
        }
    }
    found
}

/// Who wants a value of whom and may be come to without it.
pub(super) fn uncertain(chart: &Chart<'_>, values: &[Pair]) -> HashSet<Pair> {
    let links = |node: Position| &chart.runbook.nodes[node].links;
    let joins_all = |node| links(node).join == Join::All;
    let is_guarded = |node| links(node).when.is_some();
    chart
        .graph
        .uncertain(&chart.ranks, values, joins_all, |edge| match edge.way {
            Way::Choice(_) => true,
            Way::Next => !is_guarded(edge.from),
            Way::OnFailure => false,
        })
}

/// Whose texts they are.
#[derive(Clone, Copy, PartialEq)]
enum Owner<'r> {
    Node(Position),
    /// Of a gate or a notification, which come when all nodes are final: its guard.
    End(Option<&'r Expression>),
}

/// The texts to be looked at, by whose they are.
fn doubts<'r>(runbook: &'r Runbook, uncertain: &HashSet<Pair>) -> Vec<(Owner<'r>, Vec<Doubt<'r>>)> {
    let mut all: Vec<(Path, Owner<'r>, Vec<Doubt<'r>>)> = Vec::new();
    runbook_texts(runbook, &mut |at, text| {
        let names = text.names().unwrap_or_default();
        let value_of = |name: &Vec<String>| match name.as_slice() {
            [root, id, ..] if root == "answers" || root == "outputs" => {
                runbook.nodes.get_index_of(id.as_str())
            }
            _ => None,
        };
        let owner = match at.node().map(|id| runbook.nodes.get_index_of(id)) {
            Some(Some(node)) => {
                let is_doubtful = |first| uncertain.contains(&(first, node));
                let doubtful = names.iter().filter_map(value_of).any(is_doubtful);
                doubtful.then_some(Owner::Node(node))
            }
            Some(None) => None,
            None if names.iter().any(|name| value_of(name).is_some()) => at_end(runbook, at),
            None => None,
        };
        let Some(owner) = owner else { return };
        let path = at.path();
        let place = Path::from(path.segments()[..2].to_vec());
        let is_guard = at.section() == Some("when");
        let doubt = Doubt {
            path,
            text,
            names,
            is_guard,
        };
        match all.last_mut() {
            Some((last, _, doubts)) if *last == place => doubts.push(doubt),
            _ => all.push((place, owner, vec![doubt])),
        }
    });
    all.into_iter()
        .map(|(_, owner, doubts)| (owner, doubts))
        .collect()
}

/// The gate or the notification in which a text is; none of what is told only as far as it is known.
fn at_end<'r>(runbook: &'r Runbook, at: &Trail<'_>) -> Option<Owner<'r>> {
    if let Some(gate) = at.gate() {
        let gate = runbook.gates.get(gate)?;
        return Some(Owner::End(gate.when.as_ref()));
    }
    let path = at.path();
    let [Segment::Key(root), Segment::Index(index), ..] = path.segments() else {
        return None;
    };
    let notify = runbook.notify.get(*index).filter(|_| root == "notify")?;
    (at.section() != Some("data")).then_some(Owner::End(notify.when.as_ref()))
}

fn in_node<'r>(node: Position, mut routes: Routes<'r>, mut doubts: Vec<Doubt<'r>>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    while !doubts.is_empty() && routes.next() {
        if routes.ends_before(node) || !routes.comes_to(node) {
            continue;
        }
        let does_its_work = routes.state(node) != Some(State::NotNeeded);
        doubts.retain(|doubt| {
            let is_looked_at = doubt.is_guard || does_its_work;
            let finding = is_looked_at.then(|| in_text(&mut routes, doubt)).flatten();
            let is_fine = finding.is_none();
            found.extend(finding);
            is_fine
        });
    }
    found
}

fn at_the_end<'r>(
    when: Option<&'r Expression>,
    mut routes: Routes<'r>,
    mut doubts: Vec<Doubt<'r>>,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    while !doubts.is_empty() && routes.next() {
        if routes.ends_early() {
            continue;
        }
        let applies = when.is_none_or(|when| routes.holds(when).unwrap_or(false));
        doubts.retain(|doubt| {
            let is_looked_at = doubt.is_guard || applies;
            let finding = is_looked_at.then(|| in_text(&mut routes, doubt)).flatten();
            let is_fine = finding.is_none();
            found.extend(finding);
            is_fine
        });
    }
    found
}

fn in_text<'r>(routes: &mut Routes<'r>, doubt: &Doubt<'r>) -> Option<Diagnostic> {
    let (node, name) = routes.missing(doubt.text, &doubt.names)?;
    let message = format!("`{name}` is undefined where {}", routes.why_not(node));
    let finding = Diagnostic::new(Code::UndefinedOnRoute, doubt.path.clone(), message);
    let instead = format!(
        "say what it is then, `{name} | default(\"…\")`, or ask first whether it is there, `{name} is defined`"
    );
    Some(finding.label("not there on every route").help(instead))
}
