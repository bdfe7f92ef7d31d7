//! All that happened in a run, as data. What is written in here is the JSON report, and `schemas/report-v1.json` is made from these types:
//! within version 1 something may be added, and nothing is renamed or removed.

mod fold;
mod gate;
mod make;
mod order;
mod people;
mod step;
mod timeline;

use schemars::JsonSchema;
use serde::Serialize;

use crate::model::{NodeId, Stream, Value};
use crate::traverse::{Identity, Person, RunState};

use indexmap::IndexMap;
use jiff::Timestamp;

pub use gate::{Check, Decision, Gate, GateState, Statement, Waiver};
pub use step::{
    Answer, Attempt, CommandLine, Consent, Detected, Ending, EndingKind, Kind, Printed, Settled, Step, Undo,
    UndoKind, Work,
};
pub use timeline::{Entry, Tone};

/// The version of the shape of a report.
pub const VERSION: u32 = 1;

/// The report of a run: everything that happened in it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "The report of a Switchback run, version 1")]
pub struct Account {
    /// The version of this shape: 1. What is not known of it yet may be added to it; readers pass over keys that they do not know.
    pub v: u32,
    /// What made the report.
    pub made_by: Maker,
    /// The run.
    pub run: Run,
    /// What it was given.
    pub parameters: Vec<Parameter>,
    /// What must hold for it to be complete, by declaration.
    pub gates: Vec<Gate>,
    /// Its questions and actions: those that it came to in the order in which it did, then the others by declaration.
    pub steps: Vec<Step>,
    /// What happened, one line each.
    pub timeline: Vec<Entry>,
    /// Who had a part in it, in the order in which they first did.
    pub people: Vec<Participant>,
    /// By what the record and the runbook are known again.
    pub digests: Digests,
}

/// A program.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Maker {
    /// `switchback`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A run as a whole.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// The name of its runbook.
    pub runbook: String,
    /// The title of its runbook.
    pub title: String,
    /// What the runbook is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How it stands.
    pub state: RunState,
    /// The same in a sentence.
    pub verdict: String,
    /// Whether nothing more can come of it. If not, it is under way or can be resumed, and the report is of what is on record so far.
    pub over: bool,
    /// When it was started.
    pub started: Timestamp,
    /// When the last thing on its record happened.
    pub last: Timestamp,
    /// How many seconds lie between the two.
    pub seconds: f64,
    /// Who started it.
    pub by: Person,
    /// The folder of its runbook.
    pub folder: String,
    /// The key that it took, of which one run at a time has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// Whether something of it was undone: what is on record as done may not be so any more.
    pub undone: bool,
}

/// A parameter and its value.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Somebody who had a part in a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Participant {
    /// The name as given.
    pub name: String,
    /// How it is known.
    pub identity: Identity,
    /// What they did, and how often.
    pub did: IndexMap<String, u32>,
}

/// By what the record of a run and its runbook are known again.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Digests {
    /// Of the runbook with the files that it names, as it is on record: `sha256:…`.
    pub runbook: String,
    /// Over all records, each with its time, as `switchback verify` prints it: `sha256:…`.
    pub record: String,
    /// How many records there are.
    pub records: usize,
    /// The journal, the runbook and the files that it names, as they are kept with the run. The journal comes first, then the runbook.
    pub files: Vec<File>,
}

/// A file and its digest.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct File {
    /// Its name: in the run's folder, or as the runbook has it.
    pub name: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// What an account is made from beside the record. This room reads no file.
pub trait Beside {
    /// What an attempt printed on a stream; none if nothing of it is kept.
    fn printed(&self, printing: &Printing<'_>) -> Option<Printed>;

    /// A command as a person would type it.
    fn typed(&self, argv: &[String]) -> String;
}

/// Which attempt printed, and on which stream.
#[derive(Clone, Copy, Debug)]
pub struct Printing<'a> {
    /// The action.
    pub node: &'a NodeId,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// On which stream.
    pub stream: Stream,
    /// Whether it was an attempt to undo the action.
    pub undo: bool,
}
