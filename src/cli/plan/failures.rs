//! Where a run goes on when a step fails: the routes are counted when nothing does.

use crate::adapter::reporter::harmless;
use crate::graph::{Graph, Position};
use crate::model::{Next, NodeId, NodeKind, Runbook};
use crate::plan::Plan;

use super::facts::line;

/// What a failure is told with.
const LEAD: &str = "when nothing fails; ";

/// One line for each step of the plan whose failure is handled.
pub(super) fn failures_text(out: &mut String, plan: &Plan) {
    let runbook = &plan.reviewed.runbook;
    let graph = Graph::of(runbook);
    let steps = plan.steps.iter().filter_map(|step| runbook.nodes.get(&step.node));
    let handled = steps.filter_map(|node| Some((&node.id, &node.action()?.on_failure)));
    let handled = handled.filter(|(_, then)| !then.is_empty());
    for (number, (node, then)) in handled.enumerate() {
        let ways: Vec<String> = then.iter().map(|then| way(runbook, &graph, then)).collect();
        let lead = if number == 0 { LEAD } else { "" };
        let text = format!(
            "{lead:<width$}if `{node}` fails: {}",
            ways.join(" and "),
            width = LEAD.len()
        );
        line(out, 2, &harmless(&text));
    }
}

/// The way from a node on, as far as it is the only one and leads nowhere where another comes from.
fn way(runbook: &Runbook, graph: &Graph, from: &NodeId) -> String {
    let mut way = vec![from.to_string()];
    let mut at = runbook.nodes.get(from);
    while let Some(node) = at.filter(|node| is_only_way_to(graph, runbook.nodes.get_index_of(&node.id))) {
        let NodeKind::Action(_) = node.kind else { break };
        match &node.links.next {
            Next::Stop => {
                way.push("stop".to_owned());
                break;
            }
            Next::Nodes(next) => match &next[..] {
                [next] => {
                    way.push(next.to_string());
                    at = runbook.nodes.get(next);
                }
                _ => break,
            },
        }
    }
    way.join(" → ")
}

/// Whether no more than one edge leads to a node. A way that goes on only so ends, as a flowchart has no circles.
fn is_only_way_to(graph: &Graph, node: Option<Position>) -> bool {
    node.is_some_and(|node| graph.incoming(node).count() < 2)
}
