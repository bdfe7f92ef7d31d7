//! What templates can tell of a run: `nodes.NODE.state`, and the lists below `run`. All of it is made when a template asks, and not before.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::json;

use crate::model::{
    Check, Form, GateId, Invocation, Kind, Node, NodeId, NodeKind, Runbook, Value, Work, elapsed, plain,
};
use crate::template::{NodeStates, RunRecord, Scope};

use super::event::{Event, Owner, Person, Rendered, Subject};
use super::gates::gate_verdict;
use super::ledger::Entry;
use super::progress::{Attestation, GateProgress};
use super::shared::Shared;
use super::timeline::{Titles, line};
use super::values::described;
use super::verdict::{GateVerdict, State, Verdict};

/// A run as it stands when a text is made. It shares everything with the run.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    pub(super) runbook: Arc<Runbook>,
    pub(super) states: Arc<Vec<State>>,
    pub(super) halt: Option<State>,
    pub(super) gates: Shared<IndexMap<GateId, GateProgress>>,
    pub(super) attested: Shared<BTreeMap<Subject, Attestation>>,
    pub(super) ledger: Shared<Vec<Entry>>,
    pub(super) scope: Scope,
    /// The node whose work is made with it: what tells is not what is told of.
    pub(super) teller: Option<NodeId>,
}

impl NodeStates for Telling {
    fn state(&self, node: &str) -> Option<&'static str> {
        Some(self.state_of(node)?.as_str())
    }
}

impl RunRecord for Telling {
    fn told(&self, name: &str) -> Option<Value> {
        Some(match name {
            "now" => Value::from(time(self.now()?)),
            "elapsed" => {
                let took = self.now()?.duration_since(self.ledger.first()?.at);
                Value::from(elapsed(took.unsigned_abs()))
            }
            "timeline" => self.timeline(),
            "answers" => self.answers(),
            "done" => self.done(),
            "verified" => self.verified(),
            "gates" => self.gates(|_| true),
            "open_gates" => self.gates(|verdict| !verdict.is_closed()),
            "waivers" => self.waivers(),
            "ahead" => self.ahead(),
            _ => return None,
        })
    }
}

impl Telling {
    fn state_of(&self, node: &str) -> Option<State> {
        let state = *self.states.get(self.runbook.nodes.get_index_of(node)?)?;
        let halted = self
            .halt
            .filter(|_| matches!(state, State::Pending | State::Ready));
        Some(halted.unwrap_or(state))
    }

    /// The time of the last thing that is told of.
    fn now(&self) -> Option<Timestamp> {
        Some(self.ledger.last()?.at)
    }

    fn timeline(&self) -> Value {
        let lines = self.ledger.iter().filter_map(|entry| {
            let line = line(&entry.event, self)?;
            let elsewhere = match entry.is_from_elsewhere {
                true => ", from another terminal",
                false => "",
            };
            let what = line.what + elsewhere;
            Some(json!({ "at": time(entry.at), "what": what, "who": who(line.who), "node": line.about }))
        });
        lines.collect()
    }

    /// Of each question that was asked, the answer that counts.
    fn answers(&self) -> Value {
        let mut answers = IndexMap::new();
        for entry in self.ledger.iter() {
            let Event::Answered {
                question, by, source, ..
            } = &entry.event
            else {
                continue;
            };
            let Some((value, node)) = self
                .scope
                .answers
                .get(question.as_str())
                .zip(self.runbook.nodes.get(question))
            else {
                continue;
            };
            let told = json!({
                "question": question, "title": node.title(), "answer": said(node, value), "long": is_long(node),
                "by": by.name, "source": source, "at": time(entry.at),
            });
            // The last that was said of it counts, and stands where that was said.
            answers.shift_remove(question);
            answers.insert(question, told);
        }
        answers.into_values().collect()
    }

