//! Does the machine's steps, each on a thread that has nothing else to do meanwhile.

mod execute;
mod output;
mod probe;
mod step;
mod threads;
mod write;

use std::borrow::Cow;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::adapter::journal::RunFolder;
use crate::adapter::process::{Interrupt, Surroundings};
use crate::adapter::secret::Secrets;
use crate::adapter::trace::{Span, Trace};
use crate::engine::{CommandRunner, Report, Reports};
use crate::model::Runbook;
use crate::traverse::{RunId, Step};

pub use probe::Prober;

use threads::{Threads, Work};

/// Where a run works.
#[derive(Clone, Debug)]
pub struct Workplace {
    /// The runbook's own folder and what commands inherit.
    pub surroundings: Surroundings,
    /// Where what commands print is kept; none keeps nothing.
    pub output: Option<RunFolder>,
    /// The run.
    pub run: RunId,
    /// The trace that it is part of; none where it is not traced.
    pub trace: Option<Trace>,
}

impl Workplace {
    /// What a command inherits that is part of this span.
    fn surroundings_in(&self, span: Span<'_>) -> Cow<'_, Surroundings> {
        match &self.trace {
            Some(trace) => Cow::Owned(trace.surroundings(&self.surroundings, span)),
            None => Cow::Borrowed(&self.surroundings),
        }
    }
}

/// Does the machine's steps for real: runs commands, writes files, carries out checks.
pub struct DuctRunner {
    bench: Arc<Bench>,
    threads: Threads,
}

/// What every step needs.
struct Bench {
    runbook: Arc<Runbook>,
    workplace: Workplace,
    secrets: Secrets,
    interrupt: Interrupt,
}

impl DuctRunner {
    /// A runner for a run of this runbook.
    ///
    /// # Errors
    ///
    /// When the process has no file descriptor left.
    pub fn new(runbook: Arc<Runbook>, workplace: Workplace) -> io::Result<Self> {
        let surroundings = workplace.surroundings_in(Span::Call).into_owned();
        let secrets = Secrets::new(Arc::clone(&runbook), surroundings);
        let bench = Bench {
            runbook,
            workplace,
            secrets,
            interrupt: Interrupt::new()?,
        };
        Ok(Self {
            bench: Arc::new(bench),
            threads: Threads::default(),
        })
    }
}

impl CommandRunner for DuctRunner {
    /// A step that is not the machine's is none of its business.
    fn start(&mut self, step: Step, reports: &Reports) {
        let Some(broken) = step::broken(&step) else { return };
        let bench = Arc::clone(&self.bench);
        let reports = reports.clone();
        let (told, unstarted) = (reports.clone(), broken.clone());
        let task = move || {
            // Whoever waits for this step must hear of it, whatever goes wrong here.
            let done = catch_unwind(AssertUnwindSafe(|| bench.carry_out(&step, &told)));
            done.ok().flatten().unwrap_or(Report::Event(broken))
        };
        let work = Work {
            task: Box::new(task),
            reports: reports.clone(),
        };
        if self.threads.start(work).is_err() {
            let _ = reports.send(Report::Event(unstarted));
        }
    }

    /// The first time, what runs is asked to end; the second time, it is ended.
    fn interrupt(&mut self) {
        self.bench.interrupt.raise();
    }
}

#[cfg(test)]
mod tests;
