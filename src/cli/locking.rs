//! One run a key: taking the key of a run, waiting for it, taking it from another, giving it back.

use std::time::Duration;

use anyhow::Context;

use crate::adapter::inbox::Inbox;
use crate::adapter::journal::{self, StateDir};
use crate::adapter::lock::{Holder, Key};
use crate::adapter::process;
use crate::adapter::reporter::named;
use crate::engine::Message;
use crate::traverse::{Event, Person, RunId, RunState};

use super::args::Locking;
use super::console::Console;
use super::error::Refusal;
use super::exit_code::Exit;
use super::progress::Progress;
use super::{letters, session};

/// How long lies between two looks at a key that another run holds.
const PAUSE: Duration = Duration::from_millis(500);

/// Who wants a key, and how much.
pub(super) struct Claim<'a> {
    pub(super) key: &'a str,
    pub(super) run: &'a RunId,
    pub(super) me: &'a Person,
    pub(super) locking: &'a Locking,
    pub(super) state: &'a StateDir,
    pub(super) console: &'a Console,
    /// Whether waiting is only said, and not drawn.
    pub(super) plain: bool,
}

impl Claim<'_> {
    /// Takes the key, and does `work` while nobody else can look at it. The events say what became of the key.
    ///
    /// Waiting is ended by a signal, which ends the program: nothing was begun.
    pub(super) fn take<T>(
        &self,
        work: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<(T, Vec<Event>), Refusal> {
        let mut told: Option<(RunId, Progress)> = None;
        loop {
            let key = Key::open(self.state, self.key).with_context(|| self.unwritable())?;
            let holder = key.holder().with_context(|| self.unwritable())?;
            let ours = holder.as_ref().is_some_and(|holder| holder.run == *self.run);
            let busy = holder.filter(|holder| holder.run != *self.run && !is_over(&holder.run, self.state));
            let mut events = Vec::new();
            match (busy, &self.locking.break_lock) {
                (Some(holder), None) if self.locking.wait => {
                    drop(key);
                    if told.as_ref().is_none_or(|(run, _)| *run != holder.run) {
                        drop(told.take());
                        self.console
                            .say(&format!("waiting: {}", held(&holder, self.state)));
                        let progress = Progress::spinner(self.console, self.plain, "waiting for the lock");
                        told = Some((holder.run, progress));
                    }
                    std::thread::sleep(PAUSE);
                    continue;
                }
                (Some(holder), None) => return Err(self.refused(&holder)),
                (Some(holder), Some(reason)) => {
                    self.warn_of_what_runs(&holder.run);
                    let event = Event::LockBroken {
                        key: self.key.to_owned(),
                        from: holder.run.clone(),
                        to: self.run.clone(),
                        by: self.me.clone(),
                        reason: reason.clone(),
                    };
                    self.tell(&holder.run, &event);
                    events.push(event);
                }
                (None, _) => {}
            }
            drop(told);
            let done = work()?;
            if !ours {
                key.give(&Holder::now(self.key, self.run, self.me))
                    .with_context(|| self.unwritable())?;
                events.push(Event::Locked {
                    key: self.key.to_owned(),
                });
            }
            return Ok((done, events));
        }
    }

    /// Says what another run still has at work, beside which this one is about to start.
    fn warn_of_what_runs(&self, run: &RunId) {
        let Ok(other) = session::open(&run.0, self.state) else {
            return;
        };
        for (node, running) in other.running().filter(|(_, running)| process::lives(*running)) {
            let what = session::named(running);
            self.console.say(&format!(
                "beside this run, the command of `{node}` of run {run} still runs, as {what}"
            ));
        }
    }

    /// Puts on record in another run that its key was taken. While a process drives that run, only it can write there: it finds the letter.
    fn tell(&self, run: &RunId, event: &Event) {
        let folder = self.state.run(run);
        let message = Message::Happened(event.clone());
        let told = Inbox::of(&folder).leave(&message).map_err(Refusal::from);
        if let Err(refusal) = told.and_then(|_| letters::read_all(&folder)) {
            self.console.say(&format!(
                "the lock is broken, but run {run} has no record of it yet: {:#}",
                refusal.error
            ));
        }
    }

    fn refused(&self, holder: &Holder) -> Refusal {
        let run = named(&holder.run, self.custom_state_dir());
        let help = [
            "bring that run to its end, wait for it, or take the key from it:".to_owned(),
            format!("    switchback resume {run}"),
            format!("    switchback cancel {run} --reason TEXT"),
            "    the same command with --wait".to_owned(),
            "    the same command with --break-lock REASON".to_owned(),
        ];
        Refusal {
            exit: Exit::Locked,
            ..Refusal::usage(held(holder, self.state), help.join("\n"))
        }
    }

    /// The state directory, if that is not where everybody looks first.
    fn custom_state_dir(&self) -> Option<&std::path::Path> {
        let usual = StateDir::of(&session::environment());
        Some(self.state.path()).filter(|path| usual.is_none_or(|usual| usual.path() != *path))
    }

    fn unwritable(&self) -> String {
        format!(
            "the lock `{}` cannot be kept in {}",
            self.key,
            self.state.path().display()
        )
    }
}

/// Gives the key of a run back, if it holds it.
pub(super) fn free(key: &str, run: &RunId, state: &StateDir) -> Result<(), Refusal> {
    let freed = Key::open(state, key).and_then(|key| key.free(run));
    Ok(freed.with_context(|| format!("the lock `{key}` of run {run} cannot be freed"))?)
}

/// Who holds a key, and since when.
fn held(holder: &Holder, state: &StateDir) -> String {
    let stands = match session::open(&holder.run.0, state) {
        _ if is_driven(&holder.run, state) => " (going on)".to_owned(),
        Ok(run) if run.recorded_state() == RunState::Running => " (cut short)".to_owned(),
        Ok(run) => format!(" ({})", run.recorded_state().as_str().replace('_', " ")),
        Err(_) => String::new(),
    };
    format!(
        "`{}` is held by run {}{stands}: {} on {}, since {}",
        holder.key,
        holder.run,
        holder.by,
        holder.host,
        holder.since.strftime("%Y-%m-%d %H:%M:%S UTC"),
    )
}

/// Whether nothing can come of a run any more, so that its key is free whatever its record says: the program may have gone
/// away between the end of the run and the giving back of the key, or before the run began.
fn is_over(run: &RunId, state: &StateDir) -> bool {
    let journal = state.run(run).journal();
    if !journal.is_file() {
        return true;
    }
    let ended = match journal::read(&journal) {
        Ok(records) if records.is_empty() => true,
        Ok(_) => session::open(&run.0, state).is_ok_and(|run| run.is_past()),
        Err(_) => false,
    };
    ended && !is_driven(run, state)
}

/// Whether a process has the run.
pub(super) fn is_driven(run: &RunId, state: &StateDir) -> bool {
    journal::is_held(&state.run(run).journal()).unwrap_or(true)
}
