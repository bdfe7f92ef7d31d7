use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use jiff::Timestamp;
use serde_json::Map;

use crate::graph::{Graph, Position};
use crate::model::{Check, Gate, GateId, Node, NodeId, Runbook, Value};
use crate::template::{Scope, placeholders};

use super::event::{LetterId, Owner, Person, Rendered, RunId, Running, Subject};
use super::flow::Flow;
use super::ledger::Entry;
use super::progress::{Attestation, Checked, GateProgress, Given, Phase, Progress};
use super::shared::Shared;
use super::undo::Undoing;
use super::verdict::{GateVerdict, RunState, State, Why};

/// A run as a pure state machine. It is given events ([`Traversal::apply`]) and says what to do next ([`Traversal::next`]); it never
/// runs a command, asks a person, reads a clock or a file.
///
/// Two things are kept apart: what is on record of each node and gate, which only events change, and the flow that follows from it,
/// which can be made anew at any time.
#[derive(Clone, Debug)]
pub struct Traversal {
    pub(super) runbook: Arc<Runbook>,
    pub(super) graph: Arc<Graph>,
    pub(super) starts: Vec<bool>,
    pub(super) facts: Option<Facts>,
    /// The key that it took.
    pub(super) key: Option<String>,
    /// Who gave it up.
    pub(super) cancelled_by: Option<Person>,
    pub(super) undo: Undoing,
    /// How it stood when the program last let go of it; none while it has it.
    pub(super) ended: Option<RunState>,
    pub(super) progress: Vec<Option<Box<Progress>>>,
    pub(super) gates: Shared<IndexMap<GateId, GateProgress>>,
    pub(super) attested: Shared<BTreeMap<Subject, Attestation>>,
    /// What may be told of it later.
    pub(super) ledger: Shared<Vec<Entry>>,
    /// The answers on record: also to questions that are not asked yet, or never.
    pub(super) given: BTreeMap<NodeId, Given>,
    /// The letters that were taken up.
    pub(super) letters: BTreeSet<LetterId>,
    pub(super) scope: Scope,
    pub(super) flow: Flow,
    /// The nodes that succeeded, in the order in which they did.
    pub(super) route: IndexSet<Position>,
    /// Nodes of which a preview takes every way out.
    pub(super) supposed: BTreeSet<Position>,
}

/// What is known of a run from its first record.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) id: RunId,
    pub(super) started: Timestamp,
    pub(super) by: Person,
    pub(super) digest: String,
    pub(super) folder: String,
    pub(super) last: Timestamp,
}

impl Traversal {
    /// A run of a runbook before its first event.
    pub fn new(runbook: Arc<Runbook>) -> Self {
        let graph = Arc::new(Graph::of(&runbook));
        let mut starts = vec![false; graph.len()];
        for start in graph.starts() {
            starts[*start] = true;
        }
        let flow = Flow::new(&runbook, &graph);
        let mut run = Self {
            starts,
            facts: None,
            key: None,
            cancelled_by: None,
            undo: Undoing::default(),
            ended: None,
            progress: vec![None; graph.len()],
            gates: Shared::new(
                runbook
                    .gates
                    .keys()
                    .map(|id| (id.clone(), GateProgress::default()))
                    .collect(),
            ),
            attested: Shared::default(),
            ledger: Shared::default(),
            given: BTreeMap::new(),
            letters: BTreeSet::new(),
            scope: Scope::default(),
            flow,
            route: IndexSet::new(),
            supposed: BTreeSet::new(),
            runbook,
            graph,
        };
        run.derive_flow();
        run
    }

    /// A run that will never be, for a preview: what is only known while running reads `‹run.date›`.
    pub fn preview(runbook: Arc<Runbook>, parameters: Map<String, Value>) -> Self {
        let mut run = Self::new(runbook);
        run.scope.parameters = Arc::new(parameters);
        let mut facts = placeholders();
        facts.insert("runbook".to_owned(), Value::from(run.runbook.name.as_str()));
        facts.insert("title".to_owned(), Value::from(run.runbook.title.as_str()));
        run.scope.run = Arc::new(facts);
        run
    }

    /// The runbook.
    pub fn runbook(&self) -> &Runbook {
        &self.runbook
    }

    /// What it was given; empty before its first event.
    pub fn parameters(&self) -> &Map<String, Value> {
        &self.scope.parameters
    }

    /// The flowchart.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The run's id; empty before its first event.
    pub fn id(&self) -> RunId {
        self.facts
            .as_ref()
            .map_or_else(|| RunId(String::new()), |facts| facts.id.clone())
    }

    /// When it was started.
    pub fn started(&self) -> Timestamp {
        self.facts
            .as_ref()
            .map_or(Timestamp::UNIX_EPOCH, |facts| facts.started)
    }

    /// When the last thing on its record happened.
    pub fn last_seen(&self) -> Timestamp {
        self.facts
            .as_ref()
            .map_or(Timestamp::UNIX_EPOCH, |facts| facts.last)
    }

