//! The program is killed at every point: resumed, no command has run twice in silence, none is lost, and the run ends as if nobody had
//! killed it.
//!
//! A run of the real engine is cut off after every step it takes, with the world as its commands had left it. A kill of the process loses
//! what the journal had not handed to the system; a crash of the machine may lose all that was not synced, and any part of it. Then it
//! is resumed, or undone, cut off at every point again, and taken up again.
//!
//! That the tests would notice a sync that is not made is tested too, with journals that leave one out.

#[path = "support/runbook.rs"]
mod support;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Map;
use switchback::adapter::journal::{self, FileJournal};
use switchback::adapter::operator::HeadlessOperator;
use switchback::engine::{self, Clock, CommandRunner, Journal, Operator, Ports, Report, Reporter, Reports};
use switchback::model::{Effect, NodeId, OnInterrupt, Runbook, Stream, Value, Work};
use switchback::traverse::{
    Event, Outcome, Owner, ProcessGroup, RECORD_VERSION, Record, Rejected, Resolution, RunId, RunState,
    Source, State, Step, Subject, Traversal, UndoState, Verdict, Word,
};

use support::{ana, runbook};

/// A runbook, what people say of it, and how its commands behave.
struct Scenario {
    name: &'static str,
    yaml: &'static str,
    words: Vec<Word>,
    /// Whether they say it when they are asked, and not up front.
    asked: bool,
    /// How often a command fails before it succeeds.
    failures: &'static [(&'static str, usize)],
    /// The gates of which a check fails.
    open: &'static [&'static str],
    jobs: usize,
    /// Whether the run is undone when it has come as far as it goes.
    undone: bool,
}

const ALWAYS: usize = usize::MAX;

fn scenarios() -> Vec<Scenario> {
    let plain = |name, yaml| Scenario {
        name,
        yaml,
        words: Vec::new(),
        asked: false,
        failures: &[],
        open: &[],
        jobs: 1,
        undone: false,
    };
    let answer = |question: &str, text: &str| Word::Answer {
        question: question.into(),
        text: text.to_owned(),
        source: Source::Given,
    };
    let attest = |subject| Word::Attest { subject, note: None };
    let seen = |node: &str| {
        attest(Subject::Check {
            owner: Owner::Node(node.into()),
            check: "seen".into(),
        })
    };
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
                seen("by_hand"),
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
        Scenario {
            asked: true,
            words: vec![
                answer("which", "left"),
                Word::Decline("declined".into()),
                attest(Subject::Node("by_hand".into())),
                seen("by_hand"),
                attest(Subject::Gate("stated".into())),
                Word::Attest {
                    subject: Subject::Check {
                        owner: Owner::Gate("stated".into()),
                        check: "looks".into(),
                    },
                    note: Some("it does".to_owned()),
                },
                Word::Decide {
                    gate: "chosen".into(),
                    outcome: "good".to_owned(),
                    note: None,
                },
                Word::Refuse {
                    subject: Subject::Gate("untrue".into()),
                    note: None,
                },
            ],
            ..plain(
                "people who are asked",
                "
nodes:
  which: { question: Which?, detect: { run: [guess] }, choices: { left: by_hand, right: end } }
  by_hand: { action: By hand, manual: Do it., verify: [ { id: seen, confirm: Is it done? } ], next: wipe }
  wipe: { action: Wipe, run: [wipe], effect: destroy, next: declined }
  declined: { action: Declined, run: [declined], confirm: Sure?, on_failure: act }
  act: { action: Act, run: [act], capture: { release: stdout }, next: [tell, once_more] }
  tell: { action: Tell, run: [tell, '{{ outputs.act.release }}'] }
  once_more: { action: Once more, run: [once_more], idempotent: true, on_interrupt: retry }
gates:
  stated: { title: Stated, attest: It is so., verify: [ { id: looks, confirm: Does it look right? } ] }
  chosen: { title: Chosen, decide: [good, bad] }
  untrue: { title: Untrue, attest: It is not so. }
",
            )
        },
        Scenario {
            words: vec![Word::Waive {
                gate: "waived".into(),
                reason: "not today".to_owned(),
            }],
            open: &["waived", "unmet"],
            ..plain(
                "gates that stay open, and one that is let go",
                "
nodes:
  act: { action: Act, run: [act], verify: [ { file: /x } ] }
gates:
  waived: { title: Waived, verify: [ { file: /x }, { file: /y } ] }
  unmet: { title: Unmet, verify: [ { file: /x } ] }
  no_matter: { title: No matter, when: nodes.act.state == 'failed', verify: [ { file: /x } ] }
",
            )
        },
        Scenario {
            jobs: 2,
            failures: &[("left", 1), ("right", 2)],
            ..plain(
                "branches that fail and are tried again, side by side",
                "
nodes:
  left: { action: Left, run: [left], idempotent: true, on_interrupt: retry, retry: { times: 1, backoff: 1ms }, next: meet }
  right: { action: Right, run: [right], idempotent: true, retry: { times: 2, backoff: 1ms }, next: meet }
  aside: { action: Aside, run: [aside] }
  meet: { action: Meet, join: all, next: last }
  last: { action: Last, run: [last] }
",
            )
        },
        Scenario {
            undone: true,
            failures: &[("undo second", 1), ("undo first", ALWAYS)],
            ..plain(
                "what is undone",
                "
nodes:
  first: { action: First, run: [first], undo: { run: [back] }, next: second }
  second:
    action: Second
    run: [second]
    capture: { release: stdout }
    undo: { run: [back, '{{ outputs.second.release }}'] }
    next: third
  third: { action: Third, run: [third], idempotent: true, on_interrupt: retry, undo: { run: [back] } }
",
            )
        },
        Scenario {
            undone: true,
            jobs: 2,
            failures: &[("last", ALWAYS)],
            ..plain(
                "branches that are undone after a failure",
                "
nodes:
  left: { action: Left, run: [left], undo: { run: [back] }, next: last }
  right: { action: Right, run: [right], on_interrupt: verify, verify: [ { file: /x } ], undo: { run: [back] }, next: last }
  last: { action: Last, run: [last], join: all, undo: { run: [back] } }
",
            )
        },
    ]
}

