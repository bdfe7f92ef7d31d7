//! The completion gates: what is to be done for them, and how they stand.

use std::collections::BTreeMap;

use crate::graph::Position;
use crate::model::{Form, Gate, GateId};

use super::event::{Event, Owner, Subject};
use super::progress::{Attestation, GateProgress};
use super::step::{Hands, Statement, Step};
use super::traversal::Traversal;
use super::verdict::{GateVerdict, Verdict};

impl Traversal {
    /// How a gate stands.
    pub fn gate(&self, gate: &GateId) -> GateVerdict {
        match (self.runbook.gates.get(gate), self.gates.get(gate)) {
            (Some(gate), Some(progress)) => gate_verdict(gate, progress, &self.attested),
            _ => GateVerdict::Unknown {
                reason: format!("there is no gate `{gate}`"),
            },
        }
    }

    /// The next thing to do for the gates: all that the machine can look at first. People are asked only what could still be met, and only
    /// when the run went through: after a failure or a stop it will be resumed first.
    pub(super) fn gate_step(&self, free: Hands, is_idle: &dyn Fn(&GateId) -> bool) -> Option<Step> {
        let open = || self.runbook.gates.values().zip(self.gates.values());
        let waits_for_the_machine =
            open().any(|(gate, progress)| self.machine_gate_step(gate, progress).is_some());
        if waits_for_the_machine {
            return open()
                .filter(|(gate, _)| free != Hands::Person && is_idle(&gate.id))
                .find_map(|(gate, progress)| self.machine_gate_step(gate, progress));
        }
        if self.flow.is_halted() {
            return None;
        }
        open()
            .filter(|(gate, _)| is_idle(&gate.id))
            .filter_map(|(gate, progress)| self.persons_gate_step(gate, progress))
            .find(|step| free == Hands::Both || step.is_a_persons() == (free == Hands::Person))
    }

    fn machine_gate_step(&self, gate: &Gate, progress: &GateProgress) -> Option<Step> {
        if progress.waived.is_some() {
            return None;
        }
        match (&gate.when, &progress.applies) {
            (Some(when), None) => {
                let verdict = self.is_true(when);
                return Some(Step::Record(Event::GateGuarded {
                    gate: gate.id.clone(),
                    problem: verdict.as_ref().err().map(ToString::to_string),
                    applies: verdict.ok(),
                }));
            }
            (_, Some(Ok(false) | Err(_))) => return None,
            (_, Some(Ok(true)) | None) => {}
        }
        self.machine_check(&Owner::Gate(gate.id.clone()), &progress.checks)
    }

    fn persons_gate_step(&self, gate: &Gate, progress: &GateProgress) -> Option<Step> {
        if !matches!(
            gate_verdict(gate, progress, &self.attested),
            GateVerdict::Waiting { .. }
        ) {
            return None;
        }
        let owner = Owner::Gate(gate.id.clone());
        if let Some(step) = self.persons_check(&owner, &progress.checks) {
            return Some(step);
        }
        if !gate.decide.is_empty() && progress.outcome().is_none() {
            return Some(Step::Decide {
                gate: gate.id.clone(),
                title: gate.title.clone(),
                outcomes: gate.decide.clone(),
                by: gate.by.clone(),
            });
        }
        gate.attest.as_ref().map(|text| {
            Step::Attest(Statement {
                subject: Subject::Gate(gate.id.clone()),
                text: self.text(text),
                by: gate.by.clone(),
            })
        })
    }

    pub(super) fn known_gate(&mut self, gate: &GateId) -> Result<&mut GateProgress, String> {
        self.gates
            .get_mut(gate)
            .ok_or_else(|| format!("the runbook has no gate `{gate}`"))
    }

