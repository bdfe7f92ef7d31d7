//! The world and the disk, and the ports that change them.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;
use switchback::engine::{Clock, CommandRunner, Journal, Operator, Report, Reporter, Reports};
use switchback::model::{NodeId, Runbook, Stream, Value};
use switchback::traverse::{
    Event, Outcome, Owner, ProcessId, Record, Rejected, Running, Step, Traversal, Verdict, Word,
};

use crate::scenarios::Scenario;
use crate::support::ana;

/// What a command did to the world.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Done {
    /// The command: that of `NODE`, or `undo NODE`.
    pub(crate) what: String,
    pub(crate) well: bool,
}

pub(crate) fn undo_of(node: &NodeId) -> String {
    format!("undo {node}")
}

/// What happened, in order.
#[derive(Clone)]
pub(crate) enum Moment {
    Appended(Record),
    /// All of it is with the system: a kill of the process does not lose it.
    Flushed,
    /// All of it is durable: a crash of the machine does not lose it.
    Synced,
    Done,
}

/// The world and the disk as a call of the program sees and changes them.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) moments: Vec<Moment>,
    pub(crate) done: Vec<Done>,
}

pub(crate) type Shared = Rc<RefCell<World>>;

/// A journal that keeps what becomes of each record. Of its syncs it can leave one out, or all, without a word.
pub(crate) struct Disk {
    pub(crate) world: Shared,
    pub(crate) syncs: Syncs,
    pub(crate) made: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Syncs {
    All,
    None,
    /// All but this one.
    Without(usize),
}

impl Journal for Disk {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        world.moments.push(Moment::Appended(record.clone()));
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.world.borrow_mut().moments.push(Moment::Flushed);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        let is_made = match self.syncs {
            Syncs::All => true,
            Syncs::None => false,
            Syncs::Without(one) => self.made != one,
        };
        self.made += 1;
        if is_made {
            self.world.borrow_mut().moments.push(Moment::Synced);
        }
        Ok(())
    }
}

pub(crate) struct Commands<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) runbook: Arc<Runbook>,
    pub(crate) world: Shared,
}

impl Commands<'_> {
    /// A command does its work.
    fn work(&self, what: String) -> bool {
        let mut world = self.world.borrow_mut();
        let before = world.done.iter().filter(|done| done.what == what).count();
        let done = Done {
            well: before >= self.scenario.fails(&what),
            what,
        };
        world.moments.push(Moment::Done);
        world.done.push(done.clone());
        done.well
    }

    fn was_done(&self, node: &NodeId) -> bool {
        self.world
            .borrow()
            .done
            .iter()
            .any(|done| done.what == node.as_str() && done.well)
    }

    /// What a command prints is known from its name alone.
    fn captures(&self, node: &NodeId) -> Map<String, Value> {
        let captures = self.runbook.nodes[node]
            .action()
            .into_iter()
            .flat_map(|action| action.work.captures());
        captures
            .map(|id| (id.to_string(), Value::from(printed(node))))
            .collect()
    }
}

pub(crate) fn printed(node: &NodeId) -> String {
    format!("what {node} printed")
}

impl CommandRunner for Commands<'_> {
    fn start(&mut self, step: Step, reports: &Reports) {
        let finished = |node, attempt, outcome, captures| Event::Finished {
            node,
            attempt,
            outcome,
            captures,
            took: Duration::ZERO,
        };
        let spawned = |node: &NodeId, attempt| Event::Spawned {
            node: node.clone(),
            attempt,
            running: Running::Group(ProcessId {
                id: 4711,
                since: None,
            }),
        };
        let mut events = Vec::new();
        match step {
            Step::Execute { node, attempt, .. } => {
                events.push(spawned(&node, attempt));
                events.push(if self.work(node.to_string()) {
                    let captures = self.captures(&node);
                    finished(node, attempt, Outcome::Exited(0), captures)
                } else {
                    finished(node, attempt, Outcome::Exited(1), Map::new())
                });
            }
            Step::Write { node, attempt, .. } => {
                self.work(node.to_string());
                events.push(finished(node, attempt, Outcome::Written, Map::new()));
            }
            Step::Undo { node, attempt, .. } => {
                events.push(spawned(&node, attempt));
                let well = self.work(undo_of(&node));
                events.push(Event::Undone {
                    outcome: Outcome::Exited(i32::from(!well)),
                    node,
                    attempt,
                    took: Duration::ZERO,
                });
            }
            Step::Detect { question, .. } => events.push(Event::Detected {
                question,
                value: None,
                problem: Some("it found nothing".to_owned()),
            }),
            Step::Verify { owner, index, .. } => {
                let holds = match &owner {
                    Owner::Node(node) => self.was_done(node),
                    Owner::Gate(gate) => !self.scenario.open.contains(&gate.as_str()),
                };
                events.push(Event::Checked {
                    owner,
                    check: index,
                    verdict: if holds { Verdict::Held } else { Verdict::Failed },
                    evidence: "seen".to_owned(),
                    by: None,
                });
            }
            Step::Recall { node, .. } => {
                let captures = if self.was_done(&node) {
                    self.captures(&node)
                } else {
                    Map::new()
                };
                events.push(Event::Recalled { node, captures });
            }
            Step::Wait { node, .. } => events.push(Event::Waited { node }),
            step => panic!("nothing here is asked of the machine: {step:?}"),
        }
        for event in events {
            reports.send(Report::Event(event)).expect("the engine listens");
        }
    }

    fn interrupt(&mut self) {}
}

/// Somebody at the terminal: says what the scenario has them say, when they are asked.
pub(crate) struct There(pub(crate) Vec<Word>);

impl There {
    fn word(&self, step: &Step) -> Option<Word> {
        let answers = |word: &&Word| match (step, word) {
            (Step::Ask(ask), Word::Answer { question, .. }) => ask.question == *question,
            (Step::Attest(asked), Word::Attest { subject, .. } | Word::Refuse { subject, .. }) => {
                asked.subject == *subject
            }
            (Step::Decide { gate: asked, .. }, Word::Decide { gate, .. }) => asked == gate,
            (Step::Confirm(consent), Word::Decline(node)) => consent.node == *node,
            (Step::Resolve { node: asked, .. }, Word::Resolve { node, .. }) => asked == node,
            _ => false,
        };
        let said = self.0.iter().find(answers).cloned();
        said.or_else(|| match step {
            Step::Confirm(consent) => Some(Word::Confirm(consent.node.clone())),
            _ => None,
        })
    }
}

impl Operator for There {
    fn start(&mut self, steps: Vec<Step>, _run: &Traversal, _reports: &Reports) -> Vec<Report> {
        let said = |step: &Step| match self.word(step) {
            Some(word) => Report::Said { word, by: ana() },
            None => Report::Nobody(step.owner().expect("it is somebody's")),
        };
        steps.iter().map(said).collect()
    }

    fn withdraw(&mut self, _owner: &Owner, _why: &str) {}

    fn interrupt(&mut self) {}

    fn lend(&mut self) {}

    fn take_back(&mut self) {}

    fn reject(&mut self, why: &Rejected) {
        panic!("{why}");
    }

    fn has_a_person(&self) -> bool {
        false
    }
}

pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

pub(crate) struct Silent;

impl Reporter for Silent {
    fn record(&mut self, _record: &Record, _run: &Traversal) {}
    fn output(&mut self, _node: &NodeId, _stream: Stream, _bytes: &[u8]) {}
    fn note(&mut self, _owner: &Owner, _text: &str) {}
}
