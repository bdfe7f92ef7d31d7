use crate::graph::{Edge, Graph, Position, Way};
use crate::model::{ChoiceId, Join, Runbook};

/// What becomes of a node that a route comes to.
#[derive(Clone, Debug)]
pub(in crate::plan) enum Passage {
    /// It is passed through: its `next` is taken.
    Straight,
    /// It leads nowhere: a question that is known not to be needed.
    Nowhere,
    /// One of these choices is made.
    Asked {
        /// The choices that are still possible.
        choices: Vec<ChoiceId>,
        /// Whether it may also turn out not to be needed.
        passed_over: bool,
    },
}

/// Whether a route comes to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comes {
    Always,
    Never,
    /// It depends on the answers.
    Varies,
}

/// The flowchart as routes see it: nothing fails, and some answers are given.
pub(in crate::plan) struct Chart<'a> {
    graph: &'a Graph,
    passages: Vec<Passage>,
    joins_all: Vec<bool>,
    comes: Vec<Comes>,
}

impl<'a> Chart<'a> {
    /// The chart of a runbook; `passages` says of each node what becomes of it.
    pub(in crate::plan) fn new(runbook: &Runbook, graph: &'a Graph, passages: Vec<Passage>) -> Self {
        let joins = runbook.nodes.values().map(|node| node.links.join == Join::All);
        let mut chart = Self {
            graph,
            passages,
            joins_all: joins.collect(),
            comes: vec![Comes::Never; graph.len()],
        };
        let mut starts = vec![false; graph.len()];
        for start in graph.starts() {
            starts[*start] = true;
        }
        for node in graph.order() {
            chart.comes[node] = chart.comes_to(node, starts[node]);
        }
        chart
    }

    fn comes_to(&self, node: Position, starts: bool) -> Comes {
        let mut edges = self
            .graph
            .incoming(node)
            .map(|edge| self.is_taken(&self.graph.edges()[edge]));
        if !self.joins_all[node] {
            let best = if starts { Comes::Always } else { Comes::Never };
            return edges.fold(best, |best, edge| match (best, edge) {
                (Comes::Always, _) | (_, Comes::Always) => Comes::Always,
                (Comes::Never, Comes::Never) => Comes::Never,
                _ => Comes::Varies,
            });
        }
        let Some(first) = edges.next() else {
            return if starts { Comes::Always } else { Comes::Never };
        };
        edges.fold(first, |worst, edge| match (worst, edge) {
            (Comes::Never, _) | (_, Comes::Never) => Comes::Never,
            (Comes::Always, Comes::Always) => Comes::Always,
            _ => Comes::Varies,
        })
    }

    /// Whether an edge is taken.
    fn is_taken(&self, edge: &Edge) -> Comes {
        let is_only_way = match &self.passages[edge.from] {
            Passage::Asked { choices, passed_over } => choices.len() == 1 && !passed_over,
            Passage::Straight | Passage::Nowhere => true,
        };
        match self.comes[edge.from] {
            Comes::Never => Comes::Never,
            _ if !self.may_be_taken(edge) => Comes::Never,
            Comes::Always if is_only_way => Comes::Always,
            _ => Comes::Varies,
        }
    }

    /// Whether an edge is taken at all by routes that come to where it leads out of.
    pub(super) fn may_be_taken(&self, edge: &Edge) -> bool {
        match (&self.passages[edge.from], &edge.way) {
            (Passage::Straight, way) => *way == Way::Next,
            (Passage::Asked { choices, .. }, Way::Choice(choice)) => choices.contains(choice),
            _ => false,
        }
    }

    pub(super) fn passage(&self, node: Position) -> &Passage {
        &self.passages[node]
    }

    pub(super) fn comes(&self, node: Position) -> Comes {
        self.comes[node]
    }

    pub(super) fn joins_all(&self, node: Position) -> bool {
        self.joins_all[node]
    }

    pub(super) fn is_asked(&self, node: Position) -> bool {
        matches!(self.passages[node], Passage::Asked { .. })
    }

    /// The edges out of a node, in the order of declaration.
    pub(super) fn edges_out_of(&self, node: Position) -> impl Iterator<Item = &'a Edge> {
        let mut edges: Vec<_> = self.graph.outgoing(node).collect();
        edges.sort_unstable();
        edges.into_iter().map(|edge| &self.graph.edges()[edge])
    }

    /// Nodes at which the way is not decided, apart as far as no answer bears on what the other answers lead to: each of them leads to a
    /// question or is one. In each, and among them, the order is one in which every node comes after those that lead to it.
    pub(super) fn components(&self) -> Vec<Vec<Position>> {
        let order = self.graph.order();
        let mut leads_to_question = vec![false; self.graph.len()];
        for node in order.iter().rev() {
            let is_open = match &self.passages[*node] {
                Passage::Asked { choices, passed_over } => {
                    choices.len() + usize::from(*passed_over) > 1 && self.comes[*node] != Comes::Never
                }
                Passage::Straight | Passage::Nowhere => false,
            };
            let mut on = self.graph.outgoing(*node).map(|edge| &self.graph.edges()[edge]);
            leads_to_question[*node] = is_open
                || self.comes[*node] == Comes::Varies
                    && on.any(|edge| leads_to_question[edge.to] && self.may_be_taken(edge));
        }
        let mut groups = Groups((0..self.graph.len()).collect());
        for edge in self.graph.edges() {
            let joins = leads_to_question[edge.from] && leads_to_question[edge.to] && self.may_be_taken(edge);
            // Where a route always comes, nothing bears on that.
            if joins && self.comes[edge.to] == Comes::Varies {
                groups.join(edge.from, edge.to);
            }
        }
        let mut components = indexmap::IndexMap::<Position, Vec<Position>>::new();
        for node in order.into_iter().filter(|node| leads_to_question[*node]) {
            components.entry(groups.of(node)).or_default().push(node);
        }
        components.into_values().collect()
    }
}

/// Which nodes belong together: each points to another of its group, and one to itself.
struct Groups(Vec<Position>);

impl Groups {
    fn of(&mut self, mut node: Position) -> Position {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }

    fn join(&mut self, one: Position, other: Position) {
        let (one, other) = (self.of(one), self.of(other));
        self.0[one.max(other)] = one.min(other);
    }
}
