//! What people say becomes an event, or is rejected with what to say instead. Flags, prompts and files all come through here.

use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::diagnostic::nearest;
use crate::model::{CaptureId, CheckId, Gate, GateId, Node, NodeId, NodeKind, OutcomeId, Value, Work};

use super::event::{Event, Owner, Person, Resolution, Subject};
use super::progress::Phase;
use super::traversal::Traversal;
use super::verdict::State;
use super::word::{Rejected, Word};

impl Traversal {
    /// The event that a person's word makes.
    ///
    /// # Errors
    ///
    /// When it speaks of something that is not there, is not allowed, or comes too late.
    pub fn hear(&self, word: Word, by: Person) -> Result<Event, Rejected> {
        match word {
            Word::Answer {
                question,
                text,
                source,
            } => self.hear_answer(question, &text, by, source),
            Word::TakeBack(question) => self.hear_taking_back(question, by),
            Word::Attest { subject, note } => self.hear_attestation(subject, by, note),
            Word::Refuse { subject, note } => {
                self.subject_exists(&subject)?;
                self.is_not_over(&subject.owner())?;
                Ok(Event::Refused { subject, by, note })
            }
            Word::Decide { gate, outcome, note } => self.hear_decision(&gate, &outcome, by, note),
            Word::Confirm(node) if self.is_undoing() => {
                self.action(&node)?;
                Ok(Event::UndoConfirmed { node, by })
            }
            Word::Decline(node) if self.is_undoing() => {
                self.action(&node)?;
                Ok(Event::UndoDeclined { node, by })
            }
            Word::Confirm(node) => {
                self.action(&node)?;
                self.is_not_over(&Owner::Node(node.clone()))?;
                Ok(Event::Confirmed { node, by })
            }
            Word::Decline(node) => {
                self.action(&node)?;
                self.is_not_over(&Owner::Node(node.clone()))?;
                Ok(Event::Declined { node, by })
            }
            Word::Waive { gate, reason } => {
                let gate = self.find_gate(&gate)?.id.clone();
                if reason.trim().is_empty() {
                    return Err(Rejected::new(
                        format!("waiving `{gate}` needs a reason"),
                        format!("say why it may stay open: `--waive {gate}=REASON`"),
                    ));
                }
                Ok(Event::Waived { gate, by, reason })
            }
            Word::Resolve {
                node, how, reason, ..
            } if self.is_undoing() => self.hear_undo_resolution(node, how, by, reason),
            Word::Resolve {
                node,
                how,
                reason,
                set,
            } => {
                let captures = self.hear_captures(&node, how, set)?;
                self.hear_resolution(node, how, by, reason, captures)
            }
        }
    }

    /// Reads what a person's word is about as it is typed: a gate, a manual action, or `NODE.CHECK`.
    ///
    /// # Errors
    ///
    /// When there is no such thing, or nobody can attest it.
    pub fn subject(&self, typed: &str) -> Result<Subject, Rejected> {
        let subject = match typed.split_once('.') {
            Some((owner, check)) => Subject::Check {
                owner: if self.runbook.gates.contains_key(owner) {
                    Owner::Gate(owner.into())
                } else {
                    Owner::Node(owner.into())
                },
                check: CheckId::from(check),
            },
            None if self.runbook.gates.contains_key(typed) => Subject::Gate(typed.into()),
            None => Subject::Node(typed.into()),
        };
        self.subject_exists(&subject)?;
        Ok(subject)
    }

    fn hear_attestation(
        &self,
        subject: Subject,
        by: Person,
        note: Option<String>,
    ) -> Result<Event, Rejected> {
        self.subject_exists(&subject)?;
        self.is_not_over(&subject.owner())?;
        let in_advance = !self.has_come_to(&subject);
        if let Subject::Gate(gate) = &subject
            && in_advance
            && !self.find_gate(gate)?.in_advance
        {
            return Err(Rejected::new(
                format!("`{gate}` cannot be attested in advance"),
                "let the run come to it first, and attest it with `switchback resume`",
            ));
        }
        Ok(Event::Attested {
            seen: (!in_advance).then(|| self.seen(&subject)),
            subject,
            by,
            note,
            in_advance,
        })
    }

