//! What the record says of each step and gate that the run itself, which knows how they stand, has no use for: when, who, how often.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;

use crate::model::{Node, NodeId, Value, plain};
use crate::traverse::{Event, Outcome, Owner, Person, Record, Source, Subject, Traversal};

use super::make::{command_line, was_asked};
use super::{Answer, Attempt, Beside, CommandLine, Consent, Decision, Detected, Settled, Statement, Waiver};

/// What the record says, by the place of each step and gate in the runbook.
pub(super) struct Fold<'a> {
    run: &'a Traversal,
    beside: &'a dyn Beside,
    pub(super) steps: Vec<OfStep>,
    pub(super) gates: Vec<OfGate>,
    /// When each check was carried out last.
    looked: BTreeMap<(Owner, usize), Timestamp>,
}

#[derive(Default)]
pub(super) struct OfStep {
    pub(super) detected: Option<Detected>,
    pub(super) answer: Option<Answer>,
    pub(super) consent: Option<Consent>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) statements: Vec<Statement>,
    pub(super) resolutions: Vec<Settled>,
    pub(super) undo_command: Option<CommandLine>,
    pub(super) undo_consent: Option<Consent>,
    pub(super) undo_attempts: Vec<Attempt>,
    pub(super) undo_resolutions: Vec<Settled>,
}

#[derive(Default)]
pub(super) struct OfGate {
    pub(super) statements: Vec<Statement>,
    pub(super) decision: Option<Decision>,
    pub(super) waiver: Option<Waiver>,
}

impl<'a> Fold<'a> {
    pub(super) fn of(run: &'a Traversal, records: &[Record], beside: &'a dyn Beside) -> Self {
        let runbook = run.runbook();
        let mut fold = Self {
            run,
            beside,
            steps: runbook.nodes.iter().map(|_| OfStep::default()).collect(),
            gates: runbook.gates.iter().map(|_| OfGate::default()).collect(),
            looked: BTreeMap::new(),
        };
        for record in records {
            fold.take(record);
        }
        fold
    }

    /// When an owner's check was carried out last.
    pub(super) fn looked(&self, owner: &Owner, check: usize) -> Option<Timestamp> {
        self.looked.get(&(owner.clone(), check)).copied()
    }

    fn step(&mut self, node: &NodeId) -> Option<&mut OfStep> {
        let position = self.run.runbook().nodes.get_index_of(node)?;
        self.steps.get_mut(position)
    }

    fn take(&mut self, record: &Record) {
        // What the runbook does not have no record of the run has either: the run was folded from them.
        let _ = self.take_known(record);
    }

