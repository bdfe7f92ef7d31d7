//! What a run costs beside its commands: the walk, the record, the output, and the start of a process.
//!
//! `cargo bench --bench running`. Each command here ends at once and does nothing, so that what is measured is ours.

use std::hint::black_box;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, Divan};
use jiff::Timestamp;
use serde_json::Map;
use switchback::adapter::clock::SystemClock;
use switchback::adapter::journal::{FileJournal, read};
use switchback::adapter::operator::HeadlessOperator;
use switchback::adapter::process::{Environment, Interrupt, Launch};
use switchback::adapter::reporter::{PlainReporter, Style};
use switchback::adapter::secret::Mask;
use switchback::engine::{self, CommandRunner, Journal, Ports, Report, Reporter, Reports};
use switchback::model::{NodeId, Runbook, SecretId, Stream};
use switchback::source::Source;
use switchback::traverse::{
    Event, Identity, Outcome, Owner, Person, ProcessId, RECORD_VERSION, Record, RunId, RunState, Running,
    Step, Traversal,
};

fn main() {
    Divan::from_args().main();
}

/// A chain of commands, one after another.
fn chain(length: usize) -> Arc<Runbook> {
    let mut yaml = "switchback: 1\nname: bench\ntitle: A bench\nstart: [s0]\nnodes:\n".to_owned();
    for place in 0..length {
        yaml += &format!("  s{place}:\n    action: Step {place}\n    run: [/bin/sh, -c, ':']\n");
        if place + 1 < length {
            yaml += &format!("    next: s{}\n", place + 1);
        }
    }
    let parsed = switchback::parse::runbook(&Source::new("bench.yaml", yaml), &|path| Err(path.to_owned()));
    Arc::new(parsed.value.expect("it is a runbook"))
}

fn ana() -> Person {
    Person {
        name: "ana".to_owned(),
        identity: Identity::Asserted,
    }
}

fn record(seq: u64, event: Event) -> Record {
    Record {
        v: RECORD_VERSION,
        seq,
        at: Timestamp::UNIX_EPOCH,
        letter: None,
        event,
    }
}

/// Every command ends well as soon as it is started.
struct AtOnce;

impl CommandRunner for AtOnce {
    fn start(&mut self, step: Step, reports: &Reports) {
        let Step::Execute { node, attempt, .. } = step else {
            panic!("only commands are here: {step:?}");
        };
        let spawned = Event::Spawned {
            node: node.clone(),
            attempt,
            running: Running::Group(ProcessId {
                id: 4711,
                since: Some(123_456_789),
            }),
        };
        let finished = Event::Finished {
            node,
            attempt,
            outcome: Outcome::Exited(0),
            captures: Map::new(),
            took: Duration::from_micros(700),
        };
        for event in [spawned, finished] {
            reports.send(Report::Event(event)).expect("the engine listens");
        }
    }

    fn interrupt(&mut self) {}
}

/// A journal that is kept by nobody.
struct Unkept;

