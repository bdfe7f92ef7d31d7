use clap::ValueEnum;
use serde::Serialize;

use crate::adapter::reporter::Tint;
use crate::traverse::RunState;

/// How a run stands, to who looks at it from outside: by its record, and by whether a process drives it now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub(in crate::cli) enum Standing {
    /// A process drives it now
    Running,
    /// Its program went away in the middle: `switchback resume` goes on
    CutShort,
    /// A person has to say something
    Waiting,
    /// Every required gate is closed
    Complete,
    /// The same, and a failure was handled on the way
    Recovered,
    /// A step failed
    Failed,
    /// Everything is done, and a required gate is open
    GatesUnmet,
    /// A step was cut short, and nobody knows whether it is done
    InDoubt,
    /// A person stopped it
    Stopped,
    /// A person gave it up
    Cancelled,
    /// Its record is damaged
    Unreadable,
}

impl Standing {
    /// How a run stands that the program has let go of; one that it has not was cut short.
    pub(in crate::cli) fn of(recorded: RunState) -> Self {
        match recorded {
            RunState::Running => Self::CutShort,
            RunState::Waiting => Self::Waiting,
            RunState::Complete => Self::Complete,
            RunState::Recovered => Self::Recovered,
            RunState::Failed => Self::Failed,
            RunState::GatesUnmet => Self::GatesUnmet,
            RunState::InDoubt => Self::InDoubt,
            RunState::Stopped => Self::Stopped,
            RunState::Cancelled => Self::Cancelled,
        }
    }

    /// The words for it, for people.
    pub(in crate::cli) fn words(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::CutShort => "cut short",
            Self::Waiting => "waiting",
            Self::Complete => "complete",
            Self::Recovered => "recovered",
            Self::Failed => "failed",
            Self::GatesUnmet => "gates unmet",
            Self::InDoubt => "in doubt",
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
            Self::Unreadable => "unreadable",
        }
    }

    /// The colour of those.
    pub(in crate::cli) fn tint(self) -> Tint {
        match self {
            Self::Running => Tint::Said,
            Self::Complete | Self::Recovered => Tint::Good,
            Self::Waiting | Self::CutShort | Self::InDoubt => Tint::Warn,
            Self::Failed | Self::GatesUnmet | Self::Unreadable => Tint::Bad,
            Self::Stopped | Self::Cancelled => Tint::Faint,
        }
    }
}
