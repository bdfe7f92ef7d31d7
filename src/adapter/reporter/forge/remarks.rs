use crate::adapter::reporter::harmless::harmless;
use crate::adapter::reporter::label;
use crate::adapter::reporter::phrase::person;
use crate::adapter::reporter::view::View;
use crate::model::{Gate, GateId, Node};
use crate::traverse::{GateVerdict, RunState, State, UndoState};

/// Something that somebody who looks at the job should see without reading its log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Remark {
    pub(super) level: Level,
    pub(super) title: String,
    pub(super) text: String,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It is not well.
    Error,
    /// Somebody should know.
    Warning,
    /// Somebody is waited for.
    Notice,
}

impl Remark {
    fn new(level: Level, title: &str, text: &str) -> Self {
        let text: Vec<_> = text.trim().lines().map(harmless).collect();
        Self {
            level,
            title: harmless(title).into_owned(),
            text: text.join("\n"),
        }
    }
}

/// What is to be said of a run that the program lets go of: of what failed, is in doubt, is open or was waived, the worst first; and who is
/// waited for.
pub(super) fn of_run(state: RunState, gates: &[(GateId, GateVerdict)], run: &dyn View) -> Vec<Remark> {
    let nodes = run.runbook().nodes.values();
    let mut remarks: Vec<Remark> = nodes.filter_map(|node| of_node(node, run)).collect();
    let gates = || {
        let known = gates
            .iter()
            .map(|(id, verdict)| (run.runbook().gates.get(id), verdict));
        known.filter_map(|(gate, verdict)| Some((gate?, verdict)))
    };
    remarks.extend(gates().filter_map(|(gate, verdict)| of_gate(gate, verdict)));
    if state == RunState::Waiting {
        let nodes = run.runbook().nodes.values();
        let nodes = nodes.filter(|node| run.state(&node.id) == State::Waiting);
        let mut all: Vec<String> = nodes
            .map(|node| format!("{} ({})", node.title(), node.id))
            .collect();
        // People come to the gates when the steps are done.
        if all.is_empty() {
            let waiting = gates().filter(|(_, verdict)| matches!(verdict, GateVerdict::Waiting { .. }));
            all.extend(
                waiting.map(|(gate, verdict)| format!("{} ({}): {}", gate.title, gate.id, verdict.reason())),
            );
        }
        remarks.push(Remark::new(
            Level::Notice,
            "Waiting for a person",
            &all.join("\n"),
        ));
    }
    remarks.sort_by_key(|remark| remark.level);
    remarks
}

fn of_node(node: &Node, run: &dyn View) -> Option<Remark> {
    let title = |what: &str| format!("{what}: {} ({})", node.title(), node.id);
    match run.state(&node.id) {
        State::Failed => {
            let is_handled = node.action().is_some_and(|action| !action.on_failure.is_empty());
            let level = if is_handled { Level::Warning } else { Level::Error };
            let why = run
                .why(&node.id)
                .map_or_else(|| "it failed".to_owned(), |why| why.to_string());
            Some(Remark::new(level, &title("Failed"), &why))
        }
        State::InDoubt => {
            let text = "it was started, and nobody knows whether it is done";
            Some(Remark::new(Level::Warning, &title("In doubt"), text))
        }
        _ => None,
    }
}

fn of_gate(gate: &Gate, verdict: &GateVerdict) -> Option<Remark> {
    let word = verdict.as_str();
    let title = format!("Gate {word}: {} ({})", gate.title, gate.id);
    let open = if gate.required {
        Level::Error
    } else {
        Level::Warning
    };
    match verdict {
        GateVerdict::Unmet { reason } | GateVerdict::Unknown { reason } => {
            Some(Remark::new(open, &title, reason))
        }
        GateVerdict::Waived { by, reason } => {
            let text = format!("{}: {reason}", person(by));
            Some(Remark::new(Level::Warning, &title, &text))
        }
        GateVerdict::Met { .. } | GateVerdict::Waiting { .. } | GateVerdict::NotApplicable { .. } => None,
    }
}

/// What is to be said of an undo that the program lets go of.
pub(super) fn of_undo(run: &dyn View) -> Vec<Remark> {
    let remarks = run.undoables().into_iter().filter_map(|undoable| {
        let title = |what: &str| format!("{what}: {} ({})", label::node(&undoable.node, run), undoable.node);
        match &undoable.state {
            UndoState::Failed(why) => Some(Remark::new(Level::Error, &title("Not undone"), why)),
            UndoState::InDoubt => {
                let text = "nobody knows whether it is done, or undone";
                Some(Remark::new(Level::Warning, &title("In doubt"), text))
            }
            _ => None,
        }
    });
    remarks.collect()
}
