//! The program is killed at every point: resumed, no command has run twice in silence, none is lost, and the run ends as if nobody had
//! killed it.
//!
//! A run of the real engine is cut off after every step it takes, with everything of its journal that may have reached the disk by
//! then, and with the world as its commands had left it. Then it is resumed, killed at every point again, and resumed again.

#[path = "support/runbook.rs"]
mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;
use switchback::adapter::journal::{self, FileJournal};
use switchback::adapter::operator::HeadlessOperator;
use switchback::engine::{self, Clock, CommandRunner, Journal, Ports, Report, Reporter, Reports};
use switchback::model::{Effect, NodeId, OnInterrupt, Runbook, Stream, Value, Work};
use switchback::traverse::{
    Event, Outcome, Owner, ProcessId, Record, Resolution, RunId, RunState, Running, Source, State, Step,
    Subject, Traversal, Verdict, Word,
};

use support::{ana, runbook};

/// A runbook, what people say of it, and how its commands behave.
struct Scenario {
    name: &'static str,
    yaml: &'static str,
    words: Vec<Word>,
    /// How often a command fails before it succeeds.
    failures: &'static [(&'static str, usize)],
    jobs: usize,
}

const ALWAYS: usize = usize::MAX;

fn scenarios() -> Vec<Scenario> {
    let plain = |name, yaml| Scenario {
        name,
        yaml,
        words: Vec::new(),
        failures: &[],
        jobs: 1,
    };
    let answer = |question: &str, text: &str| Word::Answer {
        question: question.into(),
        text: text.to_owned(),
        source: Source::Given,
    };
    let attest = |subject| Word::Attest { subject, note: None };
    vec![
        Scenario {
            words: vec![
                answer("which", "left"),
                answer("tag", "v1"),
                attest(Subject::Gate("stated".into())),
                Word::Decide {
                    gate: "chosen".into(),
                    outcome: "good".to_owned(),
                    note: None,
                },
            ],
            ..plain(
                "questions, captures and gates",
                "
nodes:
  which: { question: Which?, choices: { left: deploy, right: other } }
  tag: { question: Which tag?, input: { type: string }, next: deploy }
  deploy: { action: Deploy, run: [deploy, '{{ answers.tag }}'], capture: { release: stdout }, join: all, next: tell }
  tell: { action: Tell, run: [tell, '{{ outputs.deploy.release }}'], when: outputs.deploy.release != 'x' }
  other: { action: Other, run: [other] }
gates:
  looked: { title: Looked, verify: [ { file: /x } ] }
  stated: { title: Stated, attest: It is so. }
  chosen: { title: Chosen, decide: [good, bad] }
",
            )
        },
        Scenario {
            failures: &[("flaky", 2), ("hopeless", ALWAYS)],
            ..plain(
                "retries and what a failure leads to",
                "
nodes:
  flaky: { action: Flaky, run: [flaky], idempotent: true, on_interrupt: retry, retry: { times: 2, backoff: 1ms }, next: hopeless }
  hopeless: { action: Hopeless, run: [hopeless], on_failure: instead, next: never }
  never: { action: Never, run: [never] }
  instead: { action: Instead, run: [instead], next: last }
  last: { action: Last, run: [last] }
",
            )
        },
        plain(
            "checks, before and after",
            "
nodes:
  look: { action: Look, run: [look], effect: read, next: act }
  act:
    action: Act
    run: [act]
    capture: { release: stdout }
    on_interrupt: verify
    verify: [ { file: /x }, { link: /y } ]
    next: note
  note: { action: Note, write: { path: note, content: 'of {{ outputs.act.release }}' }, next: ask }
  ask: { action: Ask, run: [ask], verify: [ { file: /x } ] }
gates:
  looked: { title: Looked, verify: [ { file: /x }, { expr: nodes.act.state == 'succeeded' } ] }
",
        ),
        Scenario {
            jobs: 3,
            ..plain(
                "branches side by side",
                "
nodes:
  left: { action: Left, run: [left], next: meet }
  right: { action: Right, run: [right], capture: { r: stdout }, next: meet }
  aside: { action: Aside, run: [aside], effect: read, next: meet }
  meet: { action: Meet, join: all, next: last }
  last: { action: Last, run: [last, '{{ outputs.right.r }}'], next: [a, b] }
  a: { action: A, run: [a], idempotent: true, on_interrupt: retry }
  b: { action: B, run: [b], verify: [ { file: /x } ], on_interrupt: verify }
",
            )
        },
        Scenario {
            failures: &[("second", ALWAYS)],
            words: vec![
                Word::Confirm("first".into()),
                attest(Subject::Node("by_hand".into())),
                attest(Subject::Check {
                    owner: Owner::Node("by_hand".into()),
                    check: "seen".into(),
                }),
            ],
            ..plain(
                "a failure that nothing handles",
                "
nodes:
  by_hand: { action: By hand, manual: Do it., verify: [ { id: seen, confirm: Is it done? } ], next: first }
  first: { action: First, run: [first], effect: destroy, next: second }
  second: { action: Second, run: [second], next: third }
  third: { action: Third, run: [third] }
gates:
  looked: { title: Looked, verify: [ { file: /x } ] }
",
            )
        },
    ]
}

