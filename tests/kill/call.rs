//! A call of the program, from what an earlier one has left behind.

use std::num::NonZeroUsize;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Map;
use switchback::adapter::operator::HeadlessOperator;
use switchback::engine::{self, Ports};
use switchback::model::{NodeId, Runbook};
use switchback::traverse::{
    Event, RECORD_VERSION, Record, Resolution, RunId, RunState, State, Traversal, UndoState, Word,
};

use crate::scenarios::{ALWAYS, Scenario};
use crate::support::ana;
use crate::world::{Commands, Disk, Done, Moment, Shared, Silent, Still, Syncs, There, printed, undo_of};

/// Where a run stands when the program comes to it: what is on record, and what was done.
#[derive(Clone, Default)]
pub(crate) struct Scene {
    pub(crate) records: Vec<Record>,
    /// How many of them a crash of the machine would not lose.
    pub(crate) durable: usize,
    pub(crate) done: Vec<Done>,
}

/// A call of the program: what is left after it, and what happened.
pub(crate) struct Call {
    pub(crate) after: Scene,
    pub(crate) moments: Vec<Moment>,
}

pub(crate) fn fold(runbook: &Arc<Runbook>, records: &[Record]) -> Traversal {
    let mut run = Traversal::new(Arc::clone(runbook));
    for record in records {
        run.apply(record).expect("it is of this run");
    }
    run
}

/// What is called next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verb {
    Run,
    Resume,
    Undo,
}

impl Scenario {
    /// How often a command fails before it succeeds.
    pub(crate) fn fails(&self, what: &str) -> usize {
        let fails = self.failures.iter().find(|(name, _)| what == *name);
        fails.map_or(0, |(_, times)| *times)
    }

    /// How a run goes on; none when it has come as far as the scenario goes. Whoever finds it cut off cannot know that it had.
    pub(crate) fn next(&self, run: &Traversal, records: &[Record], is_cut: bool) -> Option<Verb> {
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
pub(crate) fn call(
    scenario: &Scenario,
    runbook: &Arc<Runbook>,
    scene: &Scene,
    verb: Verb,
    syncs: Syncs,
) -> Call {
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
pub(crate) fn resolutions(run: &Traversal, scene: &Scene) -> Vec<Word> {
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
pub(crate) fn undo_resolutions(scenario: &Scenario, run: &Traversal, scene: &Scene) -> Vec<Word> {
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
pub(crate) fn is_done(scene: &Scene, what: &str, ended: usize) -> bool {
    let done: Vec<&Done> = scene.done.iter().filter(|done| done.what == what).collect();
    done.len() > ended && done.last().is_some_and(|done| done.well)
}

pub(crate) fn ends(record: &Record, node: &NodeId) -> bool {
    matches!(&record.event, Event::Finished { node: of, .. } if of == node)
}

pub(crate) fn ends_undo(record: &Record, node: &NodeId) -> bool {
    matches!(&record.event, Event::Undone { node: of, .. } if of == node)
}

pub(crate) fn record(seq: u64, event: Event) -> Record {
    Record {
        v: RECORD_VERSION,
        seq,
        at: Timestamp::UNIX_EPOCH,
        letter: None,
        event,
    }
}
