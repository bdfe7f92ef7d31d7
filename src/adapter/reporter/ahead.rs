//! What is ahead of a run: what comes next, and what people may still have to say on every way that is open.

use std::collections::{BTreeSet, HashMap};

use crate::model::{Action, Effect, Form, GateId, Join, Next, Node, NodeId, NodeKind, Question, Work};
use crate::traverse::{GateVerdict, Owner, State, Step, Subject, UndoState, Undoable};

use super::label;
use super::quote::quoted;
use super::view::View;

/// Something a person has to say, and the flag to say it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The flag as it is typed. What is to be put in is in capitals; pasted as it is, a choice is refused and not taken. None where a person
    /// has to be at the terminal.
    pub(super) flag: Option<String>,
    /// What it is about, for people.
    pub(super) what: String,
}

impl Wanted {
    fn new(flag: &str, value: &str, what: &str) -> Self {
        Self {
            flag: Some(format!("{flag} {}", quoted(value))),
            what: label::first_line(what),
        }
    }

    fn at_a_terminal(what: &str) -> Self {
        Self {
            flag: None,
            what: format!("{}: it takes a terminal", label::first_line(what)),
        }
    }
}

/// How many of the next steps are named.
const NAMED: usize = 2;

/// What comes after what is under way, and how many gates are closed: in short, for people who watch.
pub(super) fn in_short<'a>(under_way: impl Iterator<Item = &'a Owner>, run: &dyn View) -> Vec<String> {
    if run.is_undoing() {
        let all = run.undoables();
        let is_undone =
            |undo: &&Undoable| matches!(undo.state, UndoState::Undone | UndoState::UndoneByHand(_));
        return vec![format!(
            "{} of {} undone",
            all.iter().filter(is_undone).count(),
            all.len()
        )];
    }
    let next = next(under_way.cloned().collect(), run);
    let gates: Vec<&GateId> = run.runbook().gates.keys().collect();
    let mut texts = Vec::new();
    if !next.is_empty() {
        let named = next.iter().take(NAMED).map(|node| label::node(node, run));
        let mut text = format!("next: {}", named.collect::<Vec<_>>().join(", "));
        if next.len() > NAMED {
            text.push_str(&format!(" and {} more", next.len() - NAMED));
        }
        texts.push(text);
    }
    if !gates.is_empty() {
        let closed = gates.iter().filter(|gate| run.gate(gate).is_closed()).count();
        texts.push(format!("gates {closed} of {} closed", gates.len()));
    }
    texts
}

/// What could start now, and what comes after what is under way if all goes well.
fn next(under_way: BTreeSet<Owner>, run: &dyn View) -> Vec<NodeId> {
    let could_start = run.next(&under_way).and_then(|step| match step {
        Step::Record(event) => event.owner(),
        step => step.owner(),
    });
    let mut next: Vec<NodeId> = could_start.and_then(node_of).into_iter().collect();
    for node in under_way.into_iter().filter_map(node_of) {
        let node = run.runbook().nodes.get(&node);
        for after in node.into_iter().flat_map(|node| node.links.next.nodes()) {
            if run.state(after) == State::Pending && !next.contains(after) {
                next.push(after.clone());
            }
        }
    }
    next
}

fn node_of(owner: Owner) -> Option<NodeId> {
    match owner {
        Owner::Node(node) => Some(node),
        Owner::Gate(_) => None,
    }
}

/// What the run waits for now.
pub(super) fn now(run: &dyn View, gates: &[(GateId, GateVerdict)]) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for node in run.runbook().nodes.values() {
        if matches!(run.state(&node.id), State::Waiting | State::Ready) {
            of_node(node, run, true, &mut wanted);
        }
    }
    // Until then nobody can have seen what a gate states.
    if run.runbook().nodes.keys().all(|node| run.state(node).is_final()) {
        of_gates(run, gates, &mut wanted);
    }
    wanted
}

fn of_gates(run: &dyn View, gates: &[(GateId, GateVerdict)], wanted: &mut Vec<Wanted>) {
    for (id, verdict) in gates {
        let Some(gate) = run.runbook().gates.get(id) else {
            continue;
        };
        if !matches!(verdict, GateVerdict::Waiting { .. }) {
            continue;
        }
        if gate.attest.is_some() && !run.is_attested(&Subject::Gate(id.clone())) {
            wanted.push(Wanted::new("--attest", &format!("{id}=WHO"), &gate.title));
        }
        if !gate.decide.is_empty() && !run.is_decided(id) {
            let outcomes: Vec<&str> = gate.decide.iter().map(|outcome| outcome.as_str()).collect();
            wanted.push(Wanted::new(
                "--decide",
                &format!("{id}={}:WHO", outcomes.join("|")),
                &gate.title,
            ));
        }
        checks(&Owner::Gate(id.clone()), run, wanted);
    }
}

/// What it may come to wait for, as far as the ways that are still open lead there.
pub(super) fn later(run: &dyn View, gates: &[(GateId, GateVerdict)]) -> Vec<Wanted> {
    let ways = Ways::new(run);
    let mut wanted = Vec::new();
    let mut known = HashMap::new();
    for node in run.runbook().nodes.values() {
        if run.state(&node.id) == State::Pending && ways.open(&node.id, &mut known) {
            of_node(node, run, false, &mut wanted);
        }
    }
    if run.runbook().nodes.keys().any(|node| !run.state(node).is_final()) {
        of_gates(run, gates, &mut wanted);
    }
    wanted
}

