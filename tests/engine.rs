//! The one loop, with ports that only write down what they are asked.

mod support;

use std::cell::RefCell;
use std::io;
use std::num::NonZeroUsize;
use std::rc::Rc;

use jiff::Timestamp;
use support::{ana, runbook};
use switchback::engine::{
    Clock, CommandRunner, Ended, Fault, Journal, Operator, Ports, Report, Reporter, Reports, channel, drive,
    rehearse,
};
use switchback::model::{NodeId, Stream};
use switchback::traverse::{Event, Outcome, Owner, Record, Rejected, RunId, RunState, Step, Traversal, Word};

/// What the ports were asked, in order.
type Log = Rc<RefCell<Vec<String>>>;

/// Starts everything, and lets it end only when no more is started: the last first.
struct Runner {
    log: Log,
    open: Vec<Step>,
    at_most: usize,
}

/// Ends what is open once the engine has nothing more to start. The engine waits on its channel then, so this is the moment.
impl CommandRunner for Runner {
    fn start(&mut self, step: Step, reports: &Reports) {
        self.log
            .borrow_mut()
            .push(format!("start {}", step.owner().expect("it is a machine's")));
        let is_alone = step.takes_the_terminal();
        self.open.push(step);
        if self.open.len() == self.at_most || is_alone {
            for step in self.open.drain(..).rev() {
                if let Step::Execute { node, attempt, .. } = step {
                    let ended = Event::Finished {
                        node,
                        attempt,
                        outcome: Outcome::Exited(0),
                        captures: serde_json::Map::new(),
                        took: std::time::Duration::ZERO,
                    };
                    reports.send(Report::Event(ended)).expect("the engine listens");
                }
            }
        }
    }

    fn interrupt(&mut self) {
        self.log.borrow_mut().push("interrupt".to_owned());
    }
}

/// Merely changing is agreed to, also by nobody.
struct Agrees {
    log: Log,
    is_there: bool,
}

impl Operator for Agrees {
    fn start(&mut self, step: Step, _: &Traversal, reports: &Reports) {
        let report = match step {
            Step::Confirm(consent) => Report::Said {
                word: Word::Confirm(consent.node),
                by: ana(),
            },
            step => Report::Nobody(step.owner().expect("it is a person's")),
        };
        reports.send(report).expect("the engine listens");
    }

    fn interrupt(&mut self) {}

    fn lend(&mut self) {
        self.log.borrow_mut().push("lend".to_owned());
    }

    fn take_back(&mut self) {
        self.log.borrow_mut().push("take back".to_owned());
    }

    fn reject(&mut self, _: &Rejected) {}

    fn has_a_person(&self) -> bool {
        self.is_there
    }
}

/// Keeps the record until `room` records are kept; then the disk is full.
struct Paper {
    log: Log,
    room: usize,
}

impl Journal for Paper {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        if let Event::Started { node, .. } = &record.event {
            self.log.borrow_mut().push(format!("intent {node}"));
        }
        self.room = self.room.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.log.borrow_mut().push("sync".to_owned());
        Ok(())
    }
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

struct Silent;

impl Reporter for Silent {
    fn record(&mut self, _: &Record, _: &Traversal) {}
    fn output(&mut self, _: &NodeId, _: Stream, _: &[u8]) {}
    fn note(&mut self, _: &Owner, _: &str) {}
}

/// Drives a runbook headless; how it ended, and what the ports were asked.
fn driven(yaml: &str, jobs: usize, room: usize) -> (Result<Ended, Fault>, Vec<String>) {
    driven_by(false, yaml, jobs, room)
}

fn driven_by(is_there: bool, yaml: &str, jobs: usize, room: usize) -> (Result<Ended, Fault>, Vec<String>) {
    let log = Log::default();
    let mut operator = Agrees {
        log: Rc::clone(&log),
        is_there,
    };
    let mut run = Traversal::new(runbook(yaml));
    let first = Event::RunStarted {
        run: RunId("r1".to_owned()),
        runbook: "test".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: serde_json::Map::new(),
        by: ana(),
    };
    let opening = rehearse(&run, first, Vec::new()).expect("nobody says anything");
    let mut runner = Runner {
        log: Rc::clone(&log),
        open: Vec::new(),
        at_most: jobs.min(2),
    };
    let mut journal = Paper {
        log: Rc::clone(&log),
        room,
    };
    let ports = Ports {
        runner: &mut runner,
        operator: &mut operator,
        journal: &mut journal,
        clock: &Stopped,
        reporter: &mut Silent,
        jobs: NonZeroUsize::new(jobs).expect("at least one"),
    };
    let ended = drive(&mut run, 0, opening, ports, channel());
    let log = log.borrow().clone();
    (ended, log)
}

