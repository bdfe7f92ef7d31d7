//! A journal that cannot be kept stops the run before the next command, and loses nothing.

#[path = "support/runbook.rs"]
mod support;

use std::io;

use jiff::Timestamp;
use switchback::adapter::operator::HeadlessOperator;
use switchback::engine::{self, Clock, CommandRunner, Fault, Journal, Ports, Report, Reporter, Reports};
use switchback::model::{NodeId, Stream};
use switchback::traverse::{Event, Outcome, Owner, Record, RunId, Step, Traversal};

use support::{ana, runbook};

const CHAIN: &str = "
nodes:
  a: { action: A, run: [a], next: b }
  b: { action: B, run: [b], next: c }
  c: { action: C, run: [c] }
";

/// A disk with room for so many records; a sync in between fails as well, when it is time.
struct Disk {
    room: usize,
    records: Vec<Record>,
    synced: usize,
    syncs_left: usize,
}

impl Journal for Disk {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        if self.records.len() == self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.records.push(record.clone());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.syncs_left == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.syncs_left -= 1;
        self.synced = self.records.len();
        Ok(())
    }
}

/// Does nothing, and remembers what it was asked to do.
#[derive(Default)]
struct Commands(Vec<String>);

impl CommandRunner for Commands {
    fn start(&mut self, step: Step, reports: &Reports) {
        let Step::Execute { node, attempt, .. } = step else {
            panic!("only commands: {step:?}");
        };
        self.0.push(node.to_string());
        let ended = Event::Finished {
            node,
            attempt,
            outcome: Outcome::Exited(0),
            captures: serde_json::Map::new(),
            took: std::time::Duration::ZERO,
        };
        reports.send(Report::Event(ended)).expect("somebody listens");
    }

    fn interrupt(&mut self) {}
}

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

struct Silent;

impl Reporter for Silent {
    fn record(&mut self, _record: &Record, _run: &Traversal) {}
    fn output(&mut self, _node: &NodeId, _stream: Stream, _bytes: &[u8]) {}
    fn note(&mut self, _owner: &Owner, _text: &str) {}
}

/// Runs the chain on a disk, from what is on it already; what was started, and whether that went well.
fn run(disk: &mut Disk) -> (Vec<String>, Result<engine::Ended, Fault>) {
    let mut run = Traversal::new(runbook(CHAIN));
    for record in &disk.records {
        run.apply(record).expect("it is of this run");
    }
    let first = if disk.records.is_empty() {
        Event::RunStarted {
            run: RunId("r".to_owned()),
            runbook: "test".to_owned(),
            folder: "/".to_owned(),
            digest: String::new(),
            parameters: serde_json::Map::new(),
            by: ana(),
        }
    } else {
        Event::RunResumed { by: ana() }
    };
    let seq = disk.records.len() as u64;
    let mut commands = Commands::default();
    let ports = Ports {
        runner: &mut commands,
        operator: &mut HeadlessOperator::new(ana(), true),
        journal: disk,
        clock: &Still,
        reporter: &mut Silent,
        jobs: std::num::NonZeroUsize::MIN,
    };
    let ended = engine::drive(&mut run, seq, vec![first], ports, engine::channel());
    (commands.0, ended)
}

fn disk(room: usize, syncs_left: usize) -> Disk {
    Disk {
        room,
        records: Vec::new(),
        synced: 0,
        syncs_left,
    }
}

#[test]
fn a_full_disk_stops_the_run_before_the_next_command_with_nothing_lost() {
    let mut whole = disk(usize::MAX, usize::MAX);
    let (all, ended) = run(&mut whole);
    ended.expect("there is room");
    assert_eq!(all, ["a", "b", "c"]);

    for room in 0..whole.records.len() {
        let mut full = disk(room, usize::MAX);
        let (before, ended) = run(&mut full);
        assert!(matches!(ended, Err(Fault::Journal(_))), "room for {room}");
        let intents = started(&full.records);
        assert_eq!(
            full.synced,
            full.records.len(),
            "what there is room for is durable"
        );
        for command in &before {
            assert!(intents.contains(command), "{command} without its intent");
        }

        // There is room again. What has its outcome on record is not run again; an intent without one is in doubt.
        full.room = usize::MAX;
        let (after, _) = run(&mut full);
        let twice = before.iter().filter(|command| after.contains(command)).count();
        assert_eq!(twice, 0, "room for {room}: {before:?}, then {after:?}");
    }
}

#[test]
fn a_sync_that_fails_stops_the_run_before_the_next_command() {
    let mut done_at_most = 0;
    for syncs in 0.. {
        let mut full = disk(usize::MAX, syncs);
        let (done, ended) = run(&mut full);
        let durable = started(&full.records[..full.synced]);
        assert_eq!(
            done, durable,
            "a command without a durable intent, or the other way round"
        );
        done_at_most = done_at_most.max(done.len());
        if ended.is_ok() {
            break;
        }
    }
    assert_eq!(done_at_most, 3);
}

fn started(records: &[Record]) -> Vec<String> {
    let nodes = records.iter().filter_map(|record| match &record.event {
        Event::Started { node, .. } => Some(node.to_string()),
        _ => None,
    });
    nodes.collect()
}
