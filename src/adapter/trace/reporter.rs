use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;

use jiff::Timestamp;
use opentelemetry_proto::tonic::trace::v1::Span as Made;
use opentelemetry_proto::tonic::trace::v1::span::Event as Happened;
use serde_json::{Value, json};

use crate::engine::Reporter;
use crate::model::{GateId, NodeId, Stream};
use crate::traverse::{
    Event, GateVerdict, Outcome, Owner, Record, RunState, Running, State, Traversal, UndoState, Verdict,
};

use super::export::Exporter;
use super::make::{attributes, begun, ended, event, word};
use super::{Span, Trace};

/// Makes the spans of a run from its records, and has them exported.
pub(super) struct SpanReporter<W: Write> {
    trace: Trace,
    exporter: Exporter,
    /// Where is said that the trace did not get through.
    out: W,
    call: Option<Made>,
    nodes: BTreeMap<NodeId, Made>,
    attempts: BTreeMap<NodeId, Made>,
    /// When something was last on record of whom.
    since: BTreeMap<Owner, Timestamp>,
    /// When something was last on record at all.
    last: Timestamp,
}

impl<W: Write> SpanReporter<W> {
    /// A reporter of a call of the program; `out` is standard error outside tests.
    pub(super) fn new(trace: Trace, out: W) -> Self {
        Self {
            exporter: Exporter::start(trace.target.clone()),
            trace,
            out,
            call: None,
            nodes: BTreeMap::new(),
            attempts: BTreeMap::new(),
            since: BTreeMap::new(),
            last: Timestamp::UNIX_EPOCH,
        }
    }

    fn begin(&mut self, record: &Record, run: &Traversal) {
        let runbook = run.runbook();
        let action = match record.event {
            Event::UndoBegun { .. } => "UNDO",
            _ => "RUN",
        };
        let name = format!("{action} {}", runbook.name);
        let mut call = begun(&self.trace, Span::Call, None, &name, record.at);
        call.attributes = attributes(&json!({
            "cicd.pipeline.name": runbook.name,
            "cicd.pipeline.run.id": run.id(),
            "cicd.pipeline.action.name": action,
            "switchback.runbook.title": runbook.title,
            "switchback.runbook.digest": run.digest(),
        }));
        self.call = Some(call);
    }

    fn open_node(&mut self, node: &NodeId, at: Timestamp, run: &Traversal) {
        let trace = &self.trace;
        self.nodes.entry(node.clone()).or_insert_with(|| {
            let mut made = begun(trace, Span::Node(node), Some(Span::Call), node.as_str(), at);
            made.attributes = attributes(&json!({
                "cicd.pipeline.task.name": node,
                "cicd.pipeline.task.run.id": format!("{}/{node}", run.id()),
                "switchback.node.title": run.runbook().nodes.get(node).map(|node| node.title()),
            }));
            made
        });
    }

    fn open_attempt(&mut self, span: Span<'_>, node: &NodeId, attempt: u32, at: Timestamp) {
        let (parent, name) = match span {
            Span::Undo(..) => (Span::Call, format!("undo {node}")),
            _ => (Span::Node(node), format!("attempt {attempt}")),
        };
        let mut made = begun(&self.trace, span, Some(parent), &name, at);
        made.attributes = attributes(&json!({ "switchback.node": node, "switchback.attempt": attempt }));
        self.attempts.insert(node.clone(), made);
    }

    fn close_attempt(&mut self, node: &NodeId, outcome: &Outcome, at: Timestamp) {
        let Some(made) = self.attempts.remove(node) else {
            return;
        };
        let word = word(outcome);
        let code = match outcome {
            Outcome::Exited(code) => Some(code),
            _ => None,
        };
        let wrong = (!outcome.is_success()).then(|| (word.as_str(), outcome.to_string()));
        let more = json!({ "switchback.outcome": word, "process.exit.code": code });
        self.exporter.send(ended(made, at, &more, wrong));
    }