    fn hear_decision(
        &self,
        gate: &GateId,
        outcome: &str,
        by: Person,
        note: Option<String>,
    ) -> Result<Event, Rejected> {
        let gate = self.find_gate(gate)?;
        if gate.decide.is_empty() {
            return Err(Rejected::new(
                format!("there is nothing to decide at `{}`", gate.id),
                format!("to state that it holds: `--attest {}=WHO`", gate.id),
            ));
        }
        if !gate.decide.iter().any(|known| known.as_str() == outcome) {
            let outcomes = gate.decide.iter().map(OutcomeId::as_str);
            return Err(Rejected::new(
                format!("`{}` has no outcome `{outcome}`", gate.id),
                instead(outcome, outcomes, "its outcomes are"),
            ));
        }
        let in_advance = !self.nodes_are_settled();
        if in_advance && !gate.in_advance {
            return Err(Rejected::new(
                format!("`{}` cannot be decided in advance", gate.id),
                "let the run come to it first, and decide it with `switchback resume`",
            ));
        }
        Ok(Event::Decided {
            gate: gate.id.clone(),
            outcome: OutcomeId::from(outcome),
            by,
            note,
            in_advance,
        })
    }

    fn hear_resolution(
        &self,
        node: NodeId,
        how: Resolution,
        by: Person,
        reason: String,
        captures: Map<String, Value>,
    ) -> Result<Event, Rejected> {
        let state = self.state(&node);
        if !matches!(state, State::Failed | State::InDoubt | State::Cancelled) || self.why_is_halt(&node) {
            return Err(Rejected::new(
                format!(
                    "`{node}` is {}: there is nothing to resolve",
                    state.as_str().replace('_', " ")
                ),
                "only a step that failed, is in doubt or was declined can be resolved",
            ));
        }
        let handled = self
            .position(&node)
            .is_some_and(|position| self.flow.recoveries.contains(&position));
        if handled {
            return Err(Rejected::new(
                format!("the failure of `{node}` is handled: the run went on with its `on_failure`"),
                "start a new run to go the other way",
            ));
        }
        if reason.trim().is_empty() {
            return Err(Rejected::new(
                format!("resolving `{node}` needs a reason"),
                "say what was done about it: `--reason TEXT`",
            ));
        }
        let mut wanted = self.captures_wanted(&node);
        wanted.retain(|capture| !captures.contains_key(capture.as_str()));
        if how == Resolution::Done && !wanted.is_empty() {
            let flags: Vec<String> = wanted
                .iter()
                .map(|capture| format!("--set {node}.{capture}=VALUE"))
                .collect();
            return Err(Rejected::new(
                format!("what comes after `{node}` uses values that it would have printed"),
                format!("say what they are: `{}`", flags.join(" ")),
            ));
        }
        Ok(Event::Resolved {
            node,
            how,
            by,
            reason,
            captures,
        })
    }

    /// The values that a person gives to the captures of a step.
    fn hear_captures(
        &self,
        node: &NodeId,
        how: Resolution,
        set: Vec<(CaptureId, String)>,
    ) -> Result<Map<String, Value>, Rejected> {
        let action = self.action(node)?.action();
        if how != Resolution::Done && !set.is_empty() {
            return Err(Rejected::new(
                format!("`{node}` is to be {how}: then it has no values to be set"),
                format!("values go with `--resolve {node}=done`"),
            ));
        }
        let mut captures = Map::new();
        for (id, text) in set {
            let capture = action
                .and_then(|action| action.work.capture(&id))
                .ok_or_else(|| {
                    let known = action.into_iter().flat_map(|action| action.work.captures());
                    let known: Vec<&str> = known.map(CaptureId::as_str).collect();
                    unknown(&format!("capture of `{node}`"), id.as_str(), known.into_iter())
                })?;
            captures.insert(id.to_string(), capture.typed(text));
        }
        Ok(captures)
    }

