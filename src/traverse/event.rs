use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::model::{CheckId, Command, GateId, NodeId, OutcomeId, Value};

use super::verdict::{GateVerdict, RunState, Verdict};

/// The version of the journal's records.
pub const RECORD_VERSION: u32 = 1;

/// One line of a journal: an event, its place in the run and its time. A run is the fold of its records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// The version of this shape.
    #[schemars(extend("const" = RECORD_VERSION))]
    pub v: u32,
    /// Its place in the journal, from 1.
    pub seq: u64,
    /// When it was put on record.
    pub at: Timestamp,
    /// The letter that it comes from, if another process left it for the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<LetterId>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Record {
    /// A record that nobody keeps, of an event in a preview or a rehearsal: it has no place in a journal, and time stands still.
    pub fn unkept(event: Event) -> Self {
        Self {
            v: RECORD_VERSION,
            seq: 0,
            at: Timestamp::UNIX_EPOCH,
            letter: None,
            event,
        }
    }
}

/// The id of what another process left for a run. None is ever given twice, so that what was left is taken up once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct LetterId(pub String);

/// The id of a run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A person, and how we know that it is they.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// The name as given.
    pub name: String,
    /// How strong that is.
    pub identity: Identity,
}

/// How a person's name is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// They or somebody else said so.
    Asserted,
    /// The continuous-integration system says who started it.
    Ci,
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Whose step or check something is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// A node's.
    Node(NodeId),
    /// A gate's.
    Gate(GateId),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => id.fmt(f),
            Self::Gate(id) => id.fmt(f),
        }
    }
}

/// What a person's word is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The work of a manual action.
    Node(NodeId),
    /// The statement of a gate.
    Gate(GateId),
    /// A check that only a person can carry out.
    Check {
        /// Whose check.
        owner: Owner,
        /// Which.
        check: CheckId,
    },
}

impl Subject {
    /// Whose step it belongs to.
    pub fn owner(&self) -> Owner {
        match self {
            Self::Node(node) => Owner::Node(node.clone()),
            Self::Gate(gate) => Owner::Gate(gate.clone()),
            Self::Check { owner, .. } => owner.clone(),
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(id) => id.fmt(f),
            Self::Gate(id) => id.fmt(f),
            Self::Check { owner, check } => write!(f, "{owner}.{check}"),
        }
    }
}

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Somebody was asked at a terminal.
    Terminal,
    /// It was given on the command line or in an answers file.
    Given,
    /// The question's own command found it.
    Detected,
    /// The author marked it for headless use.
    Default,
}

/// What runs of a command, so that it can be told whether it still does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Running {
    /// A process group of its own, which this process leads: all that the command starts is in it.
    Group(ProcessId),
    /// This process alone: it has the terminal, and shares our process group to have it.
    Process(ProcessId),
}

/// A process, known again also later and by others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessId {
    /// Its number.
    pub id: i32,
    /// When it started, in a measure of the system's own: numbers are given anew. None where the system does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
}

/// The work of an action, rendered: exactly what is done, on every attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rendered {
    /// A command.
    Run(Command<String>),
    /// Something a person does.
    Manual(String),
    /// A file.
    Write {
        /// Where.
        path: String,
        /// What.
        content: String,
        /// Whether other content that is there is replaced.
        overwrite: bool,
    },
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The command ended by itself, with this exit code.
    Exited(i32),
    /// A signal ended it.
    Signalled(i32),
    /// It was ended because its time had passed.
    TimedOut(Duration),
    /// It was ended because the program was asked to end: nobody knows how far it came.
    Interrupted,
    /// It never started, and why.
    NotStarted(String),
    /// It ended well, but a capture found nothing: which, and what it looked for.
    NothingCaptured(String),
    /// The file was written, or was there with exactly this content.
    Written,
    /// The file could not be written, and why.
    NotWritten(String),
}

