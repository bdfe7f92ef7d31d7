//! The flowchart: what leads where, back to itself, or nowhere.

use crate::diagnostic::{Code, Diagnostic, Guesses};
use crate::graph::{Graph, Ranks};
use crate::model::{Form, Next, Node, NodeId, NodeKind, Runbook};
use crate::source::Path;

/// Every fault of the flowchart.
pub(super) fn graph(runbook: &Runbook, graph: &Graph, ranks: &Ranks) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    references(runbook, &mut found);
    let cycles = if ranks.are_complete() {
        Vec::new()
    } else {
        graph.cycles()
    };
    for cycle in cycles {
        let mut ids: Vec<&str> = cycle
            .iter()
            .map(|node| runbook.nodes[*node].id.as_str())
            .collect();
        let first = ids[0];
        ids.push(first);
        let way = ids
            .iter()
            .map(|id| format!("`{id}`"))
            .collect::<Vec<_>>()
            .join(" → ");
        found.push(
            Diagnostic::new(
                Code::Cycle,
                Path::from(["nodes", first]),
                format!("these nodes lead in a circle: {way}"),
            )
            .at_key()
            .label("the circle starts here")
            .help("a runbook always ends: take one of these edges, or one `after` or `needs`, away"),
        );
    }
    let reached = graph.reachable();
    for (node, _) in runbook
        .nodes
        .values()
        .zip(reached)
        .filter(|(_, reached)| !reached)
    {
        let id = node.id.as_str();
        found.push(
            Diagnostic::new(Code::UnreachableNode, Path::from(["nodes", id]), format!("no edge leads to `{id}`"))
                .at_key()
                .label("never run")
                .help(format!(
                    "name it in the `next` or the `choices` of another node, or add it to `start`; `needs` and `after` make nothing run: `next: {id}`"
                )),
        );
    }
    found
}

fn references(runbook: &Runbook, found: &mut Vec<Diagnostic>) {
    let guesses = Guesses::default();
    let mut names = |base: &dyn Fn() -> Path, ids: &[NodeId]| {
        for (index, id) in ids.iter().enumerate() {
            if !runbook.nodes.contains_key(id) {
                found.push(unknown_node(runbook, &guesses, base().join(index), id));
            }
        }
    };
    let start = runbook.start.as_deref().unwrap_or_default();
    names(&|| Path::from(["start"]), start);
    for node in runbook.nodes.values() {
        let at = |key: &str| Path::from(["nodes", node.id.as_str(), key]);
        if !takes_next_of_choices(node) {
            names(&|| at("next"), node.links.next.nodes());
        }
        names(&|| at("after"), &node.links.after);
        names(&|| at("needs"), &node.links.needs);
        match &node.kind {
            NodeKind::Question(question) => {
                if let Form::Choices(choices) = &question.form {
                    for (id, choice) in choices {
                        names(
                            &|| at("choices").join(id.as_str()).join("next"),
                            choice.next.nodes(),
                        );
                    }
                }
            }
            NodeKind::Action(action) => names(&|| at("on_failure"), &action.on_failure),
        }
    }
}

/// The `next` of a question with choices stands in its choices as well: it is reported once, there.
fn takes_next_of_choices(node: &Node) -> bool {
    let choices = node.question().map(|question| &question.form);
    matches!(choices, Some(Form::Choices(choices)) if choices.values().any(|choice| choice.next == node.links.next && choice.next != Next::default()))
}

fn unknown_node(runbook: &Runbook, guesses: &Guesses, path: Path, id: &NodeId) -> Diagnostic {
    let help = match guesses.nearest(id.as_str(), runbook.nodes.keys().map(NodeId::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it under `nodes`: `{id}: {{ action: … }}`"),
    };
    Diagnostic::new(Code::UnknownNode, path, format!("there is no node `{id}`"))
        .label("not declared")
        .help(help)
}
