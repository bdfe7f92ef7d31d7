use crate::engine;
use crate::traverse::Event;

use super::args;
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::session::Session;
use super::words;

/// `switchback resume RUN`: on from what is on record, with what people say now.
pub(super) fn resume(args: &args::Resume, console: &Console) -> Outcome {
    let session = Session::new(&args.manner, console)?;
    let recorded = session.reopen(&args.run)?;
    let run = &recorded.run;
    let state = run.recorded_state();
    if state.is_over() {
        return Err(Refusal::usage(
            format!("the run `{}` is {state}: there is nothing to resume", run.id()),
            format!("`switchback show {}` has its record", run.id()),
        ));
    }
    if run.was_undone() {
        return Err(Refusal::usage(
            format!(
                "steps of run {} were undone: it cannot go on from there",
                run.id()
            ),
            format!(
                "start a new run; `switchback undo {0}` undoes the rest, `switchback cancel {0}` gives it up",
                run.id()
            ),
        ));
    }
    session.find_commands(run.runbook(), run.parameters(), run.folder().as_ref())?;
    let mut said = words::resolutions(&args.resolve, &args.set, args.reason.as_deref(), &session.me)?;
    said.extend(words::words(run, &args.people, &session.me)?);
    let first = Event::RunResumed {
        by: session.me.clone(),
    };
    let opening = engine::rehearse(run, first, said).map_err(words::refused)?;
    // It holds its key already, unless somebody took that from it.
    session.go_on(recorded, opening, &args.locking)
}
