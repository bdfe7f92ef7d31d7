//! Exit codes are an interface: a pipeline branches on them. They are never given another meaning.

use std::process::ExitCode;

use crate::engine::Ended;
use crate::traverse::RunState;

/// How a call of the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: every required gate is closed, or the command did what it was asked.
    Complete,
    /// 1: a step failed, or a drill or a test did not end as it is expected to.
    Failed,
    /// 2: the command line is not right, or something that it needs is not there.
    Usage,
    /// 3: the runbook is not valid.
    Invalid,
    /// 4: a person has to say something.
    Waiting,
    /// 5: everything is done, and a required gate is open.
    GatesUnmet,
    /// 6: another process holds what this one needs: the run itself, or a command that it left behind and that still runs.
    Locked,
    /// 7: a step was interrupted, and nobody knows whether it is done.
    InDoubt,
    /// 8: a person stopped the run or declined a step.
    Stopped,
    /// 70: a fault of the program or of the machine under it.
    Internal,
    /// 128 + n: signal n ended it.
    Signal(i32),
}

impl Exit {
    /// Every way to end but by a signal, in the order of the numbers.
    pub const ALL: [Self; 10] = [
        Self::Complete,
        Self::Failed,
        Self::Usage,
        Self::Invalid,
        Self::Waiting,
        Self::GatesUnmet,
        Self::Locked,
        Self::InDoubt,
        Self::Stopped,
        Self::Internal,
    ];

    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Waiting => 4,
            Self::GatesUnmet => 5,
            Self::Locked => 6,
            Self::InDoubt => 7,
            Self::Stopped => 8,
            Self::Internal => 70,
            Self::Signal(signal) => u8::try_from(128 + signal).unwrap_or(u8::MAX),
        }
    }
}

/// Where several hold, an interrupt comes first; the rest of the order is that of [`RunState`]'s making.
impl From<Ended> for Exit {
    fn from(ended: Ended) -> Self {
        match (ended.interrupted, ended.state) {
            (Some(signal), _) => Self::Signal(signal),
            (None, RunState::Complete | RunState::Recovered) => Self::Complete,
            (None, RunState::Failed) => Self::Failed,
            (None, RunState::Running | RunState::Waiting) => Self::Waiting,
            (None, RunState::GatesUnmet) => Self::GatesUnmet,
            (None, RunState::InDoubt) => Self::InDoubt,
            (None, RunState::Stopped | RunState::Cancelled) => Self::Stopped,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_stay_what_they_are() {
        let codes: Vec<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 70]);
        assert_eq!(Exit::Signal(15).code(), 143);
    }
}
