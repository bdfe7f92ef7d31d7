use std::fmt::Write;

use serde_json::{Value, json};

use crate::adapter::reporter::harmless;
use crate::model::{Node, plain};
use crate::traverse::{Checked, Owner, Traversal, UndoState, Undoable};

use super::args::{self, Output};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::session;

/// `switchback show RUN`: what was answered, done and seen, and how the gates stand.
pub(super) fn show(args: &args::Show, console: &Console) -> Outcome {
    let state = session::state_dir(args.state_dir.as_deref())?;
    let run = session::open(&args.run, &state)?;
    match args.output {
        Output::Json => console.print(&format!("{}\n", serde_json::to_string_pretty(&data(&run))?)),
        Output::Text => console.print(&text(&run)),
    }
    Ok(Exit::Complete)
}

fn data(run: &Traversal) -> Value {
    let nodes: Vec<Value> = run
        .runbook()
        .nodes
        .values()
        .map(|node| {
            json!({
                "node": node.id,
                "title": node.title(),
                "state": run.state(&node.id),
                "why": run.why(&node.id).map(|why| why.to_string()),
                "attempts": run.attempts(&node.id),
                "answer": run.answer(&node.id),
                "captures": run.captures(&node.id),
                "checks": checks(run, &Owner::Node(node.id.clone())),
            })
        })
        .collect();
    let gates: Vec<Value> = run
        .gates()
        .map(|(gate, verdict)| {
            json!({
                "gate": gate.id,
                "title": gate.title,
                "required": gate.required,
                "is": verdict,
                "checks": checks(run, &Owner::Gate(gate.id.clone())),
            })
        })
        .collect();
    json!({
        "run": run.id(),
        "runbook": run.runbook().name,
        "digest": run.digest(),
        "state": run.recorded_state(),
        "started": run.started(),
        "last_seen": run.last_seen(),
        "operator": run.operator(),
        "route": run.route().collect::<Vec<_>>(),
        "nodes": nodes,
        "gates": gates,
        "undo": run.undoables(),
    })
}

fn checks(run: &Traversal, owner: &Owner) -> Vec<Value> {
    let described = run.described_checks(owner).into_iter();
    described
        .zip(run.checks(owner))
        .map(|(check, checked)| match checked {
            Some(Checked {
                verdict,
                evidence,
                by,
            }) => {
                json!({ "check": check, "verdict": verdict, "evidence": evidence, "by": by })
            }
            None => json!({ "check": check }),
        })
        .collect()
}

fn text(run: &Traversal) -> String {
    let mut out = String::new();
    let by = run.operator().map_or("somebody", |by| by.name.as_str());
    let started = run.started().strftime("%Y-%m-%d %H:%M:%S UTC");
    line(&mut out, &format!("{} · {}", run.runbook().title, run.id()));
    line(
        &mut out,
        &format!("{}, started {started} by {by}\n", run.recorded_state()),
    );
    for node in run.runbook().nodes.values() {
        node_text(&mut out, run, node);
    }
    line(&mut out, "\nGates");
    for (gate, verdict) in run.gates() {
        let required = if gate.required { "" } else { " (not required)" };
        line(
            &mut out,
            &format!("  {:<16} {}{required}", verdict.as_str(), gate.title),
        );
        if !verdict.reason().is_empty() {
            line(&mut out, &format!("  {:<16} {}", "", verdict.reason()));
        }
    }
    if run.was_undone() {
        line(&mut out, "\nUndo");
        for undo in run.undoables() {
            undo_text(&mut out, run, &undo);
        }
    }
    out
}

fn undo_text(out: &mut String, run: &Traversal, undo: &Undoable) {
    let state = match &undo.state {
        UndoState::Open => "not undone".to_owned(),
        UndoState::Running | UndoState::InDoubt => "in doubt".to_owned(),
        UndoState::Undone => "undone".to_owned(),
        UndoState::UndoneByHand(why) => format!("undone by hand, {why}"),
        UndoState::Skipped(why) => format!("left as it is, {why}"),
        UndoState::Failed(why) => format!("not undone: {why}"),
        UndoState::Declined(by) => format!("not undone: {by} declined"),
    };
    let title = run.runbook().nodes.get(&undo.node).map_or("", Node::title);
    line(out, &format!("  {:<20} {title}: {state}", undo.node));
}

fn node_text(out: &mut String, run: &Traversal, node: &Node) {
    let answer = run.answer(&node.id).filter(|_| node.question().is_some());
    let answer = answer
        .map(|answer| format!(": {}", plain(answer)))
        .unwrap_or_default();
    let state = run.state(&node.id).as_str().replace('_', " ");
    line(
        out,
        &format!("  {state:<12} {:<20} {}{answer}", node.id, node.title()),
    );
    if let Some(why) = run.why(&node.id) {
        line(out, &format!("  {:<33} {why}", ""));
    }
    let had_the_terminal = |node: &Node| {
        let action = node.action();
        action.is_some_and(|action| action.work.takes_the_terminal())
    };
    if run.attempts(&node.id) > 0 && had_the_terminal(node) {
        line(
            out,
            &format!("  {:<33} it had the terminal: what it printed is not kept", ""),
        );
    }
}

fn line(out: &mut String, text: &str) {
    for part in text.split('\n') {
        // Writing to a String cannot fail; the result is only there because the trait is shared.
        let _ = writeln!(out, "{}", harmless(part).trim_end());
    }
}