/// What a command did to the world.
#[derive(Clone, Debug, PartialEq)]
struct Done {
    /// The command: that of `NODE`, or `undo NODE`.
    what: String,
    well: bool,
}

fn undo_of(node: &NodeId) -> String {
    format!("undo {node}")
}

/// What happened, in order.
#[derive(Clone)]
enum Moment {
    Appended(Record),
    /// All of it is with the system: a kill of the process does not lose it.
    Flushed,
    /// All of it is durable: a crash of the machine does not lose it.
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

/// A journal that keeps what becomes of each record. Of its syncs it can leave one out, or all, without a word.
struct Disk {
    world: Shared,
    syncs: Syncs,
    made: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Syncs {
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

struct Commands<'a> {
    scenario: &'a Scenario,
    runbook: Arc<Runbook>,
    world: Shared,
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
        let spawned = |node: &NodeId, attempt| Event::Spawned {
            node: node.clone(),
            attempt,
            group: ProcessGroup {
                id: 4711,
                since: None,
            },
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
struct There(Vec<Word>);

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
    fn start(&mut self, step: Step, _run: &Traversal, reports: &Reports) {
        let owner = step.owner().expect("it is somebody's");
        let report = match self.word(&step) {
            Some(word) => Report::Said { word, by: ana() },
            None => Report::Nobody(owner),
        };
        reports.send(report).expect("the engine listens");
    }

    fn interrupt(&mut self) {}

    fn reject(&mut self, why: &Rejected) {
        panic!("{why}");
    }

    fn wants_suggestions(&self) -> bool {
        false
    }
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
#[derive(Clone, Default)]
struct Scene {
    records: Vec<Record>,
    /// How many of them a crash of the machine would not lose.
    durable: usize,
    done: Vec<Done>,
}

/// A call of the program: what is left after it, and what happened.
struct Call {
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

/// What is called next.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verb {
    Run,
    Resume,
    Undo,
}

impl Scenario {
    /// How often a command fails before it succeeds.
    fn fails(&self, what: &str) -> usize {
        let fails = self.failures.iter().find(|(name, _)| what == *name);
        fails.map_or(0, |(_, times)| *times)
    }

    /// How a run goes on; none when it has come as far as the scenario goes. Whoever finds it cut off cannot know that it had.
    fn next(&self, run: &Traversal, records: &[Record], is_cut: bool) -> Option<Verb> {
        let undone = |record: &Record| matches!(record.event, Event::UndoBegun { .. });
        let is_at_rest = run.run_state().is_over() || (!is_cut && run.run_state() != RunState::InDoubt);
        if records.is_empty() {
            Some(Verb::Run)
        } else if records.iter().any(undone) {
            let is_left = run.is_undoing() || run.undo_state() != RunState::Complete;
            is_left.then_some(Verb::Undo)
        } else if is_at_rest {
            self.undone.then_some(Verb::Undo)
        } else {
            Some(Verb::Resume)
        }
    }
}

/// A call of the program, with the words of the scenario; what is in doubt is resolved by somebody who looks at the world.
fn call(scenario: &Scenario, runbook: &Arc<Runbook>, scene: &Scene, verb: Verb, syncs: Syncs) -> Call {
    let mut run = fold(runbook, &scene.records);
    let first = match verb {
        Verb::Run => Event::RunStarted {
            run: RunId("r".to_owned()),
            runbook: "test".to_owned(),
            folder: "/".to_owned(),
            digest: String::new(),
            parameters: Map::new(),
            by: ana(),
        },
        Verb::Resume => Event::RunResumed { by: ana() },
        Verb::Undo => run.begin_undo(None, ana()).expect("something is done"),
    };
    let by_ana = |words: Vec<Word>| words.into_iter().map(|word| (word, ana())).collect();
    let is_asked = scenario.asked && verb != Verb::Undo;
    let mut there = There(scenario.words.clone());
    if is_asked {
        // Somebody is there, and looks as soon as it is in doubt.
        let mut resumed = run.clone();
        let seq = scene.records.len() as u64 + 1;
        resumed
            .apply(&record(seq, first.clone()))
            .expect("it is of this run");
        there.0.extend(resolutions(&resumed, scene));
    }
    let mut words = match verb {
        Verb::Undo => undo_resolutions(scenario, &run, scene),
        _ if is_asked => Vec::new(),
        _ => resolutions(&run, scene),
    };
    let up_front = scenario.words.iter().filter(|_| verb != Verb::Undo && !is_asked);
    for word in up_front {
        let mut more = words.clone();
        more.push(word.clone());
        // What is said of a step that has ended meanwhile comes too late, and is refused.
        if verb == Verb::Run || engine::rehearse(&run, first.clone(), by_ana(more.clone())).is_ok() {
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
    let mut nobody = HeadlessOperator::new(ana(), true);
    let ports = Ports {
        runner: &mut commands,
        operator: if is_asked { &mut there } else { &mut nobody },
        journal: &mut Disk {
            world: Rc::clone(&world),
            syncs,
            made: 0,
        },
        clock: &Still,
        reporter: &mut Silent,
        jobs: NonZeroUsize::new(scenario.jobs).expect("at least one"),
    };
    let seq = scene.records.len() as u64;
    engine::drive(&mut run, seq, opening, ports, engine::channel()).expect("the disk is fine");
    let world = world.take();
    let appended = world.moments.iter().filter_map(|moment| match moment {
        Moment::Appended(record) => Some(record),
        _ => None,
    });
    let records: Vec<Record> = scene.records.iter().chain(appended).cloned().collect();
    let after = Scene {
        durable: records.len(),
        records,
        done: world.done,
    };
    Call {
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
        let is_done = is_done(scene, node.as_str(), ended);
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

/// What somebody says of undos who looks at the world; what can never be undone is left as it is.
fn undo_resolutions(scenario: &Scenario, run: &Traversal, scene: &Scene) -> Vec<Word> {
    let words = run.undoables().into_iter().filter_map(|undo| {
        let what = undo_of(&undo.node);
        let ended = scene
            .records
            .iter()
            .filter(|record| ends_undo(record, &undo.node))
            .count();
        let how = match undo.state {
            UndoState::InDoubt if is_done(scene, &what, ended) => Resolution::Done,
            UndoState::InDoubt => Resolution::Rerun,
            UndoState::Failed(_) | UndoState::Open if ended > 0 && scenario.fails(&what) == ALWAYS => {
                Resolution::Skip
            }
            _ => return None,
        };
        Some(Word::Resolve {
            node: undo.node,
            how,
            reason: "looked".to_owned(),
            set: Vec::new(),
        })
    });
    words.collect()
}

/// Whether a command of which so many ends are on record has done its work since.
fn is_done(scene: &Scene, what: &str, ended: usize) -> bool {
    let done: Vec<&Done> = scene.done.iter().filter(|done| done.what == what).collect();
    done.len() > ended && done.last().is_some_and(|done| done.well)
}

fn ends(record: &Record, node: &NodeId) -> bool {
    matches!(&record.event, Event::Finished { node: of, .. } if of == node)
}

fn ends_undo(record: &Record, node: &NodeId) -> bool {
    matches!(&record.event, Event::Undone { node: of, .. } if of == node)
}

fn record(seq: u64, event: Event) -> Record {
    Record {
        v: RECORD_VERSION,
        seq,
        at: Timestamp::UNIX_EPOCH,
        event,
    }
}

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