impl Journal for Unkept {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        black_box(record);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A journal in a file of which nothing has to be durable.
struct Unsynced(FileJournal);

impl Journal for Unsynced {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        self.0.append(record)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

struct Silent;

impl Reporter for Silent {
    fn record(&mut self, _record: &Record, _run: &Traversal) {}
    fn output(&mut self, _node: &NodeId, _stream: Stream, _bytes: &[u8]) {}
    fn note(&mut self, _owner: &Owner, _text: &str) {}
}

fn drive(runbook: &Arc<Runbook>, journal: &mut dyn Journal) {
    let mut run = Traversal::new(Arc::clone(runbook));
    let started = Event::RunStarted {
        run: RunId("bench".to_owned()),
        runbook: "bench".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: Map::new(),
        by: ana(),
    };
    let ports = Ports {
        runner: &mut AtOnce,
        operator: &mut HeadlessOperator::new(ana(), false),
        journal,
        clock: &SystemClock,
        reporter: &mut Silent,
        jobs: NonZeroUsize::MIN,
    };
    let ended = engine::drive(&mut run, 0, vec![started], ports, engine::channel());
    assert_eq!(ended.expect("nothing can go wrong").state, RunState::Complete);
}

/// The engine and the traversal alone.
#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 5)]
fn a_chain_is_walked(bencher: Bencher<'_, '_>, length: usize) {
    let runbook = chain(length);
    bencher
        .counter(ItemsCount::new(length))
        .bench(|| drive(&runbook, &mut Unkept));
}

/// The same with its record in a file, handed to the system and never synced.
#[divan::bench(args = [1_000, 10_000], sample_count = 5)]
fn a_chain_is_recorded(bencher: Bencher<'_, '_>, length: usize) {
    let runbook = chain(length);
    let folder = tempfile::tempdir().expect("there is room");
    let mut count = 0;
    bencher.counter(ItemsCount::new(length)).bench_local(|| {
        count += 1;
        let path = folder.path().join(count.to_string());
        drive(
            &runbook,
            &mut Unsynced(FileJournal::create(&path).expect("there is room")),
        );
    });
}

fn recorded(runbook: &Arc<Runbook>, folder: &Path) -> PathBuf {
    let path = folder.join("journal.jsonl");
    drive(
        runbook,
        &mut Unsynced(FileJournal::create(&path).expect("there is room")),
    );
    path
}

/// From the file to the state of the run: each record is checked against the chain, and applied.
#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 5)]
fn a_journal_is_replayed(bencher: Bencher<'_, '_>, steps: usize) {
    let runbook = chain(steps);
    let folder = tempfile::tempdir().expect("there is room");
    let path = recorded(&runbook, folder.path());
    bencher.counter(ItemsCount::new(steps)).bench(|| {
        let mut run = Traversal::new(Arc::clone(&runbook));
        for record in read(&path).expect("it is whole") {
            run.apply(&record).expect("it is of this run");
        }
        assert_eq!(run.recorded_state(), RunState::Complete);
    });
}

/// So many records share one sync.
#[divan::bench(args = [1, 2, 8, 32], sample_count = 200)]
fn records_are_synced(bencher: Bencher<'_, '_>, together: u64) {
    let folder = tempfile::tempdir_in(".").expect("there is room");
    let mut journal = FileJournal::create(&folder.path().join("journal")).expect("there is room");
    let mut seq = 0;
    bencher.counter(ItemsCount::new(together)).bench_local(|| {
        for _ in 0..together {
            seq += 1;
            let node = "a_step_of_the_chain".into();
            let started = Event::Started { node, attempt: 1 };
            journal.append(&record(seq, started)).expect("there is room");
        }
        journal.sync().expect("there is room");
    });
}

/// What a pipe hands over at once: lines of a hundred characters, plain or in colours and other scripts.
fn block(kind: &str) -> Vec<u8> {
    let line = match kind {
        "plain" => {
            "03:00:00 INFO deploy: release 42 is being linked, 17 of 96 hosts have answered until now, none failed\n"
        }
        _ => {
            "\u{1b}[32m✓\u{1b}[0m Grüße von Host 17: »alles ist verlinkt«, nichts ist übrig geblieben, wir sind fertig\n"
        }
    };
    let mut block = line.repeat(65_536 / line.len() + 1).into_bytes();
    block.truncate(65_536);
    block
}

/// What a command prints becomes lines of a report.
#[divan::bench(args = ["plain", "coloured"])]
fn output_is_shown(bencher: Bencher<'_, '_>, kind: &str) {
    let style = Style {
        colour: false,
        unicode: true,
        width: 80,
    };
    let mut reporter = PlainReporter::new(io::sink(), style, None, None);
    let (node, block) = (NodeId::from("deploy"), block(kind));
    bencher
        .counter(BytesCount::new(block.len()))
        .bench_local(|| reporter.output(&node, Stream::Stdout, &block));
}

/// Secrets are looked for in what a command prints, and there are none.
#[divan::bench(args = ["plain", "coloured"])]
fn output_is_masked(bencher: Bencher<'_, '_>, kind: &str) {
    let secrets = [
        (SecretId::from("token"), "hunter2hunter2"),
        (SecretId::from("key"), "s3cr3t/päss"),
    ];
    let mask = Mask::new(secrets.iter().map(|(id, text)| (id, *text))).expect("there are secrets");
    let (mut masked, block) = (mask.stream(), block(kind));
    let mut out = Vec::with_capacity(2 * block.len());
    bencher.counter(BytesCount::new(block.len())).bench_local(|| {
        out.clear();
        masked.push(&block, &mut out);
    });
}

/// A command with its own process group, both its pipes read to their end.
#[divan::bench(sample_count = 200)]
fn a_command_is_run(bencher: Bencher<'_, '_>) {
    let interrupt = Interrupt::new().expect("there are file descriptors");
    let inherited: Arc<Environment> = Arc::new(std::env::vars_os().collect());
    bencher
        .with_inputs(|| Launch {
            argv: ["/bin/sh", "-c", ":"].map(str::to_owned).to_vec(),
            folder: "/".into(),
            inherited: Arc::clone(&inherited),
            environment: Environment::new(),
            stdin: Vec::new(),
            timeout: Some(Duration::from_secs(60)),
            grace: Duration::from_secs(2),
        })
        .bench_local_values(|launch| launch.run(&interrupt, &mut |_, _| {}).expect("it starts"));
}

/// The same by the standard library: no pipe, no time limit.
#[divan::bench(sample_count = 200)]
fn a_command_is_run_by_std(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        std::process::Command::new("/bin/sh")
            .args(["-c", ":"])
            .status()
            .expect("it starts")
    });
}
