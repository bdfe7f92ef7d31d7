use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::adapter::process::Surroundings;
use crate::adapter::signals::{self, CtrlC, Watch};
use crate::engine::{self, CommandRunner, Report, Reports};
use crate::model::{Effect, Runbook, Stream};
use crate::plan::{Found, Probe};
use crate::traverse::{Event, Outcome, RunId, Step};

use super::{DuctRunner, Workplace};

/// Runs what a plan may probe, as a run would, and nothing else: it can be given nothing but a [`Probe`]. Nothing is put on record.
pub struct Prober {
    runner: DuctRunner,
    reports: (Reports, Receiver<Report>),
    _watch: Watch,
}

impl Prober {
    /// A prober for a plan of this runbook.
    ///
    /// # Errors
    ///
    /// When the process has no file descriptor left, or cannot take signals over.
    pub fn new(runbook: Arc<Runbook>, surroundings: Surroundings) -> io::Result<Self> {
        let workplace = Workplace {
            surroundings,
            output: None,
            run: RunId("probe".to_owned()),
            trace: None,
        };
        let reports = engine::channel();
        Ok(Self {
            runner: DuctRunner::new(runbook, workplace)?,
            _watch: signals::watch(&reports.0, Arc::new(CtrlC::default()))?,
            reports,
        })
    }

    /// Runs a probe to its end.
    ///
    /// # Errors
    ///
    /// The signal that asked the program to end meanwhile.
    pub fn run(&mut self, probe: &Probe) -> Result<Found, i32> {
        let step = Step::Execute {
            node: probe.node().clone(),
            attempt: 1,
            command: probe.command().clone(),
            effect: Effect::Read,
        };
        let (reports, heard) = &self.reports;
        self.runner.start(step, reports);
        let (mut interrupted, mut complaint) = (None, Vec::new());
        while let Ok(report) = heard.recv() {
            match report {
                Report::Interrupted { signal } => {
                    interrupted.get_or_insert(signal);
                    self.runner.interrupt();
                }
                Report::Output {
                    stream: Stream::Stderr,
                    bytes,
                    ..
                } => complaint = bytes,
                Report::Event(Event::Finished {
                    outcome, captures, ..
                }) => {
                    return match (interrupted, outcome) {
                        (Some(signal), _) => Err(signal),
                        (None, Outcome::Exited(0)) => Ok(Found::Values(captures)),
                        (None, outcome) => Ok(Found::Nothing(why(&outcome, &complaint))),
                    };
                }
                _ => {}
            }
        }
        // Every step ends in a report, and we hold the other end ourselves.
        Ok(Found::Nothing(
            "it broke off through an internal error".to_owned(),
        ))
    }
}

/// How it ended, and the last line that it complained with.
fn why(outcome: &Outcome, complaint: &[u8]) -> String {
    let complaint = String::from_utf8_lossy(complaint);
    match complaint.trim().lines().last() {
        Some(line) => format!("{outcome}: {line}"),
        None => outcome.to_string(),
    }
}
