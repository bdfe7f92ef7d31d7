//! What people say becomes an event, or is rejected with what to say instead. Flags, prompts and files all come through here.

use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::diagnostic::nearest;
use crate::model::{CaptureId, CheckId, Gate, GateId, Node, NodeId, NodeKind, OutcomeId, Value, Work};

use super::event::{Event, Owner, Person, Resolution, Source, Subject};
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
            Word::Attest { subject, note } => self.hear_attestation(subject, by, note),
            Word::Refuse { subject, note } => {
                self.subject_exists(&subject)?;
                Ok(Event::Refused { subject, by, note })
            }
            Word::Decide { gate, outcome, note } => self.hear_decision(&gate, &outcome, by, note),
            Word::Confirm(node) => {
                self.action(&node)?;
                Ok(Event::Confirmed { node, by })
            }
            Word::Decline(node) => {
                self.action(&node)?;
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

    fn hear_answer(
        &self,
        question: NodeId,
        text: &str,
        by: Person,
        source: Source,
    ) -> Result<Event, Rejected> {
        let asked = self
            .runbook
            .nodes
            .get(&question)
            .and_then(Node::question)
            .ok_or_else(|| {
                let questions = self
                    .runbook
                    .nodes
                    .values()
                    .filter(|node| node.question().is_some());
                unknown(
                    "question",
                    question.as_str(),
                    questions.map(|node| node.id.as_str()),
                )
            })?;
        let value = asked.read(text).map_err(|why| {
            Rejected::new(format!("the answer to `{question}` {why}, and not `{text}`"), "")
        })?;
        if let Some(before) = self.answer(&question)
            && *before != value
        {
            return Err(Rejected::new(
                format!(
                    "`{question}` was answered `{}` before",
                    crate::model::plain(before)
                ),
                "an answer that is on record stays; start a new run to answer otherwise",
            ));
        }
        Ok(Event::Answered {
            question,
            value,
            by,
            source,
        })
    }

    fn hear_attestation(
        &self,
        subject: Subject,
        by: Person,
        note: Option<String>,
    ) -> Result<Event, Rejected> {
        self.subject_exists(&subject)?;
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
            return Err(unknown(&format!("outcome of `{}`", gate.id), outcome, outcomes));
        }
        Ok(Event::Decided {
            gate: gate.id.clone(),
            outcome: OutcomeId::from(outcome),
            by,
            note,
            in_advance: !self.nodes_are_settled(),
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
        let all = self.attestable();
        let typed = subject.to_string();
        Err(unknown(
            "thing that a person attests",
            &typed,
            all.iter().map(String::as_str),
        ))
    }

    fn attestable(&self) -> Vec<String> {
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

    /// The digest of what there is to see for a statement: what the machine's checks of its owner saw.
    fn seen(&self, subject: &Subject) -> String {
        let mut digest = Sha256::new();
        for checked in self.checks(&subject.owner()).into_iter().flatten() {
            digest.update(checked.verdict.to_string());
            digest.update([0]);
            digest.update(checked.evidence);
            digest.update([0]);
        }
        let bytes = digest.finalize();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}

fn unknown<'a>(what: &str, typed: &str, known: impl Iterator<Item = &'a str> + Clone) -> Rejected {
    let help = match nearest(typed, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let all: Vec<String> = known.map(|id| format!("`{id}`")).collect();
            if all.is_empty() {
                format!("this runbook has no {what}")
            } else {
                format!("there are {}", all.join(", "))
            }
        }
    };
    Rejected::new(format!("there is no {what} `{typed}`"), help)
}
