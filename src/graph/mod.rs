//! The flowchart as a directed graph. petgraph is private to this room; everybody else speaks of positions and edges.

mod ancestry;
mod cycle;
mod order;

pub use ancestry::{Pair, Ranks};

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::model::{ChoiceId, Form, NodeId, NodeKind, Runbook};

/// The place of a node in the runbook's declaration, from 0.
pub type Position = usize;

/// An edge of the flowchart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Where it starts.
    pub from: Position,
    /// Where it leads.
    pub to: Position,
    /// When it is taken.
    pub way: Way,
}

/// When an edge is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// When this choice is made.
    Choice(ChoiceId),
    /// When the node worked out, or was not needed.
    Next,
    /// When it failed.
    OnFailure,
}

/// The place of an edge among all edges, from 0.
pub type EdgePosition = usize;

/// The flowchart: nodes joined by edges and by waits. A reference to a node that does not exist is left out; `check` reports it.
#[derive(Clone, Debug)]
pub struct Graph {
    joined: DiGraph<(), Join>,
    edges: Vec<Edge>,
    starts: Vec<Position>,
}

/// What joins two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    /// An edge of the flowchart.
    Edge(EdgePosition),
    /// `after` or `needs`: the second waits for the first.
    Wait,
}

impl Graph {
    /// The graph of a runbook.
    pub fn of(runbook: &Runbook) -> Self {
        let mut graph = Self {
            joined: DiGraph::with_capacity(runbook.nodes.len(), runbook.nodes.len() * 2),
            edges: Vec::with_capacity(runbook.nodes.len()),
            starts: Vec::new(),
        };
        for _ in &runbook.nodes {
            graph.joined.add_node(());
        }
        for (from, node) in runbook.nodes.values().enumerate() {
            let next = node.links.next.nodes();
            match &node.kind {
                NodeKind::Question(question) => match &question.form {
                    Form::Choices(choices) => {
                        for (id, choice) in choices {
                            graph.add_edges(runbook, from, choice.next.nodes(), &Way::Choice(id.clone()));
                        }
                    }
                    Form::Input { .. } => graph.add_edges(runbook, from, next, &Way::Next),
                },
                NodeKind::Action(action) => {
                    graph.add_edges(runbook, from, next, &Way::Next);
                    graph.add_edges(runbook, from, &action.on_failure, &Way::OnFailure);
                }
            }
            for before in node.links.after.iter().chain(&node.links.needs) {
                if let Some(before) = runbook.nodes.get_index_of(before) {
                    graph
                        .joined
                        .add_edge(NodeIndex::new(before), NodeIndex::new(from), Join::Wait);
                }
            }
        }
        graph.starts = match &runbook.start {
            Some(start) => start
                .iter()
                .filter_map(|id| runbook.nodes.get_index_of(id))
                .collect(),
            None => (0..runbook.nodes.len())
                .filter(|node| graph.incoming(*node).next().is_none())
                .collect(),
        };
        graph
    }

    fn add_edges(&mut self, runbook: &Runbook, from: Position, to: &[NodeId], way: &Way) {
        for to in to.iter().filter_map(|id| runbook.nodes.get_index_of(id)) {
            self.joined.add_edge(
                NodeIndex::new(from),
                NodeIndex::new(to),
                Join::Edge(self.edges.len()),
            );
            self.edges.push(Edge {
                from,
                to,
                way: way.clone(),
            });
        }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.joined.node_count()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every edge, in the order of declaration.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// The nodes where a run begins.
    pub fn starts(&self) -> &[Position] {
        &self.starts
    }

    /// The edges out of a node.
    pub fn outgoing(&self, node: Position) -> impl Iterator<Item = EdgePosition> + '_ {
        self.of_edges(node, Direction::Outgoing)
    }

    /// The edges into a node.
    pub fn incoming(&self, node: Position) -> impl Iterator<Item = EdgePosition> + '_ {
        self.of_edges(node, Direction::Incoming)
    }

    /// How many nodes a node waits for by `after` and `needs`, counted as often as they are named.
    pub fn waits(&self, node: Position) -> usize {
        self.joined
            .edges_directed(NodeIndex::new(node), Direction::Incoming)
            .filter(|join| *join.weight() == Join::Wait)
            .count()
    }

    /// The nodes that wait for a node by `after` or `needs`, as often as they name it.
    pub fn waiters(&self, node: Position) -> impl Iterator<Item = Position> + '_ {
        self.joined
            .edges_directed(NodeIndex::new(node), Direction::Outgoing)
            .filter(|join| *join.weight() == Join::Wait)
            .map(|join| join.target().index())
    }

    /// The nodes that an edge, `after` or `needs` leads to from a node.
    pub fn after(&self, node: Position) -> impl Iterator<Item = Position> + '_ {
        let joined = self.joined.neighbors(NodeIndex::new(node));
        joined.map(NodeIndex::index)
    }

    fn of_edges(&self, node: Position, direction: Direction) -> impl Iterator<Item = EdgePosition> + '_ {
        self.joined
            .edges_directed(NodeIndex::new(node), direction)
            .filter_map(|join| match join.weight() {
                Join::Edge(edge) => Some(*edge),
                Join::Wait => None,
            })
    }
}
