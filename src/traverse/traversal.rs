use std::sync::Arc;

use jiff::Timestamp;

use crate::model::{GateId, NodeId, Runbook, Template, Value};

use super::{GateVerdict, Owner, Person, RunId, RunState, State, Verdict, Why};

/// What came of a check, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen.
    pub evidence: String,
    /// Who looked, if it was a person.
    pub by: Option<Person>,
}

/// A run.
#[derive(Clone, Debug)]
pub struct Traversal {
    runbook: Arc<Runbook>,
}

impl Traversal {
    /// The runbook.
    pub fn runbook(&self) -> &Runbook {
        &self.runbook
    }

    /// The run's id.
    pub fn id(&self) -> RunId {
        RunId(String::new())
    }

    /// When it was started.
    pub fn started(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    /// How a node stands.
    pub fn state(&self, _node: &NodeId) -> State {
        State::Pending
    }

    /// Why a node is not run or did not work out.
    pub fn why(&self, _node: &NodeId) -> Option<Why> {
        None
    }

    /// How many attempts at an action there were.
    pub fn attempts(&self, _node: &NodeId) -> u32 {
        0
    }

    /// The answer to a question.
    pub fn answer(&self, _question: &NodeId) -> Option<&Value> {
        None
    }

    /// What came of each of an owner's checks; none for one that was not carried out yet.
    pub fn checks(&self, _owner: &Owner) -> Vec<Option<Checked>> {
        Vec::new()
    }

    /// How a gate stands.
    pub fn gate(&self, _gate: &GateId) -> GateVerdict {
        GateVerdict::Met { by: None }
    }

    /// How the run stands, if the program let go of it now.
    pub fn run_state(&self) -> RunState {
        RunState::Running
    }

    /// A text of the runbook with the values that are known now; as the author wrote it where they are not.
    pub fn text(&self, template: &Template) -> String {
        template.0.clone()
    }
}
