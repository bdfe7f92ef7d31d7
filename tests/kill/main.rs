//! The program is killed at every point: resumed, no command has run twice in silence, none is lost, and the run ends as if nobody had
//! killed it.
//!
//! A run of the real engine is cut off after every step it takes, with the world as its commands had left it. A kill of the process loses
//! what the journal had not handed to the system; a crash of the machine may lose all that was not synced, and any part of it. Then it
//! is resumed, or undone, cut off at every point again, and taken up again.
//!
//! That the tests would notice a sync that is not made is tested too, with journals that leave one out.

mod call;
mod scenarios;
#[path = "../support/runbook.rs"]
mod support;
mod world;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use switchback::adapter::journal::{self, FileJournal};
use switchback::engine::Journal;
use switchback::model::{Effect, OnInterrupt, Runbook, Work};
use switchback::traverse::{Event, Record, Resolution, Traversal, UndoState};

use call::{Call, Scene, Verb, call, fold, record};
use scenarios::{Scenario, scenarios};
use support::runbook;
use world::{Done, Moment, Syncs, undo_of};

/// Every scene that a kill or a crash can leave behind.
struct Left {
    /// What of the record, how much of it durable, and how much is done.
    scenes: BTreeSet<(usize, usize, usize)>,
    kills: usize,
    crashes: usize,
}

/// What is left after each moment of a call. A kill of the process leaves what was flushed and any part of what was appended since; a crash
/// of the machine what was synced and any part of the rest.
fn left_behind(before: &Scene, call: &Call) -> Left {
    let mut left = Left {
        scenes: BTreeSet::new(),
        kills: 0,
        crashes: 0,
    };
    let mut appended = before.records.len();
    let (mut flushed, mut durable, mut done) = (appended, before.durable, before.done.len());
    for moment in &call.moments {
        match moment {
            Moment::Appended(_) => appended += 1,
            Moment::Flushed => flushed = appended,
            Moment::Synced => durable = appended,
            Moment::Done => done += 1,
        }
        for records in flushed..=appended {
            left.kills += usize::from(left.scenes.insert((records, durable, done)));
        }
        for records in durable..=appended {
            left.crashes += usize::from(left.scenes.insert((records, records, done)));
        }
    }
    left
}

/// A command that changes the world and starts while a crash of the machine could still lose that it was to.
fn without_intent(runbook: &Runbook, before: &Scene, call: &Call) -> Option<String> {
    let mut records = before.records.clone();
    let (mut durable, mut done) = (before.durable, before.done.len());
    for moment in &call.moments {
        match moment {
            Moment::Appended(record) => records.push(record.clone()),
            Moment::Flushed => {}
            Moment::Synced => durable = records.len(),
            Moment::Done => {
                let what = &call.after.done[done].what;
                done += 1;
                let intents = records[..durable].iter().filter(|record| match &record.event {
                    Event::Started { node, .. } => node.as_str() == what,
                    Event::UndoStarted { node, .. } => undo_of(node) == *what,
                    _ => false,
                });
                let times = call.after.done[..done].iter().filter(|done| done.what == *what);
                if intents.count() < times.count() && !only_reads(runbook, what) {
                    return Some(format!("`{what}` started without a durable intent"));
                }
            }
        }
    }
    None
}

fn only_reads(runbook: &Runbook, what: &str) -> bool {
    let action = runbook.nodes.get(what).and_then(|node| node.action());
    action.is_some_and(|action| action.effect == Effect::Read)
}

/// All that anybody sees of a run that is over.
fn portrait(run: &Traversal) -> String {
    let nodes = run.runbook().nodes.keys();
    let nodes: Vec<String> = nodes
        .map(|id| {
            format!(
                "{id}: {} {:?} {:?}",
                run.state(id),
                run.answer(id),
                run.captures(id)
            )
        })
        .collect();
    let gates = run
        .gates()
        .map(|(gate, verdict)| format!("{}: {}", gate.id, verdict.as_str()));
    let undos = run.undoables().into_iter().map(|undo| match undo.state {
        UndoState::UndoneByHand(_) => format!("{}: {:?}", undo.node, UndoState::Undone),
        state => format!("{}: {state:?}", undo.node),
    });
    // Branches side by side are done, and so undone, in any order.
    let undos: BTreeSet<String> = undos.collect();
    format!(
        "{}\n{}\n{}\n{undos:?}",
        run.run_state(),
        nodes.join("\n"),
        gates.collect::<Vec<_>>().join("\n")
    )
}

fn counts(done: &[Done]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for done in done {
        *counts.entry(done.what.as_str()).or_default() += 1;
    }
    counts
}

struct Exploration<'a> {
    scenario: &'a Scenario,
    runbook: Arc<Runbook>,
    syncs: Syncs,
    /// How the run ends that nobody cut off.
    whole: (String, Vec<Done>),
    seen: HashSet<String>,
    kills: usize,
    crashes: usize,
    ends: usize,
}

