//! How the run comes to each node.

use crate::graph::{Position, Way};
use crate::model::{Effect, Join, Node, NodeKind, Value, Work, plain};
use crate::traverse::State;

use super::preview::Preview;

/// What is known of the ways to each node, by its place.
pub(super) struct Ways {
    /// The run comes to it.
    pub(super) reached: Vec<bool>,
    /// It does so whatever is answered, if nothing fails.
    pub(super) certain: Vec<bool>,
    /// Nothing before it changes the world.
    pub(super) unchanged: Vec<bool>,
}

impl Preview<'_> {
    pub(super) fn ways(&self) -> Ways {
        let (graph, nodes) = (self.run.graph(), &self.run.runbook().nodes);
        let mut ways = Ways {
            reached: vec![false; graph.len()],
            certain: vec![false; graph.len()],
            unchanged: vec![true; graph.len()],
        };
        for position in self.run.route().filter_map(|id| nodes.get_index_of(id)) {
            ways.reached[position] = true;
        }
        for start in graph.starts() {
            ways.certain[*start] = true;
        }
        for node in graph.order() {
            let sure = |edge: usize| {
                let edge = &graph.edges()[edge];
                ways.certain[edge.from] && self.is_taken_for_sure(&nodes[edge.from], &edge.way)
            };
            ways.certain[node] = match nodes[node].links.join {
                Join::Any => ways.certain[node] || graph.incoming(node).any(sure),
                Join::All => {
                    let leads = ways.certain[node] || graph.incoming(node).next().is_some();
                    leads && graph.incoming(node).all(sure)
                }
            };
            let only_looks = ways.unchanged[node] && only_looks(&nodes[node]);
            if !only_looks {
                let after = graph.outgoing(node).map(|edge| graph.edges()[edge].to);
                for after in after.chain(graph.waiters(node)) {
                    ways.unchanged[after] = false;
                }
            }
        }
        ways
    }

    fn is_taken_for_sure(&self, from: &Node, way: &Way) -> bool {
        match way {
            Way::Choice(choice) => {
                let answer = self.run.answer(&from.id).and_then(Value::as_str);
                answer == Some(choice.as_str()) && !self.may_be_passed_over(&from.id)
            }
            Way::Next => self.run.state(&from.id) != State::NotTaken,
            Way::OnFailure => false,
        }
    }

    /// The ways by which a run may come to a node from those that it reaches, each in words.
    pub(super) fn ways_to(&self, position: Position, ways: &Ways) -> Vec<String> {
        let graph = self.run.graph();
        let mut edges: Vec<usize> = graph.incoming(position).collect();
        edges.sort_unstable();
        edges
            .into_iter()
            .map(|edge| &graph.edges()[edge])
            .filter_map(|edge| {
                if !ways.reached[edge.from] {
                    return None;
                }
                let from = &self.run.runbook().nodes[edge.from].id;
                match &edge.way {
                    Way::Choice(choice) if self.answered.contains(from) => {
                        let answer = self.run.answer(from).map(plain)?;
                        (answer == choice.as_str()).then(|| format!("after {from} = {choice}"))
                    }
                    Way::Choice(choice) => Some(format!("{from} = {choice}")),
                    Way::Next => Some(format!("after {from}")),
                    Way::OnFailure => Some(format!("{from} fails")),
                }
            })
            .collect()
    }
}

/// Whether a node leaves the world as it is.
fn only_looks(node: &Node) -> bool {
    match &node.kind {
        NodeKind::Question(_) => true,
        NodeKind::Action(action) => match action.work {
            Work::Milestone => true,
            Work::Run { .. } => action.effect == Effect::Read,
            Work::Manual(_) | Work::Write(_) => false,
        },
    }
}