    fn take_known(&mut self, record: &Record) -> Option<()> {
        let at = record.at;
        match &record.event {
            Event::Detected {
                question,
                value,
                problem,
            } => {
                self.step(question)?.detected = Some(Detected {
                    value: value.clone(),
                    problem: problem.clone(),
                    at,
                });
            }
            Event::Answered {
                question,
                value,
                by,
                source,
            } => {
                let answer = self.answer(question, value, by, *source, at);
                self.step(question)?.answer = Some(answer);
            }
            Event::AnswerTakenBack { question, .. } => self.step(question)?.answer = None,
            Event::Confirmed { node, by } if was_asked(self.run, node) => {
                self.step(node)?.consent = Some(consent(true, by, at));
            }
            Event::Declined { node, by } => self.step(node)?.consent = Some(consent(false, by, at)),
            Event::Started { node, attempt } => {
                self.step(node)?.attempts.push(started(*attempt, at));
            }
            Event::Finished {
                node, outcome, took, ..
            } => end(&mut self.step(node)?.attempts, outcome, *took),
            Event::Checked { owner, check, .. } => {
                self.looked.insert((owner.clone(), *check), at);
            }
            Event::Attested {
                subject,
                by,
                note,
                in_advance,
                seen,
            } => {
                let statement = Statement {
                    check: checked(subject),
                    holds: true,
                    by: by.clone(),
                    at,
                    note: note.clone(),
                    in_advance: *in_advance,
                    seen: seen.clone(),
                };
                self.state(subject, statement)?;
            }
            Event::Refused { subject, by, note } => {
                let statement = Statement {
                    check: checked(subject),
                    holds: false,
                    by: by.clone(),
                    at,
                    note: note.clone(),
                    in_advance: false,
                    seen: None,
                };
                self.state(subject, statement)?;
            }
            Event::Decided {
                gate,
                outcome,
                by,
                note,
                in_advance,
            } => {
                let position = self.run.runbook().gates.get_index_of(gate)?;
                self.gates[position].decision = Some(Decision {
                    outcome: outcome.to_string(),
                    by: by.clone(),
                    at: Some(at),
                    note: note.clone(),
                    in_advance: *in_advance,
                });
            }
            Event::Waived { gate, by, reason } => {
                let position = self.run.runbook().gates.get_index_of(gate)?;
                self.gates[position].waiver = Some(Waiver {
                    by: by.clone(),
                    at,
                    reason: reason.clone(),
                });
            }
            Event::Resolved {
                node,
                how,
                by,
                reason,
                captures,
            } => self.step(node)?.resolutions.push(Settled {
                how: *how,
                by: by.clone(),
                at,
                reason: reason.clone(),
                captures: captures.clone(),
            }),
            Event::UndoPrepared { node, command } => {
                let command = command_line(command, self.beside);
                self.step(node)?.undo_command = Some(command);
            }
            Event::UndoConfirmed { node, by } => {
                self.step(node)?.undo_consent = Some(consent(true, by, at));
            }
            Event::UndoDeclined { node, by } => {
                self.step(node)?.undo_consent = Some(consent(false, by, at));
            }
            Event::UndoResolved {
                node,
                how,
                by,
                reason,
            } => self.step(node)?.undo_resolutions.push(Settled {
                how: *how,
                by: by.clone(),
                at,
                reason: reason.clone(),
                captures: Map::new(),
            }),
            Event::UndoStarted { node, attempt } => {
                self.step(node)?.undo_attempts.push(started(*attempt, at));
            }
            Event::Undone {
                node, outcome, took, ..
            } => end(&mut self.step(node)?.undo_attempts, outcome, *took),
            _ => {}
        }
        Some(())
    }

    fn answer(&self, question: &NodeId, value: &Value, by: &Person, source: Source, at: Timestamp) -> Answer {
        let node = self.run.runbook().nodes.get(question);
        let choice = node.and_then(|node| node.choices()?.get(plain(value).as_str()));
        Answer {
            value: value.clone(),
            label: choice.and_then(|choice| choice.label.clone()),
            by: by.clone(),
            source,
            at,
        }
    }

    /// Puts down what a person stated, with the step or gate that it is about.
    fn state(&mut self, subject: &Subject, statement: Statement) -> Option<()> {
        if let Subject::Check { owner, check } = subject
            && let Some(index) = self.index(owner, check.as_str())
        {
            self.looked.insert((owner.clone(), index), statement.at);
        }
        let statements = match subject.owner() {
            Owner::Node(node) => &mut self.step(&node)?.statements,
            Owner::Gate(gate) => {
                let position = self.run.runbook().gates.get_index_of(&gate)?;
                &mut self.gates[position].statements
            }
        };
        statements.push(statement);
        Some(())
    }

    fn index(&self, owner: &Owner, check: &str) -> Option<usize> {
        let runbook = self.run.runbook();
        let checks = match owner {
            Owner::Node(id) => &runbook.nodes.get(id).and_then(Node::action)?.verify,
            Owner::Gate(id) => &runbook.gates.get(id)?.verify,
        };
        checks
            .iter()
            .position(|one| one.id.as_ref().is_some_and(|id| id.as_str() == check))
    }
}

fn checked(subject: &Subject) -> Option<String> {
    match subject {
        Subject::Check { check, .. } => Some(check.to_string()),
        Subject::Node(_) | Subject::Gate(_) => None,
    }
}

fn consent(agreed: bool, by: &Person, at: Timestamp) -> Consent {
    Consent {
        agreed,
        by: by.clone(),
        at,
    }
}

fn started(number: u32, started: Timestamp) -> Attempt {
    Attempt {
        number,
        started,
        seconds: None,
        ending: None,
        stdout: None,
        stderr: None,
    }
}

fn end(attempts: &mut [Attempt], outcome: &Outcome, took: Duration) {
    if let Some(last) = attempts.last_mut() {
        last.seconds = Some(took.as_secs_f64());
        last.ending = Some(outcome.into());
    }
}
