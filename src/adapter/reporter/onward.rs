use std::path::Path;
use std::time::Duration;

use crate::adapter::journal::RunFolder;
use crate::model::NodeId;
use crate::traverse::{RunState, Traversal};

use super::closing::closing;
use super::command::named;
use super::output::Output;
use super::style::Line;
use super::summary::Ended;

/// How a run goes on that nobody drives, in the words of a report's end: what it waits for, or what is wrong with it, and the exact command.
/// `kept` has what its commands printed; `state_dir` is where it is recorded, if that is not where everybody looks first.
pub fn onward(
    run: &Traversal,
    state: RunState,
    kept: &RunFolder,
    state_dir: Option<&Path>,
    width: usize,
) -> Vec<Line> {
    let gates: Vec<_> = run
        .gates()
        .map(|(gate, verdict)| (gate.id.clone(), verdict))
        .collect();
    let output = Output::after(Some(kept.clone()));
    let ended = Ended {
        state,
        gates: &gates,
        took: Duration::ZERO,
        named: &named(&run.id(), state_dir),
        tail: &|node: &NodeId| output.tail(node, run.attempts(node)),
    };
    closing(&ended, run, width)
}
