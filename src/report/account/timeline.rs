//! What happened, one line each, for people who were not there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{GateId, Node, NodeId, Value, plain};
use crate::report::text::elapsed;
use crate::traverse::{Event, Outcome, Owner, Person, Record, Source, Subject, Traversal, Verdict};

use super::make::was_asked;

/// Something that happened.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// The place of its record in the journal; of checks that held one after another, that of the last.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// The step that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// The gate that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// The title of the step or gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What happened. With a title it reads on after that.
    pub what: String,
    /// Who did it or said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Person>,
    /// Whether it is good or bad news.
    pub tone: Tone,
}

/// Whether something is good or bad news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Neither.
    Plain,
    /// It is well.
    Good,
    /// It is not.
    Bad,
    /// Somebody should mind.
    Warn,
    /// A person said something.
    Said,
}

/// The timeline of a run.
pub(super) fn timeline(run: &Traversal, records: &[Record]) -> Vec<Entry> {
    let mut writer = Writer {
        run,
        checks: BTreeMap::new(),
        ended: records.iter().filter_map(ended).collect(),
        held: None,
        entries: Vec::new(),
    };
    for record in records {
        writer.take(record);
    }
    writer.close();
    writer.entries
}

/// The attempt that an event ends, and whether it was to undo.
fn ended(record: &Record) -> Option<(&NodeId, u32, bool)> {
    match &record.event {
        Event::Finished { node, attempt, .. } => Some((node, *attempt, false)),
        Event::Undone { node, attempt, .. } => Some((node, *attempt, true)),
        _ => None,
    }
}

struct Writer<'a> {
    run: &'a Traversal,
    /// The titles of an owner's checks.
    checks: BTreeMap<Owner, Vec<String>>,
    /// The attempts whose end is on record: that says it all.
    ended: BTreeSet<(&'a NodeId, u32, bool)>,
    /// Checks of the machine that held one after another: how many, and the entry of the last.
    held: Option<(usize, Entry)>,
    entries: Vec<Entry>,
}

impl<'a> Writer<'a> {
    fn take(&mut self, record: &'a Record) {
        if let Event::Checked {
            owner,
            check,
            verdict: Verdict::Held,
            by: None,
            ..
        } = &record.event
        {
            self.hold(record, owner, *check);
            return;
        }
        if let Some((about, what, by, tone)) = self.line(&record.event) {
            self.close();
            let entry = self.entry(record, about.as_ref(), what, by, tone);
            self.entries.push(entry);
        }
    }

    /// One more check of the machine that holds.
    fn hold(&mut self, record: &Record, owner: &Owner, check: usize) {
        let what = format!("checked: {}", self.check(owner, check));
        let next = self.entry(record, Some(owner), what, None, Tone::Good);
        let count = match self.held.take() {
            Some((count, last)) if last.node == next.node && last.gate == next.gate => count + 1,
            other => {
                self.held = other;
                self.close();
                1
            }
        };
        self.held = Some((count, next));
    }

    /// Writes down the checks that held.
    fn close(&mut self) {
        if let Some((count, mut entry)) = self.held.take() {
            if count > 1 {
                entry.what = format!("{count} checks hold");
            }
            self.entries.push(entry);
        }
    }

    fn entry(
        &self,
        record: &Record,
        about: Option<&Owner>,
        what: String,
        by: Option<&Person>,
        tone: Tone,
    ) -> Entry {
        let runbook = self.run.runbook();
        let (mut node, mut gate, mut title) = (None, None, None);
        match about {
            Some(Owner::Node(id)) => {
                node = Some(id.to_string());
                title = runbook.nodes.get(id).map(|node| node.title().to_owned());
            }
            Some(Owner::Gate(id)) => {
                gate = Some(id.to_string());
                title = runbook.gates.get(id).map(|gate| gate.title.clone());
            }
            None => {}
        }
        Entry {
            seq: record.seq,
            at: record.at,
            node,
            gate,
            title,
            what,
            by: by.cloned(),
            tone,
        }
    }

    fn check(&mut self, owner: &Owner, index: usize) -> String {
        let run = self.run;
        let titles = self
            .checks
            .entry(owner.clone())
            .or_insert_with(|| run.described_checks(owner));
        titles
            .get(index)
            .cloned()
            .unwrap_or_else(|| format!("check {}", index + 1))
    }

