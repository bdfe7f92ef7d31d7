use indexmap::IndexMap;
use serde::Serialize;

use super::{
    Allowance, Command, Gate, GateId, Node, NodeId, Notify, Parameter, ParameterId, SecretId, Template,
};

/// A runbook, as the field speaks of it.
#[derive(Clone, Debug, Serialize)]
pub struct Runbook {
    /// Its short name.
    pub name: String,
    /// One line for people.
    pub title: String,
    /// What it is for, and when to use it.
    pub description: Option<String>,
    /// What it must be given.
    pub parameters: IndexMap<ParameterId, Parameter>,
    /// Where secrets come from; never what they are.
    pub secrets: IndexMap<SecretId, SecretSource>,
    /// The commands that must be there before anything starts.
    pub requires: Vec<Template>,
    /// The key of which only one run at a time may have one; none means that runs do not mind each other.
    pub lock: Option<Template>,
    /// Where the run begins; none means every node that no edge leads to.
    pub start: Option<Vec<NodeId>>,
    /// Questions and actions, in the order in which they are declared.
    pub nodes: IndexMap<NodeId, Node>,
    /// What must hold for the run to be complete.
    pub gates: IndexMap<GateId, Gate>,
    /// Who is told how a run stands when the program lets go of it.
    // Where nobody is, a plan that was reviewed before this could be said is the same plan still.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<Notify>,
    /// The findings that are allowed anywhere in the file.
    #[serde(skip)] // It is for who reads the file: it changes nothing that would run.
    pub allow: Vec<Allowance>,
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file, without the newline at its end.
    File(String),
    /// What a command prints, without the newline at its end.
    Command(Box<Command>),
}