fn of_node(node: &Node, run: &dyn View, waits: bool, wanted: &mut Vec<Wanted>) {
    match &node.kind {
        NodeKind::Question(_) if run.answer(&node.id).is_some() => {}
        NodeKind::Question(question) => wanted.push(answer(&node.id, question)),
        NodeKind::Action(action) => of_action(&node.id, action, run, waits, wanted),
    }
}

fn answer(id: &NodeId, question: &Question) -> Wanted {
    let value = match &question.form {
        Form::Choices(choices) => {
            let ids: Vec<&str> = choices.keys().map(|choice| choice.as_str()).collect();
            ids.join("|")
        }
        Form::Input { .. } => "VALUE".to_owned(),
    };
    Wanted::new("--answer", &format!("{id}={value}"), &question.title)
}

/// An action waits for consent, for word that manual work is done, or for a person's check, in that order.
fn of_action(id: &NodeId, action: &Action, run: &dyn View, waits: bool, wanted: &mut Vec<Wanted>) {
    let is_manual = matches!(action.work, Work::Manual(_));
    let asks = action.confirm.is_some() || action.effect == Effect::Destroy;
    let untouched = run.attempts(id) == 0 && run.checks(&Owner::Node(id.clone())).iter().all(Option::is_none);
    if action.work.takes_the_terminal() {
        // Consent is given there as well.
        if untouched || run.state(id) == State::Ready {
            wanted.push(Wanted::at_a_terminal(&action.title));
        }
    } else if untouched && (asks || (waits && !is_manual)) && !run.is_confirmed(id) {
        wanted.push(Wanted::new("--confirm", id.as_str(), &action.title));
    }
    if untouched && is_manual && !run.is_attested(&Subject::Node(id.clone())) {
        wanted.push(Wanted::new("--attest", &format!("{id}=WHO"), &action.title));
    }
    checks(&Owner::Node(id.clone()), run, wanted);
}

fn checks(owner: &Owner, run: &dyn View, wanted: &mut Vec<Wanted>) {
    let made = run.checks(owner);
    for (index, check) in label::checks(owner, run).iter().enumerate() {
        let is_open = check.is_a_persons() && made.get(index).is_none_or(Option::is_none);
        let Some(id) = check.id.as_ref().filter(|_| is_open) else {
            continue;
        };
        let subject = Subject::Check {
            owner: owner.clone(),
            check: id.clone(),
        };
        if !run.is_attested(&subject) {
            wanted.push(Wanted::new(
                "--attest",
                &format!("{owner}.{id}=WHO"),
                &label::check(check, run),
            ));
        }
    }
}

/// The ways between nodes: who leads to whom.
struct Ways<'a> {
    run: &'a dyn View,
    into: HashMap<&'a NodeId, Vec<Way<'a>>>,
}

struct Way<'a> {
    from: &'a NodeId,
    /// Whether it is taken once its beginning has succeeded, as far as that is known.
    on_success: bool,
}

impl<'a> Ways<'a> {
    fn new(run: &'a dyn View) -> Self {
        let mut into: HashMap<&NodeId, Vec<Way<'_>>> = HashMap::new();
        for node in run.runbook().nodes.values() {
            let mut lead = |to: &'a [NodeId], on_success: bool| {
                for to in to {
                    into.entry(to).or_default().push(Way {
                        from: &node.id,
                        on_success,
                    });
                }
            };
            lead(node.links.next.nodes(), true);
            match &node.kind {
                NodeKind::Question(Question {
                    form: Form::Choices(choices),
                    ..
                }) => {
                    let answer = run.answer(&node.id).and_then(|answer| answer.as_str());
                    for (id, choice) in choices {
                        lead(
                            Next::nodes(&choice.next),
                            answer.is_none_or(|answer| answer == id.as_str()),
                        );
                    }
                }
                NodeKind::Question(_) => {}
                NodeKind::Action(action) => lead(&action.on_failure, false),
            }
        }
        Self { run, into }
    }

    /// Whether a node that has not run may still run.
    fn open(&self, id: &'a NodeId, known: &mut HashMap<&'a NodeId, bool>) -> bool {
        if let Some(open) = known.get(id) {
            return *open;
        }
        let open = self.look(id, known);
        known.insert(id, open);
        open
    }

    fn look(&self, id: &'a NodeId, known: &mut HashMap<&'a NodeId, bool>) -> bool {
        let Some(node) = self.run.runbook().nodes.get(id) else {
            return false;
        };
        let lost = |needed: &NodeId| {
            matches!(
                self.run.state(needed),
                State::Failed | State::Blocked | State::Cancelled
            )
        };
        if node.links.needs.iter().any(lost) {
            return false;
        }
        let Some(ways) = self.into.get(id) else {
            return true;
        };
        let mut passable = ways.iter().map(|way| match self.run.state(way.from) {
            State::Succeeded => way.on_success,
            State::NotNeeded => way.on_success,
            State::Failed => !way.on_success,
            State::Pending => self.open(way.from, known),
            State::Ready | State::Waiting | State::Running | State::InDoubt => true,
            State::NotTaken | State::Blocked | State::Cancelled => false,
        });
        match node.links.join {
            Join::Any => passable.any(|open| open),
            Join::All => passable.all(|open| open),
        }
    }
}