    /// The title of the check that a person's word is about, if it is about one.
    fn check_of(&mut self, subject: &Subject) -> Option<String> {
        let Subject::Check { owner, check } = subject else {
            return None;
        };
        let runbook = self.run.runbook();
        let checks = match owner {
            Owner::Node(id) => runbook
                .nodes
                .get(id)
                .and_then(Node::action)
                .map(|action| &action.verify),
            Owner::Gate(id) => runbook.gates.get(id).map(|gate| &gate.verify),
        };
        let index = checks?.iter().position(|one| one.id.as_ref() == Some(check))?;
        Some(self.check(owner, index))
    }

    /// What an event says: about what, in which words, who did it, and whether it is good news. What people need not know says nothing.
    #[expect(clippy::too_many_lines, reason = "one arm for each event, and nothing else")]
    fn line(&mut self, event: &'a Event) -> Option<(Option<Owner>, String, Option<&'a Person>, Tone)> {
        let node = |id: &NodeId| Some(Owner::Node(id.clone()));
        let gate = |id: &GateId| Some(Owner::Gate(id.clone()));
        Some(match event {
            Event::RunStarted { by, .. } => (None, "The run was started".to_owned(), Some(by), Tone::Plain),
            Event::RunResumed { by } => (None, "The run was resumed".to_owned(), Some(by), Tone::Plain),
            Event::Locked { key } => (None, format!("It took the lock `{key}`"), None, Tone::Plain),
            Event::LockBroken {
                key,
                from,
                to,
                by,
                reason,
            } => {
                let what = format!("The lock `{key}` was taken from run {from} for run {to}: {reason}");
                (None, what, Some(by), Tone::Warn)
            }
            Event::RunCancelled { by, reason } => {
                let what = format!("The run was given up{}", because(reason.as_deref()));
                (None, what, Some(by), Tone::Warn)
            }
            Event::Detected {
                question,
                problem: Some(problem),
                ..
            } => (
                node(question),
                format!("no answer was found: {problem}"),
                None,
                Tone::Warn,
            ),
            Event::Answered {
                question,
                value,
                by,
                source,
            } => {
                let what = format!("{}{}", self.answer(question, value), from(*source));
                (node(question), what, Some(by), Tone::Said)
            }
            Event::AnswerTakenBack { question, value, by } => {
                let what = format!("{}, taken back", self.answer(question, value));
                (node(question), what, Some(by), Tone::Warn)
            }
            Event::Guarded {
                node: id,
                needed: false,
            } => {
                let why = self.run.why(id).map(|why| why.to_string());
                (
                    node(id),
                    format!("not needed{}", because(why.as_deref())),
                    None,
                    Tone::Plain,
                )
            }
            Event::Confirmed { node: id, by } if was_asked(self.run, id) => {
                (node(id), "confirmed".to_owned(), Some(by), Tone::Said)
            }
            Event::Declined { node: id, by } => (node(id), "declined".to_owned(), Some(by), Tone::Bad),
            Event::Reached { node: id } => (node(id), "reached".to_owned(), None, Tone::Good),
            Event::Started { node: id, attempt } if !self.ended.contains(&(id, *attempt, false)) => (
                node(id),
                format!("started, as attempt {attempt}; how that ended is not on record"),
                None,
                Tone::Warn,
            ),
            Event::Finished {
                node: id,
                attempt,
                outcome,
                took,
                ..
            } => {
                let (what, tone) = finished("done", outcome, *attempt, *took);
                (node(id), what, None, tone)
            }
            Event::Failed { node: id, reason } => (node(id), format!("failed: {reason}"), None, Tone::Bad),
            Event::Checked {
                owner,
                check,
                verdict,
                evidence,
                by,
            } => {
                let title = self.check(owner, *check);
                let (word, tone) = match verdict {
                    Verdict::Held => ("checked", Tone::Good),
                    Verdict::Failed => ("check failed", Tone::Bad),
                    Verdict::Unknown => ("check could not be made", Tone::Bad),
                };
                let what = format!("{word}: {title}: {evidence}");
                (Some(owner.clone()), what, by.as_ref(), tone)
            }
            Event::Attested {
                subject,
                by,
                note,
                in_advance,
                ..
            } => {
                let check = self.check_of(subject);
                let what = format!("stated{}", said(check, *in_advance, note.as_deref()));
                (Some(subject.owner()), what, Some(by), Tone::Said)
            }
            Event::Refused { subject, by, note } => {
                let check = self.check_of(subject);
                let what = format!("said no{}", said(check, false, note.as_deref()));
                (Some(subject.owner()), what, Some(by), Tone::Bad)
            }
            Event::Decided {
                gate: id,
                outcome,
                by,
                note,
                in_advance,
            } => {
                let what = format!(
                    "decided{}",
                    said(Some(outcome.to_string()), *in_advance, note.as_deref())
                );
                (gate(id), what, Some(by), Tone::Said)
            }
            Event::Waived { gate: id, by, reason } => {
                (gate(id), format!("waived: {reason}"), Some(by), Tone::Warn)
            }
            Event::Resolved {
                node: id,
                how,
                by,
                reason,
                ..
            } => (
                node(id),
                format!("settled as {how}: {reason}"),
                Some(by),
                Tone::Warn,
            ),
            Event::GateGuarded {
                gate: id,
                problem: Some(problem),
                ..
            } => (
                gate(id),
                format!("whether it applies is not known: {problem}"),
                None,
                Tone::Bad,
            ),
            Event::GateGuarded {
                gate: id,
                applies: Some(false),
                ..
            } => (
                gate(id),
                "does not apply to this run".to_owned(),
                None,
                Tone::Plain,
            ),
            Event::UndoBegun { by, .. } => (None, "An undo was begun".to_owned(), Some(by), Tone::Warn),
            Event::UndoStarted { node: id, attempt } if !self.ended.contains(&(id, *attempt, true)) => (
                node(id),
                format!("its undo was started, as attempt {attempt}; how that ended is not on record"),
                None,
                Tone::Warn,
            ),
            Event::UndoDeclined { node: id, by } => (
                node(id),
                "to undo it was declined".to_owned(),
                Some(by),
                Tone::Warn,
            ),
            Event::UndoResolved {
                node: id,
                how,
                by,
                reason,
            } => (
                node(id),
                format!("its undo was settled as {how}: {reason}"),
                Some(by),
                Tone::Warn,
            ),
            Event::Undone {
                node: id,
                attempt,
                outcome,
                took,
            } => {
                let (what, tone) = finished("undone", outcome, *attempt, *took);
                (node(id), what, None, tone)
            }
            Event::UndoEnded { state } => {
                let what = format!("The undo ended: {}", state.as_str().replace('_', " "));
                (None, what, None, Tone::Plain)
            }
            Event::RunEnded { state, .. } => {
                let word = state.as_str().replace('_', " ");
                let what = if state.is_over() {
                    format!("The run ended: {word}")
                } else {
                    format!("The run was left as it stands: {word}")
                };
                (None, what, None, Tone::Plain)
            }
            Event::Detected { .. }
            | Event::Suggested { .. }
            | Event::Guarded { .. }
            | Event::Prepared { .. }
            | Event::Confirmed { .. }
            | Event::Started { .. }
            | Event::Spawned { .. }
            | Event::Recalled { .. }
            | Event::Waited { .. }
            | Event::GateGuarded { .. }
            | Event::UndoPrepared { .. }
            | Event::UndoConfirmed { .. }
            | Event::UndoStarted { .. } => return None,
        })
    }

