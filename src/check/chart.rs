use crate::graph::{Graph, Position, Ranks};
use crate::model::Runbook;

use super::routes::Effort;

/// A runbook, and what the rules about its ways want to know of it.
pub(super) struct Chart<'r> {
    pub(super) runbook: &'r Runbook,
    pub(super) graph: Graph,
    pub(super) ranks: Ranks,
    starts: Vec<bool>,
    pub(super) effort: Effort,
}

impl<'r> Chart<'r> {
    pub(super) fn of(runbook: &'r Runbook) -> Self {
        let graph = Graph::of(runbook);
        let mut starts = vec![false; graph.len()];
        for start in graph.starts() {
            starts[*start] = true;
        }
        Self {
            runbook,
            ranks: graph.ranks(),
            graph,
            starts,
            effort: Effort::default(),
        }
    }

    /// Whether a run begins at a node.
    pub(super) fn starts_at(&self, node: Position) -> bool {
        self.starts[node]
    }

    /// The node that a name in a text is about.
    pub(super) fn node_of(&self, name: &[String]) -> Option<Position> {
        match name {
            [root, id, ..] if matches!(root.as_str(), "answers" | "outputs" | "nodes") => {
                self.runbook.nodes.get_index_of(id.as_str())
            }
            _ => None,
        }
    }
}