impl Outcome {
    /// Whether the work may go on to its checks.
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Exited(0) | Self::Written)
    }

    /// Whether a command ended with 0: whatever is made of that, what it does is done.
    pub fn is_exit_0(&self) -> bool {
        matches!(self, Self::Exited(0) | Self::NothingCaptured(_))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "it exited with {code}"),
            Self::Signalled(signal) => write!(f, "signal {signal} ended it"),
            Self::TimedOut(after) => write!(f, "it took longer than {after:?} and was ended"),
            Self::Interrupted => f.write_str("it was interrupted"),
            Self::NotStarted(why) => write!(f, "it could not be started: {why}"),
            Self::NothingCaptured(what) => f.write_str(what),
            Self::Written => f.write_str("the file is written"),
            Self::NotWritten(why) => f.write_str(why),
        }
    }
}

/// What a person makes of a step that failed or is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The work is done; its checks look once more.
    Done,
    /// It is run once more.
    Rerun,
    /// It is passed over.
    Skip,
}

impl Resolution {
    /// Every resolution, by the word it has on the command line.
    pub const WORDS: [(&'static str, Self); 3] =
        [("done", Self::Done), ("rerun", Self::Rerun), ("skip", Self::Skip)];
}

impl fmt::Display for Resolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, resolution)| resolution == self);
        f.write_str(word.map_or("", |(word, _)| word))
    }
}

