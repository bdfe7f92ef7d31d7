use std::cell::Cell;

use crate::graph::{Graph, Position, Ranks};
use crate::model::Runbook;

/// How many nodes are visited for all questions about routes: about a second's worth.
const VISITS: usize = 1_000_000;
/// Into how many parts that is divided, so that no question has all of it.
const PARTS: usize = 20;

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

/// The effort that is left for following routes.
#[derive(Debug)]
pub(super) struct Effort(Cell<usize>);

impl Default for Effort {
    fn default() -> Self {
        Self(Cell::new(VISITS))
    }
}

impl Effort {
    /// How large a part of the flowchart may be for which one question is asked.
    pub(super) fn for_one(&self) -> usize {
        self.0.get().min(VISITS / PARTS)
    }

    /// Spends some of it, if so much is left.
    pub(super) fn spend(&self, cost: usize) -> bool {
        let left = self.0.get().checked_sub(cost);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}