/// What a command did to the world.
#[derive(Clone, Debug, PartialEq)]
struct Done {
    node: NodeId,
    well: bool,
}

/// What happened, in order.
#[derive(Clone)]
enum Moment {
    Appended(Record),
    Synced,
    Done,
}

/// The world and the disk as a call of the program sees and changes them.
#[derive(Default)]
struct World {
    moments: Vec<Moment>,
    done: Vec<Done>,
}

type Shared = Rc<RefCell<World>>;

struct Disk(Shared);

impl Journal for Disk {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        self.0.borrow_mut().moments.push(Moment::Appended(record.clone()));
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.borrow_mut().moments.push(Moment::Synced);
        Ok(())
    }
}

struct Commands<'a> {
    scenario: &'a Scenario,
    runbook: Arc<Runbook>,
    world: Shared,
}

impl Commands<'_> {
    /// A command does its work.
    fn work(&self, node: &NodeId) -> bool {
        let mut world = self.world.borrow_mut();
        let before = world.done.iter().filter(|done| done.node == *node).count();
        let fails = self.scenario.failures.iter().find(|(id, _)| node.as_str() == *id);
        let done = Done {
            node: node.clone(),
            well: fails.is_none_or(|(_, times)| before >= *times),
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
            .any(|done| done.node == *node && done.well)
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

fn printed(node: &NodeId) -> String {
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
        let mut events = Vec::new();
        match step {
            Step::Execute { node, attempt, .. } => {
                let running = Running::Group(ProcessId {
                    id: 4711,
                    since: None,
                });
                events.push(Event::Spawned {
                    node: node.clone(),
                    attempt,
                    running,
                });
                events.push(if self.work(&node) {
                    let captures = self.captures(&node);
                    finished(node, attempt, Outcome::Exited(0), captures)
                } else {
                    finished(node, attempt, Outcome::Exited(1), Map::new())
                });
            }
            Step::Write { node, attempt, .. } => {
                self.work(&node);
                events.push(finished(node, attempt, Outcome::Written, Map::new()));
            }
            Step::Verify { owner, index, .. } => {
                let holds = match &owner {
                    Owner::Node(node) => self.was_done(node),
                    Owner::Gate(_) => true,
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

/// Where a run stands when the program comes to it: what is on record, and what was done.
#[derive(Clone)]
struct Scene {
    records: Vec<Record>,
    done: Vec<Done>,
}

/// A call of the program: how the run stands after it, and what happened.
struct Call {
    run: Traversal,
    after: Scene,
    moments: Vec<Moment>,
}

fn fold(runbook: &Arc<Runbook>, records: &[Record]) -> Traversal {
    let mut run = Traversal::new(Arc::clone(runbook));
    for record in records {
        run.apply(record).expect("it is of this run");
    }
    run
}

/// Starts the run, or resumes it with the same words; what is in doubt is resolved by somebody who looks at the world.
fn call(scenario: &Scenario, runbook: &Arc<Runbook>, scene: &Scene) -> Call {
    let mut run = fold(runbook, &scene.records);
    let first = if scene.records.is_empty() {
        Event::RunStarted {
            run: RunId("r".to_owned()),
            runbook: "test".to_owned(),
            folder: "/".to_owned(),
            digest: String::new(),
            parameters: Map::new(),
            by: ana(),
        }
    } else {
        Event::RunResumed { by: ana() }
    };
    let by_ana = |words: Vec<Word>| words.into_iter().map(|word| (word, ana())).collect();
    let mut words = resolutions(&run, scene);
    for word in &scenario.words {
        let mut more = words.clone();
        more.push(word.clone());
        // What is said of a step that has ended meanwhile comes too late, and is refused.
        if scene.records.is_empty() || engine::rehearse(&run, first.clone(), by_ana(more.clone())).is_ok() {
            words = more;
        }
    }
    let opening = engine::rehearse(&run, first, by_ana(words)).expect("all of it can be said");
    let world = Shared::default();
    world.borrow_mut().done = scene.done.clone();
    let mut commands = Commands {
        scenario,
        runbook: Arc::clone(runbook),
        world: Rc::clone(&world),
    };
    let ports = Ports {
        runner: &mut commands,
        operator: &mut HeadlessOperator::new(ana(), true),
        journal: &mut Disk(Rc::clone(&world)),
        clock: &Still,
        reporter: &mut Silent,
        jobs: NonZeroUsize::new(scenario.jobs).expect("at least one"),
    };
    let seq = scene.records.len() as u64;
    engine::drive(&mut run, seq, opening, ports, engine::channel()).expect("the disk is fine");
    let world = world.take();
    let mut after = Scene {
        records: scene.records.clone(),
        done: world.done,
    };
    after
        .records
        .extend(world.moments.iter().filter_map(|moment| match moment {
            Moment::Appended(record) => Some(record.clone()),
            _ => None,
        }));
    Call {
        run,
        after,
        moments: world.moments,
    }
}

/// What somebody says of steps in doubt who looks at the world: whether the last attempt did its work, and what it printed.
fn resolutions(run: &Traversal, scene: &Scene) -> Vec<Word> {
    let nodes = run.runbook().nodes.keys();
    let in_doubt = nodes.filter(|node| run.state(node) == State::InDoubt);
    let words = in_doubt.map(|node| {
        let ended = scene.records.iter().filter(|record| ends(record, node)).count();
        let done: Vec<&Done> = scene.done.iter().filter(|done| done.node == *node).collect();
        let is_done = done.len() > ended && done.last().is_some_and(|done| done.well);
        let wanted = run.captures_wanted(node).into_iter();
        Word::Resolve {
            node: node.clone(),
            how: if is_done {
                Resolution::Done
            } else {
                Resolution::Rerun
            },
            reason: "looked".to_owned(),
            set: wanted.filter(|_| is_done).map(|id| (id, printed(node))).collect(),
        }
    });
    words.collect()
}

fn ends(record: &Record, node: &NodeId) -> bool {
    matches!(&record.event, Event::Finished { node: of, .. } if of == node)
}

/// Every scene that a kill can leave behind: after each moment of a call, what was synced and any part of what was appended since.
fn kills(before: &Scene, call: &Call) -> Vec<Scene> {
    let mut left = BTreeSet::new();
    let (mut appended, mut durable, mut done) =
        (before.records.len(), before.records.len(), before.done.len());
    for moment in &call.moments {
        match moment {
            Moment::Appended(_) => appended += 1,
            Moment::Synced => durable = appended,
            Moment::Done => done += 1,
        }
        left.extend((durable..=appended).map(|records| (records, done)));
    }
    let scene = |(records, done): (usize, usize)| Scene {
        records: call.after.records[..records].to_vec(),
        done: call.after.done[..done].to_vec(),
    };
    left.into_iter().map(scene).collect()
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
    format!(
        "{}\n{}\n{}",
        run.run_state(),
        nodes.join("\n"),
        gates.collect::<Vec<_>>().join("\n")
    )
}

fn counts(done: &[Done]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for done in done {
        *counts.entry(done.node.as_str()).or_default() += 1;
    }
    counts
}

struct Exploration<'a> {
    scenario: &'a Scenario,
    runbook: Arc<Runbook>,
    /// The run that nobody killed.
    whole: Call,
    seen: HashSet<String>,
    kills: usize,
    ends: usize,
}

impl Exploration<'_> {
    /// Goes on from a scene, to the end, and from every kill on the way while there are kills left.
    fn explore(&mut self, scene: &Scene, kills_left: usize) {
        let key = serde_json::to_string(&scene.records).expect("it is data");
        if !self.seen.insert(format!("{kills_left} {:?} {key}", scene.done)) {
            return;
        }
        if fold(&self.runbook, &scene.records).run_state().is_over() {
            return self.compare(&fold(&self.runbook, &scene.records), scene);
        }
        let call = call(self.scenario, &self.runbook, scene);
        if kills_left > 0 {
            for left in kills(scene, &call) {
                self.kills += 1;
                self.explore(&left, kills_left - 1);
            }
        }
        match call.run.run_state() {
            RunState::InDoubt => self.explore(&call.after, kills_left),
            _ => self.compare(&call.run, &call.after),
        }
    }

    fn compare(&mut self, run: &Traversal, scene: &Scene) {
        self.ends += 1;
        let name = self.scenario.name;
        let story = || {
            let lines: Vec<String> = scene
                .records
                .iter()
                .map(|record| format!("{:?}", record.event))
                .collect();
            lines.join("\n")
        };
        assert_eq!(portrait(run), portrait(&self.whole.run), "{name}:\n{}", story());
        let (done, whole) = (counts(&scene.done), counts(&self.whole.after.done));
        assert!(
            done.keys().eq(whole.keys()),
            "{name}: lost or made up: {done:?}\n{}",
            story()
        );
        for (node, times) in done {
            let once = whole[node];
            assert!(
                times == once || (times > once && self.may_repeat(node, scene)),
                "{name}: `{node}` ran {times} times, and not {once}:\n{}",
                story()
            );
        }
    }

    /// Whether something allows a command to run more than once: what it is, what its author declared, or what somebody asked for.
    fn may_repeat(&self, node: &str, scene: &Scene) -> bool {
        let action = self.runbook.nodes[node].action().expect("only actions run");
        action.effect == Effect::Read
            || matches!(action.work, Work::Write(_))
            || (action.idempotent && action.on_interrupt == OnInterrupt::Retry)
            || scene.records.iter().any(|record| {
                matches!(&record.event, Event::Resolved { node: of, how: Resolution::Rerun, .. } if of.as_str() == node)
            })
    }
}

/// Plays every scenario with so many kills, one after the other.
fn kill_and_resume(times: usize) {
    let (mut kills, mut ends) = (0, 0);
    for scenario in scenarios() {
        let runbook = runbook(scenario.yaml);
        let start = Scene {
            records: Vec::new(),
            done: Vec::new(),
        };
        let whole = call(&scenario, &runbook, &start);
        let mut exploration = Exploration {
            scenario: &scenario,
            runbook,
            whole,
            seen: HashSet::new(),
            kills: 0,
            ends: 0,
        };
        exploration.explore(&start, times);
        say(&format!(
            "{}: {} kills, {} runs brought to their end",
            scenario.name, exploration.kills, exploration.ends
        ));
        kills += exploration.kills;
        ends += exploration.ends;
    }
    say(&format!(
        "{times} in a row: {kills} kills, {ends} runs brought to their end"
    ));
    assert!(kills > 1000, "{kills}");
}

/// For who runs the tests with `--nocapture`.
#[expect(clippy::print_stdout, reason = "it is what a test is asked to show")]
fn say(line: &str) {
    println!("{line}");
}

#[test]
fn killed_at_every_point_and_resumed_it_ends_as_if_nobody_had_killed_it() {
    kill_and_resume(2);
}

#[test]
fn torn_at_every_byte_the_journal_reads_as_if_the_last_record_had_never_been() {
    let folder = tempfile::tempdir().expect("there is room");
    let mut cuts = 0;
    for (number, scenario) in scenarios().iter().enumerate() {
        let start = Scene {
            records: Vec::new(),
            done: Vec::new(),
        };
        let records = call(scenario, &runbook(scenario.yaml), &start).after.records;
        let path = folder.path().join(number.to_string());
        let mut file = FileJournal::create(&path).expect("it is new");
        for record in &records {
            file.append(record).expect("there is room");
        }
        file.sync().expect("there is room");
        drop(file);
        let bytes = std::fs::read(&path).expect("it is there");
        for length in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..length]).expect("there is room");
            let whole = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
            let read = journal::read(&path).expect("only its tail is torn");
            assert_eq!(read, records[..whole], "{}: after {length} bytes", scenario.name);
            cuts += 1;
        }
    }
    say(&format!("{cuts} torn journals"));
}