    /// What a check looked at took from the last that was on record of its owner.
    fn check(&self, record: &Record, run: &Traversal) {
        let Event::Checked {
            owner,
            check: index,
            verdict,
            evidence,
            ..
        } = &record.event
        else {
            return;
        };
        let (parent, checks) = match owner {
            Owner::Node(node) => {
                let action = run.runbook().nodes.get(node).and_then(|node| node.action());
                (Span::Node(node), action.map(|action| &action.verify))
            }
            Owner::Gate(gate) => (Span::Call, run.runbook().gates.get(gate).map(|gate| &gate.verify)),
        };
        let check = checks.and_then(|checks| checks.get(*index));
        let id = check.and_then(|check| check.id.as_ref());
        let name = match id {
            Some(id) => format!("check {owner}.{id}"),
            None => format!("check {owner}.{index}"),
        };
        let began = *self.since.get(owner).unwrap_or(&self.last);
        let made = begun(&self.trace, Span::Record(record.seq), Some(parent), &name, began);
        let more = json!({
            "switchback": owner,
            "switchback.check.title": check.and_then(|check| check.title.as_ref()),
            "switchback.check.verdict": verdict,
            "switchback.check.evidence": evidence,
        });
        let word = word(verdict);
        let wrong = (*verdict != Verdict::Held).then(|| (word.as_str(), evidence.clone()));
        self.exporter.send(ended(made, record.at, &more, wrong));
    }

    fn close_node(&self, node: &NodeId, made: Made, at: Timestamp, run: &Traversal) {
        let state = run.state(node);
        let more = json!({
            "cicd.pipeline.task.run.result": match state {
                State::Succeeded => Some("success"),
                State::Failed => Some("failure"),
                State::InDoubt => Some("error"),
                State::Cancelled => Some("cancellation"),
                State::NotTaken | State::NotNeeded | State::Blocked => Some("skip"),
                State::Pending | State::Ready | State::Waiting | State::Running => None,
            },
            "switchback.node.state": state,
            "switchback.node.attempts": run.attempts(node),
        });
        let wrong = matches!(state, State::Failed | State::InDoubt).then(|| {
            let why = run.why(node).map_or_else(String::new, |why| why.to_string());
            (state.as_str(), why)
        });
        self.exporter.send(ended(made, at, &more, wrong));
    }

    /// The nodes of which nothing more can come.
    fn close_the_decided(&mut self, at: Timestamp, run: &Traversal) {
        let decided = self.nodes.keys().filter(|node| run.state(node).is_final());
        for node in decided.cloned().collect::<Vec<_>>() {
            if let Some(made) = self.nodes.remove(&node) {
                self.close_node(&node, made, at, run);
            }
        }
    }

    /// The program lets go of the run.
    fn end(&mut self, record: &Record, state: RunState, run: &Traversal) {
        for (node, made) in std::mem::take(&mut self.nodes) {
            self.close_node(&node, made, record.at, run);
        }
        let Some(call) = self.call.take() else { return };
        let more = json!({
            "cicd.pipeline.result": match state {
                RunState::Complete | RunState::Recovered => Some("success"),
                RunState::Failed | RunState::GatesUnmet => Some("failure"),
                RunState::InDoubt => Some("error"),
                RunState::Stopped | RunState::Cancelled => Some("cancellation"),
                RunState::Waiting | RunState::Running => None,
            },
            "switchback.run.state": state,
        });
        let wrong = match (state, &record.event) {
            (RunState::Failed | RunState::InDoubt, Event::UndoEnded { .. }) => Some(not_undone(run)),
            (RunState::Failed | RunState::InDoubt, _) => Some(troubled(run)),
            (RunState::GatesUnmet, Event::RunEnded { gates, .. }) => Some(open(gates)),
            _ => None,
        };
        let wrong = wrong.map(|message| (state.as_str(), message));
        self.exporter.send(ended(call, record.at, &more, wrong));
        self.break_off();
        self.exporter.close();
    }

    /// What has begun and has no end on record ends here: the journal could not be kept, or a step broke off.
    fn break_off(&mut self) {
        let attempts = std::mem::take(&mut self.attempts).into_values();
        let nodes = std::mem::take(&mut self.nodes).into_values();
        for made in attempts.chain(nodes).chain(self.call.take()) {
            let wrong = Some(("broken_off", "its end is not on record".to_owned()));
            self.exporter.send(ended(made, self.last, &Value::Null, wrong));
        }
    }
}