    /// An answer, with what the choice says.
    fn answer(&self, question: &NodeId, value: &Value) -> String {
        let value = plain(value);
        let node = self.run.runbook().nodes.get(question);
        let label = node
            .and_then(|node| node.choices()?.get(value.as_str()))
            .and_then(|choice| choice.label.as_ref());
        match label {
            Some(label) => format!("{value} ({label})"),
            None => value,
        }
    }
}

fn because(why: Option<&str>) -> String {
    why.map(|why| format!(": {why}")).unwrap_or_default()
}

/// How an answer came, where it was not simply given.
fn from(source: Source) -> &'static str {
    match source {
        Source::Terminal | Source::Given => "",
        Source::Detected => ", as its command found",
        Source::Default => ", by default",
    }
}

/// What a person stated, in one line.
fn said(what: Option<String>, in_advance: bool, note: Option<&str>) -> String {
    let mut text = if in_advance {
        " in advance".to_owned()
    } else {
        String::new()
    };
    for part in what.as_deref().into_iter().chain(note) {
        text.push_str(": ");
        text.push_str(part);
    }
    text
}

/// How an attempt ended, in words.
fn finished(done: &str, outcome: &Outcome, attempt: u32, took: Duration) -> (String, Tone) {
    let which = if attempt > 1 {
        format!("attempt {attempt}, ")
    } else {
        String::new()
    };
    let took = elapsed(took.as_secs_f64());
    if outcome.is_success() {
        (format!("{done} ({which}{took})"), Tone::Good)
    } else {
        (format!("not {done}: {outcome} ({which}{took})"), Tone::Bad)
    }
}
