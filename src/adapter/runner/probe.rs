use std::io;
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use serde_json::Map;

use crate::adapter::process::Surroundings;
use crate::adapter::signals::{self, CtrlC, Watch};
use crate::engine::{self, CommandRunner, Report, Reports};
use crate::model::{Effect, Runbook, Stream, Value};
use crate::plan::Probe;
use crate::traverse::{Event, Outcome, RunId, Step};

use super::{DuctRunner, Workplace};

/// Runs what a plan may probe, as a run would, and nothing else: it can be given nothing but a [`Probe`]. Nothing is put on record.
pub struct Prober {
    runner: DuctRunner,
    reports: (Reports, Receiver<Report>),
    _watch: Watch,
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// The values that its action captures.
    Values(Map<String, Value>),
    /// Why there are none.
    Nothing(String),
    /// A signal asked the program to end meanwhile.
    Interrupted(i32),
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
        };
        let reports = engine::channel();
        Ok(Self {
            runner: DuctRunner::new(runbook, workplace)?,
            _watch: signals::watch(&reports.0, Arc::new(CtrlC::default()))?,
            reports,
        })
    }

    /// Runs a probe to its end.
    pub fn run(&mut self, probe: &Probe) -> Found {
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
                        (Some(signal), _) => Found::Interrupted(signal),
                        (None, Outcome::Exited(0)) => Found::Values(captures),
                        (None, outcome) => Found::Nothing(why(&outcome, &complaint)),
                    };
                }
                _ => {}
            }
        }
        Found::Nothing("it broke off through an internal error".to_owned())
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
