use std::collections::HashSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::{Graph, Position};

/// Which nodes are final before others start: by edges, `after` and `needs`.
#[derive(Debug)]
pub struct Ancestry<'a> {
    graph: &'a Graph,
    /// The place of each node in the order; nothing comes before what stands earlier there.
    rank: Vec<usize>,
}

impl Graph {
    /// Which nodes are final before others start.
    pub fn ancestry(&self) -> Ancestry<'_> {
        let mut rank = vec![usize::MAX; self.len()];
        for (place, node) in self.order().into_iter().enumerate() {
            rank[node] = place;
        }
        Ancestry { graph: self, rank }
    }
}

impl Ancestry<'_> {
    /// Whether `first` is final before `second` can start. It looks back from `second`, no further than `first` stands.
    pub fn is_before(&self, first: Position, second: Position) -> bool {
        let mut seen = HashSet::new();
        let mut stack = vec![second];
        while let Some(node) = stack.pop() {
            let before = self
                .graph
                .joined
                .neighbors_directed(NodeIndex::new(node), Direction::Incoming);
            for before in before.map(NodeIndex::index) {
                if before == first {
                    return true;
                }
                if self.rank[before] > self.rank[first] && seen.insert(before) {
                    stack.push(before);
                }
            }
        }
        false
    }
}