const CHAIN: &str = "
nodes:
  a: { action: A, run: [a], next: b }
  b: { action: B, run: [b], next: look }
  look: { action: Look, run: [look], effect: read, next: look_on }
  look_on: { action: Look on, run: [look], effect: read }
";

#[test]
fn an_intent_is_durable_before_its_command_starts_and_shares_a_sync_with_the_outcome_before() {
    let (ended, log) = driven(CHAIN, 1, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Complete);
    let wanted = [
        "intent a",
        "sync",
        "start a", // The run's first record shares this sync.
        "intent b",
        "sync",
        "start b", // So does the outcome of `a`.
        "intent look",
        "sync",
        "start look", // Only the outcome of `b` needs it: what reads needs no durable intent,
        "intent look_on",
        "start look_on", // and so there is none here.
        "sync",
    ];
    // The consent of the operator is on disk before anything follows from it; it comes with a sync of its own at most.
    let without_repeats: Vec<&str> = log.iter().map(String::as_str).collect();
    assert_eq!(
        without_repeats
            .iter()
            .filter(|line| line.starts_with("start"))
            .count(),
        4
    );
    let mut rest = without_repeats.iter();
    for line in wanted {
        assert!(
            rest.any(|it| *it == line),
            "`{line}` is not where it should be in {without_repeats:?}"
        );
    }
    let look_on = without_repeats
        .iter()
        .position(|line| *line == "intent look_on")
        .expect("it ran");
    assert_eq!(
        without_repeats[look_on + 1],
        "start look_on",
        "nothing is synced for what only reads"
    );
}

#[test]
fn ready_steps_run_side_by_side_and_share_one_sync() {
    let wide = "
nodes:
  a: { action: A, run: [a], effect: read }
  b: { action: B, run: [b], effect: read }
  c: { action: C, run: [c], effect: read }
  d: { action: D, run: [d], effect: read }
";
    let (ended, log) = driven(wide, 2, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Complete);
    assert_eq!(
        log,
        [
            "intent a", "intent b", "sync", "start a", "start b", "intent c", "intent d", "start c",
            "start d", "sync"
        ]
    );
}

#[test]
fn when_the_record_cannot_be_kept_nothing_more_starts() {
    let (_, whole) = driven(CHAIN, 1, usize::MAX);
    let starts = |log: &[String]| log.iter().filter(|line| line.starts_with("start")).count();
    let mut before = 0;
    for room in 0..40 {
        let (ended, log) = driven(CHAIN, 1, room);
        // Each start has its intent, and the record of that intent was kept.
        let intents = log.iter().filter(|line| line.starts_with("intent")).count();
        assert!(starts(&log) <= intents);
        assert!(starts(&log) >= before, "more room, and fewer steps");
        before = starts(&log);
        match ended {
            Err(Fault::Journal(error)) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
            Err(other) => panic!("{other}"),
            Ok(_) => assert_eq!(log, whole),
        }
    }
    assert_eq!(before, 4, "with room enough it runs to its end");
}

/// Two steps that take the terminal, among others that could run beside them.
const AT_A_TERMINAL: &str = "
nodes:
  a: { action: A, run: [a], effect: read }
  b: { action: B, run: [b], effect: read }
  edit: { action: Edit, run: [edit], effect: read, terminal: true }
  ask: { action: Ask, run: [ask], effect: read, terminal: true }
  c: { action: C, run: [c], effect: read }
  d: { action: D, run: [d], effect: read }
";

fn starts(log: &[String]) -> Vec<&str> {
    log.iter()
        .filter_map(|line| line.strip_prefix("start "))
        .collect()
}

#[test]
fn what_takes_the_terminal_runs_alone() {
    let (ended, log) = driven_by(true, AT_A_TERMINAL, 3, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Complete);
    let wanted = [
        "intent a",
        "intent b",
        "sync",
        "start a",
        "start b",
        "intent edit",
        "lend",
        "start edit",
        "take back",
        "intent ask",
        "lend",
        "start ask",
        "take back",
        "intent c",
        "intent d",
        "start c",
        "start d",
        "sync",
    ];
    assert_eq!(log, wanted);
}

#[test]
fn what_takes_the_terminal_waits_for_somebody_and_the_rest_does_not() {
    let (ended, log) = driven(AT_A_TERMINAL, 3, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Waiting);
    assert_eq!(starts(&log), ["a", "b", "c", "d"]);
}
