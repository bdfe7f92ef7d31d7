//! What a node speaks of must be known by then, or what comes of it depends on which of two nodes was quicker.

use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Pair, Position};
use crate::model::{NodeId, Runbook};
use crate::source::Path;
use crate::template::{Trail, runbook_texts};

use super::chart::Chart;

/// Whom a name in a text speaks of, if that is another node. Gates come when all nodes are final.
fn mention(runbook: &Runbook, at: &Trail<'_>, name: &[String]) -> Option<Pair> {
    let [root, id, ..] = name else {
        return None;
    };
    let node = at.node().filter(|node| node != id)?;
    if !matches!(root.as_str(), "answers" | "outputs" | "nodes") {
        return None;
    }
    let position = |id: &str| runbook.nodes.get_index_of(id);
    Some((position(id)?, position(node)?))
}

/// Every text of a node that speaks of a node which need not be final before.
pub(super) fn before(chart: &Chart<'_>, mentions: &[Pair]) -> Vec<Diagnostic> {
    let runbook = chart.runbook;
    let early = chart.graph.unordered(&chart.ranks, mentions);
    let mut found = Vec::new();
    if early.is_empty() {
        return found;
    }
    runbook_texts(runbook, &mut |at, text| {
        // A text that does not parse has no names, and has been reported.
        for name in text.names().unwrap_or_default() {
            if let Some(mention) = mention(runbook, at, &name).filter(|mention| early.contains(mention)) {
                found.push(too_early(runbook, at.path(), mention));
            }
        }
    });
    found
}

fn too_early(runbook: &Runbook, at: Path, (first, second): Pair) -> Diagnostic {
    let id = |node: Position| -> &NodeId { &runbook.nodes[node].id };
    let (first, second) = (id(first), id(second));
    Diagnostic::new(
        Code::NotBefore,
        at,
        format!("`{second}` speaks of `{first}`, which need not be final by then"),
    )
    .label(format!("`{first}` may still be under way"))
    .help(format!("let `{second}` wait for it: `after: {first}`"))
}
