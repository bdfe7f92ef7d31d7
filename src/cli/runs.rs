use serde_json::json;

use super::args::{self, Output};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::session;

/// `switchback runs`: the runs on this machine, the newest first.
pub(super) fn runs(args: &args::Runs, console: &Console) -> Outcome {
    let state = session::state_dir(args.state_dir.as_deref())?;
    let mut rows = Vec::new();
    for id in state.runs()? {
        match session::open(&id.0, &state) {
            Ok(run) => rows.push(run),
            Err(refusal) => console.say(&format!("{id}: {:#}", refusal.error)),
        }
    }
    match args.output {
        Output::Json => {
            let rows: Vec<_> = rows
                .iter()
                .map(|run| {
                    json!({
                        "run": run.id(),
                        "runbook": run.runbook().name,
                        "state": run.recorded_state(),
                        "started": run.started(),
                        "last_seen": run.last_seen(),
                        "operator": run.operator(),
                    })
                })
                .collect();
            console.print(&format!("{}\n", serde_json::to_string_pretty(&rows)?));
        }
        Output::Text if rows.is_empty() => {
            console.say("no runs yet: `switchback run FILE` starts one");
        }
        Output::Text => {
            for run in &rows {
                console.print(&format!(
                    "{:<22} {:<12} {:<20} {}  {}\n",
                    run.id(),
                    run.recorded_state(),
                    run.runbook().name,
                    run.started().strftime("%Y-%m-%d %H:%M UTC"),
                    run.operator().map_or("", |by| by.name.as_str()),
                ));
            }
        }
    }
    Ok(Exit::Complete)
}