/// What is wrong with a run, and its story.
type Fault = String;

impl<'a> Exploration<'a> {
    fn of(scenario: &'a Scenario, syncs: Syncs) -> Self {
        let runbook = runbook(scenario.yaml);
        let whole = whole(scenario, &runbook);
        Self {
            whole: (portrait(&fold(&runbook, &whole.records)), whole.done),
            scenario,
            runbook,
            syncs,
            seen: HashSet::new(),
            kills: 0,
            crashes: 0,
            ends: 0,
        }
    }

    /// Cuts the run off at every point, so many times in a row.
    fn play(&mut self, times: usize) -> Result<(), Fault> {
        self.explore(&Scene::default(), true, times)
    }

    /// Goes on from a scene, to the end, and from everything that may be left behind on the way while there are cuts left.
    fn explore(&mut self, scene: &Scene, is_cut: bool, cuts_left: usize) -> Result<(), Fault> {
        // What is durable matters only to who may be cut off once more.
        let durable = if cuts_left == 0 { 0 } else { scene.durable };
        let key = serde_json::to_string(&scene.records).expect("it is data");
        let key = format!("{is_cut} {cuts_left} {durable} {:?} {key}", scene.done);
        if !self.seen.insert(key) {
            return Ok(());
        }
        let run = fold(&self.runbook, &scene.records);
        let Some(verb) = self.scenario.next(&run, &scene.records, is_cut) else {
            return self.compare(&run, scene);
        };
        let call = call(self.scenario, &self.runbook, scene, verb, self.syncs);
        if cuts_left > 0 {
            let left = left_behind(scene, &call);
            self.kills += left.kills;
            self.crashes += left.crashes;
            for (records, durable, done) in left.scenes {
                let left = Scene {
                    records: call.after.records[..records].to_vec(),
                    durable,
                    done: call.after.done[..done].to_vec(),
                };
                self.explore(&left, true, cuts_left - 1)?;
            }
        }
        self.explore(&call.after, false, cuts_left)
    }

    fn compare(&mut self, run: &Traversal, scene: &Scene) -> Result<(), Fault> {
        self.ends += 1;
        let fault = |what: String| {
            let lines = scene.records.iter().map(|record| format!("{:?}", record.event));
            let story: Vec<String> = lines.collect();
            Err(format!("{}: {what}\n{}", self.scenario.name, story.join("\n")))
        };
        let (whole, done_by_whole) = &self.whole;
        let ended = portrait(run);
        if ended != *whole {
            return fault(format!("it ended as\n{ended}\nand not as\n{whole}"));
        }
        let (done, whole) = (counts(&scene.done), counts(done_by_whole));
        if !done.keys().eq(whole.keys()) {
            return fault(format!("lost or made up: {done:?}"));
        }
        for (what, times) in done {
            let once = whole[what];
            if times < once || (times > once && !self.may_repeat(what, scene)) {
                return fault(format!("`{what}` ran {times} times, and not {once}"));
            }
        }
        Ok(())
    }

    /// Whether something allows a command to run more than once: what it is, what its author declared, or what somebody asked for.
    fn may_repeat(&self, what: &str, scene: &Scene) -> bool {
        let declared = self.runbook.nodes.get(what).and_then(|node| node.action());
        let declared = declared.is_some_and(|action| {
            action.effect == Effect::Read
                || matches!(action.work, Work::Write(_))
                || (action.idempotent && action.on_interrupt == OnInterrupt::Retry)
        });
        let rerun = Resolution::Rerun;
        declared
            || scene.records.iter().any(|record| match &record.event {
                Event::Resolved { node, how, .. } => *how == rerun && node.as_str() == what,
                Event::UndoResolved { node, how, .. } => *how == rerun && undo_of(node) == what,
                _ => false,
            })
    }
}

/// The scenario from its beginning to its end, with nothing in between.
fn whole(scenario: &Scenario, runbook: &Arc<Runbook>) -> Scene {
    let mut scene = Scene::default();
    while let Some(verb) = scenario.next(&fold(runbook, &scene.records), &scene.records, false) {
        scene = call(scenario, runbook, &scene, verb, Syncs::All).after;
    }
    scene
}

/// For who runs the tests with `--nocapture`.
#[expect(clippy::print_stdout, reason = "it is what a test is asked to show")]
fn say(line: &str) {
    println!("{line}");
}