    /// Who started it.
    pub fn operator(&self) -> Option<&Person> {
        self.facts.as_ref().map(|facts| &facts.by)
    }

    /// The key that it took, of which only one run at a time has one.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// The digest of the runbook and its files as they were when it was started.
    pub fn digest(&self) -> &str {
        self.facts.as_ref().map_or("", |facts| &facts.digest)
    }

    /// The runbook's own folder, where it was started from.
    pub fn folder(&self) -> &str {
        self.facts.as_ref().map_or("", |facts| &facts.folder)
    }

    /// How a node stands.
    pub fn state(&self, node: &NodeId) -> State {
        self.position(node)
            .map_or(State::Pending, |node| self.state_at(node))
    }

    /// Why a node is not run or did not work out.
    pub fn why(&self, node: &NodeId) -> Option<Why> {
        let node = self.position(node)?;
        if self.flow.why[node].is_none() && !self.flow.states[node].is_final() {
            return self.why_halted(node);
        }
        self.flow.why[node].clone()
    }

    /// How many attempts at an action were started.
    pub fn attempts(&self, node: &NodeId) -> u32 {
        self.recorded(node).map_or(0, |progress| progress.attempts)
    }

    /// When the last attempt at an action was started.
    pub fn began(&self, node: &NodeId) -> Option<Timestamp> {
        self.recorded(node).and_then(|progress| progress.began)
    }

    /// What runs, or did when the program went away: commands whose end is not on record.
    pub fn running(&self) -> impl Iterator<Item = (&NodeId, Running)> {
        let recorded = self.runbook.nodes.keys().zip(&self.progress);
        recorded.filter_map(|(node, progress)| Some((node, progress.as_ref()?.running?)))
    }

    /// Exactly what an action does, once it was rendered.
    pub fn work(&self, node: &NodeId) -> Option<&Rendered> {
        self.recorded(node).and_then(|progress| progress.work.as_ref())
    }

    /// The runbook, to share.
    pub fn shared_runbook(&self) -> Arc<Runbook> {
        Arc::clone(&self.runbook)
    }

    /// The answer on record for a question, also if it is not asked yet or never.
    pub fn given(&self, question: &NodeId) -> Option<&Value> {
        self.given.get(question).map(|given| &given.value)
    }

    /// The same, with who gave it and when.
    pub fn who_gave(&self, question: &NodeId) -> Option<&Given> {
        self.given.get(question)
    }

    /// Whether what another process left for the run is on record already.
    pub fn has_taken_up(&self, letter: &LetterId) -> bool {
        self.letters.contains(letter)
    }

    /// The answer to a question that was asked.
    pub fn answer(&self, question: &NodeId) -> Option<&Value> {
        self.scope.answers.get(question.as_str())
    }

    /// Whether somebody agreed to an action, perhaps before it came to it.
    pub fn is_confirmed(&self, node: &NodeId) -> bool {
        self.recorded(node).is_some_and(|progress| progress.confirmed)
    }

    /// Whether somebody stated it, perhaps in advance.
    pub fn is_attested(&self, subject: &Subject) -> bool {
        self.attested.contains_key(subject)
    }

    /// Whether somebody, or a choice, decided which outcome of a gate holds.
    pub fn is_decided(&self, gate: &GateId) -> bool {
        let gate = self.gates.get(gate);
        gate.is_some_and(|progress| progress.outcome().is_some())
    }

    /// The nodes that succeeded, in the order in which they did.
    pub fn route(&self) -> impl Iterator<Item = &NodeId> {
        self.route.iter().map(|node| &self.node(*node).id)
    }

    /// The values taken from an action's output.
    pub fn captures(&self, node: &NodeId) -> Option<&Value> {
        self.scope.outputs.get(node.as_str())
    }

    /// What came of each of an owner's checks; none for one that was not carried out yet.
    pub fn checks(&self, owner: &Owner) -> Vec<Option<Checked>> {
        let recorded = match owner {
            Owner::Node(id) => self.recorded(id).map(|progress| &progress.checks),
            Owner::Gate(id) => self.gates.get(id).map(|progress| &progress.checks),
        };
        let mut checks = recorded.cloned().unwrap_or_default();
        checks.resize(self.checks_of(owner).len(), None);
        checks
    }

    /// How every gate stands, in the order of declaration.
    pub fn gates(&self) -> impl Iterator<Item = (&Gate, GateVerdict)> {
        self.runbook
            .gates
            .values()
            .map(|gate| (gate, self.gate(&gate.id)))
    }

    /// How the run stands by its record: running until the program lets go of it.
    pub fn recorded_state(&self) -> RunState {
        self.ended.unwrap_or(RunState::Running)
    }

