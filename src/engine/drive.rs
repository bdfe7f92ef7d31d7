use std::collections::BTreeSet;
use std::io;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, RecvError, sync_channel};

use crate::model::{Effect, NodeId};
use crate::traverse::{
    Event, Hands, LetterId, Owner, RECORD_VERSION, Record, RunState, Step, Traversal, Unfit,
};

use super::ports::{Clock, CommandRunner, Journal, Operator, REPORTS_AHEAD, Report, Reporter, Reports};

/// The means by which a run touches the world.
pub struct Ports<'a> {
    /// Does the machine's steps.
    pub runner: &'a mut dyn CommandRunner,
    /// Brings people's steps to a person.
    pub operator: &'a mut dyn Operator,
    /// Keeps the record.
    pub journal: &'a mut dyn Journal,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Shows what happens.
    pub reporter: &'a mut dyn Reporter,
    /// How many of the machine's steps may be under way at once.
    pub jobs: NonZeroUsize,
}

/// How a run stands when the engine lets go of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Its state.
    pub state: RunState,
    /// The signal by which the program was asked to end, if it was.
    pub interrupted: Option<i32>,
}

/// A fault in the middle. What is on record is whole, and the run can be resumed from it.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The journal cannot be kept.
    #[error("the journal cannot be written")]
    Journal(#[from] io::Error),
    /// An event does not fit the run.
    #[error(transparent)]
    Unfit(#[from] Unfit),
}

/// Drives a run as far as it goes now: until it is over, or nothing can go on without a person who is not there.
///
/// `run` is the fold of what is on record already, `seq` the number of its last record, `opening` the events that begin it or take it up again.
///
/// # Errors
///
/// When the journal cannot be kept. Nothing new is started then; what runs is waited for.
pub fn drive<'a>(
    run: &'a mut Traversal,
    seq: u64,
    opening: Vec<Event>,
    ports: Ports<'a>,
    reports: (Reports, Receiver<Report>),
) -> Result<Ended, Fault> {
    let mut engine = Engine {
        run,
        seq,
        ports,
        busy: BTreeSet::new(),
        asked: Vec::new(),
        absent: BTreeSet::new(),
        stale: BTreeSet::new(),
        working: 0,
        lent: None,
        unsynced: false,
        interrupted: None,
        reports: reports.0,
        inbox: reports.1,
    };
    let ended = engine.go(opening);
    if ended.is_err() {
        engine.ports.operator.interrupt();
        engine.wait_for_the_running();
    }
    ended
}

/// The channel on which ports report; what watches for signals reports on it as well.
pub fn channel() -> (Reports, Receiver<Report>) {
    sync_channel(REPORTS_AHEAD)
}

pub(super) struct Engine<'a> {
    pub(super) run: &'a mut Traversal,
    seq: u64,
    pub(super) ports: Ports<'a>,
    /// Owners whose step is in somebody's hands, or in nobody's.
    pub(super) busy: BTreeSet<Owner>,
    /// What a person is being asked.
    pub(super) asked: Vec<Step>,
    /// Owners whose step waits for a person who is not there, or is not asked any more.
    pub(super) absent: BTreeSet<Owner>,
    /// Owners of what the machine finds out on the ground of an answer that was taken back: it is not heard.
    pub(super) stale: BTreeSet<Owner>,
    /// How many steps the machine is doing.
    working: usize,
    /// Whose step has the terminal for itself.
    lent: Option<Owner>,
    /// Something is on record that must be durable before anything follows from it.
    pub(super) unsynced: bool,
    interrupted: Option<i32>,
    pub(super) reports: Reports,
    inbox: Receiver<Report>,
}

