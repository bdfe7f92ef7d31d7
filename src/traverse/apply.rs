//! What events change.

use crate::graph::Position;
use crate::model::{Effect, NodeId, NodeKind, OnInterrupt, Value, Work, plain};

use super::event::{Event, Outcome, Owner, Person, Record, Resolution, Subject};
use super::progress::{Attestation, Checked, Ending, Phase};
use super::traversal::{Facts, Traversal};
use super::verdict::{State, Verdict, Why};

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
        let line = self.timeline_line(&record.event);
        self.apply_event(record).map_err(unfit)?;
        self.apply_to_undo(&record.event).map_err(unfit)?;
        if let Some(line) = line {
            self.remember(record.at, line);
        }
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
            } => self.apply_answer(question, value, by)?,
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
                progress.group = None;
                progress.phase = Phase::Running;
                progress.checks.clear();
                self.update_if_open(node);
            }
            Event::Spawned { node, group, .. } => {
                let node = self.known(node)?;
                self.progress_mut(node).group = Some(*group);
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
                self.progress_mut(position).group = None;
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
                self.progress_mut(node).group = None;
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
                self.progress_mut(node).group = None;
            }
            // These change nothing but the undoing.
            Event::UndoBegun { .. }
            | Event::UndoPrepared { .. }
            | Event::UndoConfirmed { .. }
            | Event::UndoDeclined { .. }
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
    fn update_if_open(&mut self, node: Position) {
        if self.flow.questions.contains(&node) || self.flow.actions.contains(&node) {
            self.update(node);
        }
    }

    fn apply_answer(&mut self, question: &NodeId, value: &Value, by: &Person) -> Result<(), String> {
        let position = self.known(question)?;
        self.given.insert(question.clone(), (value.clone(), by.clone()));
        self.update_if_open(position);
        Ok(())
    }

    /// A question that can be asked and has an answer is answered.
    pub(super) fn use_answer(&mut self, position: Position) {
        let node = self.node(position);
        let guard_is_open = node.links.when.is_some()
            && !self.progress[position]
                .as_ref()
                .is_some_and(|progress| progress.guarded);
        if node.question().is_none() || guard_is_open {
            return;
        }
        let Some((value, _)) = self.given.get(&node.id) else {
            return;
        };
        let (id, value) = (node.id.clone(), value.clone());
        // Only here does it become a value that templates know: an answer to what is never asked changes nothing.
        self.remember_answer(&id, &value);
        let progress = self.progress_mut(position);
        if progress.ending.is_none() {
            progress.ending = Some(Ending {
                state: State::Succeeded,
                why: None,
            });
        }
        self.decide_by_answer(position);
    }

    fn work_is_done(&mut self, node: Position) {
        self.progress_mut(node).phase = Phase::Verifying;
        self.progress_mut(node).checks.clear();
        self.conclude_checks(node);
        self.update_if_open(node);
    }

    fn attempt_failed(&mut self, position: Position, why: String) {
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

    fn apply_check(&mut self, owner: &Owner, check: usize, checked: Checked) -> Result<(), String> {
        let wanted = self.checks_of(owner).len();
        if check >= wanted {
            return Err(format!("`{owner}` has no check {check}"));
        }
        match owner {
            Owner::Gate(gate) => {
                let checks = &mut self.known_gate(gate)?.checks;
                checks.resize(wanted, None);
                checks[check] = Some(checked);
            }
            Owner::Node(node) => {
                let position = self.known(node)?;
                let checks = &mut self.progress_mut(position).checks;
                checks.resize(wanted, None);
                checks[check] = Some(checked);
                self.conclude_checks(position);
            }
        }
        Ok(())
    }

    /// Ends an action when its checks tell how it ended. People are asked only when the machine's checks held.
    fn conclude_checks(&mut self, position: Position) {
        let Some(action) = self.node(position).action() else {
            return;
        };
        let mut checks = action.verify.clone();
        let done = self.progress_mut(position).checks.clone();
        let verdict_of = |index: usize| done.get(index).cloned().flatten();
        let open = |machines: bool| {
            checks
                .iter()
                .enumerate()
                .any(|(index, check)| check.is_a_persons() != machines && verdict_of(index).is_none())
        };
        let (machine_open, person_open) = (open(true), open(false));
        let broken = (0..checks.len()).find_map(|index| {
            verdict_of(index)
                .filter(|c| c.verdict != Verdict::Held)
                .map(|c| (index, c))
        });
        match broken {
            Some(_) if machine_open => {}
            Some((index, checked)) => {
                let why = self.why_check(&checks.swap_remove(index), &checked);
                if self.progress_mut(position).phase == Phase::VerifyingDoubt {
                    self.progress_mut(position).phase = Phase::Doubt;
                    self.update_if_open(position);
                } else if checked.by.is_some() {
                    // A person's no is not tried again by itself.
                    self.end(position, State::Failed, Some(Why::Itself(why)));
                } else {
                    self.attempt_failed(position, why);
                }
            }
            None if machine_open || person_open => {}
            None if self.progress_mut(position).phase == Phase::VerifyingDoubt
                && !self.captures_wanted(&self.node(position).id).is_empty() =>
            {
                self.progress_mut(position).phase = Phase::Doubt;
                self.update_if_open(position);
            }
            None => self.end(position, State::Succeeded, None),
        }
    }

    fn why_check(&self, check: &crate::model::Check, checked: &Checked) -> String {
        let title = self.described(check);
        match checked.verdict {
            Verdict::Unknown => format!("check `{title}` could not be carried out: {}", checked.evidence),
            _ => format!("check `{title}` failed: {}", checked.evidence),
        }
    }

    fn apply_refusal(&mut self, subject: &Subject, by: &Person, note: Option<&str>) -> Result<(), String> {
        let evidence = note.unwrap_or("said no").to_owned();
        match subject {
            Subject::Node(node) => {
                let node = self.known(node)?;
                let why = Why::Itself(format!("{by} says that it is not done: {evidence}"));
                self.end(node, State::Failed, Some(why));
            }
            Subject::Gate(gate) => self.known_gate(gate)?.refused = Some(by.clone()),
            Subject::Check { owner, check } => {
                let checks = self.checks_of(owner);
                let index = checks
                    .iter()
                    .position(|c| c.id.as_ref() == Some(check))
                    .ok_or_else(|| format!("`{owner}` has no check `{check}`"))?;
                let verdict = if checks[index].negated {
                    Verdict::Held
                } else {
                    Verdict::Failed
                };
                let checked = Checked {
                    verdict,
                    evidence,
                    by: Some(by.clone()),
                };
                self.apply_check(owner, index, checked)?;
            }
        }
        Ok(())
    }

    fn apply_resolution(
        &mut self,
        node: &NodeId,
        how: Resolution,
        by: &Person,
        reason: &str,
    ) -> Result<(), String> {
        let position = self.known(node)?;
        let destroys = self
            .node(position)
            .action()
            .is_some_and(|action| action.effect == Effect::Destroy);
        if how == Resolution::Rerun {
            // What was said of the attempt before says nothing of the next.
            self.attested
                .retain(|subject, _| subject.owner() != Owner::Node(node.clone()));
        }
        let progress = self.progress_mut(position);
        progress.ending = None;
        progress.group = None;
        progress.checks.clear();
        progress.failures = 0;
        match how {
            Resolution::Done => progress.phase = Phase::Verifying,
            Resolution::Rerun => {
                progress.phase = Phase::Ahead;
                // Asking for it once more is agreeing to what was shown before; what destroys is agreed to each time.
                progress.confirmed = progress.work.is_some() && !destroys;
            }
            Resolution::Skip => {
                progress.ending = Some(Ending {
                    state: State::NotNeeded,
                    why: Some(Why::Skipped {
                        by: by.name.clone(),
                        reason: reason.to_owned(),
                    }),
                });
            }
        }
        if how == Resolution::Done {
            self.conclude_checks(position);
        }
        self.derive_flow();
        Ok(())
    }

    /// The run is taken up again: what was under way is in doubt, and gates are looked at afresh.
    fn resume(&mut self) {
        for gate in self.gates.values_mut() {
            gate.applies = None;
            gate.seen = std::mem::take(&mut gate.checks);
            gate.refused = None;
        }
        let under_way: Vec<Position> = self.flow.running.iter().copied().collect();
        for position in under_way {
            if self.progress_mut(position).phase == Phase::Running {
                self.doubt(position);
            }
        }
    }

    fn doubt(&mut self, position: Position) {
        let NodeKind::Action(action) = &self.node(position).kind else {
            return;
        };
        let has_machine_checks = action.verify.iter().any(|check| !check.is_a_persons());
        // Reading once more harms nobody, and a file with the same content is as good as written.
        let repeatable = action.effect == Effect::Read || matches!(action.work, Work::Write(_));
        let phase = match action.on_interrupt {
            OnInterrupt::Fail => {
                let why = Why::Itself("it was interrupted".to_owned());
                return self.end(position, State::Failed, Some(why));
            }
            _ if repeatable => Phase::Ahead,
            OnInterrupt::Retry => Phase::Ahead,
            OnInterrupt::Verify if has_machine_checks => Phase::VerifyingDoubt,
            OnInterrupt::Ask | OnInterrupt::Verify => Phase::Doubt,
        };
        let progress = self.progress_mut(position);
        progress.phase = phase;
        progress.recalled = false;
        progress.checks.clear();
        self.update_if_open(position);
    }

    /// What an event adds to the timeline of the run, where it adds something.
    fn timeline_line(&self, event: &Event) -> Option<String> {
        let title = |node: &NodeId| {
            self.runbook
                .nodes
                .get(node)
                .map_or_else(|| node.to_string(), |node| node.title().to_owned())
        };
        Some(match event {
            Event::RunStarted { by, .. } => format!("{by} started the run"),
            Event::RunResumed { by } => format!("{by} resumed the run"),
            Event::LockBroken {
                key,
                from,
                to,
                by,
                reason,
            } => format!("{by} took `{key}` from run {from} for run {to}: {reason}"),
            Event::RunCancelled { by, reason } => match reason {
                Some(reason) => format!("{by} gave the run up: {reason}"),
                None => format!("{by} gave the run up"),
            },
            Event::Answered {
                question, value, by, ..
            } => format!("{} {} ({by})", title(question), plain(value)),
            Event::Finished { node, outcome, .. } if outcome.is_success() => format!("{}: done", title(node)),
            Event::Finished { node, outcome, .. } => format!("{}: {outcome}", title(node)),
            Event::Undone { node, outcome, .. } if outcome.is_success() => format!("{}: undone", title(node)),
            Event::Undone { node, outcome, .. } => format!("{}: not undone: {outcome}", title(node)),
            Event::UndoDeclined { node, by } => format!("{}: {by} declined to undo it", title(node)),
            Event::Failed { node, reason } => format!("{}: {reason}", title(node)),
            Event::Declined { node, by } => format!("{}: declined by {by}", title(node)),
            Event::Attested {
                subject, by, note, ..
            } => match note {
                Some(note) => format!("{by} attested `{subject}`: {note}"),
                None => format!("{by} attested `{subject}`"),
            },
            Event::Refused { subject, by, .. } => format!("{by} said no to `{subject}`"),
            Event::Decided {
                gate, outcome, by, ..
            } => format!("{by} decided `{gate}`: {outcome}"),
            Event::Waived { gate, by, reason } => format!("{by} waived `{gate}`: {reason}"),
            Event::Resolved {
                node,
                how,
                by,
                reason,
                ..
            } => {
                format!("{}: {by} resolved it as {how}: {reason}", title(node))
            }
            Event::Checked {
                owner: Owner::Node(node),
                check,
                verdict,
                evidence,
                ..
            } => {
                let check = self.checks_of(&Owner::Node(node.clone())).get(*check)?;
                let title = check.title.clone().unwrap_or_else(|| title(node));
                match verdict {
                    Verdict::Held => format!("checked: {title}"),
                    verdict => format!("check {verdict}: {title}: {evidence}"),
                }
            }
            _ => return None,
        })
    }
}
