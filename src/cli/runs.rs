use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::adapter::journal::StateDir;
use crate::adapter::reporter::{Tint, elapsed, quoted};
use crate::diagnostic::nearest;
use crate::traverse::RunId;

use super::args::{self, Output};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::history::{Brief, Cell, Column, Standing, between, person, table};
use super::session;

/// `switchback runs`: the runs on this machine, the newest first.
pub(super) fn runs(args: &args::Runs, console: &Console) -> Outcome {
    let state = session::state_dir(args.recorded.state_dir.as_deref())?;
    let found = find(args, &state, console)?;
    match args.output {
        Output::Json => {
            let rows: Vec<Value> = found.rows.iter().map(data).collect();
            let all = json!({ "v": 1, "runs": rows });
            console.print(&format!("{}\n", serde_json::to_string_pretty(&all)?));
        }
        Output::Text if found.rows.is_empty() => console.say(&nothing(args, &found)),
        Output::Text => console.print(&text(&found.rows, console)),
    }
    Ok(Exit::Complete)
}

/// A run of the list.
struct Row {
    run: RunId,
    /// What is known of it; else why its record cannot be read.
    brief: Result<Brief, String>,
}

/// What was looked for, and what was seen on the way.
struct Found {
    rows: Vec<Row>,
    /// How many runs there are.
    count: usize,
    /// The runbooks of those that were read.
    runbooks: Vec<String>,
}

fn find(args: &args::Runs, state: &StateDir, console: &Console) -> std::io::Result<Found> {
    let ids = state.runs()?;
    let mut found = Found {
        rows: Vec::new(),
        count: ids.len(),
        runbooks: Vec::new(),
    };
    for run in ids {
        if args.limit.is_some_and(|limit| found.rows.len() >= limit) {
            break;
        }
        if args
            .since
            .is_some_and(|since| ended_before(since, &state.run(&run).journal()))
        {
            continue;
        }
        match Brief::read(&run, state) {
            Ok(Some(brief)) => {
                if !found.runbooks.contains(&brief.runbook) {
                    found.runbooks.push(brief.runbook.clone());
                }
                if is_wanted(&brief, args) {
                    found.rows.push(Row {
                        run,
                        brief: Ok(brief),
                    });
                }
            }
            Ok(None) => console.say(&format!("{run}: nothing is on record: the run never began")),
            Err(damage) => {
                console.say(&format!("{run}: {damage}"));
                let is_of_any = args.runbook.is_none();
                if is_of_any && (args.state.is_empty() || args.state.contains(&Standing::Unreadable)) {
                    let brief = Err(damage.to_string());
                    found.rows.push(Row { run, brief });
                }
            }
        }
    }
    Ok(found)
}

/// Whether nothing was written since, which needs no look into the record: then it was not started since either.
fn ended_before(since: Timestamp, journal: &Path) -> bool {
    let written = std::fs::metadata(journal).and_then(|journal| journal.modified());
    let written = written.ok().and_then(|at| Timestamp::try_from(at).ok());
    written.is_some_and(|written| written < since)
}

fn is_wanted(brief: &Brief, args: &args::Runs) -> bool {
    args.runbook.as_ref().is_none_or(|name| brief.runbook == *name)
        && (args.state.is_empty() || args.state.contains(&brief.standing))
        && args.since.is_none_or(|since| brief.started >= since)
}

/// Until when a run took: one that goes on, until now.
fn until(brief: &Brief) -> Timestamp {
    match brief.standing {
        Standing::Running => Timestamp::now(),
        _ => brief.last_seen,
    }
}

fn data(row: &Row) -> Value {
    match &row.brief {
        Ok(brief) => json!({
            "run": row.run,
            "runbook": brief.runbook,
            "state": brief.standing,
            "started": brief.started,
            "last_seen": brief.last_seen,
            "took_seconds": between(brief.started, until(brief)).as_secs_f64(),
            "operator": brief.by,
        }),
        Err(problem) => json!({ "run": row.run, "state": Standing::Unreadable, "problem": problem }),
    }
}

fn text(rows: &[Row], console: &Console) -> String {
    let of = |cell: fn(&Brief) -> Cell| {
        let cells = rows.iter().map(move |row| match &row.brief {
            Ok(brief) => cell(brief),
            Err(_) => Cell::plain(""),
        });
        cells.collect::<Vec<_>>()
    };
    let standing = |row: &Row| {
        let standing = row
            .brief
            .as_ref()
            .map_or(Standing::Unreadable, |brief| brief.standing);
        Cell::new(standing.words(), standing.tint())
    };
    let columns = vec![
        Column::new("run", rows.iter().map(|row| Cell::plain(&row.run.0))),
        Column::new("state", rows.iter().map(standing)),
        Column::new("runbook", of(|brief| Cell::plain(&brief.runbook))).soft(),
        Column::new(
            "started (UTC)",
            of(|brief| Cell::plain(&brief.started.strftime("%Y-%m-%d %H:%M").to_string())),
        ),
        Column::new(
            "took",
            of(|brief| Cell::new(&elapsed(between(brief.started, until(brief))), Tint::Faint)),
        ),
        Column::new("by", of(|brief| Cell::plain(&person(&brief.by)))).soft(),
    ];
    table(columns, console.data_width(), console.data_style)
}

/// That no run is like this, and what to look for instead.
fn nothing(args: &args::Runs, found: &Found) -> String {
    if found.count == 0 {
        return "no runs yet: `switchback run FILE` starts one".to_owned();
    }
    let mut filter = Vec::new();
    filter.extend(
        args.runbook
            .iter()
            .map(|name| format!("--runbook {}", quoted(name))),
    );
    filter.extend(args.state.iter().map(|state| {
        let state = clap::ValueEnum::to_possible_value(state);
        format!(
            "--state {}",
            state.map_or_else(String::new, |state| state.get_name().to_owned())
        )
    }));
    filter.extend(args.since.map(|since| format!("--since {since:.0}")));
    filter.extend(args.limit.map(|limit| format!("--limit {limit}")));
    let known = found.runbooks.iter().map(String::as_str);
    let near = args
        .runbook
        .as_deref()
        .filter(|name| !found.runbooks.iter().any(|known| known == name));
    let near = near.and_then(|name| nearest(name, known));
    let help = match near {
        Some(near) => format!("did you mean `--runbook {near}`?"),
        None => "`switchback runs` lists what there is".to_owned(),
    };
    format!("no run matches `{}`\n  help: {help}", filter.join(" "))
}
