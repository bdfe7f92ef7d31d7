//! What a report asks of a run, and the run itself does not need to go on.

use crate::model::{GateId, OutcomeId};

use super::event::Person;
use super::traversal::Traversal;

impl Traversal {
    /// Which outcome of a gate holds, and who said so or gave the answer that decided it.
    pub fn decided(&self, gate: &GateId) -> Option<(&OutcomeId, &Person)> {
        let (outcome, by) = self.gates.get(gate)?.decided.as_ref()?;
        Some((outcome, by))
    }
}