    /// Of each action that was begun, what came of it last.
    fn done(&self) -> Value {
        let mut done: IndexMap<&NodeId, Done> = IndexMap::new();
        let mut commands: BTreeMap<&NodeId, &Invocation<String>> = BTreeMap::new();
        for entry in self.ledger.iter() {
            let (node, what) = match &entry.event {
                Event::Prepared {
                    node,
                    work: Rendered::Run(command),
                } => {
                    commands.insert(node, &command.run);
                    continue;
                }
                Event::Finished {
                    node, outcome, took, ..
                } => {
                    let reason = (!outcome.is_success()).then(|| outcome.to_string());
                    let what = Done {
                        at: entry.at.saturating_sub(*took).unwrap_or(entry.at),
                        took: elapsed(*took),
                        reason: reason.unwrap_or_default(),
                        by: None,
                    };
                    (node, what)
                }
                Event::Attested {
                    subject: Subject::Node(node),
                    by,
                    note,
                    ..
                } => (node, Done::said(entry.at, by, note.clone().unwrap_or_default())),
                Event::Refused {
                    subject: Subject::Node(node),
                    by,
                    note,
                } => (node, Done::said(entry.at, by, note.clone().unwrap_or_default())),
                Event::Declined { node, by } => (node, Done::said(entry.at, by, format!("declined by {by}"))),
                Event::Failed { node, reason } => {
                    let what = Done {
                        at: entry.at,
                        took: String::new(),
                        reason: reason.clone(),
                        by: None,
                    };
                    (node, what)
                }
                Event::Resolved {
                    node,
                    how,
                    by,
                    reason,
                    ..
                } => {
                    let what = done.get(node).map_or(entry.at, |before| before.at);
                    (node, Done::said(what, by, format!("{how}, says {by}: {reason}")))
                }
                Event::Checked {
                    owner: Owner::Node(node),
                    check,
                    verdict,
                    evidence,
                    ..
                } if *verdict != Verdict::Held => {
                    let title = self.check(&Owner::Node(node.clone()), *check);
                    if let Some(done) = done.get_mut(node) {
                        done.reason = format!("{title}: {evidence}");
                    }
                    continue;
                }
                _ => continue,
            };
            done.insert(node, what);
        }
        // What was only said in advance, of a step that the run did not come to, was not done.
        let was_done = |node: &NodeId| {
            let state = self.state_of(node.as_str())?;
            let is_not = matches!(
                state,
                State::NotTaken | State::Blocked | State::Pending | State::Ready
            );
            (!is_not).then_some(state)
        };
        let told = done.into_iter().filter_map(|(node, done)| {
            let state = was_done(node)?;
            Some(json!({
                "node": node,
                "title": self.node(node),
                "state": state.as_str(),
                "command": commands.get(node).map_or_else(String::new, |run| command(run)),
                "took": done.took,
                "reason": done.reason,
                "by": who(done.by),
                "at": time(done.at),
            }))
        });
        told.collect()
    }

    /// Of each check that was carried out, what came of it last.
    fn verified(&self) -> Value {
        let mut verified = IndexMap::new();
        for entry in self.ledger.iter() {
            let Event::Checked {
                owner,
                check,
                verdict,
                evidence,
                by,
            } = &entry.event
            else {
                continue;
            };
            let of = match owner {
                Owner::Node(node) => self.node(node),
                Owner::Gate(gate) => self.gate(gate),
            };
            let told = json!({
                "owner": owner.to_string(), "of": of, "title": self.check(owner, *check),
                "verdict": verdict, "evidence": evidence, "by": who(by.as_ref()), "at": time(entry.at),
            });
            verified.insert((owner, check), told);
        }
        verified.into_values().collect()
    }

    fn gates(&self, wanted: impl Fn(&GateVerdict) -> bool) -> Value {
        let gates = self.runbook.gates.values().zip(self.gates.values());
        let gates = gates.map(|(gate, progress)| (gate, gate_verdict(gate, progress, &self.attested)));
        let told = gates.filter(|(_, verdict)| wanted(verdict)).map(|(gate, verdict)| {
            let by = match &verdict {
                GateVerdict::Met { by } => by.as_ref(),
                GateVerdict::Waived { by, .. } => Some(by),
                _ => None,
            };
            json!({
                "id": gate.id, "title": gate.title, "required": gate.required, "closed": verdict.is_closed(),
                "verdict": verdict.as_str(), "reason": verdict.reason(), "by": who(by),
            })
        });
        told.collect()
    }

