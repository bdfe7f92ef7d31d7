//! What to do next, with the exact command.

use crate::model::NodeId;
use crate::traverse::{GateVerdict, Owner, Resolution, RunState, State};

use super::ahead::{self, Wanted};
use super::command::switchback;
use super::label;
use super::phrase::work;
use super::style::{Line, Mark};
use super::summary::{Ended, broken_checks};
use super::view::View;

/// What to do next.
pub(super) fn closing(ended: &Ended<'_>, run: &dyn View, width: usize) -> Vec<Line> {
    let id = ended.named;
    match ended.state {
        RunState::Complete | RunState::Recovered | RunState::Cancelled => Vec::new(),
        RunState::Waiting => waiting(ended, run, id, width),
        RunState::Failed => {
            let mut lines = failures(ended, run);
            lines.push(text(
                "When it is mended (done), may run again (rerun) or can be passed over (skip):",
            ));
            lines.push(resolve(State::Failed, run, id, width));
            lines
        }
        RunState::InDoubt => {
            let in_doubt = having(State::InDoubt, run);
            in_doubt
                .flat_map(|node| doubt(node, ended, run, id, width))
                .collect()
        }
        RunState::GatesUnmet => gates_unmet(ended, run, id, width),
        RunState::Running => {
            vec![
                text("Go on with:"),
                switchback("resume", id, std::iter::empty(), width),
            ]
        }
        RunState::Stopped => {
            vec![
                text("Nothing new was started. What was done:"),
                switchback("show", id, std::iter::empty(), width),
            ]
        }
    }
}

fn waiting(ended: &Ended<'_>, run: &dyn View, id: &str, width: usize) -> Vec<Line> {
    let now = ahead::now(run, ended.gates);
    let later = ahead::later(run, ended.gates);
    let mut what: Vec<&str> = now.iter().map(|wanted| wanted.what.as_str()).collect();
    what.dedup();
    let mut lines: Vec<Line> = what
        .into_iter()
        .map(|what| Line::new(Mark::Waiting, what).at(1))
        .collect();
    let at_a_terminal = now.iter().any(|wanted| wanted.flag.is_none());
    lines.push(text(if at_a_terminal {
        "Go on at a terminal with:"
    } else {
        "Go on with:"
    }));
    let flags = now.iter().filter_map(|wanted| wanted.flag.as_deref());
    lines.push(switchback("resume", id, flags, width));
    if !later.is_empty() {
        lines.push(text("Depending on the way, also:"));
        let flags = later.iter().filter_map(|wanted| wanted.flag.as_ref());
        let widest = flags
            .map(|flag| flag.chars().count())
            .max()
            .unwrap_or(0)
            .min(width / 2);
        lines.extend(later.iter().map(|Wanted { flag, what }| {
            let flag = flag.as_deref().unwrap_or_default();
            Line::new(Mark::None, &format!("{flag:widest$}"))
                .aside(what)
                .at(1)
        }));
    }
    lines
}

fn failures(ended: &Ended<'_>, run: &dyn View) -> Vec<Line> {
    let mut lines = Vec::new();
    for node in having(State::Failed, run) {
        let why = run.why(node).map(|why| why.to_string()).unwrap_or_default();
        let colon = if why.is_empty() { "" } else { ": " };
        let title = label::node(node, run);
        lines.push(
            Line::new(Mark::Bad, &format!("{title}{colon}{why}"))
                .aside(node.as_str())
                .at(1),
        );
        let owner = Owner::Node(node.clone());
        lines.extend(broken_checks(&owner, run, &why).map(|line| line.at(2)));
        lines.extend(
            (ended.tail)(node)
                .iter()
                .map(|line| Line::new(Mark::Output, line).at(2)),
        );
    }
    lines
}

fn gates_unmet(ended: &Ended<'_>, run: &dyn View, id: &str, width: usize) -> Vec<Line> {
    let open = ended.gates.iter().filter(|(gate, verdict)| {
        !verdict.is_closed() && run.runbook().gates.get(gate).is_some_and(|gate| gate.required)
    });
    let (wait, unmet): (Vec<_>, Vec<_>) =
        open.partition(|(_, verdict)| matches!(verdict, GateVerdict::Waiting { .. }));
    let said = ahead::now(run, ended.gates);
    let flags = said.iter().filter_map(|wanted| wanted.flag.as_deref());
    let mut lines = vec![
        text("Mend what is open, and have the gates looked at again:"),
        switchback("resume", id, flags.filter(|_| !wait.is_empty()), width),
    ];
    if !unmet.is_empty() {
        let waive: Vec<String> = unmet
            .iter()
            .map(|(gate, _)| format!("--waive {gate}=REASON"))
            .collect();
        lines.push(text("Or let it go, with a reason that stays on record:"));
        lines.push(switchback("resume", id, waive.iter().map(String::as_str), width));
    }
    lines
}

/// What is known of a step that is in doubt, and a command for each way on.
fn doubt(node: &NodeId, ended: &Ended<'_>, run: &dyn View, id: &str, width: usize) -> Vec<Line> {
    let mut lines = vec![
        Line::new(Mark::Unknown, label::node(node, run))
            .aside(node.as_str())
            .at(1),
    ];
    lines.extend(run.work(node).into_iter().flat_map(work).map(|line| line.at(2)));
    if let Some(began) = run.began(node) {
        let began = began.strftime("%Y-%m-%d %H:%M:%S UTC");
        lines.push(Line::faint(&format!("attempt {} was started {began}", run.attempts(node))).at(2));
    }
    let tail = (ended.tail)(node);
    lines.extend(tail.iter().map(|line| Line::new(Mark::Output, line).at(2)));
    lines.push(text(
        "Look whether its work is done: it is not run again by itself.",
    ));
    let set: Vec<String> = run
        .captures_wanted(node)
        .iter()
        .map(|capture| format!("--set {node}.{capture}=VALUE"))
        .collect();
    for (word, resolution) in Resolution::WORDS {
        let (means, set) = match resolution {
            Resolution::Done => ("It is done, and its checks look once more:", set.as_slice()),
            Resolution::Rerun => ("Run it once more:", [].as_slice()),
            Resolution::Skip => ("Pass it over:", [].as_slice()),
        };
        let resolve = format!("--resolve {node}={word}");
        let flags = std::iter::once(resolve.as_str()).chain(set.iter().map(String::as_str));
        lines.push(text(means));
        lines.push(switchback("resume", id, flags.chain(["--reason TEXT"]), width));
    }
    lines
}

/// One command for all that is in a state. What is between quotes is refused if it is pasted as it is.
pub(super) fn resolve(state: State, run: &dyn View, id: &str, width: usize) -> Line {
    let flags: Vec<String> = having(state, run)
        .map(|node| format!("--resolve '{node}=done|rerun|skip'"))
        .collect();
    let flags = flags.iter().map(String::as_str).chain(["--reason TEXT"]);
    switchback("resume", id, flags, width)
}

/// The nodes in a state. A failure that was handled is told in the state's own words and needs nothing more.
fn having(state: State, run: &dyn View) -> impl Iterator<Item = &NodeId> {
    run.runbook().nodes.values().filter_map(move |node| {
        let handled =
            state == State::Failed && node.action().is_some_and(|action| !action.on_failure.is_empty());
        (run.state(&node.id) == state && !handled).then_some(&node.id)
    })
}

fn text(text: &str) -> Line {
    Line::new(Mark::None, text)
}
