//! A journal that cannot be kept stops the run before the next command, and loses nothing.

#[cfg(target_os = "linux")]
mod program;
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

/// The program itself on a disk that is really full: a file system of its own in memory, which only this test sees.
#[cfg(target_os = "linux")]
mod small {
    use std::fs;
    use std::io::Write;
    use std::path::PathBuf;
    use std::process::Command;

    use super::program::Place;

    /// Set where the test may mount what it likes.
    const ALONE: &str = "SWITCHBACK_TEST_MAY_MOUNT";
    const SIZE: &str = "size=1m";

    /// Where a test may mount: in it, true. Elsewhere it is made once more there, if the system lets us, and there is nothing left to do here.
    fn is_alone(test: &str) -> bool {
        if std::env::var_os(ALONE).is_some() {
            return true;
        }
        let folder = tempfile::tempdir().expect("there is room");
        let probe = "mount -t tmpfs tmpfs \"$0\"";
        let probe = Command::new("unshare")
            .args(["-rm", "sh", "-c", probe])
            .arg(folder.path())
            .output();
        if !probe.as_ref().is_ok_and(|probe| probe.status.success()) {
            let note = format!(
                "no user namespace to mount a small disk in ({probe:?}): `{test}` is not played here\n"
            );
            let in_ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "false" | "0"));
            assert!(
                !in_ci,
                "{note}sysctl kernel.apparmor_restrict_unprivileged_userns=0 may allow it"
            );
            let _ = std::io::stderr().write_all(note.as_bytes());
            return false;
        }
        let me = std::env::current_exe().expect("it is there");
        let mut again = Command::new("unshare");
        again.arg("-rm").arg(me).args(["--exact", test, "--nocapture"]);
        let ended = again.env(ALONE, "1").output().expect("it was there a moment ago");
        let said = String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned();
        assert!(ended.status.success() && said.contains("1 passed"), "{said}");
        false
    }

    /// A folder of which the state is on a small disk.
    fn place(runbook: &str) -> Place {
        let place = Place::with(runbook);
        fs::create_dir(place.path().join("state")).expect("there is room");
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", SIZE, "tmpfs"])
            .arg(place.path().join("state"));
        assert!(mount.status().expect("it is there").success());
        place
    }

    fn filling(place: &Place) -> PathBuf {
        place.path().join("state/filling")
    }

    /// Leaves no room on the small disk.
    fn fill(place: &Place) {
        let mut file = fs::File::create(filling(place)).expect("a name needs no room");
        while file.write_all(&[0; 512]).is_ok() {}
    }

    const LAST: usize = 12;

    /// The first step leaves no room; each of the others prints so much that what was set aside comes to its end.
    fn chain() -> String {
        let mut yaml = "nodes:
  s0: { action: Fill, run: 'echo 0 >> log; cat /dev/zero > state/filling 2> lost || :', undo: { run: 'echo back >> log' }, next: s1 }
"
        .to_owned();
        for step in 1..=LAST {
            let next = if step == LAST {
                "end".to_owned()
            } else {
                format!("s{}", step + 1)
            };
            yaml += &format!(
                "  s{step}: {{ action: Print, run: 'echo {step} >> log; head -c 40000 /dev/zero | tr \"\\0\" x', capture: {{ all: stdout }}, next: {next} }}\n"
            );
        }
        yaml
    }

    fn steps(until: usize) -> Vec<String> {
        (0..until).map(|step| step.to_string()).collect()
    }

    #[test]
    fn the_run_stops_before_the_next_command_and_goes_on_when_there_is_room() {
        if !is_alone("small::the_run_stops_before_the_next_command_and_goes_on_when_there_is_room") {
            return;
        }
        let place = place(&chain());
        let stopped = place.call("ana", &["run", "r.yaml", "--headless"]);
        assert_eq!(stopped.code, Some(70), "{}", stopped.text);
        let run = place.runs().remove(0);
        for part in [
            "No space left on device",
            "nothing more was started",
            &format!("`switchback resume {run}`"),
        ] {
            assert!(stopped.text.contains(part), "{part}\n{}", stopped.text);
        }
        let done = place.lines("log").len();
        assert!((2..=LAST).contains(&done), "{done}");
        assert_eq!(place.lines("log"), steps(done), "each once, in order");

        // Still full: everything of it can be read, and nothing of it goes on.
        for read in [["show", &run], ["verify", &run]] {
            let read = place.call("ana", &read);
            assert_eq!(read.code, Some(0), "{}", read.text);
        }
        let journal = place.journal(&run);
        for event in ["started", "finished"] {
            let event = format!("\"event\":\"{event}\"");
            assert_eq!(journal.matches(&event).count(), done, "{event} of each that ran");
        }
        let resumed = place.call("ana", &["resume", &run, "--headless"]);
        assert_eq!(resumed.code, Some(70), "{}", resumed.text);
        assert_eq!(place.lines("log"), steps(done), "nothing was started");

        fs::remove_file(filling(&place)).expect("it is there");
        let resumed = place.call("ana", &["resume", &run, "--headless"]);
        assert_eq!(resumed.code, Some(0), "{}", resumed.text);
        assert_eq!(place.lines("log"), steps(LAST + 1), "none twice, none lost");
        assert_eq!(place.call("ana", &["verify", &run]).code, Some(0));
    }

    #[test]
    fn nothing_begins_and_nothing_is_undone_without_room() {
        if !is_alone("small::nothing_begins_and_nothing_is_undone_without_room") {
            return;
        }
        let place =
            place("nodes: { act: { action: Act, run: echo act >> log, undo: { run: echo back >> log } } }\n");
        fill(&place);
        let refused = place.call("ana", &["run", "r.yaml", "--headless"]);
        assert_eq!(refused.code, Some(70), "{}", refused.text);
        assert!(refused.text.contains("nothing was started"), "{}", refused.text);
        assert!(place.lines("log").is_empty());

        fs::remove_file(filling(&place)).expect("it is there");
        assert_eq!(place.call("ana", &["run", "r.yaml", "--headless"]).code, Some(0));
        fill(&place);
        let refused = place.call("ana", &["undo", "last", "--headless"]);
        assert_eq!(refused.code, Some(70), "{}", refused.text);
        assert!(refused.text.contains("`switchback undo "), "{}", refused.text);
        assert_eq!(place.lines("log"), ["act"]);
        fs::remove_file(filling(&place)).expect("it is there");
        let undone = place.call("ana", &["undo", "last", "--headless"]);
        assert_eq!(undone.code, Some(0), "{}", undone.text);
        assert_eq!(place.lines("log"), ["act", "back"]);
    }
}