#[test]
fn cut_off_at_every_point_and_taken_up_again_it_ends_as_if_nobody_had_cut_it_off() {
    let (mut kills, mut crashes, mut ends) = (0, 0, 0);
    for scenario in scenarios() {
        let mut exploration = Exploration::of(&scenario, Syncs::All);
        if let Err(fault) = exploration.play(2) {
            panic!("{fault}");
        }
        say(&format!(
            "{}: {} kills of the process, {} crashes of the machine, {} runs brought to their end",
            scenario.name, exploration.kills, exploration.crashes, exploration.ends
        ));
        kills += exploration.kills;
        crashes += exploration.crashes;
        ends += exploration.ends;
    }
    say(&format!(
        "two in a row: {kills} kills, {crashes} crashes, {ends} runs brought to their end"
    ));
    assert!(kills > 2000 && crashes > 1000, "{kills} kills, {crashes} crashes");
}

#[test]
fn nothing_that_changes_the_world_starts_before_its_intent_is_durable() {
    for scenario in scenarios() {
        let (runbook, mut scene) = (runbook(scenario.yaml), Scene::default());
        while let Some(verb) = scenario.next(&fold(&runbook, &scene.records), &scene.records, false) {
            let call = call(&scenario, &runbook, &scene, verb, Syncs::All);
            assert_eq!(without_intent(&runbook, &scene, &call), None, "{}", scenario.name);
            scene = call.after;
        }
    }
}

#[test]
fn an_engine_whose_syncs_are_lost_is_caught() {
    for scenario in scenarios() {
        let fault = Exploration::of(&scenario, Syncs::None).play(1);
        let fault = fault.expect_err("a command has run twice, and nobody knows of it");
        assert!(fault.contains(" times, and not "), "{fault}");
    }
}

#[test]
fn each_sync_by_itself_is_missed() {
    let (mut needed, mut caught, mut ran_twice) = (0, 0, 0);
    for scenario in scenarios() {
        let runbook = runbook(scenario.yaml);
        let start = Scene::default();
        let sound = call(&scenario, &runbook, &start, Verb::Run, Syncs::All);
        for one in syncs_before_a_change(&runbook, &sound) {
            needed += 1;
            let call = call(&scenario, &runbook, &start, Verb::Run, Syncs::Without(one));
            caught += usize::from(without_intent(&runbook, &start, &call).is_some());
            let mut exploration = Exploration::of(&scenario, Syncs::Without(one));
            ran_twice += usize::from(exploration.play(1).is_err());
        }
    }
    say(&format!(
        "{needed} syncs, {caught} of them missed, {ran_twice} by a command that ran twice"
    ));
    assert_eq!(caught, needed);
    assert!(ran_twice > needed / 2, "{ran_twice} of {needed}");
}

/// The syncs of a call after which, and before any other, something starts that changes the world.
fn syncs_before_a_change(runbook: &Runbook, call: &Call) -> BTreeSet<usize> {
    let mut syncs = BTreeSet::new();
    let (mut made, mut done) = (0, 0);
    for moment in &call.moments {
        match moment {
            Moment::Synced => made += 1,
            Moment::Done => {
                if !only_reads(runbook, &call.after.done[done].what) {
                    syncs.insert(made - 1);
                }
                done += 1;
            }
            Moment::Appended(_) | Moment::Flushed => {}
        }
    }
    syncs
}

#[test]
fn torn_at_every_byte_the_journal_reads_as_if_the_last_record_had_never_been() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = |name: &str| folder.path().join(name);
    let records = |scenario: &Scenario| whole(scenario, &runbook(scenario.yaml)).records;
    let (scenarios, mut kinds) = (scenarios(), HashSet::new());
    let mut cuts = tear(&path("whole"), &records(&scenarios[0]));
    // A record of every kind, after the one before: what stands before that is read the same each time.
    for records in scenarios.iter().map(records) {
        for pair in records.windows(2) {
            if kinds.insert(std::mem::discriminant(&pair[1].event)) {
                cuts += tear(&path(&kinds.len().to_string()), &numbered_anew(pair));
            }
        }
    }
    say(&format!(
        "{cuts} torn journals, with records of {} kinds",
        kinds.len()
    ));
    assert!(kinds.len() > 20, "{}", kinds.len());
}

fn numbered_anew(records: &[Record]) -> Vec<Record> {
    let events = records.iter().map(|record| record.event.clone());
    (1..).zip(events).map(|(seq, event)| record(seq, event)).collect()
}

/// Tears a journal of these records at every byte; at how many.
fn tear(path: &Path, records: &[Record]) -> usize {
    let mut file = FileJournal::create(path).expect("it is new");
    for record in records {
        file.append(record).expect("there is room");
    }
    file.flush().expect("there is room");
    drop(file);
    let bytes = std::fs::read(path).expect("it is there");
    for length in 0..=bytes.len() {
        std::fs::write(path, &bytes[..length]).expect("there is room");
        let whole = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
        let read = journal::read(path).expect("only its tail is torn");
        assert_eq!(read, records[..whole], "{}: after {length} bytes", path.display());
    }
    bytes.len() + 1
}
