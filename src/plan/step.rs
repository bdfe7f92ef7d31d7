use serde::Serialize;

use crate::model::{Command, Effect, GateId, NodeId, OutcomeId, Value};
use crate::traverse::Rendered;

use super::probe::Found;

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
    pub verify: Vec<String>,
    /// Why it, or what undoes it, would fail before it starts, with the values given.
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
    },
    /// An action.
    Action {
        /// What it does to the world.
        effect: Effect,
        /// Exactly what is done; none for a milestone.
        #[serde(skip_serializing_if = "Option::is_none")]
        work: Option<Rendered>,
        /// Whether somebody is asked first even headless.
        confirmed: bool,
        /// What would undo it, if somebody asks for that once it is done.
        #[serde(skip_serializing_if = "Option::is_none")]
        undo: Option<Box<Command<String>>>,
    },
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
    pub verify: Vec<String>,
    /// What a person states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attest: Option<String>,
    /// What a person decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decide: Vec<OutcomeId>,
    /// Who.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}
