use std::collections::HashSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::{Graph, Position};

/// How many nodes are followed at once: one for each bit.
const AT_ONCE: usize = u64::BITS as usize;

impl Graph {
    /// Those of some pairs of nodes of which the first need not be final when the second starts: no edge, `after` or `needs` leads
    /// there. Pairs that are on a circle or behind one are left out, as nothing there has an order.
    ///
    /// The nodes that are spoken of are followed 64 at a time through the order, from the first of them to the last that speaks of
    /// them: neither many near ones nor a few far ones make it slow.
    pub fn unordered(&self, pairs: &[(Position, Position)]) -> HashSet<(Position, Position)> {
        let order = self.order();
        let mut rank = vec![None; self.len()];
        for (place, node) in order.iter().enumerate() {
            rank[*node] = Some(place);
        }
        let mut pairs: Vec<(usize, usize)> = pairs
            .iter()
            .filter_map(|(first, second)| Some((rank[*first]?, rank[*second]?)))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();

        let mut unordered = HashSet::new();
        // At each place of the order, which of those that are followed are final with it.
        let mut known = vec![0_u64; order.len()];
        let by_first: Vec<_> = pairs.chunk_by(|one, next| one.0 == next.0).collect();
        for followed in by_first.chunks(AT_ONCE) {
            let places = || {
                followed
                    .iter()
                    .copied()
                    .flatten()
                    .flat_map(|pair| [pair.0, pair.1])
            };
            let start = followed[0][0].0;
            let end = places().max().unwrap_or(start);
            known[start..=end].fill(0);
            for (bit, group) in followed.iter().enumerate() {
                known[group[0].0] = 1 << bit;
            }
            for place in start..=end {
                let node = NodeIndex::new(order[place]);
                let before = self.joined.neighbors_directed(node, Direction::Incoming);
                let before = before.filter_map(|node| rank[node.index()].filter(|place| *place >= start));
                known[place] |= before.fold(0, |all, place| all | known[place]);
            }
            for (bit, group) in followed.iter().enumerate() {
                let is_late =
                    |(first, second): &&(usize, usize)| second < first || known[*second] & (1 << bit) == 0;
                let late = group.iter().filter(is_late);
                unordered.extend(late.map(|(first, second)| (order[*first], order[*second])));
            }
        }
        unordered
    }
}

#[cfg(test)]
mod tests {
    use petgraph::algo::has_path_connecting;
    use petgraph::graph::DiGraph;
    use proptest::prelude::*;

    use super::*;
    use crate::graph::Join;

    /// More nodes than are followed at once.
    const NODES: usize = 150;

    proptest! {
        #[test]
        fn pairs_without_a_way_are_found(
            edges in prop::collection::vec((0..NODES, 0..NODES), 0..200),
            pairs in prop::collection::vec((0..NODES, 0..NODES), 0..400),
        ) {
            let mut joined = DiGraph::new();
            for _ in 0..NODES {
                joined.add_node(());
            }
            for (one, other) in edges {
                // Edges lead from even numbers to odd ones, and among each upwards: never in a circle, nor in the order of numbers.
                let (from, to) = if (one % 2, one) < (other % 2, other) { (one, other) } else { (other, one) };
                if from != to {
                    joined.add_edge(NodeIndex::new(from), NodeIndex::new(to), Join::Wait);
                }
            }
            let pairs: Vec<_> = pairs.into_iter().filter(|(first, second)| first != second).collect();
            let slow: HashSet<_> = pairs
                .iter()
                .copied()
                .filter(|(first, second)| {
                    !has_path_connecting(&joined, NodeIndex::new(*first), NodeIndex::new(*second), None)
                })
                .collect();
            let graph = Graph { joined, edges: Vec::new(), starts: Vec::new() };
            prop_assert_eq!(graph.unordered(&pairs), slow);
        }
    }
}
