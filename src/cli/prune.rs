use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

use anyhow::Context;

use crate::adapter::journal::{FileJournal, JournalError, Pruning, StateDir};
use crate::adapter::lock;
use crate::adapter::reporter::Tint;
use crate::traverse::RunId;

use super::args;
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;
use super::history::{Brief, Cell, Column, Keep, Standing, room, table};
use super::session;

/// `switchback prune --keep …`: removes the records of runs that are over.
pub(super) fn prune(args: &args::Prune, console: &Console) -> Outcome {
    if args.keep.is_empty() {
        return Err(Refusal::usage(
            "nothing says which runs to keep",
            "say how many, or how young:\n    switchback prune --keep 50\n    switchback prune --keep 90d\n    switchback prune --keep 50 --keep 90d --dry-run",
        ));
    }
    let state = session::state_dir(args.recorded.state_dir.as_deref())?;
    let candidates = candidates(args, &state)?;
    let holders = lock::holders(&state).context("who holds which lock cannot be read")?;
    let mut pruned = Pruned {
        holders: holders.into_iter().map(|holder| holder.run).collect(),
        removed: Vec::new(),
        left: BTreeMap::new(),
    };
    let pruning = match args.dry_run {
        true => None,
        false => begin(&state)?,
    };
    for run in candidates.runs {
        pruned.take(run, pruning.as_ref(), &state)?;
    }
    if let Some(pruning) = pruning {
        pruning.end().context(
            "what was taken out of the list cannot be removed from the disk; the next `switchback prune` tries again",
        )?;
    }
    pruned.report(candidates.kept, args.dry_run, console);
    Ok(Exit::Complete)
}

