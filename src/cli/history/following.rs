use std::time::Duration;

use crate::adapter::journal::{RunFolder, Tail, is_held};
use crate::cli::error::Refusal;
use crate::cli::session;
use crate::traverse::{Record, RunState, Traversal};

use super::Standing;

/// How long lies between two looks at a run that goes on.
pub(in crate::cli) const LOOK_AGAIN: Duration = Duration::from_millis(150);

/// A run as its record grows, folded as far as that was read.
pub(in crate::cli) struct Following {
    folder: RunFolder,
    tail: Tail,
    run: Traversal,
    /// The first record, until it was given: what it holds makes the run.
    first: Option<Record>,
}

impl Following {
    /// Begins at the first record of a run.
    ///
    /// # Errors
    ///
    /// When nothing is on record, or what was kept with the run is damaged.
    pub(in crate::cli) fn open(folder: RunFolder) -> Result<Self, Refusal> {
        let mut tail = Tail::open(&folder.journal())?;
        let first = tail.record()?;
        let (run, _) = session::fold(&folder, first.as_slice())?;
        Ok(Self {
            folder,
            tail,
            run,
            first,
        })
    }

    /// The next record, as soon as it is there; the run has it applied.
    ///
    /// # Errors
    ///
    /// When the record is damaged.
    pub(in crate::cli) fn record(&mut self) -> Result<Option<Record>, Refusal> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let Some(record) = self.tail.record()? else {
            return Ok(None);
        };
        self.run.apply(&record)?;
        Ok(Some(record))
    }

    /// Reads on to the end of the record, and tells how the run stands.
    ///
    /// # Errors
    ///
    /// When the record is damaged.
    pub(in crate::cli) fn catch_up(&mut self, mut each: impl FnMut(&Record)) -> Result<Standing, Refusal> {
        let mut read_on = |this: &mut Self| -> Result<(), Refusal> {
            while let Some(record) = this.record()? {
                each(&record);
            }
            Ok(())
        };
        read_on(self)?;
        if self.is_open() && self.is_driven() {
            return Ok(Standing::Running);
        }
        // It may have ended since.
        read_on(self)?;
        Ok(if self.is_open() {
            Standing::CutShort
        } else {
            Standing::of(self.run.recorded_state())
        })
    }

    /// The run, as far as its record was read.
    pub(in crate::cli) fn run(&self) -> &Traversal {
        &self.run
    }

    /// Its folder.
    pub(in crate::cli) fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Whether the program has not let go of it, by its record.
    pub(in crate::cli) fn is_open(&self) -> bool {
        self.run.is_undoing() || self.run.recorded_state() == RunState::Running
    }

    /// Whether a process drives it now.
    pub(in crate::cli) fn is_driven(&self) -> bool {
        is_held(&self.folder.journal()).unwrap_or(false)
    }
}
