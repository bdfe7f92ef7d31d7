use std::sync::Arc;

use crate::adapter::journal;
use crate::engine;
use crate::traverse::{Event, Traversal};

use super::args::{self, Output};
use super::console::Console;
use super::error::Outcome;
use super::session::{self, Place, Session};
use super::{load, plan, words};

/// `switchback run FILE`: from the start to as far as it goes now.
pub(super) fn run(args: &args::Run, console: &Console) -> Outcome {
    if args.dry_run {
        return plan::preview(&args.what, &args.people, false, Output::Text, console);
    }
    let loaded = load::valid(&args.what.file, console)?;
    let parameters = words::parameters(&loaded.runbook, &args.what.params)?;
    if let Some(reviewed) = &args.plan {
        plan::is_as_reviewed(reviewed, &loaded.runbook, &parameters)?;
    }
    let session = Session::new(&args.manner, console)?;
    session.find_commands(&loaded.runbook, &parameters, &loaded.folder)?;
    let key = words::key(&loaded.runbook, &parameters)?;

    let run = Traversal::new(Arc::clone(&loaded.runbook));
    let said = words::words(&run, &args.people, &session.me)?;
    let place = Place {
        run: session::new_id(),
        folder: loaded.folder.clone(),
    };
    let first = Event::RunStarted {
        run: place.run.clone(),
        runbook: loaded.runbook.name.clone(),
        folder: place.folder.display().to_string(),
        digest: journal::digest(&loaded.source.text, &loaded.files),
        parameters,
        by: session.me.clone(),
    };
    // Nothing is left behind by a word that cannot be taken.
    let mut opening = engine::rehearse(&run, first, said).map_err(words::refused)?;
    let create = || session.create(&place.run, &loaded);
    let (recorded, of_the_key) = session.with_key(key.as_deref(), &place.run, &args.locking, create)?;
    opening.splice(1..1, of_the_key);
    session.drive(recorded, opening, place)
}
