use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::{Graph, Position};

impl Graph {
    /// Every node after all that it waits for, and otherwise in the order of declaration. Nodes on a cycle are left out.
    pub fn order(&self) -> Vec<Position> {
        let mut before: Vec<usize> = (0..self.len())
            .map(|node| {
                self.joined
                    .edges_directed(NodeIndex::new(node), Direction::Incoming)
                    .count()
            })
            .collect();
        let mut ready: BinaryHeap<Reverse<Position>> = (0..self.len())
            .filter(|node| before[*node] == 0)
            .map(Reverse)
            .collect();
        let mut order = Vec::with_capacity(self.len());
        while let Some(Reverse(node)) = ready.pop() {
            order.push(node);
            for next in self.joined.neighbors(NodeIndex::new(node)) {
                before[next.index()] -= 1;
                if before[next.index()] == 0 {
                    ready.push(Reverse(next.index()));
                }
            }
        }
        order
    }

    /// Some nodes and all that come before them, by edges, `after` and `needs`; none if that is more than `at_most`.
    pub fn before(&self, nodes: impl IntoIterator<Item = Position>, at_most: usize) -> Option<Vec<Position>> {
        let mut stack: Vec<Position> = nodes.into_iter().collect();
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        while let Some(node) = stack.pop() {
            if seen.insert(node) {
                if all.len() == at_most {
                    return None;
                }
                all.push(node);
                let before = self
                    .joined
                    .neighbors_directed(NodeIndex::new(node), Direction::Incoming);
                stack.extend(before.map(NodeIndex::index));
            }
        }
        Some(all)
    }

    /// For each node whether an edge leads to it from where a run begins. Waits lead nowhere.
    pub fn reachable(&self) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut stack = self.starts.clone();
        while let Some(node) = stack.pop() {
            if !std::mem::replace(&mut reached[node], true) {
                stack.extend(self.outgoing(node).map(|edge| self.edges[edge].to));
            }
        }
        reached
    }
}
