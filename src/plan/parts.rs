use std::sync::Arc;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use sha2::{Digest as _, Sha256};

use crate::model::{Runbook, Value};

/// What somebody who reviews a plan has reviewed: every route of a runbook with these parameters. Everything that a run would do follows from
/// it, from what people answer, and from what the world is like.
///
/// It is the runbook as it was understood: comments, the order of keys and the folder it lies in are not part of it.
#[derive(Clone, Debug, Serialize)]
pub struct Reviewed {
    /// The parameters as given and by default; those that were left open are missing.
    pub parameters: Map<String, Value>,
    /// The runbook, and what is in the files that it names.
    pub runbook: Arc<Runbook>,
}

/// A part of what was reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// A parameter.
    Parameter(String),
    /// A step.
    Step(String),
    /// A gate.
    Gate(String),
    /// The runbook itself, but for its steps and gates.
    Runbook,
}

/// What was reviewed, to be compared part by part. The order of steps and gates counts, that of other names does not.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Parts {
    pub(super) parameters: Map<String, Value>,
    pub(super) runbook: RunbookParts,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RunbookParts {
    pub(super) nodes: IndexMap<String, Value>,
    pub(super) gates: IndexMap<String, Value>,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

impl Reviewed {
    /// How many parts it has.
    pub(super) fn count(&self) -> usize {
        self.parameters.len() + 1 + self.runbook.nodes.len() + self.runbook.gates.len()
    }

    /// Its parts.
    pub(super) fn parts(&self) -> Result<Parts, serde_json::Error> {
        serde_json::from_str(&serde_json::to_string(self)?)
    }
}

impl Parts {
    /// Every part, the runbook itself first, and a number of 12 bits that is most likely another one when the part is.
    pub(super) fn sums(&self) -> Vec<(Of, u16)> {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, value)| (Of::Parameter(name.clone()), sum(&(name, value))));
        let steps = self.runbook.nodes.iter();
        let steps = steps.map(|(id, step)| (Of::Step(id.clone()), sum(step)));
        let gates = self.runbook.gates.iter();
        let gates = gates.map(|(id, gate)| (Of::Gate(id.clone()), sum(gate)));
        let runbook = (Of::Runbook, sum(&self.runbook.rest));
        let all = [runbook].into_iter().chain(parameters).chain(steps);
        all.chain(gates).collect()
    }
}

fn sum(part: &impl Serialize) -> u16 {
    let text = serde_json::to_vec(part).unwrap_or_default();
    let sum = Sha256::digest(text);
    u16::from_be_bytes([sum[0], sum[1]]) >> 4
}
