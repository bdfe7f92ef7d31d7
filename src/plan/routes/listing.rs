use serde::Serialize;

use crate::graph::{Edge, Position};
use crate::model::{ChoiceId, Next, Node, NodeId, Runbook};

use super::chart::{Chart, Comes, Passage};

/// A stretch of the ways through a flowchart on which nothing is to be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// How deep it stands: what a stretch leads on to follows it, one deeper.
    pub depth: usize,
    /// The answer that it begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The nodes, one after another; the last may be a question.
    pub nodes: Vec<NodeId>,
    /// What comes then.
    pub then: Then,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The question.
    pub question: NodeId,
    /// The choice; none where the question turns out not to be needed.
    pub choice: Option<ChoiceId>,
}

/// What comes after a stretch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The stretches that follow, one deeper: a question is answered there, or each of them is gone.
    Deeper,
    /// A node that is listed before, and what comes after that.
    AsAbove(NodeId),
    /// The end of the branch.
    End,
    /// The end of the run.
    Stop,
}

/// Lists where answers lead, and each node once.
pub(super) struct Listing<'a> {
    chart: &'a Chart<'a>,
    runbook: &'a Runbook,
    listed: Vec<bool>,
}

/// A stretch that is to be followed.
struct Begun {
    depth: usize,
    answer: Option<Answer>,
    to: Vec<Position>,
    stops: bool,
}

impl<'a> Listing<'a> {
    pub(super) fn of(chart: &'a Chart<'a>, runbook: &'a Runbook) -> Self {
        Self {
            chart,
            runbook,
            listed: vec![false; runbook.nodes.len()],
        }
    }

    /// The ways that begin at these questions. A question that another leads to is listed there.
    pub(super) fn ways(&mut self, questions: &[Position]) -> Vec<Stretch> {
        let mut stretches = Vec::new();
        for question in questions {
            if self.listed[*question] {
                continue;
            }
            let mut open = vec![Begun {
                depth: 0,
                answer: None,
                to: vec![*question],
                stops: false,
            }];
            while let Some(begun) = open.pop() {
                let (stretch, branches) = self.follow(begun);
                stretches.push(stretch);
                open.extend(branches.into_iter().rev());
            }
        }
        stretches
    }

    /// Follows a stretch to where there is something to choose, to more than one node, or nowhere.
    fn follow(&mut self, begun: Begun) -> (Stretch, Vec<Begun>) {
        let depth = begun.depth + 1;
        let (mut to, mut stops) = (begun.to, begun.stops);
        let mut nodes = Vec::new();
        let mut branches = Vec::new();
        let then = loop {
            let [node] = to[..] else {
                let branch = |node: &Position| Begun {
                    depth,
                    answer: None,
                    to: vec![*node],
                    stops: false,
                };
                branches.extend(to.iter().map(branch));
                break match (to.is_empty(), stops) {
                    (false, _) => Then::Deeper,
                    (true, true) => Then::Stop,
                    (true, false) => Then::End,
                };
            };
            let id = &self.node(node).id;
            if std::mem::replace(&mut self.listed[node], true) {
                break Then::AsAbove(id.clone());
            }
            nodes.push(id.clone());
            if let Passage::Asked { choices, passed_over } = self.chart.passage(node) {
                let choices = choices.iter().map(Some);
                branches.extend(
                    choices
                        .chain(passed_over.then_some(None))
                        .map(|choice| self.answered(node, choice, depth)),
                );
                break Then::Deeper;
            }
            stops = self.node(node).onward(None) == Some(&Next::Stop);
            to = self.targets(node, |_| true);
        };
        let stretch = Stretch {
            depth: begun.depth,
            answer: begun.answer,
            nodes,
            then,
        };
        (stretch, branches)
    }

    fn answered(&self, question: Position, choice: Option<&ChoiceId>, depth: usize) -> Begun {
        let node = self.node(question);
        Begun {
            depth,
            answer: Some(Answer {
                question: node.id.clone(),
                choice: choice.cloned(),
            }),
            to: self.targets(
                question,
                |edge| matches!(&edge.way, crate::graph::Way::Choice(c) if Some(c) == choice),
            ),
            stops: node.onward(choice.map(ChoiceId::as_str)) == Some(&Next::Stop),
        }
    }

    /// Where the edges out of a node lead that may be taken, each node once.
    fn targets(&self, node: Position, is_meant: impl Fn(&Edge) -> bool) -> Vec<Position> {
        let edges = self.chart.edges_out_of(node);
        let taken = edges.filter(|edge| {
            is_meant(edge) && self.chart.may_be_taken(edge) && self.chart.comes(edge.to) != Comes::Never
        });
        taken
            .map(|edge| edge.to)
            .collect::<indexmap::IndexSet<_>>()
            .into_iter()
            .collect()
    }

    fn node(&self, node: Position) -> &'a Node {
        &self.runbook.nodes[node]
    }
}
