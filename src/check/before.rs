//! What a node speaks of must be known by then, or what comes of it depends on which of two nodes was quicker.

use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Ancestry, Graph};
use crate::model::{NodeId, Runbook};
use crate::source::{Path, Segment};
use crate::template::{Text, expression_names, names, runbook_texts};

/// Every text of a node that speaks of a node which need not be final before.
pub(super) fn before(runbook: &Runbook) -> Vec<Diagnostic> {
    let graph = Graph::of(runbook);
    let ancestry = graph.ancestry();
    let mut found = Vec::new();
    runbook_texts(runbook, &mut |at, text| {
        let used = match text {
            Text::Plain(template) | Text::Script(template) => names(template),
            Text::Expression(expression) => expression_names(expression),
        };
        // A text that does not parse has no names, and has been reported.
        for name in used.unwrap_or_default() {
            if let [root, id, ..] = name.as_slice()
                && matches!(root.as_str(), "answers" | "outputs" | "nodes")
            {
                found.extend(too_early(runbook, &ancestry, at.path(), id));
            }
        }
    });
    found
}

fn too_early(runbook: &Runbook, ancestry: &Ancestry<'_>, at: Path, id: &str) -> Option<Diagnostic> {
    // Gates come when all nodes are final.
    let [Segment::Key(part), Segment::Key(node), ..] = at.segments() else {
        return None;
    };
    if part != "nodes" || node == id {
        return None;
    }
    let first = runbook.nodes.get_index_of(id)?;
    let second = runbook.nodes.get_index_of(node.as_str())?;
    if ancestry.is_before(first, second) {
        return None;
    }
    let node = NodeId::from(node.as_str());
    Some(
        Diagnostic::new(
            Code::NotBefore,
            at,
            format!("`{node}` speaks of `{id}`, which need not be final by then"),
        )
        .label(format!("`{id}` may still be under way"))
        .help(format!("let `{node}` wait for it: `after: {id}`")),
    )
}
