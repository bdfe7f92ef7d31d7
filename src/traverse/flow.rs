//! The join rule: from how nodes ended, which edges are taken and what may run.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use crate::graph::{EdgePosition, Graph, Position, Way};
use crate::model::{Join, Next, Node, Runbook, Value, plain};

use super::traversal::Traversal;
use super::verdict::{State, Why};

/// An edge is pending, then taken or dead, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EdgeState {
    Pending,
    Taken,
    Dead(Cause),
}

/// Why an edge is dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// Somebody or something chose another.
    Choice,
    /// Something did not work out.
    Failure,
}

/// What follows from the record: nothing in here is on record itself, and all of it can be made anew.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// How each node stands, but for what a halt of the run does to those that did not start.
    pub(super) states: Arc<Vec<State>>,
    /// Why, where there is something to say.
    pub(super) why: Vec<Option<Why>>,
    edges: Vec<EdgeState>,
    /// How many incoming edges and waits of each node are not decided.
    undecided: Vec<usize>,
    /// Questions that can be asked, by declaration.
    pub(super) questions: BTreeSet<Position>,
    /// Actions that can start or are under way, by declaration.
    pub(super) actions: BTreeSet<Position>,
    /// Those of them that are under way.
    pub(super) running: BTreeSet<Position>,
    /// Those of which nobody knows whether they are done.
    pub(super) in_doubt: BTreeSet<Position>,
    /// Failures that nothing handles.
    pub(super) failures: BTreeSet<Position>,
    /// Failures that something handles.
    pub(super) recoveries: BTreeSet<Position>,
    /// Where the run was stopped.
    pub(super) stops: BTreeSet<Position>,
}

impl Flow {
    pub(super) fn new(runbook: &Runbook, graph: &Graph) -> Self {
        let nodes = runbook.nodes.len();
        Self {
            states: Arc::new(vec![State::Pending; nodes]),
            why: vec![None; nodes],
            edges: vec![EdgeState::Pending; graph.edges().len()],
            undecided: (0..nodes)
                .map(|node| graph.incoming(node).count() + graph.waits(node))
                .collect(),
            questions: BTreeSet::new(),
            actions: BTreeSet::new(),
            running: BTreeSet::new(),
            in_doubt: BTreeSet::new(),
            failures: BTreeSet::new(),
            recoveries: BTreeSet::new(),
            stops: BTreeSet::new(),
        }
    }

    /// Whether nothing new may start.
    pub(super) fn is_halted(&self) -> bool {
        !self.failures.is_empty() || !self.stops.is_empty()
    }

    /// Sets the state of a node that is not final, and keeps the sets in step.
    fn open(&mut self, node: Position, state: State, is_question: bool) {
        Arc::make_mut(&mut self.states)[node] = state;
        if is_question {
            self.questions.insert(node);
        } else {
            self.actions.insert(node);
        }
        for (set, member) in [
            (&mut self.running, state == State::Running),
            (&mut self.in_doubt, state == State::InDoubt),
        ] {
            if member {
                set.insert(node);
            } else {
                set.remove(&node);
            }
        }
    }

    fn close(&mut self, node: Position, state: State, why: Option<Why>) {
        Arc::make_mut(&mut self.states)[node] = state;
        self.why[node] = why;
        self.questions.remove(&node);
        self.actions.remove(&node);
        self.running.remove(&node);
        self.in_doubt.remove(&node);
    }
}

impl Traversal {
    /// Whether an edge of the flowchart is taken; none as long as the node that it leads out of is not final.
    pub fn is_taken(&self, edge: EdgePosition) -> Option<bool> {
        match self.flow.edges[edge] {
            EdgeState::Pending => None,
            EdgeState::Taken => Some(true),
            EdgeState::Dead(_) => Some(false),
        }
    }

    /// Makes the flow anew from what is on record.
    pub(super) fn derive_flow(&mut self) {
        self.flow = Flow::new(&self.runbook, &self.graph);
        let free: Vec<Position> = (0..self.graph.len())
            .filter(|node| self.flow.undecided[*node] == 0)
            .collect();
        let mut final_now = VecDeque::new();
        for node in free {
            self.arrive(node, &mut final_now);
        }
        self.spread(final_now);
    }

    /// Takes up a change in what is on record of one node, whose way is decided: it is open still, or has just ended.
    pub(super) fn update(&mut self, node: Position) {
        let mut final_now = VecDeque::new();
        self.enter(node, &mut final_now);
        self.spread(final_now);
    }

    /// Decides the edges out of nodes that have become final, and what follows from that, without recursion.
    fn spread(&mut self, mut final_now: VecDeque<Position>) {
        let graph = Arc::clone(&self.graph);
        while let Some(node) = final_now.pop_front() {
            self.note_halt(node);
            for edge in graph.outgoing(node) {
                self.flow.edges[edge] = self.edge_state(edge);
                self.count_down(graph.edges()[edge].to, &mut final_now);
            }
            for waiter in graph.waiters(node) {
                self.count_down(waiter, &mut final_now);
            }
        }
    }

    fn count_down(&mut self, node: Position, final_now: &mut VecDeque<Position>) {
        self.flow.undecided[node] -= 1;
        if self.flow.undecided[node] == 0 {
            self.arrive(node, final_now);
        }
    }

