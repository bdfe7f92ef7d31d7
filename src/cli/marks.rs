//! Where a run went, as a drawing shows it.

use crate::draw::{GateMark, Mark, Marks};
use crate::model::{Next, Node, Value};
use crate::traverse::{GateVerdict, State, Traversal};

/// The marks of a run on the flowchart of its own runbook.
pub(super) fn marks(run: &Traversal) -> Marks {
    let nodes = run.runbook().nodes.values();
    Marks {
        caption: format!(
            "run {}: {}",
            run.id(),
            run.recorded_state().as_str().replace('_', " ")
        ),
        nodes: nodes.clone().map(|node| mark(run.state(&node.id))).collect(),
        edges: (0..run.graph().edges().len())
            .map(|edge| run.is_taken(edge))
            .collect(),
        stopped: nodes
            .enumerate()
            .filter_map(|(position, node)| Some((position, stopped(run, node)?)))
            .collect(),
        gates: run.gates().map(|(_, verdict)| of_gate(&verdict)).collect(),
    }
}

/// Whether a run was stopped at a node, and by which choice, if by one.
fn stopped(run: &Traversal, node: &Node) -> Option<Option<String>> {
    let answer = match run.state(&node.id) {
        State::Succeeded => run.answer(&node.id).and_then(Value::as_str),
        State::NotNeeded => None,
        _ => return None,
    };
    let is_choice = node.choices().is_some();
    let choice = answer.filter(|_| is_choice).map(str::to_owned);
    (node.onward(answer) == Some(&Next::Stop)).then_some(choice)
}

fn mark(state: State) -> Mark {
    match state {
        State::Pending | State::Ready => Mark::Pending,
        State::Waiting => Mark::Waiting,
        State::Running => Mark::Running,
        State::InDoubt => Mark::InDoubt,
        State::Succeeded => Mark::Done,
        State::Failed => Mark::Failed,
        State::NotTaken => Mark::NotTaken,
        State::NotNeeded => Mark::NotNeeded,
        State::Blocked => Mark::Blocked,
        State::Cancelled => Mark::Cancelled,
    }
}

fn of_gate(verdict: &GateVerdict) -> GateMark {
    match verdict {
        GateVerdict::Met { .. } => GateMark::Met,
        GateVerdict::Unmet { .. } => GateMark::Unmet,
        GateVerdict::Unknown { .. } => GateMark::Unknown,
        GateVerdict::Waiting { .. } => GateMark::Waiting,
        GateVerdict::NotApplicable { .. } => GateMark::NotApplicable,
        GateVerdict::Waived { .. } => GateMark::Waived,
    }
}