impl Engine<'_> {
    fn go(&mut self, opening: Vec<Event>) -> Result<Ended, Fault> {
        for event in opening {
            self.record(event, None)?;
        }
        loop {
            let starting = self.schedule()?;
            let nobody_left = self.busy.len() == self.absent.len();
            let is_interrupted = self.interrupted.is_some() && starting.is_empty();
            if self.working == 0 && (nobody_left || is_interrupted) {
                break;
            }
            // One sync a round: the outcome of the last step, what people said and the next intent share it.
            self.sync()?;
            for step in starting {
                self.working += 1;
                self.ports.runner.start(step, &self.reports);
            }
            self.receive()?;
        }
        let (state, ended) = self.ended();
        self.unsynced = true;
        self.record(ended, None)?;
        self.sync()?;
        Ok(Ended {
            state,
            interrupted: self.interrupted,
        })
    }

    /// How it stands now that the engine lets go of it, and the event that says so.
    fn ended(&self) -> (RunState, Event) {
        if self.run.is_undoing() {
            let state = self.run.undo_state();
            return (state, Event::UndoEnded { state });
        }
        let state = self.run.run_state();
        let gates = self.run.gates();
        let gates = gates.map(|(gate, verdict)| (gate.id.clone(), verdict)).collect();
        (state, Event::RunEnded { state, gates })
    }

    /// Hands people's steps to the operator, records what needs no hand, and collects what the machine is to start once the record is durable.
    fn schedule(&mut self) -> Result<Vec<Step>, Fault> {
        let mut starting = Vec::new();
        while self.interrupted.is_none() && self.lent.is_none() {
            self.withdraw_what_is_past();
            let under_way = self.working + starting.len();
            let mut next = self.next(self.free_hands(under_way));
            if next.len() > 1 {
                self.ask(next)?;
                continue;
            }
            let Some(step) = next.pop() else { break };
            match step {
                Step::Record(event) => self.record(event, None)?,
                Step::Suggest { question, .. } if !self.ports.operator.has_a_person() => {
                    let values = Vec::new();
                    self.record(Event::Suggested { question, values }, None)?;
                }
                step if step.takes_the_terminal() && !self.ports.operator.has_a_person() => {
                    self.busy.extend(step.owner());
                    self.absent.extend(step.owner());
                }
                // What runs, and what a person is being asked, comes first: the terminal is one program's alone.
                step if step.takes_the_terminal() && (under_way > 0 || !self.asked.is_empty()) => break,
                step if step.is_a_persons() => self.ask(vec![step])?,
                step => {
                    match self.record_intent(&step) {
                        // What has its intent on record starts; this one is tried again when that has come back.
                        Err(_) if !starting.is_empty() => break,
                        recorded => recorded?,
                    }
                    self.busy.extend(step.owner());
                    if step.takes_the_terminal() {
                        self.lent = step.owner();
                        self.ports.operator.lend();
                    }
                    starting.push(step);
                }
            }
        }
        Ok(starting)
    }

    /// Whose hands are free while the machine does so many steps, in the order in which something is looked for to do. Nothing is prepared
    /// that could not start now, as what happens until then may be in its way.
    fn free_hands(&self, under_way: usize) -> &'static [Hands] {
        let jobs = self.ports.jobs.get();
        match (!self.asked.is_empty(), under_way < jobs) {
            // One job: a person and the machine take turns.
            (false, true) if jobs == 1 => &[Hands::Both],
            _ if jobs == 1 => &[],
            // What starts is on the screen before somebody is asked.
            (false, true) => &[Hands::Machine, Hands::Both],
            (false, false) => &[Hands::Person],
            (true, true) => &[Hands::Machine],
            (true, false) => &[],
        }
    }

    fn record_intent(&mut self, step: &Step) -> Result<(), Fault> {
        if let Step::Undo { node, attempt, .. } = step {
            self.unsynced = true;
            let (node, attempt) = (node.clone(), *attempt);
            return self.record(Event::UndoStarted { node, attempt }, None);
        }
        let (node, attempt) = match step {
            Step::Execute { node, attempt, .. } | Step::Write { node, attempt, .. } => {
                (node.clone(), *attempt)
            }
            _ => return Ok(()),
        };
        self.unsynced |= self.changes_the_world(&node);
        self.record(Event::Started { node, attempt }, None)
    }

    /// What only reads is simply run again after a crash: neither its intent nor its outcome has to be durable at once.
    fn changes_the_world(&self, node: &NodeId) -> bool {
        let action = self.run.runbook().nodes.get(node).and_then(|node| node.action());
        action.is_none_or(|action| action.effect != Effect::Read)
    }

    fn receive(&mut self) -> Result<(), Fault> {
        // The engine holds a sender itself, so the channel is never closed.
        if let Ok(report) = self.inbox.recv() {
            self.take(report)?;
        }
        self.receive_what_is_there()
    }

    fn receive_what_is_there(&mut self) -> Result<(), Fault> {
        while let Ok(report) = self.inbox.try_recv() {
            self.take(report)?;
        }
        Ok(())
    }

    pub(super) fn take(&mut self, report: Report) -> Result<(), Fault> {
        match report {
            Report::Event(event) => {
                if let Some(owner) = event.owner()
                    && self.busy.remove(&owner)
                {
                    self.working = self.working.saturating_sub(1);
                    if self.lent.take_if(|lent| *lent == owner).is_some() {
                        self.ports.operator.take_back();
                    }
                    if self.stale.remove(&owner) {
                        return Ok(());
                    }
                }
                self.unsynced |= match &event {
                    Event::Finished { node, .. } => self.changes_the_world(node),
                    Event::Undone { .. } => true,
                    _ => false,
                };
                self.record(event, None)
            }
            Report::Said { word, by } => self.hear(word, by),
            Report::Told { letter, replies } => self.read_letter(&letter, &replies),
            Report::Cut(owner) => {
                self.busy.remove(&owner);
                self.stale.remove(&owner);
                self.working = self.working.saturating_sub(1);
                Ok(())
            }
            Report::Nobody(owner) => {
                self.is_absent(owner);
                Ok(())
            }
            Report::Output { node, stream, bytes } => {
                self.ports.reporter.output(&node, stream, &bytes);
                Ok(())
            }
            Report::Note { owner, text } => {
                self.ports.reporter.note(&owner, &text);
                Ok(())
            }
            Report::Interrupted { signal } => {
                self.interrupted.get_or_insert(signal);
                self.ports.runner.interrupt();
                if self.lent.is_none() {
                    self.ports.operator.interrupt();
                }
                let asked = self.asked.drain(..);
                self.absent.extend(asked.filter_map(|asked| asked.owner()));
                Ok(())
            }
        }
    }

    pub(super) fn record(&mut self, event: Event, letter: Option<LetterId>) -> Result<(), Fault> {
        self.unsynced |= matches!(event, Event::RunStarted { .. } | Event::RunResumed { .. });
        let record = Record {
            v: RECORD_VERSION,
            seq: self.seq + 1,
            at: self.ports.clock.now(),
            letter,
            event,
        };
        self.ports.journal.append(&record)?;
        self.seq = record.seq;
        self.run.apply(&record)?;
        self.ports.reporter.record(&record, self.run);
        Ok(())
    }

    pub(super) fn sync(&mut self) -> Result<(), Fault> {
        if std::mem::take(&mut self.unsynced) {
            self.ports.journal.sync()?;
        } else {
            self.ports.journal.flush()?;
        }
        Ok(())
    }

    /// The journal cannot be kept: nothing new starts. What runs is waited for, and how it ended goes on record if that is possible still.
    fn wait_for_the_running(&mut self) {
        while self.working > 0 {
            match self.inbox.recv() {
                Ok(Report::Event(event)) => {
                    let ends_a_step = event.owner().is_some();
                    self.working -= usize::from(ends_a_step);
                    let _ = self.record(event, None);
                }
                Ok(Report::Cut(_)) => self.working -= 1,
                Ok(_) => {}
                Err(RecvError) => return,
            }
        }
        let _ = self.ports.journal.sync();
    }
}
