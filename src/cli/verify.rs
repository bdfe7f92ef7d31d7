use anyhow::Context;

use crate::adapter::journal;
use crate::traverse::Event;

use super::args;
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::session;

/// `switchback verify RUN`: whether the record of a run, and the runbook kept with it, are as they were written.
pub(super) fn verify(args: &args::Verify, console: &Console) -> Outcome {
    let state = session::state_dir(args.state_dir.as_deref())?;
    let folder = session::find(&args.run, &state)?;
    let sound = match journal::verify(&folder.journal()) {
        Ok(sound) => sound,
        Err(damage) => {
            console.print(&format!("not as it was written: {damage}\n"));
            return Ok(Exit::Failed);
        }
    };
    if sound.records.is_empty() {
        console.print("not as it was written: nothing is on record, and the run never began\n");
        return Ok(Exit::Failed);
    }
    let snapshot = folder
        .snapshot()
        .context("the runbook of the run cannot be read")?;
    let kept = journal::digest(&snapshot.runbook, &snapshot.files);
    if let Some(Event::RunStarted { digest, .. }) = sound.records.first().map(|record| &record.event)
        && *digest != kept
    {
        console.print(&format!(
            "not as it was written: the runbook kept with the run has the digest {kept}, and it started with {digest}\n"
        ));
        return Ok(Exit::Failed);
    }
    let torn = if sound.is_torn {
        "; one more was only half written, and never happened"
    } else {
        ""
    };
    console.print(&format!(
        "ok: {} records{torn}\nsum: sha256:{}\n",
        sound.records.len(),
        sound.sum
    ));
    Ok(Exit::Complete)
}
