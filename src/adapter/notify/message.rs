//! What is told in our own words.

use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::adapter::reporter::{self, elapsed, one_line};
use crate::model::{GATE_VERDICTS, GateId, NODE_STATES, RUN_STATES};
use crate::traverse::{GateVerdict, Identity, Owner, RunState, State, Traversal, Verdict};

/// How a run stands, as the program lets go of it. New keys may come; one that is here keeps its meaning as long as `v` is the same.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "Notification of Switchback, version 1")]
pub(super) struct Message {
    /// The version of this document: 1.
    #[schemars(range(min = 1, max = 1))]
    v: u8,
    /// The notification's own id: the same however often it is sent.
    id: String,
    /// All of it in one line for people; what chat programs show.
    text: String,
    /// How the run stands.
    #[schemars(extend("enum" = RUN_STATES))]
    state: &'static str,
    /// When the program let go of the run.
    at: Timestamp,
    /// The run's id.
    run: String,
    /// The runbook's name.
    runbook: String,
    /// The runbook's title.
    title: String,
    /// When the run was started.
    started: Timestamp,
    /// Who started it.
    started_by: Starter,
    /// How many seconds lie between the start and now.
    took_seconds: u64,
    /// What people have to say before it can go on.
    waits_for: Vec<WaitsFor>,
    /// The steps that failed or are in doubt.
    failed: Vec<FailedStep>,
    /// The gates that are not closed.
    open_gates: Vec<OpenGate>,
    /// The command that takes the run up again, on the machine where it is recorded. What is in capitals is to be put in.
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<String>,
    /// What the runbook names: no other parameter or answer is told.
    data: Map<String, Value>,
}

/// A person.
#[derive(Debug, Serialize, JsonSchema)]
struct Starter {
    /// By what name.
    name: String,
    /// How that is known: `asserted`, or `ci`.
    identity: Identified,
}

/// How a name is known.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Identified {
    /// Nothing but their own word or login.
    Asserted,
    /// The system for continuous integration says so.
    Ci,
}

/// Something that a person has to say.
#[derive(Debug, Serialize, JsonSchema)]
struct WaitsFor {
    /// What it is about.
    what: String,
    /// The flag to say it with; none where somebody has to be at the terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    flag: Option<String>,
}

/// A step that did not work out.
#[derive(Debug, Serialize, JsonSchema)]
struct FailedStep {
    /// Its id.
    node: String,
    /// What it does.
    title: String,
    /// How it stands.
    #[schemars(extend("enum" = NODE_STATES))]
    state: &'static str,
    /// Why.
    reason: String,
    /// Whether the runbook has a way for that, which the run took.
    handled: bool,
}

/// A gate that is not closed.
#[derive(Debug, Serialize, JsonSchema)]
struct OpenGate {
    /// Its id.
    gate: String,
    /// What holds when it is closed.
    title: String,
    /// How it stands.
    #[schemars(extend("enum" = GATE_VERDICTS))]
    verdict: &'static str,
    /// Why.
    reason: String,
    /// Whether it holds the run open.
    required: bool,
}

/// The end of a run that is told.
pub(super) struct End<'a> {
    pub(super) state: RunState,
    pub(super) gates: &'a [(GateId, GateVerdict)],
    pub(super) at: Timestamp,
    pub(super) run: &'a Traversal,
    /// The run as it is named on the command line.
    pub(super) named: &'a str,
}

/// The JSON Schema of what is told.
pub fn schema() -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<Message>();
    format!("{:#}\n", schema.to_value())
}

impl Message {
    /// What is told of the end of a run.
    pub(super) fn of(end: &End<'_>, id: &str, data: Map<String, Value>) -> Self {
        let run = end.run;
        let took = end.at.duration_since(run.started()).unsigned_abs();
        let mut message = Self {
            v: 1,
            id: id.to_owned(),
            text: String::new(),
            state: end.state.as_str(),
            at: end.at,
            run: run.id().0,
            runbook: run.runbook().name.clone(),
            title: run.runbook().title.clone(),
            started: run.started(),
            started_by: starter(run),
            took_seconds: took.as_secs(),
            waits_for: waits_for(end),
            failed: failed(run),
            open_gates: open_gates(end),
            resume: reporter::resume(end.state, end.gates, run, end.named),
            data,
        };
        message.text = message.line(end.state, took);
        message
    }

