use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Map;
use signal_hook::consts::SIGINT;

use crate::adapter::process::{End, Ended, Kept, Launch, extract, extract_all};
use crate::adapter::secret::Unresolved;
use crate::adapter::trace::Span;
use crate::engine::{Report, Reports};
use crate::model::{Capture, CaptureId, Command, NodeId, Stream, Value};
use crate::traverse::{Event, Outcome, Owner};

use super::Bench;
use super::output::Output;
use super::step::finished;

/// What a command does for an action.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Job {
    Work,
    Undo,
}

impl Bench {
    /// Runs an action's command, shows and keeps what it prints, and takes values from that.
    pub(super) fn execute(
        &self,
        node: &NodeId,
        attempt: u32,
        command: &Command<String>,
        reports: &Reports,
    ) -> Event {
        self.carry(Job::Work, node, attempt, command, reports)
    }

    /// Runs what undoes an action, and shows and keeps what it prints.
    pub(super) fn undo(
        &self,
        node: &NodeId,
        attempt: u32,
        command: &Command<String>,
        reports: &Reports,
    ) -> Event {
        match self.carry(Job::Undo, node, attempt, command, reports) {
            Event::Finished {
                node,
                attempt,
                outcome,
                took,
                ..
            } => Event::Undone {
                node,
                attempt,
                outcome,
                took,
            },
            other => other,
        }
    }

    fn carry(
        &self,
        job: Job,
        node: &NodeId,
        attempt: u32,
        command: &Command<String>,
        reports: &Reports,
    ) -> Event {
        let launch = match self.launch(job, node, attempt, command) {
            Ok(launch) => launch,
            Err(unresolved) => return self.not_started(node, attempt, &unresolved),
        };
        let mut known = |running| {
            let event = Event::Spawned {
                node: node.clone(),
                attempt,
                running,
            };
            let _ = reports.send(Report::Event(event));
        };
        if command.terminal {
            let ended = match launch.run_at_terminal(&self.interrupt, &mut known) {
                Ok(ended) => ended,
                Err(why) => return self.not_started(node, attempt, &why),
            };
            let outcome = if ended.end == End::Signalled(SIGINT) {
                // It does with Ctrl-C what it likes. If it dies of it, the person there meant the run.
                let _ = reports.send(Report::Interrupted { signal: SIGINT });
                Outcome::Interrupted
            } else {
                Outcome::from(ended.end)
            };
            return finished(node, attempt, outcome, ended.took);
        }
        let mask = self.secrets.mask();
        let folder = self.workplace.output.as_ref();
        let [mut stdout, mut stderr] = [Stream::Stdout, Stream::Stderr].map(|stream| {
            let path = folder.map(|folder| match job {
                Job::Work => folder.output(node, attempt, stream),
                Job::Undo => folder.output_of_undo(node, attempt, stream),
            });
            Output::new(node, stream, path, &mask, reports)
        });
        let ended = launch.run_known(&self.interrupt, &mut known, &mut |stream, block| match stream {
            Stream::Stdout => stdout.push(block),
            Stream::Stderr => stderr.push(block),
        });
        let ended = match ended {
            Ok(ended) => ended,
            Err(why) => return self.not_started(node, attempt, &why),
        };
        let note = |text: String| {
            let owner = Owner::Node(node.clone());
            let _ = reports.send(Report::Note { owner, text });
        };
        if ended.left_behind {
            note("what it left running still holds its output, which is not read any further".to_owned());
        }
        let (stdout, stderr) = (stdout.finish(ended.left_behind), stderr.finish(ended.left_behind));
        for problem in [&stdout.problem, &stderr.problem].into_iter().flatten() {
            note(format!("what it printed is not kept: {problem}"));
        }
        let captures = self.captures(node).filter(|_| job == Job::Work);
        match outcome(captures, &ended, &stdout.kept, &stderr.kept) {
            Ok(captures) => Event::Finished {
                node: node.clone(),
                attempt,
                outcome: Outcome::Exited(0),
                captures,
                took: ended.took,
            },
            Err(outcome) => finished(node, attempt, outcome, ended.took),
        }
    }

    /// A command with all that it needs.
    fn launch(
        &self,
        job: Job,
        node: &NodeId,
        attempt: u32,
        command: &Command<String>,
    ) -> Result<Launch, Unresolved> {
        let feed = |feed: &_| self.secrets.feed(feed, &self.interrupt);
        let surroundings = self.workplace.surroundings_in(match job {
            Job::Work => Span::Attempt(node, attempt),
            Job::Undo => Span::Undo(node, attempt),
        });
        let launch = Launch::of(command, &surroundings, feed)?;
        let run = &self.workplace.run;
        Ok(launch
            .with_env("SWITCHBACK_RUN", &run.0)
            .with_env("SWITCHBACK_NODE", node.as_str())
            .with_env(
                "SWITCHBACK_IDEMPOTENCY_KEY",
                match job {
                    Job::Work => format!("{run}/{node}"),
                    Job::Undo => format!("{run}/{node}/undo"),
                },
            ))
    }

    fn not_started(&self, node: &NodeId, attempt: u32, why: &dyn std::error::Error) -> Event {
        let why = self.secrets.mask().text(&why.to_string());
        finished(node, attempt, Outcome::NotStarted(why), Duration::ZERO)
    }

    /// Takes the values of an attempt whose end is not on record from what was kept of its output.
    pub(super) fn recall(&self, node: &NodeId, attempt: u32) -> Event {
        let [stdout, stderr] = [Stream::Stdout, Stream::Stderr].map(|stream| {
            let folder = self.workplace.output.as_ref();
            let path = folder.map(|folder| folder.output(node, attempt, stream));
            path.and_then(|path| Kept::of_file(&path).ok())
                .unwrap_or_default()
        });
        let captures = self.captures(node).into_iter().flatten();
        Event::Recalled {
            node: node.clone(),
            captures: captures
                .filter_map(|(id, capture)| Some((id.to_string(), extract(capture, &stdout, &stderr).ok()?)))
                .collect(),
        }
    }

    fn captures(&self, node: &NodeId) -> Option<&IndexMap<CaptureId, Capture>> {
        self.runbook.nodes.get(node)?.action()?.work.capture_map()
    }
}

/// The captures of a command that ended well, else its outcome.
fn outcome(
    captures: Option<&IndexMap<CaptureId, Capture>>,
    ended: &Ended,
    stdout: &Kept,
    stderr: &Kept,
) -> Result<Map<String, Value>, Outcome> {
    match Outcome::from(ended.end) {
        Outcome::Exited(0) => {}
        other => return Err(other),
    }
    extract_all(captures.into_iter().flatten(), stdout, stderr).map_err(Outcome::NothingCaptured)
}
