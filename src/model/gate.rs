use serde::Serialize;

use super::{Allowance, Check, Expression, GateId, OutcomeId, Template};

/// A completion gate: the run is complete when every required one is closed. It is closed when all that it holds are.
#[derive(Clone, Debug, Serialize)]
pub struct Gate {
    /// Its id.
    pub id: GateId,
    /// What holds when it is closed.
    pub title: String,
    /// Whether it applies at all.
    pub when: Option<Expression>,
    /// What the machine looks at.
    pub verify: Vec<Check>,
    /// What a named person states.
    pub attest: Option<Template>,
    /// The outcomes of which a person says which holds; empty means nothing is decided.
    pub decide: Vec<OutcomeId>,
    /// Who should state or decide it.
    pub by: Vec<String>,
    /// Whether a statement given before the run came to the gate counts.
    pub in_advance: bool,
    /// Whether it holds the run open.
    pub required: bool,
    /// The findings that are allowed in it.
    #[serde(skip)] // It is for who reads the file: it changes nothing that would run.
    pub allow: Vec<Allowance>,
}
