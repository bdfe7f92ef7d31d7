//! The flowchart as a drawing: text for a terminal, Mermaid for a page, DOT for Graphviz.
//!
//! All three draw the same `Arrow`s, so they never tell different stories.

mod dot;
mod mermaid;
mod text;

pub use dot::dot;
pub use mermaid::mermaid;
pub use text::text;

use crate::graph::{Graph, Way};
use crate::model::{Form, Next, Node, NodeId, NodeKind, Runbook, Work};

/// An arrow between two nodes, or from one to the end of the run.
struct Arrow<'a> {
    from: &'a NodeId,
    /// None means that the run is stopped.
    to: Option<&'a NodeId>,
    /// What stands at it; empty for a plain one.
    label: String,
    /// It only makes the second wait for the first.
    is_wait: bool,
}

/// What a node is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Question,
    Work,
    Manual,
    Milestone,
}

fn shape(node: &Node) -> Shape {
    match &node.kind {
        NodeKind::Question(_) => Shape::Question,
        NodeKind::Action(action) => match action.work {
            Work::Milestone => Shape::Milestone,
            Work::Manual(_) => Shape::Manual,
            Work::Run { .. } | Work::Write(_) => Shape::Work,
        },
    }
}

fn arrows(runbook: &Runbook) -> Vec<Arrow<'_>> {
    let graph = Graph::of(runbook);
    let mut arrows: Vec<Arrow<'_>> = graph
        .edges()
        .iter()
        .map(|edge| Arrow {
            from: &runbook.nodes[edge.from].id,
            to: Some(&runbook.nodes[edge.to].id),
            label: match &edge.way {
                Way::Choice(choice) => choice.to_string(),
                Way::Next => String::new(),
                Way::OnFailure => "fails".to_owned(),
            },
            is_wait: false,
        })
        .collect();
    for node in runbook.nodes.values() {
        arrows.extend(stops(node).into_iter().map(|label| Arrow {
            from: &node.id,
            to: None,
            label,
            is_wait: false,
        }));
        arrows.extend(waits(runbook, node).map(|(before, label)| Arrow {
            from: before,
            to: Some(&node.id),
            label: label.to_owned(),
            is_wait: true,
        }));
    }
    arrows
}

/// The labels of the ways by which a node stops the run.
fn stops(node: &Node) -> Vec<String> {
    match node.question().map(|question| &question.form) {
        Some(Form::Choices(choices)) => choices
            .iter()
            .filter(|(_, choice)| choice.next == Next::Stop)
            .map(|(id, _)| id.to_string())
            .collect(),
        _ if node.links.next == Next::Stop => vec![String::new()],
        _ => Vec::new(),
    }
}

fn waits<'a>(runbook: &'a Runbook, node: &'a Node) -> impl Iterator<Item = (&'a NodeId, &'static str)> {
    let needs = node.links.needs.iter().map(|id| (id, "needs"));
    let after = node.links.after.iter().map(|id| (id, "after"));
    needs
        .chain(after)
        .filter(|(id, _)| runbook.nodes.contains_key(*id))
}
