use serde::{Deserialize, Serialize};

use crate::model::{CaptureId, GateId, NodeId};

use super::event::{Owner, Resolution, Source, Subject};

/// Something a person says of a run, as they say it: on the command line, at a prompt, in a file. [`super::Traversal::hear`] makes an
/// event of it, or says what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// The answer to a question.
    Answer {
        /// The question.
        question: NodeId,
        /// The answer as typed.
        text: String,
        /// Where it came from.
        source: Source,
    },
    /// The answer to a question does not count any more.
    TakeBack(NodeId),
    /// It is so: manual work is done, a check holds, a gate's statement is true.
    Attest {
        /// What it is about.
        subject: Subject,
        /// What they add.
        note: Option<String>,
    },
    /// It is not so.
    Refuse {
        /// What it is about.
        subject: Subject,
        /// What they add.
        note: Option<String>,
    },
    /// Which outcome of a gate holds.
    Decide {
        /// The gate.
        gate: GateId,
        /// The outcome as typed.
        outcome: String,
        /// What they add.
        note: Option<String>,
    },
    /// An action may be done.
    Confirm(NodeId),
    /// It may not.
    Decline(NodeId),
    /// A gate is let go.
    Waive {
        /// The gate.
        gate: GateId,
        /// Why.
        reason: String,
    },
    /// What to make of a step that failed or is in doubt.
    Resolve {
        /// The action.
        node: NodeId,
        /// What.
        how: Resolution,
        /// Why.
        reason: String,
        /// The values that its output would have had, as typed.
        set: Vec<(CaptureId, String)>,
    },
}

impl Word {
    /// Whose step it is about.
    pub fn owner(&self) -> Owner {
        match self {
            Self::Answer { question: node, .. }
            | Self::TakeBack(node)
            | Self::Confirm(node)
            | Self::Decline(node)
            | Self::Resolve { node, .. } => Owner::Node(node.clone()),
            Self::Attest { subject, .. } | Self::Refuse { subject, .. } => subject.owner(),
            Self::Decide { gate, .. } | Self::Waive { gate, .. } => Owner::Gate(gate.clone()),
        }
    }
}

/// Why a person's word cannot be taken. It says what to say instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Rejected {
    /// What is wrong with it.
    pub message: String,
    /// What to say instead; may be empty.
    pub help: String,
}

impl Rejected {
    /// A rejection that says what is wrong and what to say instead.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}
