//! Gates that can never be closed, and routes that none is for.

use crate::diagnostic::{Code, Diagnostic};
use crate::graph::Position;
use crate::model::{Check, Expression, Gate, Look, Next, Node};
use crate::source::Path;
use crate::template::Text;

use super::chart::Chart;
use super::routes::Routes;

/// Every gate that is closed on no route, and a route that ends without any.
pub(super) fn gates(chart: &Chart<'_>) -> Vec<Diagnostic> {
    let gates = chart.runbook.gates.values();
    let mut found: Vec<Diagnostic> = gates.filter_map(|gate| unclosable(chart, gate)).collect();
    found.extend(gateless(chart));
    found
}

/// How a gate stands on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Its `when` is false.
    DoesNotApply,
    /// This one of its checks does not hold.
    Fails(usize),
    /// Nothing is known against it.
    MayClose,
}

fn unclosable<'c>(chart: &'c Chart<'c>, gate: &'c Gate) -> Option<Diagnostic> {
    let checks: Vec<(usize, &'c Check, &'c Expression)> = gate
        .verify
        .iter()
        .enumerate()
        .filter_map(|(index, check)| match &check.look {
            Look::Expr(expression) => Some((index, check, expression)),
            _ => None,
        })
        .collect();
    let expressions: Vec<&'c Expression> = checks.iter().map(|(_, _, e)| *e).chain(&gate.when).collect();
    if expressions.is_empty() {
        return None;
    }
    let names = names_in(&expressions)?;
    // A gate may be there for what is to be seen to after a failure, also where that ends the run.
    let by_state = names.iter().filter(|name| name[0] == "nodes");
    let may_fail = by_state.filter_map(|name| chart.node_of(name)).collect();
    let mut routes = routes_of(chart, &names, Vec::new())?.with_failures_of(may_fail);
    let mut standings = Vec::new();
    while routes.next() {
        let standing = match gate.when.as_ref().map(|when| routes.holds(when)) {
            Some(Ok(false)) => Standing::DoesNotApply,
            // What cannot be evaluated is a finding of its own.
            Some(Err(_)) => Standing::MayClose,
            Some(Ok(true)) | None => {
                let mut fails = |check: &Check, expression| {
                    routes.holds(expression).is_ok_and(|holds| holds == check.negated)
                };
                let mut failing = checks
                    .iter()
                    .filter(|(_, check, expression)| fails(check, expression));
                let failing = failing.next().map(|(index, _, _)| *index);
                failing.map_or(Standing::MayClose, Standing::Fails)
            }
        };
        if standing == Standing::MayClose {
            return None;
        }
        standings.push(standing);
    }
    let path = Path::from(["gates", gate.id.as_str()]);
    if !routes.were_all() {
        return None;
    }
    let failing = standings.iter().find_map(|standing| match standing {
        Standing::Fails(index) => Some(*index),
        _ => None,
    });
    let finding = match failing {
        None => Diagnostic::new(
            Code::UnclosableGate,
            path.join("when"),
            format!("there is no route on which the gate `{}` applies", gate.id),
        )
        .label("true on no route")
        .help("remove the gate, or correct its `when`: what it asks for would never be seen to"),
        Some(index) => Diagnostic::new(
            Code::UnclosableGate,
            path.join("verify").join(index).join("expr"),
            format!("there is no route on which the gate `{}` can be closed", gate.id),
        )
        .label("false wherever the gate applies")
        .help("correct the expression, or let the gate apply only where it can hold: `when: …`"),
    };
    Some(finding)
}

fn gateless<'c>(chart: &'c Chart<'c>) -> Option<Diagnostic> {
    let required: Vec<&'c Gate> = chart
        .runbook
        .gates
        .values()
        .filter(|gate| gate.required)
        .collect();
    let finding = |key: &str, message: String| {
        Diagnostic::new(Code::GatelessRoute, Path::from([key]), message)
            .at_key()
            .label("nothing says whether it is complete")
            .help("add a gate for what must hold in the end: `gates: { ID: { title: …, verify: […] } }`")
    };
    if required.is_empty() {
        let (key, message) = if chart.runbook.gates.is_empty() {
            ("nodes", "every route ends without a gate")
        } else {
            ("gates", "every route ends without a gate that is required")
        };
        return Some(finding(key, message.to_owned()));
    }
    // One that always applies is all that is wanted.
    let guards: Vec<&'c Expression> = required.iter().map_while(|gate| gate.when.as_ref()).collect();
    if guards.len() < required.len() {
        return None;
    }
    let stops = chart
        .runbook
        .nodes
        .values()
        .enumerate()
        .filter(|(_, node)| may_stop(node));
    let stops: Vec<Position> = stops.map(|(position, _)| position).collect();
    // A failure that nothing handles needs no gate: the run has failed.
    let mut routes = routes_of(chart, &names_in(&guards)?, stops)?;
    while routes.next() {
        let applies = |routes: &mut Routes<'c>| guards.iter().any(|when| routes.holds(when) != Ok(false));
        if !routes.ends_early() && !applies(&mut routes) {
            let told = routes.told();
            let message = match told.as_str() {
                "" => "no gate applies on any route".to_owned(),
                told => format!("no gate applies where {told}"),
            };
            return Some(finding("gates", message));
        }
    }
    None
}

/// The names in some expressions; none where one of them cannot be read.
fn names_in(expressions: &[&Expression]) -> Option<Vec<Vec<String>>> {
    let mut names = Vec::new();
    for expression in expressions {
        names.extend(Text::Expression(expression).names().ok()?);
    }
    Some(names)
}

/// The routes to what some names are about, and to more nodes; none where a name is of what is not known before a run.
fn routes_of<'c>(chart: &'c Chart<'c>, names: &[Vec<String>], more: Vec<Position>) -> Option<Routes<'c>> {
    let targets = names.iter().filter_map(|name| chart.node_of(name));
    let routes = Routes::to(chart, targets.chain(more));
    names.iter().all(|name| routes.is_known(name)).then_some(routes)
}

/// Whether a run may be stopped at a node, so that its gates do not matter.
fn may_stop(node: &Node) -> bool {
    node.ways().any(|(_, next)| *next == Next::Stop)
}
