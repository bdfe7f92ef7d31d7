use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Map;

use crate::adapter::check::{Seen, judge};
use crate::adapter::process::{End, Kept, extract_all};
use crate::adapter::reporter::shown;
use crate::engine::{CommandRunner, Report, Reports};
use crate::model::{
    Check, Command, Invocation, Look, NodeId, Printed, Runbook, Scene, Simulated, Simulation, Which,
};
use crate::traverse::{Event, Outcome, Owner, Step, Verdict};

use super::SimulatedClock;

/// Does the machine's steps as a test says that they go. What it says nothing of goes well: a command prints nothing and exits with 0, a
/// check holds.
#[derive(Debug)]
pub struct SimulatedRunner {
    runbook: Arc<Runbook>,
    simulate: Vec<Simulation>,
    /// Which of what is simulated has fitted so far.
    fitted: Vec<Cell<bool>>,
    clock: SimulatedClock,
}

/// What a command is run for.
#[derive(Clone, Copy)]
enum Job<'a> {
    Attempt(&'a NodeId, u32),
    Detect(&'a NodeId),
    Other,
}

/// What came of a command.
struct Came {
    end: End,
    printed: Printed,
    took: Duration,
}

impl SimulatedRunner {
    /// A runner for a run of this runbook. Of what is simulated the first that fits counts; the time that it takes passes on the clock.
    pub fn new(runbook: Arc<Runbook>, simulate: Vec<Simulation>, clock: SimulatedClock) -> Self {
        Self {
            runbook,
            fitted: vec![Cell::new(false); simulate.len()],
            simulate,
            clock,
        }
    }

    /// For each thing that is simulated, in order, whether the run came to it.
    pub fn fitted(&self) -> impl Iterator<Item = bool> {
        self.fitted.iter().map(Cell::get)
    }

    fn event_of(&self, step: Step) -> Option<Event> {
        Some(match step {
            Step::Detect { question, command } => {
                let came = self.run(Job::Detect(&question), &command);
                let node = self.runbook.nodes.get(&question).and_then(|node| node.question());
                let value = match (came.end, node) {
                    (End::Exited(0), Some(node)) => node.read_printed(&came.printed.stdout),
                    (end, _) => Err(format!("the command {end}")),
                };
                Event::Detected {
                    question,
                    problem: value.as_ref().err().cloned(),
                    value: value.ok(),
                }
            }
            // Likely answers are for somebody who is there.
            Step::Suggest { question, .. } => Event::Suggested {
                question,
                values: Vec::new(),
            },
            Step::Wait { node, pause } => {
                self.clock.pass(pause);
                Event::Waited { node }
            }
            Step::Execute {
                node,
                attempt,
                command,
                ..
            } => self.execute(node, attempt, &command),
            Step::Write { node, attempt, .. } => self.write(node, attempt),
            Step::Verify { owner, index, check } => {
                let seen = self.look(&owner, index, &check);
                Event::Checked {
                    owner,
                    check: index,
                    verdict: seen.verdict,
                    evidence: seen.evidence,
                    by: None,
                }
            }
            Step::Recall { node, .. } => Event::Recalled {
                node,
                captures: Map::new(),
            },
            Step::Undo {
                node,
                attempt,
                command,
            } => {
                let came = self.run(Job::Other, &command);
                Event::Undone {
                    node,
                    attempt,
                    outcome: Outcome::from(came.end),
                    took: came.took,
                }
            }
            Step::Record(_)
            | Step::Ask(_)
            | Step::Confirm(_)
            | Step::Attest(_)
            | Step::Decide { .. }
            | Step::Resolve { .. } => return None,
        })
    }

    fn execute(&self, node: NodeId, attempt: u32, command: &Command<String>) -> Event {
        let came = self.run(Job::Attempt(&node, attempt), command);
        let action = self.runbook.nodes.get(&node).and_then(|node| node.action());
        let captures = action.and_then(|action| action.work.capture_map());
        let captured = match Outcome::from(came.end) {
            Outcome::Exited(0) => {
                let [stdout, stderr] =
                    [&came.printed.stdout, &came.printed.stderr].map(|text| Kept::of(text));
                extract_all(captures.into_iter().flatten(), &stdout, &stderr)
                    .map_err(Outcome::NothingCaptured)
            }
            outcome => Err(outcome),
        };
        let (outcome, captures) = match captured {
            Ok(captures) => (Outcome::Exited(0), captures),
            Err(outcome) => (outcome, Map::new()),
        };
        Event::Finished {
            node,
            attempt,
            outcome,
            captures,
            took: came.took,
        }
    }

    /// Nothing is written. A test can say that it goes wrong, as a command does.
    fn write(&self, node: NodeId, attempt: u32) -> Event {
        let found = self.simulated(Job::Attempt(&node, attempt), None);
        let (printed, took) = found.unwrap_or_default();
        let outcome = match (printed.exit, printed.stderr.trim()) {
            (0, _) => Outcome::Written,
            (_, "") => Outcome::NotWritten("the file cannot be written".to_owned()),
            (_, why) => Outcome::NotWritten(why.to_owned()),
        };
        self.clock.pass(took);
        Event::Finished {
            node,
            attempt,
            outcome,
            captures: Map::new(),
            took,
        }
    }

    fn run(&self, job: Job<'_>, command: &Command<String>) -> Came {
        let (printed, delay) = self.simulated(job, Some(command)).unwrap_or_default();
        let came = Came::within(command.timeout, printed, delay);
        self.clock.pass(came.took);
        came
    }

    /// What a command prints, and after which time. A file that is written has none.
    fn simulated(&self, job: Job<'_>, command: Option<&Command<String>>) -> Option<(Printed, Duration)> {
        let line = command.map(line_of).unwrap_or_default();
        let mut all = self.simulate.iter().zip(&self.fitted);
        all.find_map(|(simulation, fitted)| match &simulation.what {
            Simulated::Command { which, printed } if is_meant(which, job, &line) => {
                fitted.set(true);
                Some((printed.clone(), simulation.delay))
            }
            _ => None,
        })
    }

    /// What a check sees.
    fn look(&self, owner: &Owner, index: usize, check: &Check<String>) -> Seen {
        let within = check.within.unwrap_or_default();
        let (mut seen, delay) = self.sight(owner, index, check);
        let took = if seen.verdict == Verdict::Held {
            delay
        } else {
            within
        };
        if seen.verdict == Verdict::Held && delay > within {
            let evidence = if check.within.is_some() {
                format!("not within {within:?}: simulated to take {delay:?}")
            } else {
                format!("not at once: simulated to take {delay:?}")
            };
            seen = Seen {
                verdict: Verdict::Failed,
                evidence,
            };
        }
        self.clock.pass(took.min(within));
        seen
    }

    /// What there is to be seen for a check, and after which time.
    fn sight(&self, owner: &Owner, index: usize, check: &Check<String>) -> (Seen, Duration) {
        let command = match &check.look {
            Look::Run { command, .. } => Some(command),
            _ => None,
        };
        let line = command.map(line_of).unwrap_or_default();
        for (Simulation { what, delay, .. }, fitted) in self.simulate.iter().zip(&self.fitted) {
            match (what, command) {
                (
                    Simulated::Check {
                        owner: of,
                        check: name,
                        scene,
                    },
                    _,
                ) if *of == owner.to_string() && check.is_called(index, name) => {
                    fitted.set(true);
                    return (judge(check, scene), *delay);
                }
                (Simulated::Command { which, printed }, Some(command))
                    if is_meant(which, Job::Other, &line) =>
                {
                    fitted.set(true);
                    // How long a command takes is not how long the world takes to be as the check wants it.
                    let limit = command.timeout.into_iter().chain(check.within).min();
                    let came = Came::within(limit, printed.clone(), *delay);
                    let scene = match came.end {
                        End::Exited(_) => Scene::Ended(came.printed),
                        end => Scene::Unknown(Some(format!("the command {end}"))),
                    };
                    return (judge(check, &scene), Duration::ZERO);
                }
                _ => {}
            }
        }
        (judge(check, &Scene::Held(None)), Duration::ZERO)
    }
}

impl Came {
    /// What comes of a command that would print this after some time.
    fn within(limit: Option<Duration>, printed: Printed, delay: Duration) -> Self {
        match limit.filter(|limit| delay > *limit) {
            Some(limit) => Self {
                end: End::TimedOut(limit),
                printed: Printed::default(),
                took: limit,
            },
            None => Self {
                end: End::Exited(printed.exit),
                printed,
                took: delay,
            },
        }
    }
}

/// The command line as it is shown, or the script.
fn line_of(command: &Command<String>) -> String {
    match &command.run {
        Invocation::Exec(argv) => shown(argv),
        Invocation::Shell { script, .. } => script.clone(),
    }
}

fn is_meant(which: &Which, job: Job<'_>, line: &str) -> bool {
    match (which, job) {
        (Which::Node { node, attempt }, Job::Attempt(of, this)) => {
            node == of && attempt.is_none_or(|attempt| attempt == this)
        }
        (Which::Detect(question), Job::Detect(of)) => question == of,
        (Which::Matching(pattern), _) => !line.is_empty() && pattern.is_match(line),
        _ => false,
    }
}

impl CommandRunner for SimulatedRunner {
    /// It is done at once. The engine starts as many steps as it lets run side by side before it reads, so that a test starts one.
    fn start(&mut self, step: Step, reports: &Reports) {
        if let Some(event) = self.event_of(step) {
            let _ = reports.send(Report::Event(event));
        }
    }

    /// Nothing runs.
    fn interrupt(&mut self) {}
}
