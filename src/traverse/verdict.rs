use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::NodeId;

use super::event::Person;

/// The state of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Something before it is not decided.
    Pending,
    /// It can start.
    Ready,
    /// A person must say something first.
    Waiting,
    /// It has started.
    Running,
    /// It had started when the program went away: nobody knows whether it is done.
    InDoubt,
    /// It is done, and its checks hold.
    Succeeded,
    /// It did not work out.
    Failed,
    /// The way chosen does not lead to it.
    NotTaken,
    /// Its own guard says that it is not needed.
    NotNeeded,
    /// Something that it needs did not work out.
    Blocked,
    /// A person declined it, or stopped the run before it.
    Cancelled,
}

impl State {
    /// Whether nothing more can come of it.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            Self::Pending | Self::Ready | Self::Waiting | Self::Running | Self::InDoubt
        )
    }

    /// The word for it in records and templates.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::InDoubt => "in_doubt",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::NotTaken => "not_taken",
            Self::NotNeeded => "not_needed",
            Self::Blocked => "blocked",
            Self::Cancelled => "cancelled",
        }
    }
}

impl State {
    /// What became of a node, as a sentence about it ends: "`rollback` failed", "`rollback` was blocked".
    fn past(self) -> String {
        match self {
            Self::Succeeded | Self::Failed => self.as_str().to_owned(),
            Self::InDoubt => "is in doubt".to_owned(),
            _ => format!("was {}", self.as_str().replace('_', " ")),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is as it should be.
    Held,
    /// It is not.
    Failed,
    /// It could not be carried out, which is never the same as held.
    Unknown,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        })
    }
}

/// How a gate stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum GateVerdict {
    /// All that it holds is closed.
    Met {
        /// Who stated or decided it, where a person did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Person>,
    },
    /// Something that it holds is not so.
    Unmet {
        /// What.
        reason: String,
    },
    /// Whether it is closed could not be seen.
    Unknown {
        /// Why.
        reason: String,
    },
    /// A person has to say something, or the run has not come to it.
    Waiting {
        /// What for.
        reason: String,
    },
    /// It does not apply to this run.
    NotApplicable {
        /// Why.
        reason: String,
    },
    /// Somebody let it go.
    Waived {
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
}

impl GateVerdict {
    /// Whether it no longer holds the run open.
    pub fn is_closed(&self) -> bool {
        matches!(
            self,
            Self::Met { .. } | Self::NotApplicable { .. } | Self::Waived { .. }
        )
    }

    /// The word for it in records.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Met { .. } => "met",
            Self::Unmet { .. } => "unmet",
            Self::Unknown { .. } => "unknown",
            Self::Waiting { .. } => "waiting",
            Self::NotApplicable { .. } => "not_applicable",
            Self::Waived { .. } => "waived",
        }
    }

    /// Why it stands as it does; empty where the word says it all.
    pub fn reason(&self) -> &str {
        match self {
            Self::Met { .. } => "",
            Self::Unmet { reason }
            | Self::Unknown { reason }
            | Self::Waiting { reason }
            | Self::NotApplicable { reason }
            | Self::Waived { reason, .. } => reason,
        }
    }
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// It is under way, or its process went away.
    Running,
    /// A person has to say something.
    Waiting,
    /// Every required gate is closed.
    Complete,
    /// The same, and a failure was handled on the way.
    Recovered,
    /// A step failed, and nothing handles that.
    Failed,
    /// Everything is done, and a required gate is open.
    GatesUnmet,
    /// A step had started when the program went away.
    InDoubt,
    /// A person stopped it.
    Stopped,
    /// A person gave it up.
    Cancelled,
}

impl RunState {
    /// The word for it in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Complete => "complete",
            Self::Recovered => "recovered",
            Self::Failed => "failed",
            Self::GatesUnmet => "gates_unmet",
            Self::InDoubt => "in_doubt",
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether there is nothing left to resume.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Complete | Self::Recovered | Self::Cancelled)
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why a node is not run, or did not work out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A question was answered otherwise.
    Answered {
        /// The question.
        question: NodeId,
        /// The answer.
        answer: String,
    },
    /// A node before it did not run.
    NotRun {
        /// The node.
        node: NodeId,
        /// How that one ended.
        state: State,
    },
    /// The node whose failure it is there for did not fail.
    DidNotFail(NodeId),
    /// A node before it failed.
    Failed(NodeId),
    /// A node that it needs did not work out.
    Needs {
        /// The node.
        node: NodeId,
        /// How that one ended.
        state: State,
    },
    /// The run failed before.
    RunFailed(NodeId),
    /// The run was stopped before.
    RunStopped(NodeId),
    /// Somebody gave the run up before.
    RunCancelled(String),
    /// Its own guard is false.
    Guard(String),
    /// Somebody passed it over.
    Skipped {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
    /// Somebody declined it.
    Declined(String),
    /// What it did or showed.
    Itself(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered { question, answer } => write!(f, "`{question}` was answered `{answer}`"),
            Self::NotRun { node, state } => write!(f, "`{node}` {}", state.past()),
            Self::DidNotFail(node) => write!(f, "`{node}` did not fail"),
            Self::Failed(node) => write!(f, "`{node}` failed"),
            Self::Needs { node, state } => {
                write!(f, "it needs `{node}`, which {}", state.past())
            }
            Self::RunFailed(node) => write!(f, "`{node}` failed, so nothing new starts"),
            Self::RunStopped(node) => write!(f, "the run was stopped at `{node}`"),
            Self::RunCancelled(by) => write!(f, "{by} gave the run up"),
            Self::Guard(expression) => write!(f, "`{expression}` is false"),
            Self::Skipped { by, reason } => write!(f, "skipped by {by}: {reason}"),
            Self::Declined(by) => write!(f, "declined by {by}"),
            Self::Itself(what) => f.write_str(what),
        }
    }
}
