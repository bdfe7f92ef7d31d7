use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::traverse::{GateVerdict, Person, Verdict};

/// A completion gate.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Gate {
    /// Its id.
    pub id: String,
    /// What holds when it is closed.
    pub title: String,
    /// Whether it holds the run open.
    pub required: bool,
    /// How it stands.
    pub verdict: GateState,
    /// Whether it no longer holds the run open.
    pub closed: bool,
    /// Why it stands as it does, where the verdict does not say it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The condition under which it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Who should state or decide it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_of: Vec<String>,
    /// What the machine, or a person, looks at.
    pub checks: Vec<Check>,
    /// What a named person states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Who stated it, or said that it is not so: all that was said, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    /// The outcomes of which somebody says which holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<String>,
    /// Which outcome holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Who let it go, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
}

/// How a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GateState {
    /// All that it holds is closed.
    Met,
    /// Something that it holds is not so.
    Unmet,
    /// Whether it is closed could not be seen.
    Unknown,
    /// A person has to say something, or the run has not come to it.
    Waiting,
    /// It does not apply to this run.
    NotApplicable,
    /// Somebody let it go.
    Waived,
}

impl From<&GateVerdict> for GateState {
    fn from(verdict: &GateVerdict) -> Self {
        match verdict {
            GateVerdict::Met { .. } => Self::Met,
            GateVerdict::Unmet { .. } => Self::Unmet,
            GateVerdict::Unknown { .. } => Self::Unknown,
            GateVerdict::Waiting { .. } => Self::Waiting,
            GateVerdict::NotApplicable { .. } => Self::NotApplicable,
            GateVerdict::Waived { .. } => Self::Waived,
        }
    }
}

/// A look at the world, and what came of it last.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Check {
    /// Its id, by which a person's word refers to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What holds when it holds.
    pub title: String,
    /// What is looked at, where the title does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<String>,
    /// What came of it; none if it was not carried out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who looked, if it was a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
}

/// Something that a person stated.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Statement {
    /// The check that it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// Whether they said that it is so.
    pub holds: bool,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// What they added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether it was said before there was anything to see.
    pub in_advance: bool,
    /// The digest of what was there to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<String>,
}

/// Which outcome of a gate holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Decision {
    /// The outcome.
    pub outcome: String,
    /// Who said so.
    pub by: Person,
    /// When; none where the answer to a question decided it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// What they added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether it was said before the run came to the gate.
    pub in_advance: bool,
}

/// Somebody let a gate go.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Waiver {
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}
