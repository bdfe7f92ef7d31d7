//! What events change.

use crate::graph::Position;
use crate::model::NodeId;

use super::event::{Event, Outcome, Record, Subject};
use super::ledger::Entry;
use super::progress::{Attestation, Checked, Ending, Given, Phase};
use super::traversal::{Facts, Traversal};
use super::verdict::{State, Why};

/// An event that does not fit the run: its journal is not of this runbook.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {seq} does not fit this run: {problem}")]
pub struct Unfit {
    /// The record.
    pub seq: u64,
    /// What is wrong with it.
    pub problem: String,
}

impl Traversal {
    /// Takes up an event that is on record.
    ///
    /// # Errors
    ///
    /// When the event speaks of something that this run does not have.
    pub fn apply(&mut self, record: &Record) -> Result<(), Unfit> {
        if let Some(facts) = &mut self.facts {
            facts.last = record.at;
        }
        let unfit = |problem| Unfit {
            seq: record.seq,
            problem,
        };
        self.note_use(&record.event);
        self.letters.extend(record.letter.clone());
        self.apply_event(record).map_err(unfit)?;
        self.apply_to_undo(&record.event).map_err(unfit)?;
        self.ledger.extend(Entry::of(record));
        Ok(())
    }

    fn apply_event(&mut self, record: &Record) -> Result<(), String> {
        match &record.event {
            Event::RunStarted {
                run,
                by,
                folder,
                digest,
                ..
            } => {
                self.facts = Some(Facts {
                    id: run.clone(),
                    started: record.at,
                    by: by.clone(),
                    digest: digest.clone(),
                    folder: folder.clone(),
                    last: record.at,
                });
                self.remember_start(record);
            }
            Event::RunResumed { .. } => {
                self.ended = None;
                self.resume();
            }
            Event::Locked { key } => self.key = Some(key.clone()),
            Event::LockBroken { .. } => {}
            Event::RunCancelled { by, .. } => self.cancelled_by = Some(by.clone()),
            Event::Detected { question, value, .. } => {
                let question = self.known(question)?;
                self.progress_mut(question).detected = Some(value.clone());
            }
            Event::Suggested { question, values } => {
                let question = self.known(question)?;
                self.progress_mut(question).suggested = Some(values.clone());
            }
            Event::Answered {
                question, value, by, ..
            } => {
                let given = Given {
                    value: value.clone(),
                    by: by.clone(),
                    at: record.at,
                };
                self.apply_answer(question, given)?;
            }
            Event::AnswerTakenBack { question, .. } => self.apply_taking_back(question)?,
            Event::Guarded { node, needed } => {
                let position = self.known(node)?;
                if *needed {
                    self.progress_mut(position).guarded = true;
                    self.update_if_open(position);
                } else {
                    let when = self.node(position).links.when.as_ref();
                    let why = when.map(|when| Why::Guard(when.0.clone()));
                    self.end(position, State::NotNeeded, why);
                }
            }
            Event::Prepared { node, work } => {
                let node = self.known(node)?;
                self.progress_mut(node).work = Some(work.clone());
            }
            Event::Confirmed { node, .. } => {
                let node = self.known(node)?;
                self.progress_mut(node).confirmed = true;
            }
            Event::Declined { node, by } => {
                let node = self.known(node)?;
                self.end(node, State::Cancelled, Some(Why::Declined(by.name.clone())));
            }
            Event::Reached { node } => {
                let node = self.known(node)?;
                self.work_is_done(node);
            }
            Event::Started { node, attempt } => {
                let node = self.known(node)?;
                let progress = self.progress_mut(node);
                progress.attempts = *attempt;
                progress.began = Some(record.at);
                progress.running = None;
                progress.phase = Phase::Running;
                progress.checks.clear();
                self.update_if_open(node);
            }
            Event::Spawned { node, running, .. } => {
                let node = self.known(node)?;
                self.progress_mut(node).running = Some(*running);
            }
            Event::Recalled { node, captures } => {
                let position = self.known(node)?;
                self.progress_mut(position).recalled = true;
                self.remember_captures(node, captures);
            }
            Event::Finished {
                node,
                outcome,
                captures,
                ..
            } => {
                let position = self.known(node)?;
                self.progress_mut(position).running = None;
                self.remember_captures(node, captures);
                match outcome {
                    outcome if outcome.is_success() => self.work_is_done(position),
                    Outcome::Interrupted => self.doubt(position),
                    outcome => self.attempt_failed(position, outcome.to_string()),
                }
            }
            Event::Waited { node } => {
                let node = self.known(node)?;
                self.progress_mut(node).phase = Phase::Ahead;
            }
            Event::Failed { node, reason } => {
                let node = self.known(node)?;
                self.progress_mut(node).running = None;
                self.end(node, State::Failed, Some(Why::Itself(reason.clone())));
            }
            Event::Checked {
                owner,
                check,
                verdict,
                evidence,
                by,
            } => {
                let checked = Checked {
                    verdict: *verdict,
                    evidence: evidence.clone(),
                    by: by.clone(),
                };
                self.apply_check(owner, *check, checked)?;
            }
            Event::Attested {
                subject,
                by,
                note,
                in_advance,
                ..
            } => {
                let attestation = Attestation {
                    by: by.clone(),
                    note: note.clone(),
                    in_advance: *in_advance,
                };
                if let Subject::Gate(gate) = subject
                    && let Some(gate) = self.gates.get_mut(gate)
                {
                    gate.refused = None;
                }
                self.attested.insert(subject.clone(), attestation);
            }
            Event::Refused { subject, by, note } => self.apply_refusal(subject, by, note.as_deref())?,
            Event::Resolved {
                node,
                how,
                by,
                reason,
                captures,
            } => {
                self.remember_captures(node, captures);
                self.apply_resolution(node, *how, by, reason)?;
            }
            Event::Decided {
                gate, outcome, by, ..
            } => {
                self.known_gate(gate)?.decided = Some((outcome.clone(), by.clone()));
            }
            Event::Waived { gate, by, reason } => {
                self.known_gate(gate)?.waived = Some((by.clone(), reason.clone()));
            }
            Event::GateGuarded {
                gate,
                applies,
                problem,
            } => {
                let verdict = applies.ok_or_else(|| problem.clone().unwrap_or_default());
                self.known_gate(gate)?.applies = Some(verdict);
            }
            // An undo runs in a group of its own, in the place of its action.
            Event::UndoStarted { node, .. } | Event::Undone { node, .. } => {
                let node = self.known(node)?;
                self.progress_mut(node).running = None;
            }
            // These change nothing but the undoing.
            Event::UndoBegun { .. }
            | Event::UndoPrepared { .. }
            | Event::UndoConfirmed { .. }
            | Event::UndoDeclined { .. }
            | Event::UndoResolved { .. }
            | Event::UndoEnded { .. } => {}
            Event::RunEnded { state, .. } => self.ended = Some(*state),
        }
        Ok(())
    }

