use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;

use super::{CaptureId, CaseId, Expectation, NodeId, ParameterId, Pattern, Said, Value};

/// The tests of a runbook: runs in which nothing is real but the runbook.
#[derive(Clone, Debug)]
pub struct Test {
    /// The runbook's parameters, for every case.
    pub parameters: IndexMap<ParameterId, Value>,
    /// What is simulated in every case.
    pub simulate: Vec<Simulation>,
    /// The cases.
    pub cases: IndexMap<CaseId, Case>,
}

/// One run: what people say, what the world does, and what should come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// One line for people.
    pub about: String,
    /// The runbook's parameters; they go before those of every case.
    pub parameters: IndexMap<ParameterId, Value>,
    /// What people say.
    pub said: Said,
    /// What is simulated; it is looked at before what is simulated in every case.
    pub simulate: Vec<Simulation>,
    /// What should come of it.
    pub expect: CaseExpectation,
}

/// What should come of a case.
#[derive(Clone, Debug, Default)]
pub struct CaseExpectation {
    /// Whether the author wrote anything at all about it.
    pub is_written: bool,
    /// The exit code that `run --headless` would have; none means 0.
    pub exit: Option<i32>,
    /// How the run should stand at its end.
    pub run: Expectation,
    /// The work of actions, exactly as it is rendered.
    pub commands: IndexMap<NodeId, ExpectedWork>,
    /// The values taken from the output of actions.
    pub captures: IndexMap<NodeId, IndexMap<CaptureId, Value>>,
}

/// The work of an action, as a test expects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedWork {
    /// The program and its arguments.
    Exec(Vec<String>),
    /// The script, or what a person is told to do.
    Text(String),
    /// The file that is written.
    Write {
        /// Where.
        path: String,
        /// What; none means that only the place is looked at.
        content: Option<String>,
    },
}

/// What the world does about one thing that a run does or looks at.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Its place in its list, from 0.
    pub index: usize,
    /// What it is about, and what comes of that.
    pub what: Simulated,
    /// How long it takes.
    pub delay: Duration,
}

/// What is simulated, and what comes of it.
#[derive(Clone, Debug)]
pub enum Simulated {
    /// A command.
    Command {
        /// Which.
        which: Which,
        /// What it leaves.
        printed: Printed,
    },
    /// A check: its owner and its id or place, as in `rollback.seen` or `rollback.0`, and what it sees.
    Check {
        /// A node or a gate.
        owner: String,
        /// The id of the check, or its place from 0.
        check: String,
        /// What it sees.
        scene: Scene,
    },
}

/// What it is about, as it is written.
impl fmt::Display for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command { which, .. } => match which {
                Which::Node { node, attempt: None } => write!(f, "node: {node}"),
                Which::Node {
                    node,
                    attempt: Some(attempt),
                } => write!(f, "node: {node}, attempt: {attempt}"),
                Which::Detect(question) => write!(f, "detect: {question}"),
                Which::Matching(pattern) => write!(f, "command: {pattern}"),
            },
            Self::Check { owner, check, .. } => write!(f, "check: {owner}.{check}"),
        }
    }
}

/// Which command is simulated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// That of an action.
    Node {
        /// The action.
        node: NodeId,
        /// Only this attempt, from 1; none means each.
        attempt: Option<u32>,
    },
    /// That which finds the answer to a question.
    Detect(NodeId),
    /// Each whose command line, or script, this is found in; also that of a check.
    Matching(Pattern),
}

/// How a command ends, and what it prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Its exit code.
    pub exit: i32,
    /// On standard output.
    pub stdout: String,
    /// On standard error.
    pub stderr: String,
}

/// What a check sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// That it is as it should be; the evidence may be left out, here and below.
    Held(Option<String>),
    /// That it is not.
    Failed(Option<String>),
    /// Nothing, as it could not be carried out.
    Unknown(Option<String>),
    /// The end of its command, for its own matchers to judge; so are those below.
    Ended(Printed),
    /// An answer over HTTP.
    Answered {
        /// The status.
        status: u16,
        /// The body.
        body: String,
    },
    /// A file with this in it.
    File(String),
    /// A link that leads there.
    Link(String),
    /// That nothing is there.
    Nothing,
}