    /// What is said of a node that has ended comes too late to matter.
    fn is_not_over(&self, owner: &Owner) -> Result<(), Rejected> {
        match owner {
            Owner::Node(node)
                if self
                    .recorded(node)
                    .is_some_and(|progress| progress.ending.is_some()) =>
            {
                let state = self.state(node).as_str().replace('_', " ");
                Err(Rejected::new(
                    format!("`{node}` has ended already: it is {state}"),
                    "leave this out; to have a failed step done anew: `--resolve`",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Whether a node only looks cancelled because the run was stopped before it.
    fn why_is_halt(&self, node: &NodeId) -> bool {
        self.position(node)
            .is_some_and(|node| !self.flow.states[node].is_final() && !self.flow.in_doubt.contains(&node))
    }

    fn action(&self, node: &NodeId) -> Result<&Node, Rejected> {
        let action = self
            .runbook
            .nodes
            .get(node)
            .filter(|node| node.action().is_some());
        action.ok_or_else(|| {
            if self.runbook.nodes.contains_key(node) {
                return Rejected::new(
                    format!("`{node}` is a question, not an action"),
                    format!("to answer it: `--answer {node}=VALUE`"),
                );
            }
            let actions = self.runbook.nodes.values().filter(|node| node.action().is_some());
            unknown("action", node.as_str(), actions.map(|node| node.id.as_str()))
        })
    }

    fn find_gate(&self, gate: &GateId) -> Result<&Gate, Rejected> {
        let known = self.runbook.gates.keys().map(GateId::as_str);
        self.runbook
            .gates
            .get(gate)
            .ok_or_else(|| unknown("gate", gate.as_str(), known))
    }

    fn subject_exists(&self, subject: &Subject) -> Result<(), Rejected> {
        let exists = match subject {
            Subject::Gate(gate) => self.find_gate(gate)?.attest.is_some(),
            Subject::Node(node) => self
                .runbook
                .nodes
                .get(node)
                .and_then(Node::action)
                .is_some_and(|action| matches!(action.work, Work::Manual(_))),
            Subject::Check { owner, check } => self
                .checks_of(owner)
                .iter()
                .any(|known| known.is_a_persons() && known.id.as_ref() == Some(check)),
        };
        if exists {
            return Ok(());
        }
        let typed = subject.to_string();
        let (message, instead_of) = self.not_attested(subject, &typed);
        let help = instead_of.unwrap_or_else(|| {
            let all = self.attestable();
            match all.as_slice() {
                [] => "this runbook asks nobody for a statement".to_owned(),
                all => instead(&typed, all.iter().map(String::as_str), "what can be attested:"),
            }
        });
        Err(Rejected::new(message, help))
    }

    /// Why nobody attests this, and what to say instead where that is known.
    fn not_attested(&self, subject: &Subject, typed: &str) -> (String, Option<String>) {
        match subject {
            Subject::Gate(gate) => {
                let gate = self.runbook.gates.get(gate);
                let decides = gate.is_some_and(|gate| !gate.decide.is_empty());
                let message = if decides {
                    format!("`{typed}` is decided, not attested")
                } else {
                    format!("`{typed}` is closed by its checks, not by a statement")
                };
                let help = if decides {
                    format!("write `--decide {typed}=OUTCOME:WHO`")
                } else {
                    format!("to let it go: `--waive {typed}=REASON`")
                };
                (message, Some(help))
            }
            Subject::Node(node) => match self.runbook.nodes.get(node).map(|node| &node.kind) {
                Some(NodeKind::Question(_)) => (
                    format!("`{typed}` is a question: it is answered, not attested"),
                    Some(format!("write `--answer {typed}=VALUE`")),
                ),
                Some(NodeKind::Action(_)) => (
                    format!("`{typed}` is not done by hand, so nobody attests it"),
                    Some(format!("to say that it may be done: `--confirm {typed}`")),
                ),
                None => (format!("there is nothing to attest called `{typed}`"), None),
            },
            Subject::Check { .. } => (format!("there is no check `{typed}` that a person answers"), None),
        }
    }

    /// What people can attest, by the ids that `--attest` takes.
    pub fn attestable(&self) -> Vec<String> {
        let mut all = Vec::new();
        for node in self.runbook.nodes.values() {
            if let NodeKind::Action(action) = &node.kind {
                if matches!(action.work, Work::Manual(_)) {
                    all.push(node.id.to_string());
                }
                let persons = action.verify.iter().filter(|check| check.is_a_persons());
                all.extend(persons.filter_map(|check| Some(format!("{}.{}", node.id, check.id.as_ref()?))));
            }
        }
        for gate in self.runbook.gates.values() {
            if gate.attest.is_some() {
                all.push(gate.id.to_string());
            }
            let persons = gate.verify.iter().filter(|check| check.is_a_persons());
            all.extend(persons.filter_map(|check| Some(format!("{}.{}", gate.id, check.id.as_ref()?))));
        }
        all
    }

    /// Whether the run has come to what a person speaks of, so that there is something to see.
    fn has_come_to(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Gate(_)
            | Subject::Check {
                owner: Owner::Gate(_),
                ..
            } => self.facts.is_some() && self.nodes_are_settled(),
            Subject::Node(node) => self.recorded(node).is_some_and(|p| p.work.is_some()),
            Subject::Check {
                owner: Owner::Node(node),
                ..
            } => self.recorded(node).is_some_and(|p| {
                matches!(p.phase, Phase::Verifying | Phase::VerifyingDoubt) && p.ending.is_none()
            }),
        }
    }

    /// The digest of what there is to see for a statement: its text, and what the machine's checks of its owner saw last.
    fn seen(&self, subject: &Subject) -> String {
        let (text, checks) = match subject {
            Subject::Node(node) => (self.work(node).map(|work| format!("{work:?}")), Vec::new()),
            Subject::Gate(id) => {
                let attest = self.runbook.gates.get(id).and_then(|gate| gate.attest.as_ref());
                let gate = self.gates.get(id).cloned().unwrap_or_default();
                let seen = if gate.checks.is_empty() {
                    gate.seen
                } else {
                    gate.checks
                };
                (attest.map(|text| self.text(text)), seen)
            }
            Subject::Check { owner, check } => {
                let known = self
                    .checks_of(owner)
                    .iter()
                    .find(|known| known.id.as_ref() == Some(check));
                (known.map(|check| self.described(check)), self.checks(owner))
            }
        };
        let mut digest = Sha256::new();
        digest.update(text.unwrap_or_default());
        for checked in checks.into_iter().flatten() {
            digest.update([0]);
            digest.update(checked.verdict.to_string());
            digest.update([0]);
            digest.update(checked.evidence);
        }
        let bytes = digest.finalize();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}

/// How many names a message lists.
const LISTED: usize = 12;

pub(super) fn unknown<'a>(what: &str, typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> Rejected {
    let help = if known.clone().next().is_none() {
        format!("this runbook has no {what}")
    } else {
        instead(typed, known, &format!("the runbook's {what}s are"))
    };
    Rejected::new(format!("there is no {what} `{typed}`"), help)
}

/// The name that was most likely meant, else those that there are.
fn instead<'a>(typed: &str, known: impl Iterator<Item = &'a str> + Clone, there_are: &str) -> String {
    if let Some(near) = nearest(typed, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let more = known.clone().count().saturating_sub(LISTED);
    let all: Vec<String> = known.take(LISTED).map(|id| format!("`{id}`")).collect();
    let and_more = if more == 0 {
        String::new()
    } else {
        format!(" and {more} more")
    };
    format!("{there_are} {}{and_more}", all.join(", "))
}
