//! What checks tell of the action that they belong to.

use crate::graph::Position;

use super::event::{Owner, Person, Subject};
use super::progress::{Checked, Phase};
use super::traversal::Traversal;
use super::verdict::{State, Verdict, Why};

impl Traversal {
    pub(super) fn apply_check(
        &mut self,
        owner: &Owner,
        check: usize,
        checked: Checked,
    ) -> Result<(), String> {
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
    pub(super) fn conclude_checks(&mut self, position: Position) {
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

    pub(super) fn why_check(&self, check: &crate::model::Check, checked: &Checked) -> String {
        let title = self.described(check);
        match checked.verdict {
            Verdict::Unknown => format!("check `{title}` could not be carried out: {}", checked.evidence),
            _ => format!("check `{title}` failed: {}", checked.evidence),
        }
    }

    pub(super) fn apply_refusal(
        &mut self,
        subject: &Subject,
        by: &Person,
        note: Option<&str>,
    ) -> Result<(), String> {
        let evidence = note.unwrap_or("said no").to_owned();
        match subject {
            Subject::Node(node) => {
                let node = self.known(node)?;
                let why = Why::Itself(format!("{by} says that it is not done: {evidence}"));
                self.end(node, State::Failed, Some(why));
            }
            // What was stated before is so no more, also when the run is taken up again and somebody is asked anew.
            Subject::Gate(gate) => {
                self.known_gate(gate)?.refused = Some(by.clone());
                self.attested.remove(subject);
            }
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
}