    pub(super) fn known(&self, node: &NodeId) -> Result<Position, String> {
        self.position(node)
            .ok_or_else(|| format!("the runbook has no node `{node}`"))
    }

    /// The node has ended; what follows is decided.
    pub(super) fn end(&mut self, node: Position, state: State, why: Option<Why>) {
        self.progress_mut(node).ending = Some(Ending { state, why });
        self.update_if_open(node);
    }

    /// What is on record of a node may come before its way is decided, as an answer given up front does.
    pub(super) fn update_if_open(&mut self, node: Position) {
        if self.flow.questions.contains(&node) || self.flow.actions.contains(&node) {
            self.update(node);
        }
    }

    fn work_is_done(&mut self, node: Position) {
        self.progress_mut(node).phase = Phase::Verifying;
        self.progress_mut(node).checks.clear();
        self.conclude_checks(node);
        self.update_if_open(node);
    }

    pub(super) fn attempt_failed(&mut self, position: Position, why: String) {
        let retry = self.node(position).action().and_then(|action| action.retry);
        let progress = self.progress_mut(position);
        progress.failures += 1;
        if retry.is_some_and(|retry| progress.failures <= retry.times) {
            progress.phase = Phase::Pausing;
            self.update_if_open(position);
        } else {
            self.end(position, State::Failed, Some(Why::Itself(why)));
        }
    }
}
