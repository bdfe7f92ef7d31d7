//! The command that takes a run up again, for who reads of it elsewhere than where it ran.

use crate::model::GateId;
use crate::traverse::{GateVerdict, RunState, State};

use super::ahead;
use super::closing::resolve;
use super::command::switchback;
use super::view::View;

/// The command on one line; none where there is nothing to resume. `named` is the run as it is named on the command line.
pub(in crate::adapter) fn resume(
    state: RunState,
    gates: &[(GateId, GateVerdict)],
    run: &dyn View,
    named: &str,
) -> Option<String> {
    let line = match state {
        RunState::Complete | RunState::Recovered | RunState::Cancelled | RunState::Stopped => return None,
        RunState::Failed => resolve(State::Failed, run, named, usize::MAX),
        RunState::InDoubt => resolve(State::InDoubt, run, named, usize::MAX),
        RunState::Waiting | RunState::GatesUnmet | RunState::Running => {
            let wanted = ahead::now(run, gates);
            let flags = wanted.iter().filter_map(|wanted| wanted.flag.as_deref());
            switchback("resume", named, flags, usize::MAX)
        }
    };
    Some(line.text)
}
