use serde::Serialize;

use crate::model::{Check, Command, Effect, GateId, NodeId, OutcomeId, Retry, Value};
use crate::traverse::{Person, Rendered};

use super::probe::Found;
use super::said::{Decided, Said};

/// A node of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedStep {
    /// The node.
    pub node: NodeId,
    /// What is asked or done.
    pub title: String,
    /// When it comes to it; empty where it always does. One entry for each way that leads to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only_if: Vec<String>,
    /// Whether it takes all of these ways, and not one of them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub joins_all: bool,
    /// Its guard, where only the run can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub what: Planned,
    /// What came of its command, where that was probed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probed: Option<Found>,
    /// How the world must be afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<PlannedCheck>,
    /// Why it would fail before it starts, with the values given; then it is shown as its author wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What a node of a preview is.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Planned {
    /// A question.
    Question {
        /// Its answer, if one was given.
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<Value>,
        /// What can be answered; empty where something is typed.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        choices: Vec<String>,
        /// The command that prints the answer.
        #[serde(skip_serializing_if = "Option::is_none")]
        detect: Option<Box<PlannedCommand>>,
        /// The command that prints likely answers.
        #[serde(skip_serializing_if = "Option::is_none")]
        suggest: Option<Box<PlannedCommand>>,
    },
    /// An action.
    Action {
        /// What it does to the world.
        effect: Effect,
        /// Exactly what is done; none for a milestone.
        #[serde(skip_serializing_if = "Option::is_none")]
        work: Option<Rendered>,
        /// That somebody is asked first even headless, or agreed up front.
        #[serde(skip_serializing_if = "Option::is_none")]
        confirm: Option<PlannedConsent>,
        /// Who stated up front that manual work is done.
        #[serde(skip_serializing_if = "Option::is_none")]
        attested: Option<Said>,
        /// How often it is tried again by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        retry: Option<Retry>,
        /// What would undo it, if somebody asks for that once it is done.
        #[serde(skip_serializing_if = "Option::is_none")]
        undo: Option<Box<PlannedCommand>>,
    },
}

/// A command of a preview, beside the work of an action.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedCommand {
    /// The command; as its author wrote it where there is a problem.
    #[serde(flatten)]
    pub command: Command<String>,
    /// Why it cannot be rendered, with the values given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A check of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedCheck {
    /// What holds when it holds; without a title what it looks at, in words.
    pub title: String,
    /// Exactly what is looked at; as its author wrote it where there is a problem.
    pub check: Check<String>,
    /// Why it cannot be rendered, with the values given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// Who stated up front that it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attested: Option<Said>,
}

/// That somebody has to agree to an action.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedConsent {
    /// What the author asks them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// Who agreed up front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<Person>,
}

/// A gate of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedGate {
    /// The gate.
    pub gate: GateId,
    /// What holds when it is closed.
    pub title: String,
    /// When it applies, where only the run can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Whether it applies at all, with the answers given.
    pub applies: bool,
    /// Whether it holds the run open.
    pub required: bool,
    /// What the machine and people look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<PlannedCheck>,
    /// What a person states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attest: Option<String>,
    /// What a person decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decide: Vec<OutcomeId>,
    /// Who.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Who stated it up front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attested: Option<Said>,
    /// Who decided it up front.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
    /// Who let it go up front, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<Said>,
}
