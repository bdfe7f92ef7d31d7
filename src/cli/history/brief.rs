use jiff::Timestamp;

use crate::adapter::journal::{JournalError, StateDir, Tail, is_held};
use crate::traverse::{Event, Person, RunId, RunState};

use super::Standing;

/// What a list says of a run. It comes from the record alone: the runbook is not read, as there can be thousands of runs.
pub(in crate::cli) struct Brief {
    /// The name of its folder. A folder that was copied has the record of another.
    pub(in crate::cli) run: RunId,
    pub(in crate::cli) runbook: String,
    pub(in crate::cli) by: Person,
    pub(in crate::cli) started: Timestamp,
    /// When the last thing on its record happened.
    pub(in crate::cli) last_seen: Timestamp,
    pub(in crate::cli) standing: Standing,
}

impl Brief {
    /// Reads the whole record of a run; none if nothing is on it, as the program went away before the run began.
    ///
    /// # Errors
    ///
    /// When the record cannot be read or is damaged.
    pub(in crate::cli) fn read(run: &RunId, state: &StateDir) -> Result<Option<Self>, JournalError> {
        let journal = state.run(run).journal();
        let mut tail = Tail::open(&journal)?;
        let mut told = None;
        let mut ending = Ending::default();
        read_on(&mut tail, &mut told, &mut ending)?;
        if ending.is_open() && is_held(&journal).unwrap_or(false) {
            ending.is_driven = true;
        } else if ending.is_open() {
            // It may have ended since.
            read_on(&mut tail, &mut told, &mut ending)?;
        }
        Ok(told.map(|told| Self {
            run: run.clone(),
            runbook: told.runbook,
            by: told.by,
            started: told.started,
            last_seen: told.last_seen,
            standing: ending.standing(),
        }))
    }
}

/// How the record of a run ends, as far as it was read.
#[derive(Default)]
struct Ending {
    ended: Option<RunState>,
    is_undoing: bool,
    is_driven: bool,
}

impl Ending {
    fn is_open(&self) -> bool {
        self.ended.is_none() || self.is_undoing
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::RunResumed { .. } => (self.ended, self.is_undoing) = (None, false),
            Event::UndoBegun { .. } => self.is_undoing = true,
            Event::UndoEnded { .. } => self.is_undoing = false,
            Event::RunEnded { state, .. } => self.ended = Some(*state),
            _ => {}
        }
    }

    fn standing(&self) -> Standing {
        match self.ended {
            _ if self.is_driven => Standing::Running,
            Some(state) if !self.is_undoing => Standing::of(state),
            _ => Standing::CutShort,
        }
    }
}

/// What the records say of it but how it stands.
struct Told {
    runbook: String,
    by: Person,
    started: Timestamp,
    last_seen: Timestamp,
}

fn read_on(tail: &mut Tail, told: &mut Option<Told>, ending: &mut Ending) -> Result<(), JournalError> {
    while let Some(record) = tail.record()? {
        ending.take(&record.event);
        match (&mut *told, record.event) {
            (Some(told), _) => told.last_seen = record.at,
            (none, Event::RunStarted { runbook, by, .. }) => {
                *none = Some(Told {
                    runbook,
                    by,
                    started: record.at,
                    last_seen: record.at,
                });
            }
            (None, _) => {}
        }
    }
    Ok(())
}
