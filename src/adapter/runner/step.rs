use std::time::Duration;

use serde_json::Map;

use crate::adapter::check::Checker;
use crate::adapter::process::{End, Kept, Launch};
use crate::adapter::trace::Span;
use crate::engine::{Report, Reports};
use crate::model::{Command, NodeId, Stream, Value};
use crate::traverse::{Event, Outcome, Owner, Step, Verdict};

use super::Bench;
use super::write::write;

/// What is said when a step broke off through a fault of our own.
const BROKEN: &str = "it broke off through an internal error";

impl Bench {
    /// Carries out a step of the machine's; the report that closes it. What merely looks says nothing once it was cut short.
    pub(super) fn carry_out(&self, step: &Step, reports: &Reports) -> Option<Report> {
        let event = self.event_of(step, reports)?;
        let only_looks = !matches!(
            step,
            Step::Execute { .. } | Step::Write { .. } | Step::Undo { .. }
        );
        let held = matches!(
            event,
            Event::Checked {
                verdict: Verdict::Held,
                ..
            }
        );
        match step.owner() {
            Some(owner) if only_looks && !held && self.interrupt.is_raised() => Some(Report::Cut(owner)),
            _ => Some(Report::Event(event)),
        }
    }

    fn event_of(&self, step: &Step, reports: &Reports) -> Option<Event> {
        Some(match step {
            Step::Detect { question, command } => match self.detect(question, command) {
                Ok(value) => detected(question, Some(value), None),
                Err(problem) => detected(question, None, Some(self.secrets.mask().text(&problem))),
            },
            Step::Suggest {
                question,
                command,
                limit,
            } => Event::Suggested {
                question: question.clone(),
                values: self.suggest(command, *limit),
            },
            Step::Wait { node, pause } => {
                // Cut short or not, the pause is over: nothing starts after an interrupt.
                self.interrupt.wait(*pause);
                Event::Waited { node: node.clone() }
            }
            Step::Execute {
                node,
                attempt,
                command,
                ..
            } => self.execute(node, *attempt, command, reports),
            Step::Undo {
                node,
                attempt,
                command,
            } => self.undo(node, *attempt, command, reports),
            Step::Write {
                node,
                attempt,
                path,
                content,
                overwrite,
            } => {
                let (outcome, took) =
                    timed(|| write(&self.workplace.surroundings.folder, path, content, *overwrite));
                let outcome = match outcome {
                    Ok(()) => Outcome::Written,
                    Err(why) => Outcome::NotWritten(self.secrets.mask().text(&why.to_string())),
                };
                finished(node, *attempt, outcome, took)
            }
            Step::Recall { node, attempt } => self.recall(node, *attempt),
            Step::Verify { owner, index, check } => {
                let surroundings = self.workplace.surroundings_in(match owner {
                    Owner::Node(node) => Span::Node(node),
                    Owner::Gate(_) => Span::Call,
                });
                let checker = Checker {
                    surroundings: &surroundings,
                    secrets: &self.secrets,
                    interrupt: &self.interrupt,
                };
                let seen = checker.carry_out(check, &mut |text| {
                    let _ = reports.send(Report::Note {
                        owner: owner.clone(),
                        text: text.to_owned(),
                    });
                });
                Event::Checked {
                    owner: owner.clone(),
                    check: *index,
                    verdict: seen.verdict,
                    evidence: seen.evidence,
                    by: None,
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

    /// The answer that a question's command prints, or why it is none.
    fn detect(&self, question: &NodeId, command: &Command<String>) -> Result<Value, String> {
        let printed = self.printed(command)?;
        let question = self.runbook.nodes.get(question).and_then(|node| node.question());
        let question = question.ok_or("it belongs to no question")?;
        question.read_printed(&printed)
    }

    /// The likely answers that a command prints. Without any, people answer all the same.
    fn suggest(&self, command: &Command<String>, limit: usize) -> Vec<String> {
        let printed = self.printed(command).unwrap_or_default();
        let lines = printed.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.take(limit).map(str::to_owned).collect()
    }

    /// What a command prints if it ends well, without secrets; else why it did not.
    fn printed(&self, command: &Command<String>) -> Result<String, String> {
        let feed = |feed: &_| self.secrets.feed(feed, &self.interrupt);
        let surroundings = self.workplace.surroundings_in(Span::Call);
        let launch = Launch::of(command, &surroundings, feed).map_err(|error| error.to_string())?;
        let mut stdout = Kept::default();
        let ended = launch.run(&self.interrupt, &mut |stream, block| {
            if stream == Stream::Stdout {
                stdout.push(block);
            }
        });
        match ended
            .map_err(|why| format!("the command could not be started: {why}"))?
            .end
        {
            End::Exited(0) => Ok(self.secrets.mask().text(&stdout.text())),
            end => Err(format!("the command {end}")),
        }
    }
}

/// The event that closes a step which broke off; none for a step that is not the machine's.
pub(super) fn broken(step: &Step) -> Option<Event> {
    let failed = |node: &NodeId| Event::Failed {
        node: node.clone(),
        reason: BROKEN.to_owned(),
    };
    Some(match step {
        Step::Detect { question, .. } => detected(question, None, Some(BROKEN.to_owned())),
        Step::Suggest { question, .. } => Event::Suggested {
            question: question.clone(),
            values: Vec::new(),
        },
        Step::Wait { node, .. } | Step::Execute { node, .. } | Step::Write { node, .. } => failed(node),
        Step::Recall { node, .. } => Event::Recalled {
            node: node.clone(),
            captures: Map::new(),
        },
        Step::Undo { node, attempt, .. } => Event::Undone {
            node: node.clone(),
            attempt: *attempt,
            outcome: Outcome::NotStarted(BROKEN.to_owned()),
            took: Duration::ZERO,
        },
        Step::Verify { owner, index, .. } => Event::Checked {
            owner: owner.clone(),
            check: *index,
            verdict: Verdict::Unknown,
            evidence: BROKEN.to_owned(),
            by: None,
        },
        Step::Record(_)
        | Step::Ask(_)
        | Step::Confirm(_)
        | Step::Attest(_)
        | Step::Decide { .. }
        | Step::Resolve { .. } => return None,
    })
}

fn detected(question: &NodeId, value: Option<Value>, problem: Option<String>) -> Event {
    Event::Detected {
        question: question.clone(),
        value,
        problem,
    }
}

/// The end of an attempt from which nothing is captured.
pub(super) fn finished(node: &NodeId, attempt: u32, outcome: Outcome, took: Duration) -> Event {
    Event::Finished {
        node: node.clone(),
        attempt,
        outcome,
        captures: Map::new(),
        took,
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = std::time::Instant::now();
    let done = work();
    (done, began.elapsed())
}
