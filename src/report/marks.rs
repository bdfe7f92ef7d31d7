//! Where a run went, as a drawing shows it.

use crate::draw::{GateMark, Mark, Marks};
use crate::model::Node;
use crate::traverse::{GateVerdict, State, Traversal};

/// The marks of a run on the flowchart of its own runbook, with the words for how the run stands.
pub fn marks(run: &Traversal, stands: &str) -> Marks {
    let nodes = run.runbook().nodes.values();
    Marks {
        caption: format!("run {}: {stands}", run.id()),
        nodes: nodes.clone().map(|node| mark(run.state(&node.id))).collect(),
        edges: (0..run.graph().edges().len())
            .map(|edge| run.is_taken(edge))
            .collect(),
        answers: nodes
            .enumerate()
            .filter_map(|(position, node)| Some((position, choice(run, node)?)))
            .collect(),
        gates: run.gates().map(|(_, verdict)| of_gate(&verdict)).collect(),
    }
}

/// The choice that was made at a question which was asked.
fn choice(run: &Traversal, node: &Node) -> Option<String> {
    node.choices()?;
    Some(run.answer(&node.id)?.as_str()?.to_owned())
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
