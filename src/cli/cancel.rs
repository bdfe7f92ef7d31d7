use std::num::NonZeroUsize;

use crate::traverse::Event;

use super::args::{self, Manner};
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;
use super::session::{Place, Session};

/// `switchback cancel RUN`: gives a run up. Nothing is run; what was done stays as it is, and the run's key is free.
pub(super) fn cancel(args: &args::Cancel, console: &Console) -> Outcome {
    let manner = Manner {
        yes: false,
        headless: true,
        plain: false,
        state_dir: args.state_dir.clone(),
        output: args.output,
        jobs: NonZeroUsize::MIN,
    };
    let session = Session::new(&manner, console)?;
    let recorded = session.reopen(&args.run)?;
    let run = &recorded.run;
    let state = run.run_state();
    if state.is_over() {
        return Err(Refusal::usage(
            format!("run {} is {state}: there is nothing to give up", run.id()),
            format!("`switchback show {}` has its record", run.id()),
        ));
    }
    let place = Place {
        run: run.id(),
        folder: run.folder().into(),
    };
    let given_up = Event::RunCancelled {
        by: session.me.clone(),
        reason: args.reason.clone(),
    };
    // A run that was given up has no next step: the engine puts this on record, and how the run stands with it.
    match session.drive(recorded, vec![given_up], place)? {
        Exit::Stopped => Ok(Exit::Complete),
        other => Ok(other),
    }
}