    /// Everything before a node is decided: does it run?
    fn arrive(&mut self, node: Position, final_now: &mut VecDeque<Position>) {
        match self.refusal(node) {
            Some((state, why)) => {
                self.flow.close(node, state, Some(why));
                final_now.push_back(node);
            }
            None => self.enter(node, final_now),
        }
    }

    /// A node runs, or ran: takes its state from what is on record of it.
    fn enter(&mut self, node: Position, final_now: &mut VecDeque<Position>) {
        self.use_answer(node);
        let ending = self.progress[node].as_ref().and_then(|p| p.ending.clone());
        match ending {
            Some(ending) => {
                if ending.state == State::Succeeded {
                    self.route.insert(node);
                }
                self.flow.close(node, ending.state, ending.why);
                final_now.push_back(node);
            }
            None => {
                let is_question = self.node(node).question().is_some();
                self.flow.open(node, self.open_state(node), is_question);
            }
        }
    }

    /// The join rule, then `needs`.
    fn refusal(&self, node: Position) -> Option<(State, Why)> {
        let links = &self.node(node).links;
        let mut incoming: Vec<EdgePosition> = self.graph.incoming(node).collect();
        incoming.sort_unstable();
        let taken = |edge: &&EdgePosition| self.flow.edges[**edge] == EdgeState::Taken;
        let starts = self.starts[node];
        let runs = match links.join {
            Join::Any => starts || incoming.iter().any(|edge| taken(&edge)),
            Join::All => (starts || !incoming.is_empty()) && incoming.iter().all(|edge| taken(&edge)),
        };
        if !runs {
            let dead = |cause| {
                incoming
                    .iter()
                    .find(|edge| self.flow.edges[**edge] == EdgeState::Dead(cause))
            };
            let (state, edge) = match dead(Cause::Failure) {
                Some(edge) => (State::Blocked, Some(edge)),
                None => (State::NotTaken, dead(Cause::Choice)),
            };
            let why = edge.map_or_else(
                || Why::Itself("nothing leads to it".to_owned()),
                |edge| self.why_dead(*edge),
            );
            return Some((state, why));
        }
        links.needs.iter().find_map(|id| {
            let needed = self.runbook.nodes.get_index_of(id)?;
            let state = self.flow.states[needed];
            let fine = matches!(state, State::Succeeded | State::NotTaken | State::NotNeeded);
            (!fine).then(|| {
                let why = Why::Needs {
                    node: id.clone(),
                    state,
                };
                (State::Blocked, why)
            })
        })
    }

    /// What becomes of an edge now that the node before it is final.
    fn edge_state(&self, edge: EdgePosition) -> EdgeState {
        let edge = &self.graph.edges()[edge];
        let taken = |is: bool, cause| {
            if is {
                EdgeState::Taken
            } else {
                EdgeState::Dead(cause)
            }
        };
        if self.supposed.contains(&edge.from) {
            return EdgeState::Taken;
        }
        match self.flow.states[edge.from] {
            State::Succeeded => match &edge.way {
                Way::Choice(choice) => {
                    let answer = self.answer(&self.node(edge.from).id);
                    taken(
                        answer.and_then(|a| a.as_str()) == Some(choice.as_str()),
                        Cause::Choice,
                    )
                }
                way => taken(*way == Way::Next, Cause::Choice),
            },
            State::NotNeeded => taken(edge.way == Way::Next, Cause::Choice),
            State::Failed | State::Cancelled => taken(edge.way == Way::OnFailure, Cause::Failure),
            State::NotTaken => EdgeState::Dead(Cause::Choice),
            _ => EdgeState::Dead(Cause::Failure),
        }
    }

    fn why_dead(&self, edge: EdgePosition) -> Why {
        let edge = &self.graph.edges()[edge];
        let from = &self.node(edge.from).id;
        match (self.flow.states[edge.from], &edge.way) {
            (State::Succeeded, Way::Choice(_)) => Why::Answered {
                question: from.clone(),
                answer: self.answer(from).map(plain).unwrap_or_default(),
            },
            (State::Succeeded | State::NotNeeded, Way::OnFailure) => Why::DidNotFail(from.clone()),
            (State::Failed, _) => Why::Failed(from.clone()),
            (state, _) => Why::NotRun {
                node: from.clone(),
                state,
            },
        }
    }

    /// Whether a node's end stops the run, and how.
    fn note_halt(&mut self, node: Position) {
        if self.supposed.contains(&node) {
            return;
        }
        let state = self.flow.states[node];
        let handled = self.node(node).action().is_some_and(|a| !a.on_failure.is_empty());
        match state {
            State::Failed | State::Cancelled if handled => self.flow.recoveries.insert(node),
            State::Failed => self.flow.failures.insert(node),
            State::Cancelled => self.flow.stops.insert(node),
            State::Succeeded | State::NotNeeded if self.leads_to_stop(self.node(node), state) => {
                self.flow.stops.insert(node)
            }
            _ => false,
        };
    }

    fn leads_to_stop(&self, node: &Node, state: State) -> bool {
        // An answer may be on record also of a question that turns out not to be needed.
        let answer = self.answer(&node.id).filter(|_| state == State::Succeeded);
        node.onward(answer.and_then(Value::as_str)) == Some(&Next::Stop)
    }
}