    /// How the run stands, if the program let go of it now.
    pub fn run_state(&self) -> RunState {
        if self.facts.is_none() {
            return RunState::Running;
        }
        if self.cancelled_by.is_some() {
            return RunState::Cancelled;
        }
        if !self.flow.in_doubt.is_empty() {
            return RunState::InDoubt;
        }
        if !self.flow.failures.is_empty() {
            return RunState::Failed;
        }
        if !self.flow.stops.is_empty() {
            return RunState::Stopped;
        }
        if !self.nodes_are_settled() {
            return RunState::Waiting;
        }
        let open: Vec<GateVerdict> = self
            .gates()
            .filter(|(gate, verdict)| gate.required && !verdict.is_closed())
            .map(|(_, verdict)| verdict)
            .collect();
        if open
            .iter()
            .any(|verdict| matches!(verdict, GateVerdict::Waiting { .. }))
        {
            RunState::Waiting
        } else if !open.is_empty() {
            RunState::GatesUnmet
        } else if self.flow.recoveries.is_empty() {
            RunState::Complete
        } else {
            RunState::Recovered
        }
    }

    /// Whether the run is over and nothing of it is half undone, so that another may have its key. What was said of a run after the program let
    /// go of it ends it only once the run was taken up again.
    pub fn is_past(&self) -> bool {
        let was_let_go_before = self.ended.is_some_and(|ended| !ended.is_over());
        let is_over = self.cancelled_by.is_some() || (self.run_state().is_over() && !was_let_go_before);
        is_over && !self.is_half_undone()
    }

    /// Takes every way out of a node, for a preview that does not know which it will be: an unanswered question, or an
    /// action that may fail. What it would yield reads `‹name›` from here on.
    pub fn suppose(&mut self, node: &NodeId) {
        let Some(position) = self.position(node) else {
            return;
        };
        self.supposed.insert(position);
        let placeholders = self.placeholders(position);
        match placeholders {
            Value::Object(captures) if captures.is_empty() => {}
            Value::Object(_) => {
                Arc::make_mut(&mut self.scope.outputs).insert(node.to_string(), placeholders);
            }
            answer => {
                if self.answer(node).is_none() {
                    Arc::make_mut(&mut self.scope.answers).insert(node.to_string(), answer);
                }
            }
        }
        self.end(position, State::Succeeded, None);
    }

    /// Whether every node is final, or nothing new may start and nothing is under way but what waits for a person.
    pub(super) fn nodes_are_settled(&self) -> bool {
        if self.flow.is_halted() {
            let mut running = self.flow.running.iter();
            self.flow.in_doubt.is_empty() && running.all(|node| self.waits_for_a_person(*node))
        } else {
            self.flow.questions.is_empty() && self.flow.actions.is_empty()
        }
    }

    pub(super) fn position(&self, node: &NodeId) -> Option<Position> {
        self.runbook.nodes.get_index_of(node)
    }

    pub(super) fn node(&self, node: Position) -> &Node {
        &self.runbook.nodes[node]
    }

    pub(super) fn recorded(&self, node: &NodeId) -> Option<&Progress> {
        self.position(node)
            .and_then(|node| self.progress[node].as_deref())
    }

    pub(super) fn progress_mut(&mut self, node: Position) -> &mut Progress {
        self.progress[node].get_or_insert_default()
    }

    pub(super) fn checks_of(&self, owner: &Owner) -> &[Check] {
        match owner {
            Owner::Node(id) => self
                .runbook
                .nodes
                .get(id)
                .and_then(Node::action)
                .map_or(&[], |action| &action.verify),
            Owner::Gate(id) => self.runbook.gates.get(id).map_or(&[], |gate| &gate.verify),
        }
    }

    /// How a node that is open stands, by what is on record of it.
    pub(super) fn open_state(&self, node: Position) -> State {
        match self.progress[node].as_ref().map(|progress| progress.phase) {
            None | Some(Phase::Ahead | Phase::Pausing) => State::Ready,
            Some(Phase::Doubt) => State::InDoubt,
            Some(Phase::Running | Phase::Verifying | Phase::VerifyingDoubt) => State::Running,
        }
    }

    fn state_at(&self, node: Position) -> State {
        match (self.flow.states[node], self.halt()) {
            (State::Pending | State::Ready, Some(halted)) => halted,
            (State::Ready | State::Running, _) if self.waits_for_a_person(node) => State::Waiting,
            (state, _) => state,
        }
    }

    /// What becomes of a node that did not start before the run was halted.
    pub(super) fn halt(&self) -> Option<State> {
        if self.cancelled_by.is_some() {
            Some(State::Cancelled)
        } else if !self.flow.failures.is_empty() {
            Some(State::Blocked)
        } else if !self.flow.stops.is_empty() {
            Some(State::Cancelled)
        } else {
            None
        }
    }

    fn why_halted(&self, node: Position) -> Option<Why> {
        if !matches!(self.flow.states[node], State::Pending | State::Ready) {
            return None;
        }
        if let Some(by) = &self.cancelled_by {
            return Some(Why::RunCancelled(by.name.clone()));
        }
        let id = |node: &Position| self.node(*node).id.clone();
        let failed = self.flow.failures.first().map(|node| Why::RunFailed(id(node)));
        failed.or_else(|| self.flow.stops.first().map(|node| Why::RunStopped(id(node))))
    }
}
