use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Map;

use crate::model::{Effect, Value};
use crate::traverse::{Outcome, Person, Resolution, Source, State, UndoState};

use super::gate::{Check, Statement};

/// A question or an action, and what became of it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Step {
    /// Its id.
    pub id: String,
    /// What is asked or done.
    pub title: String,
    /// What it is.
    pub kind: Kind,
    /// What it does to the world, if it does something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// How it stands.
    pub state: State,
    /// Why it is not run, or did not work out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whether the run came to it.
    pub reached: bool,
    /// Why it is done, and what to mind; of a question, what to look at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What should be seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// What the question's own command found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detected: Option<Detected>,
    /// The answer to the question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// Exactly what is done, on every attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    /// Who agreed to it, or declined it, where somebody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Every attempt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// The values taken from its output.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub captures: Map<String, Value>,
    /// How the world must be afterwards, and what was seen last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// What people stated about it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Statement>,
    /// What people made of it when it had failed or was in doubt, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<Settled>,
    /// How it was taken back, or that it can be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A question.
    Question,
    /// An action that runs a command.
    Command,
    /// An action that a person does.
    Manual,
    /// An action that writes a file.
    Write,
    /// A named meeting point.
    Milestone,
}

/// What a question's own command found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Detected {
    /// What it printed, if that can be an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The answer to a question.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// The answer: the id of a choice, or a value.
    pub value: Value,
    /// What the choice says to a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Who answered.
    pub by: Person,
    /// Where the answer came from.
    pub source: Source,
    /// When.
    pub at: Timestamp,
}

/// Somebody was asked whether an action may be done.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Consent {
    /// Whether they agreed.
    pub agreed: bool,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

/// What an action does.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Work {
    /// It runs a command.
    Command {
        /// Which.
        command: CommandLine,
    },
    /// A person does it.
    Manual {
        /// What they are told.
        text: String,
    },
    /// It writes a file.
    Write {
        /// Where.
        path: String,
        /// What.
        content: String,
        /// Whether other content that is there is replaced.
        overwrite: bool,
    },
}

/// A command exactly as it is run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CommandLine {
    /// As a person would type it, or the script for the shell.
    pub line: String,
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Whether `line` is a script for a shell.
    pub script: bool,
    /// The directory, where it is not the runbook's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<String>,
    /// The names that are added to its environment. Their values are not in a report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// Standard input; a secret is named, and not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Whether it had the terminal: then nothing that it printed is kept.
    pub terminal: bool,
    /// How many seconds it may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<f64>,
}

/// An attempt at an action, or to undo it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Attempt {
    /// Which, from 1.
    pub number: u32,
    /// When it was started.
    pub started: Timestamp,
    /// How many seconds it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// How it ended; none if that is not on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ending>,
    /// What it printed on standard output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdout: Option<Printed>,
    /// What it printed on standard error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stderr: Option<Printed>,
}

/// How an attempt ended.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Ending {
    /// In which way.
    pub kind: EndingKind,
    /// The exit code, or the number of the signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The same in words.
    pub text: String,
    /// Whether the work is done, as far as the attempt itself tells.
    pub success: bool,
}

/// In which way an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndingKind {
    /// The command ended by itself.
    Exited,
    /// A signal ended it.
    Signalled,
    /// Its time had passed.
    TimedOut,
    /// The program was asked to end: nobody knows how far it came.
    Interrupted,
    /// It never started.
    NotStarted,
    /// It ended well, but a value that it should have printed was not found.
    NothingCaptured,
    /// The file was written, or was there with exactly this content.
    Written,
    /// The file could not be written.
    NotWritten,
}

impl From<&Outcome> for Ending {
    fn from(outcome: &Outcome) -> Self {
        let (kind, code) = match outcome {
            Outcome::Exited(code) => (EndingKind::Exited, Some(*code)),
            Outcome::Signalled(signal) => (EndingKind::Signalled, Some(*signal)),
            Outcome::TimedOut(_) => (EndingKind::TimedOut, None),
            Outcome::Interrupted => (EndingKind::Interrupted, None),
            Outcome::NotStarted(_) => (EndingKind::NotStarted, None),
            Outcome::NothingCaptured(_) => (EndingKind::NothingCaptured, None),
            Outcome::Written => (EndingKind::Written, None),
            Outcome::NotWritten(_) => (EndingKind::NotWritten, None),
        };
        Self {
            kind,
            code,
            text: outcome.to_string(),
            success: outcome.is_success(),
        }
    }
}

/// What a command printed on a stream. Secrets are masked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Printed {
    /// The end of it, as lines; what would move a cursor is left out.
    pub text: String,
    /// How many bytes it printed in all, as far as they are kept.
    pub bytes: u64,
    /// How many of them come before `text`, and are not in the report.
    pub left_out: u64,
    /// The command that shows all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub all: Option<String>,
}

/// What a person made of a step that had failed or was in doubt.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Settled {
    /// What.
    pub how: Resolution,
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
    /// The values that its output would have had.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub captures: Map<String, Value>,
}

/// How an action was taken back, or that it can be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Undo {
    /// How it stands.
    pub state: UndoKind,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Exactly what undoes it, once that was rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandLine>,
    /// Who agreed to it, or declined.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent: Option<Consent>,
    /// Every attempt.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What people made of it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolutions: Vec<Settled>,
}

/// How the undo of an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UndoKind {
    /// The action is done, and can be undone.
    Open,
    /// Its undo has started.
    Running,
    /// Nobody knows whether the action, or its undo, is done.
    InDoubt,
    /// It is undone.
    Undone,
    /// Somebody says that it is undone.
    UndoneByHand,
    /// Its undo did not work out.
    Failed,
    /// Somebody declined to undo it.
    Declined,
    /// Somebody leaves it as it is.
    Skipped,
}

impl UndoKind {
    pub(super) fn of(state: &UndoState) -> (Self, Option<String>) {
        match state {
            UndoState::Open => (Self::Open, None),
            UndoState::Running => (Self::Running, None),
            UndoState::InDoubt => (Self::InDoubt, None),
            UndoState::Undone => (Self::Undone, None),
            UndoState::UndoneByHand(why) => (Self::UndoneByHand, Some(why.clone())),
            UndoState::Failed(why) => (Self::Failed, Some(why.clone())),
            UndoState::Declined(by) => (Self::Declined, Some(format!("{by} declined"))),
            UndoState::Skipped(why) => (Self::Skipped, Some(why.clone())),
        }
    }
}