/// The steps that failed or are in doubt.
fn troubled(run: &Traversal) -> String {
    let nodes = run.runbook().nodes.keys();
    let troubled = nodes.filter_map(|node| match (run.state(node), run.why(node)) {
        (State::Failed, Some(why)) => Some(format!("`{node}` failed: {why}")),
        (State::Failed, None) => Some(format!("`{node}` failed")),
        (State::InDoubt, _) => Some(format!("`{node}` is in doubt")),
        _ => None,
    });
    troubled.collect::<Vec<_>>().join("; ")
}

/// The steps whose undo failed, or that are in doubt.
fn not_undone(run: &Traversal) -> String {
    let undoables = run.undoables().into_iter();
    let troubled = undoables.filter_map(|undoable| match undoable.state {
        UndoState::Failed(why) => Some(format!("the undo of `{}` failed: {why}", undoable.node)),
        UndoState::InDoubt => Some(format!("`{}` is in doubt", undoable.node)),
        _ => None,
    });
    troubled.collect::<Vec<_>>().join("; ")
}

/// What a run ended with that is open still.
fn open(gates: &[(GateId, GateVerdict)]) -> String {
    let open = gates.iter().filter(|(_, verdict)| !verdict.is_closed());
    let open: Vec<String> = open.map(|(gate, _)| format!("`{gate}`")).collect();
    format!("open: {}", open.join(", "))
}

/// What a person said, as an event of the call: by its name, with its fields.
fn said(record: &Record) -> Option<Happened> {
    if record.event.owner().is_some() {
        // A check that a person carried out is a span already.
        return None;
    }
    let Ok(Value::Object(mut fields)) = serde_json::to_value(&record.event) else {
        return None;
    };
    fields.get("by")?;
    let name = fields.remove("event")?;
    // Values stay in the record.
    fields.remove("captures");
    fields.remove("parameters");
    Some(event(
        name.as_str()?,
        record.at,
        attributes(&json!({ "switchback": fields })),
    ))
}

impl<W: Write> Reporter for SpanReporter<W> {
    fn record(&mut self, record: &Record, run: &Traversal) {
        let at = record.at;
        if self.call.is_none() {
            self.begin(record, run);
            self.last = at;
        }
        match &record.event {
            Event::Prepared { node, .. } | Event::Reached { node } | Event::Failed { node, .. } => {
                self.open_node(node, at, run);
            }
            Event::Started { node, attempt } => {
                self.open_node(node, at, run);
                self.open_attempt(Span::Attempt(node, *attempt), node, *attempt, at);
            }
            Event::UndoStarted { node, attempt } => {
                self.open_attempt(Span::Undo(node, *attempt), node, *attempt, at);
            }
            Event::Spawned { node, running, .. } => {
                let (Running::Group(process) | Running::Process(process)) = running;
                if let Some(made) = self.attempts.get_mut(node) {
                    made.attributes
                        .extend(attributes(&json!({ "process.pid": process.id })));
                }
            }
            Event::Finished { node, outcome, .. } | Event::Undone { node, outcome, .. } => {
                self.close_attempt(node, outcome, at);
            }
            Event::Checked { owner, .. } => {
                if let Owner::Node(node) = owner {
                    self.open_node(node, *self.since.get(owner).unwrap_or(&self.last), run);
                }
                self.check(record, run);
            }
            _ => {}
        }
        if let (Some(call), Some(said)) = (&mut self.call, said(record)) {
            call.events.push(said);
        }
        self.close_the_decided(at, run);
        let owner = match &record.event {
            Event::GateGuarded { gate, .. } => Some(Owner::Gate(gate.clone())),
            other => other.owner(),
        };
        self.since.extend(owner.map(|owner| (owner, at)));
        self.last = at;
        if let Event::RunEnded { state, .. } | Event::UndoEnded { state } = &record.event {
            self.end(record, *state, run);
        }
    }

    fn output(&mut self, _node: &NodeId, _stream: Stream, _bytes: &[u8]) {}

    fn note(&mut self, _owner: &Owner, _text: &str) {}
}

/// Waits a moment for what is on its way. That it did not get through changes nothing about the run.
impl<W: Write> Drop for SpanReporter<W> {
    fn drop(&mut self) {
        self.break_off();
        if let Err(why) = self.exporter.finish() {
            let _ = writeln!(
                self.out,
                "the trace was not exported: {why}; `OTEL_EXPORTER_OTLP_ENDPOINT` says where it goes"
            );
        }
    }
}

impl<W: Write> fmt::Debug for SpanReporter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpanReporter").finish_non_exhaustive()
    }
}