/// Something that happened, which the run remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The run began. Always the first.
    RunStarted {
        /// The run.
        run: RunId,
        /// The runbook's name.
        runbook: String,
        /// The runbook's own folder: relative paths start here.
        folder: String,
        /// The digest of the runbook and the files that it names.
        digest: String,
        /// The value of every parameter.
        parameters: Map<String, Value>,
        /// Who started it.
        by: Person,
    },
    /// Somebody took it up again.
    RunResumed {
        /// Who.
        by: Person,
    },
    /// The run took the key of its runbook's `lock`, and holds it until it is over.
    Locked {
        /// The key.
        key: String,
    },
    /// Somebody took a key from a run that was not over. It is on record in both runs.
    LockBroken {
        /// The key.
        key: String,
        /// The run that held it.
        from: RunId,
        /// The run that holds it now.
        to: RunId,
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// Somebody gave the run up.
    RunCancelled {
        /// Who.
        by: Person,
        /// Why, if they said so.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A question's own command was run.
    Detected {
        /// The question.
        question: NodeId,
        /// What it printed, if that can be an answer.
        value: Option<Value>,
        /// Why it cannot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
    /// The command that prints likely answers was run.
    Suggested {
        /// The question.
        question: NodeId,
        /// The likely answers.
        values: Vec<String>,
    },
    /// A question was answered.
    Answered {
        /// The question.
        question: NodeId,
        /// The answer.
        value: Value,
        /// Who answered.
        by: Person,
        /// Where it came from.
        source: Source,
    },
    /// An answer that nothing had used was taken back: the question is open again, and what was prepared on its ground is made anew.
    AnswerTakenBack {
        /// The question.
        question: NodeId,
        /// The answer that it had.
        value: Value,
        /// Who took it back.
        by: Person,
    },
    /// A node's guard was evaluated.
    Guarded {
        /// The node.
        node: NodeId,
        /// Whether it is needed.
        needed: bool,
    },
    /// An action's work was rendered: this is what every attempt does.
    Prepared {
        /// The action.
        node: NodeId,
        /// Its work.
        work: Rendered,
    },
    /// Somebody agreed that an action is done.
    Confirmed {
        /// The action.
        node: NodeId,
        /// Who.
        by: Person,
    },
    /// Somebody declined it.
    Declined {
        /// The action.
        node: NodeId,
        /// Who.
        by: Person,
    },
    /// A milestone was reached.
    Reached {
        /// The milestone.
        node: NodeId,
    },
    /// The intent to do an action's work: on disk before it starts.
    Started {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// The command of an attempt runs.
    Spawned {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
        /// What it is.
        #[serde(flatten)]
        running: Running,
    },
    /// An attempt ended.
    Finished {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
        /// How.
        outcome: Outcome,
        /// The values taken from its output.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        captures: Map<String, Value>,
        /// How long it took.
        took: Duration,
    },
    /// The values of an attempt of which only the start is on record were looked for in the output that was kept.
    Recalled {
        /// The action.
        node: NodeId,
        /// Those that were found.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        captures: Map<String, Value>,
    },
    /// The time between two attempts has passed.
    Waited {
        /// The action.
        node: NodeId,
    },
    /// A node failed without an attempt that could tell why.
    Failed {
        /// The node.
        node: NodeId,
        /// Why.
        reason: String,
    },
    /// A check was carried out.
    Checked {
        /// Whose.
        owner: Owner,
        /// Its place among the owner's checks, from 0.
        check: usize,
        /// What came of it.
        verdict: Verdict,
        /// What was seen.
        evidence: String,
        /// Who looked, if it was a person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Person>,
    },
    /// Somebody stated something.
    Attested {
        /// What it is about.
        subject: Subject,
        /// Who.
        by: Person,
        /// What they added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Whether it was said before there was anything to see.
        in_advance: bool,
        /// The digest of what was there to see.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<String>,
    },
    /// Somebody said that it is not so.
    Refused {
        /// What it is about.
        subject: Subject,
        /// Who.
        by: Person,
        /// What they added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Somebody said which outcome of a gate holds.
    Decided {
        /// The gate.
        gate: GateId,
        /// The outcome.
        outcome: OutcomeId,
        /// Who.
        by: Person,
        /// What they added.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// Whether it was said before the run came to the gate.
        in_advance: bool,
    },
    /// Somebody let a gate go.
    Waived {
        /// The gate.
        gate: GateId,
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// Somebody said what to make of a step that failed or is in doubt.
    Resolved {
        /// The action.
        node: NodeId,
        /// What.
        how: Resolution,
        /// Who.
        by: Person,
        /// Why.
        reason: String,
        /// The values that its output would have had.
        #[serde(default, skip_serializing_if = "Map::is_empty")]
        captures: Map<String, Value>,
    },
    /// Whether a gate applies was evaluated; none means that it could not be.
    GateGuarded {
        /// The gate.
        gate: GateId,
        /// Whether it applies.
        applies: Option<bool>,
        /// Why that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
    /// Somebody began to undo what the run has done.
    UndoBegun {
        /// The one action that is undone; none means all.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only: Option<NodeId>,
        /// Who.
        by: Person,
    },
    /// What undoes an action was rendered.
    UndoPrepared {
        /// The action.
        node: NodeId,
        /// What undoes it.
        command: Command<String>,
    },
    /// Somebody agreed that an action is undone.
    UndoConfirmed {
        /// The action.
        node: NodeId,
        /// Who.
        by: Person,
    },
    /// Somebody declined that.
    UndoDeclined {
        /// The action.
        node: NodeId,
        /// Who.
        by: Person,
    },
    /// Somebody said what to make of an action that was to be undone: done is undone by hand, skip leaves it as it is.
    UndoResolved {
        /// The action.
        node: NodeId,
        /// What.
        how: Resolution,
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// The intent to undo an action: on disk before it starts.
    UndoStarted {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
    },
    /// The undo of an action ended.
    Undone {
        /// The action.
        node: NodeId,
        /// Which attempt, from 1.
        attempt: u32,
        /// How.
        outcome: Outcome,
        /// How long it took.
        took: Duration,
    },
    /// The program let go of the undoing.
    UndoEnded {
        /// How it stands: complete when all that was meant is undone.
        state: RunState,
    },
    /// The program let go of the run: for good when it is complete, else until it is resumed.
    RunEnded {
        /// How it stands.
        state: RunState,
        /// How its gates stand.
        gates: Vec<(GateId, GateVerdict)>,
    },
}

impl Event {
    /// Whose step ends with this event, for the events by which the machine's steps end.
    pub fn owner(&self) -> Option<Owner> {
        match self {
            Self::Detected { question: node, .. }
            | Self::Suggested { question: node, .. }
            | Self::Waited { node }
            | Self::Recalled { node, .. }
            | Self::Failed { node, .. }
            | Self::Finished { node, .. }
            | Self::Undone { node, .. } => Some(Owner::Node(node.clone())),
            Self::Checked { owner, .. } => Some(owner.clone()),
            _ => None,
        }
    }
}
