use std::collections::{HashMap, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::NodeIndex;

use super::{Graph, Position};

impl Graph {
    /// Nodes that lead back to themselves or wait for each other: of each knot one whole cycle, the shortest through its first node.
    /// Waits count as edges do.
    pub fn cycles(&self) -> Vec<Vec<Position>> {
        // Kosaraju's walk keeps its own stack: a chain of 100,000 nodes is nothing to it. Tarjan's recurses.
        let mut cycles: Vec<Vec<Position>> = kosaraju_scc(&self.joined)
            .into_iter()
            .filter_map(|knot| self.cycle_in(&knot))
            .collect();
        cycles.sort();
        cycles
    }

    fn cycle_in(&self, knot: &[NodeIndex]) -> Option<Vec<Position>> {
        let first = *knot.iter().min()?;
        if knot.len() == 1 && !self.joined.contains_edge(first, first) {
            return None;
        }
        let inside: std::collections::HashSet<NodeIndex> = knot.iter().copied().collect();
        let mut came_from = HashMap::new();
        let mut queue = VecDeque::from([first]);
        while let Some(node) = queue.pop_front() {
            for next in self.joined.neighbors(node).filter(|next| inside.contains(next)) {
                if next == first {
                    let mut cycle = vec![node.index()];
                    let mut at = node;
                    while let Some(before) = came_from.get(&at) {
                        at = *before;
                        cycle.push(at.index());
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                if next != first && !came_from.contains_key(&next) {
                    came_from.insert(next, node);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}
