use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Map;

use crate::model::{Command, NodeId, Value};

/// A command that only reads, of which everything is known before a run. Only a plan makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    pub(super) node: NodeId,
    pub(super) command: Command<String>,
}

impl Probe {
    /// The action that it is the command of.
    pub fn node(&self) -> &NodeId {
        &self.node
    }

    /// Exactly what is run.
    pub fn command(&self) -> &Command<String> {
        &self.command
    }
}

/// What came of a probe.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The values that its action captures.
    Values(Map<String, Value>),
    /// Why there are none.
    Nothing(String),
}

/// What came of the probes, by their actions.
pub type Probed = BTreeMap<NodeId, Found>;
