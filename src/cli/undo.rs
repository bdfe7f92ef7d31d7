use crate::adapter::reporter::harmless;
use crate::engine;
use crate::model::{Effect, NodeId};
use crate::traverse::{Rendered, Traversal, UndoState, Undoable};

use super::args;
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::session::{self, Session};
use super::{plan, words};

/// `switchback undo RUN`: takes back what a run has done, the last thing first.
pub(super) fn undo(args: &args::Undo, console: &Console) -> Outcome {
    let only = args.only.as_deref().map(NodeId::from);
    if args.dry_run {
        let state = session::state_dir(args.manner.state_dir.as_deref())?;
        let run = session::open(&args.run, &state)?;
        run.begin_undo(only.as_ref(), session::person())
            .map_err(words::refused)?;
        console.print(&text(&run, only.as_ref()));
        return Ok(Exit::Complete);
    }
    let session = Session::new(&args.manner, console)?;
    let recorded = session.reopen(&args.run)?;
    let run = &recorded.run;
    let first = run
        .begin_undo(only.as_ref(), session.me.clone())
        .map_err(words::refused)?;
    let said = words::resolutions(&args.resolve, &[], args.reason.as_deref(), &session.me)?;
    let opening = engine::rehearse(run, first, said).map_err(words::refused)?;
    // Undoing changes the same world as the run did. A run that is over has given its key back.
    session.go_on(recorded, opening, &args.locking)
}

/// What would be undone, in order.
fn text(run: &Traversal, only: Option<&NodeId>) -> String {
    let mut out = String::new();
    plan::line(
        &mut out,
        0,
        &format!("{}: what would be undone\n", run.runbook().title),
    );
    let all = run.undoables().into_iter();
    for undo in all.filter(|undo| only.is_none_or(|only| *only == undo.node)) {
        undo_text(&mut out, run, &undo, only.is_some());
    }
    plan::line(&mut out, 0, "\nNothing was run.");
    out
}

fn undo_text(out: &mut String, run: &Traversal, undo: &Undoable, is_named: bool) {
    let title = run
        .runbook()
        .nodes
        .get(&undo.node)
        .map_or("", |node| node.title());
    plan::line(out, 0, &format!("     {}  {}", undo.node, harmless(title)));
    match &undo.state {
        UndoState::Undone => return plan::fact(out, "undone", "already"),
        UndoState::UndoneByHand(why) => return plan::fact(out, "undone", &format!("by hand, {why}")),
        UndoState::Skipped(why) if !is_named => return plan::fact(out, "left", &format!("as it is, {why}")),
        UndoState::InDoubt | UndoState::Running if !is_named => {
            let help = format!("not undone by itself; to undo it: --resolve {}=rerun", undo.node);
            plan::fact(out, "in doubt", &help);
        }
        _ => {}
    }
    match run.undo_command(&undo.node) {
        Ok(Some(command)) => {
            let work = Rendered::Run(command);
            plan::work_text(out, Effect::Change, Some(&work), run.folder().as_ref());
        }
        Ok(None) => {}
        Err(error) => plan::fact(out, "problem", &error.to_string()),
    }
}