    fn waivers(&self) -> Value {
        let waivers = self.ledger.iter().filter_map(|entry| match &entry.event {
            Event::Waived { gate, by, reason } => Some(json!({
                "gate": gate, "title": self.gate(gate), "by": by.name, "reason": reason, "at": time(entry.at),
            })),
            _ => None,
        });
        waivers.collect()
    }

    /// What may still come, but for the step that tells of it.
    fn ahead(&self) -> Value {
        let nodes = self.runbook.nodes.values().filter(|node| {
            let is_work =
                !matches!(&node.kind, NodeKind::Action(action) if matches!(action.work, Work::Milestone));
            let state = self.state_of(node.id.as_str());
            is_work && self.teller.as_ref() != Some(&node.id) && state.is_some_and(|state| !state.is_final())
        });
        nodes
            .map(|node| json!({ "node": node.id, "title": node.title() }))
            .collect()
    }

    fn checks(&self, owner: &Owner) -> &[Check] {
        match owner {
            Owner::Node(id) => {
                let action = self.runbook.nodes.get(id).and_then(Node::action);
                action.map_or(&[], |action| &action.verify)
            }
            Owner::Gate(id) => self.runbook.gates.get(id).map_or(&[], |gate| &gate.verify),
        }
    }

    fn described(&self, check: &Check) -> String {
        let scope = Scope {
            states: Some(Arc::new(self.clone())),
            ..self.scope.clone()
        };
        described(check, &scope)
    }
}

/// An id stands for itself, should the runbook not have it.
impl Titles for Telling {
    fn node(&self, id: &NodeId) -> String {
        let found = self.runbook.nodes.get(id);
        found.map_or_else(|| id.to_string(), |node| node.title().to_owned())
    }

    fn gate(&self, id: &GateId) -> String {
        let found = self.runbook.gates.get(id);
        found.map_or_else(|| id.to_string(), |gate| gate.title.clone())
    }

    fn check(&self, owner: &Owner, index: usize) -> String {
        let found = self.checks(owner).get(index);
        found.map_or_else(|| owner.to_string(), |check| self.described(check))
    }

    fn subject(&self, subject: &Subject) -> String {
        match subject {
            Subject::Node(id) => self.node(id),
            Subject::Gate(id) => self.gate(id),
            Subject::Check { owner, check: id } => {
                let found = self
                    .checks(owner)
                    .iter()
                    .find(|check| check.id.as_ref() == Some(id));
                found.map_or_else(|| id.to_string(), |check| self.described(check))
            }
        }
    }
}

/// What came of an action.
struct Done<'e> {
    at: Timestamp,
    took: String,
    reason: String,
    by: Option<&'e Person>,
}

impl<'e> Done<'e> {
    fn said(at: Timestamp, by: &'e Person, reason: String) -> Self {
        Self {
            at,
            took: String::new(),
            reason,
            by: Some(by),
        }
    }
}

/// A time as templates have it.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn who(by: Option<&Person>) -> &str {
    by.map_or("", |by| by.name.as_str())
}

/// An answer as it was offered to the person who gave it.
fn said(node: &Node, value: &Value) -> String {
    let chosen = value.as_str().and_then(|id| node.choices()?.get(id));
    let label = chosen.and_then(|choice| choice.label.clone());
    label.unwrap_or_else(|| plain(value))
}

/// Whether a question is answered with a text of several lines.
fn is_long(node: &Node) -> bool {
    let form = node.question().map(|question| &question.form);
    matches!(form, Some(Form::Input { domain, .. }) if domain.kind == Kind::Text)
}

/// A command as it reads: a script as it is, words in one line.
fn command(run: &Invocation<String>) -> String {
    match run {
        Invocation::Exec(words) => words.join(" "),
        Invocation::Shell { script, .. } => script.trim().to_owned(),
    }
}