/// Begins the removing; none where there is nothing that could be removed.
fn begin(state: &StateDir) -> Result<Option<Pruning>, Refusal> {
    match Pruning::begin(state) {
        Ok(Some(pruning)) => Ok(Some(pruning)),
        Ok(None) => Err(Refusal {
            exit: Exit::Locked,
            ..Refusal::usage(
                "another process is removing runs",
                "wait for its end; nothing was removed here",
            )
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow::Error::from(error)
            .context("what an earlier `switchback prune` has left cannot be removed")
            .into()),
    }
}

/// A run that no `--keep` keeps.
struct Candidate {
    run: RunId,
    /// None if its record cannot be read.
    brief: Option<Brief>,
}

struct Candidates {
    runs: Vec<Candidate>,
    kept: usize,
}

fn candidates(args: &args::Prune, state: &StateDir) -> std::io::Result<Candidates> {
    let mut found = Candidates {
        runs: Vec::new(),
        kept: 0,
    };
    for (run, brief) in of_the_runbook(args, state)? {
        let place = found.kept + found.runs.len();
        let is_kept = |keep: &Keep| match keep {
            Keep::Newest(number) => place < *number,
            Keep::Since(then) => brief.as_ref().is_some_and(|brief| brief.last_seen >= *then),
        };
        if args.keep.iter().any(is_kept) {
            found.kept += 1;
        } else {
            found.runs.push(Candidate { run, brief });
        }
    }
    Ok(found)
}

/// The runs that are meant, the newest first. One that cannot be read may be of any runbook.
fn of_the_runbook(
    args: &args::Prune,
    state: &StateDir,
) -> std::io::Result<impl Iterator<Item = (RunId, Option<Brief>)>> {
    let runs = state
        .runs()?
        .into_iter()
        .filter_map(|run| match Brief::read(&run, state) {
            Ok(Some(brief)) => Some((run, Some(brief))),
            // It never began, and is no run.
            Ok(None) => None,
            Err(_) => Some((run, None)),
        });
    Ok(runs.filter(|(_, brief)| match (&args.runbook, brief) {
        (Some(name), Some(brief)) => brief.runbook == *name,
        (Some(_), None) => false,
        (None, _) => true,
    }))
}

/// What was removed, and what was left as it is.
struct Pruned {
    holders: BTreeSet<RunId>,
    removed: Vec<Removed>,
    /// The runs that nothing keeps and that cannot be removed, by why not.
    left: BTreeMap<&'static str, usize>,
}

struct Removed {
    brief: Brief,
    room: u64,
}

impl Pruned {
    /// Removes a run if it may be; without a `pruning`, only looks.
    fn take(
        &mut self,
        candidate: Candidate,
        pruning: Option<&Pruning>,
        state: &StateDir,
    ) -> Result<(), Refusal> {
        let folder = state.run(&candidate.run);
        match self.removable(candidate, pruning.is_none(), state) {
            Err(why) => *self.left.entry(why).or_default() += 1,
            Ok((brief, held)) => {
                let room = folder.room().unwrap_or(0);
                if let (Some(pruning), Some(held)) = (pruning, held) {
                    pruning
                        .take(&brief.run, held)
                        .with_context(|| format!("run {} cannot be removed", brief.run))?;
                }
                self.removed.push(Removed { brief, room });
            }
        }
        Ok(())
    }

    /// A run that may be removed, with its journal, so that nobody goes on with it meanwhile; else why it may not.
    fn removable(
        &self,
        candidate: Candidate,
        is_dry: bool,
        state: &StateDir,
    ) -> Result<(Brief, Option<FileJournal>), &'static str> {
        let unreadable = Standing::Unreadable.words();
        let brief = candidate.brief.ok_or(unreadable)?;
        if !matches!(
            brief.standing,
            Standing::Complete | Standing::Recovered | Standing::Cancelled
        ) {
            return Err(brief.standing.words());
        }
        let journal = state.run(&brief.run).journal();
        let held = match is_dry {
            true => None,
            false => Some(FileJournal::open(&journal).map_err(|error| match error {
                JournalError::Locked(_) => Standing::Running.words(),
                _ => unreadable,
            })?),
        };
        let run = session::open(&brief.run.0, state).map_err(|_| unreadable)?;
        if !run.is_past() {
            return Err("half undone");
        }
        if self.holders.contains(&brief.run) {
            return Err("holding a lock");
        }
        Ok((brief, held.map(|(journal, _)| journal)))
    }

    fn report(&self, kept: usize, is_dry: bool, console: &Console) {
        if !self.removed.is_empty() {
            console.print(&self.table(console));
        }
        let freed = room(self.removed.iter().map(|removed| removed.room).sum());
        let runs = |number: usize| match number {
            1 => "1 run".to_owned(),
            number => format!("{number} runs"),
        };
        console.say(&match (self.removed.len(), is_dry) {
            (0, _) => "nothing to remove".to_owned(),
            (number, true) => format!("{} would be removed, {freed}; nothing was", runs(number)),
            (number, false) => format!("removed {}, {freed}", runs(number)),
        });
        if kept > 0 {
            console.say(&format!("kept {}", runs(kept)));
        }
        if !self.left.is_empty() {
            let why = self.left.iter().map(|(why, number)| format!("{number} {why}"));
            let why: Vec<String> = why.collect();
            console.say(&format!(
                "left as they are: {}; `switchback runs` lists them",
                why.join(", ")
            ));
        }
    }

    fn table(&self, console: &Console) -> String {
        let of = |cell: fn(&Removed) -> Cell| self.removed.iter().map(cell).collect::<Vec<_>>();
        let columns = vec![
            Column::new("run", of(|removed| Cell::plain(&removed.brief.run.0))),
            Column::new("room", of(|removed| Cell::plain(&room(removed.room)))),
            Column::new(
                "state",
                of(|removed| {
                    let standing = removed.brief.standing;
                    Cell::new(standing.words(), standing.tint())
                }),
            ),
            Column::new("runbook", of(|removed| Cell::plain(&removed.brief.runbook))).soft(),
            Column::new(
                "ended (UTC)",
                of(|removed| {
                    let ended = removed.brief.last_seen.strftime("%Y-%m-%d %H:%M");
                    Cell::new(&ended.to_string(), Tint::Faint)
                }),
            ),
        ];
        table(columns, console.data_width(), console.data_style)
    }
}
