use std::collections::HashSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::{Edge, Graph, Position};

/// How many nodes are followed at once: one for each bit.
const AT_ONCE: usize = u64::BITS as usize;

/// Two nodes of which the second wants something of the first.
pub type Pair = (Position, Position);

/// The nodes in an order in which each comes after all that it waits for. Nodes on a cycle, and behind one, are not in it.
#[derive(Clone, Debug)]
pub struct Ranks {
    order: Vec<Position>,
    rank: Vec<Option<usize>>,
}

impl Ranks {
    /// The nodes, in order.
    pub fn order(&self) -> &[Position] {
        &self.order
    }

    /// The place of a node in the order.
    pub fn of(&self, node: Position) -> Option<usize> {
        self.rank[node]
    }

    /// Whether every node is in the order, as no edge, `after` or `needs` leads back.
    pub fn are_complete(&self) -> bool {
        self.order.len() == self.rank.len()
    }
}

/// What of the nodes that are followed is known at each place of the order from `start` on.
struct Known<'r> {
    ranks: &'r Ranks,
    start: usize,
    /// Of which it holds when the node starts.
    before: Vec<u64>,
    /// The node itself, if it is followed.
    own: Vec<u64>,
}

impl Known<'_> {
    fn of(&self, node: Position) -> (u64, u64) {
        match self.ranks.of(node) {
            Some(place) if place >= self.start => (self.before[place], self.own[place]),
            _ => (0, 0),
        }
    }
}

impl Graph {
    /// The order of the nodes, to be looked up.
    pub fn ranks(&self) -> Ranks {
        let order = self.order();
        let mut rank = vec![None; self.len()];
        for (place, node) in order.iter().enumerate() {
            rank[*node] = Some(place);
        }
        Ranks { order, rank }
    }

    /// Those of some pairs of nodes of which the first need not be final when the second starts: no edge, `after` or `needs` leads
    /// there. Pairs that are on a circle or behind one are left out, as nothing there has an order.
    pub fn unordered(&self, ranks: &Ranks, pairs: &[Pair]) -> HashSet<Pair> {
        lacking(ranks, pairs, |known, node| {
            let before = self
                .joined
                .neighbors_directed(NodeIndex::new(node), Direction::Incoming);
            before.fold(0, |all, node| {
                let (before, own) = known.of(node.index());
                all | before | own
            })
        })
    }

    /// Those of some pairs of nodes of which an edge may lead to the second although the first did not work out. `joins_all` says which
    /// nodes take all their edges, and `proves` which edges are taken only if the node before has worked out.
    pub fn uncertain(
        &self,
        ranks: &Ranks,
        pairs: &[Pair],
        joins_all: impl Fn(Position) -> bool,
        proves: impl Fn(&Edge) -> bool,
    ) -> HashSet<Pair> {
        let mut is_start = vec![false; self.len()];
        for start in &self.starts {
            is_start[*start] = true;
        }
        lacking(ranks, pairs, |known, node| {
            let of_edge = |edge| {
                let edge: &Edge = &self.edges[edge];
                let (before, own) = known.of(edge.from);
                if proves(edge) { before | own } else { before }
            };
            let edges = self.incoming(node).map(of_edge);
            if joins_all(node) {
                edges.fold(0, |all, edge| all | edge)
            } else if is_start[node] {
                0
            } else {
                edges.reduce(|all, edge| all & edge).unwrap_or(0)
            }
        })
    }
}

/// Those of some pairs of which it is not known of the first when the second starts. `arrive` says what is known there, of what is known of
/// the nodes before.
///
/// The nodes of which something is wanted are followed 64 at a time through the order, from the first of them to the last that wants
/// something of them: neither many near ones nor a few far ones make it slow.
fn lacking(ranks: &Ranks, pairs: &[Pair], arrive: impl Fn(&Known<'_>, Position) -> u64) -> HashSet<Pair> {
    let mut pairs: Vec<(usize, usize)> = pairs
        .iter()
        .filter_map(|(first, second)| Some((ranks.of(*first)?, ranks.of(*second)?)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();

    let mut lacking = HashSet::new();
    let places = if pairs.is_empty() { 0 } else { ranks.order.len() };
    let mut known = Known {
        ranks,
        start: 0,
        before: vec![0; places],
        own: vec![0; places],
    };
    let by_first: Vec<_> = pairs.chunk_by(|one, next| one.0 == next.0).collect();
    for followed in by_first.chunks(AT_ONCE) {
        let all = || {
            followed
                .iter()
                .copied()
                .flatten()
                .flat_map(|pair| [pair.0, pair.1])
        };
        known.start = followed[0][0].0;
        let end = all().max().unwrap_or(known.start);
        for (bit, group) in followed.iter().enumerate() {
            known.own[group[0].0] = 1 << bit;
        }
        for place in known.start..=end {
            known.before[place] = arrive(&known, ranks.order[place]);
        }
        for (bit, group) in followed.iter().enumerate() {
            let is_known =
                |(first, second): &(usize, usize)| second > first && known.before[*second] & (1 << bit) != 0;
            let late = group.iter().filter(|pair| !is_known(pair));
            lacking.extend(late.map(|(first, second)| (ranks.order[*first], ranks.order[*second])));
            known.own[group[0].0] = 0;
        }
    }
    lacking
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
            prop_assert_eq!(graph.unordered(&graph.ranks(), &pairs), slow);
        }
    }
}
