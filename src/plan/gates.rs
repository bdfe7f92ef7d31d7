use crate::traverse::{Owner, Subject};

use super::preview::Preview;
use super::step::PlannedGate;

impl Preview<'_> {
    /// What would decide whether the run is complete, in the order of declaration.
    pub(super) fn gates(&self) -> Vec<PlannedGate> {
        let gates = self.run.runbook().gates.values();
        gates
            .map(|gate| {
                let is_open = gate.when.as_ref().is_some_and(|when| self.is_open(when));
                let known = gate.when.as_ref().filter(|_| !is_open);
                PlannedGate {
                    gate: gate.id.clone(),
                    title: gate.title.clone(),
                    when: gate.when.as_ref().filter(|_| is_open).map(|when| when.0.clone()),
                    applies: known.is_none_or(|when| self.run.holds(when)),
                    required: gate.required,
                    verify: self.checks(&Owner::Gate(gate.id.clone()), &gate.verify),
                    attest: gate.attest.as_ref().map(|text| self.run.text(text)),
                    decide: gate.decide.clone(),
                    by: gate.by.clone(),
                    attested: self.attested(&Subject::Gate(gate.id.clone())),
                    decided: self.decided(&gate.id),
                    waived: self.waived(&gate.id),
                }
            })
            .collect()
    }
}