    /// Decides the gates that the chosen answer of a question decides.
    pub(super) fn decide_by_answer(&mut self, question: Position) {
        let node = self.node(question);
        let Some(Form::Choices(choices)) = node.question().map(|question| &question.form) else {
            return;
        };
        let choice = self
            .answer(&node.id)
            .and_then(|answer| choices.get(answer.as_str()?));
        let (Some(choice), Some(given)) = (choice, self.given.get(&node.id)) else {
            return;
        };
        let (decides, by) = (choice.decides.clone(), given.by.clone());
        for (gate, outcome) in decides {
            if let Some(gate) = self.gates.get_mut(&gate) {
                gate.chosen.entry(question).or_insert((outcome, by.clone()));
            }
        }
    }
}

/// How a gate stands by what is on record of it and by what people attested.
pub(super) fn gate_verdict(
    gate: &Gate,
    progress: &GateProgress,
    attested: &BTreeMap<Subject, Attestation>,
) -> GateVerdict {
    if let Some((by, reason)) = &progress.waived {
        return GateVerdict::Waived {
            by: by.clone(),
            reason: reason.clone(),
        };
    }
    match &progress.applies {
        Some(Ok(false)) => {
            let when = gate.when.as_ref().map(|when| when.0.as_str()).unwrap_or_default();
            return GateVerdict::NotApplicable {
                reason: format!("`{when}` is false"),
            };
        }
        Some(Err(problem)) => {
            return GateVerdict::Unknown {
                reason: format!("its `when` cannot be evaluated: {problem}"),
            };
        }
        Some(Ok(true)) | None => {}
    }
    if let Some(by) = &progress.refused {
        return GateVerdict::Unmet {
            reason: format!("{by} says that it is not so"),
        };
    }
    let looked_at = gate.verify.iter().zip(&progress.checks);
    let not_held: Vec<_> = looked_at
        .filter_map(|(check, done)| done.as_ref().map(|done| (check, done)))
        .filter(|(_, done)| done.verdict != Verdict::Held)
        .collect();
    let failed = not_held.iter().find(|(_, done)| done.verdict == Verdict::Failed);
    if let Some((check, done)) = failed.or(not_held.first()) {
        let reason = match &check.title {
            Some(title) => format!("{title}: {}", done.evidence),
            None => done.evidence.clone(),
        };
        return match done.verdict {
            Verdict::Failed => GateVerdict::Unmet { reason },
            _ => GateVerdict::Unknown { reason },
        };
    }
    let applies_is_open = gate.when.is_some() && progress.applies.is_none();
    if applies_is_open || unchecked(gate, progress).next().is_some() {
        let persons_turn = !applies_is_open && unchecked(gate, progress).all(|check| check.is_a_persons());
        let reason = if persons_turn {
            "a person has to look"
        } else {
            "the run has not come to it"
        };
        return GateVerdict::Waiting {
            reason: reason.to_owned(),
        };
    }
    if !gate.decide.is_empty() && progress.outcome().is_none() {
        let outcomes: Vec<&str> = gate.decide.iter().map(crate::model::OutcomeId::as_str).collect();
        return GateVerdict::Waiting {
            reason: format!("somebody has to decide: {}", outcomes.join(" or ")),
        };
    }
    let statement = gate
        .attest
        .as_ref()
        .map(|_| attested.get(&Subject::Gate(gate.id.clone())));
    match statement {
        Some(None) => GateVerdict::Waiting {
            reason: "somebody has to attest it".to_owned(),
        },
        Some(Some(attestation)) => GateVerdict::Met {
            by: Some(attestation.by.clone()),
        },
        None => GateVerdict::Met {
            by: progress.outcome().map(|(_, by)| by.clone()),
        },
    }
}

/// The checks of a gate that were not carried out yet.
fn unchecked<'a>(
    gate: &'a Gate,
    progress: &'a GateProgress,
) -> impl Iterator<Item = &'a crate::model::Check> {
    gate.verify
        .iter()
        .enumerate()
        .filter(|(index, _)| progress.checks.get(*index).is_none_or(Option::is_none))
        .map(|(_, check)| check)
}