    /// All of it in one line.
    fn line(&self, state: RunState, took: Duration) -> String {
        let unhandled = self.failed.iter().filter(|step| !step.handled);
        let more: Vec<String> = match state {
            RunState::Waiting => self.waits_for.iter().map(|wanted| wanted.what.clone()).collect(),
            RunState::Failed | RunState::InDoubt => unhandled.map(FailedStep::line).collect(),
            RunState::GatesUnmet => {
                let holding = self.open_gates.iter().filter(|gate| gate.required);
                holding.map(|gate| gate.title.clone()).collect()
            }
            _ => Vec::new(),
        };
        let colon = if more.is_empty() { "" } else { ": " };
        one_line(&format!(
            "{}: {}{colon}{} · run {} · {}",
            self.title,
            words(state),
            more.join("; "),
            self.run,
            elapsed(took)
        ))
    }
}

impl FailedStep {
    fn line(&self) -> String {
        match self.reason.as_str() {
            "" => self.title.clone(),
            reason => format!("{}: {reason}", self.title),
        }
    }
}

/// How a run stands, as a sentence about it goes on.
fn words(state: RunState) -> &'static str {
    match state {
        RunState::Running => "interrupted",
        RunState::Waiting => "waiting for a person",
        RunState::Complete => "complete, every required gate is closed",
        RunState::Recovered => "recovered, a step failed and that was handled, every required gate is closed",
        RunState::Failed => "a step failed",
        RunState::GatesUnmet => "everything is done, and a required gate is open",
        RunState::InDoubt => "in doubt, nobody knows whether a step is done",
        RunState::Stopped => "stopped by a person",
        RunState::Cancelled => "given up",
    }
}

fn starter(run: &Traversal) -> Starter {
    let by = run.operator();
    Starter {
        name: by.map(|by| by.name.clone()).unwrap_or_default(),
        identity: match by.map(|by| by.identity) {
            Some(Identity::Ci) => Identified::Ci,
            Some(Identity::Asserted) | None => Identified::Asserted,
        },
    }
}

fn waits_for(end: &End<'_>) -> Vec<WaitsFor> {
    if !matches!(end.state, RunState::Waiting | RunState::GatesUnmet) {
        return Vec::new();
    }
    let wanted = reporter::wanted(end.run, end.gates).into_iter();
    wanted
        .map(|wanted| WaitsFor {
            what: wanted.what,
            flag: wanted.flag,
        })
        .collect()
}

fn failed(run: &Traversal) -> Vec<FailedStep> {
    let nodes = run.runbook().nodes.values();
    let steps = nodes.filter_map(|node| {
        let state = run.state(&node.id);
        let action = node.action()?;
        matches!(state, State::Failed | State::InDoubt).then(|| FailedStep {
            node: node.id.to_string(),
            title: node.title().to_owned(),
            state: state.as_str(),
            reason: reason(
                run,
                &Owner::Node(node.id.clone()),
                run.why(&node.id).map(|why| why.to_string()),
            ),
            handled: state == State::Failed && !action.on_failure.is_empty(),
        })
    });
    steps.collect()
}

/// Why a step did not work out, with what its check saw.
fn reason(run: &Traversal, owner: &Owner, why: Option<String>) -> String {
    let why = why.unwrap_or_default();
    let mut checks = run.checks(owner).into_iter().flatten();
    let broken = checks.find(|made| made.verdict != Verdict::Held && !made.evidence.is_empty());
    match broken {
        Some(made) if why.is_empty() => made.evidence,
        Some(made) if !why.contains(&made.evidence) => format!("{why}: {}", made.evidence),
        _ => why,
    }
}

fn open_gates(end: &End<'_>) -> Vec<OpenGate> {
    let open = end.gates.iter().filter(|(_, verdict)| !verdict.is_closed());
    open.filter_map(|(id, verdict)| {
        let gate = end.run.runbook().gates.get(id)?;
        Some(OpenGate {
            gate: id.to_string(),
            title: gate.title.clone(),
            verdict: verdict.as_str(),
            reason: verdict.reason().to_owned(),
            required: gate.required,
        })
    })
    .collect()
}
