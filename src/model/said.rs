use indexmap::IndexMap;

use super::{GateId, NodeId};

/// What people say of a run up front, as they type it on the command line: the words that drills and tests share.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// `--answer QUESTION=VALUE`.
    pub answers: IndexMap<String, String>,
    /// `--attest ID=WHO[:NOTE]`.
    pub attest: IndexMap<String, String>,
    /// `--decide GATE=OUTCOME:WHO[:NOTE]`.
    pub decide: IndexMap<String, String>,
    /// `--confirm NODE`.
    pub confirm: Vec<String>,
    /// `--waive GATE=REASON`.
    pub waive: IndexMap<String, String>,
}

/// How a run should stand at its end. What is left out may be as it likes.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// The run's state.
    pub state: Option<String>,
    /// The nodes that succeeded, in the order in which they did.
    pub route: Option<Vec<NodeId>>,
    /// States of nodes.
    pub nodes: IndexMap<NodeId, String>,
    /// Verdicts of gates.
    pub gates: IndexMap<GateId, String>,
}

/// The words for the states of a run.
pub const RUN_STATES: [&str; 9] = [
    "running",
    "waiting",
    "complete",
    "recovered",
    "failed",
    "gates_unmet",
    "in_doubt",
    "stopped",
    "cancelled",
];

/// The words for the states of a node.
pub const NODE_STATES: [&str; 11] = [
    "pending",
    "ready",
    "running",
    "waiting",
    "in_doubt",
    "succeeded",
    "failed",
    "not_taken",
    "not_needed",
    "blocked",
    "cancelled",
];

/// The words for the verdicts on a gate.
pub const GATE_VERDICTS: [&str; 6] = ["met", "unmet", "unknown", "waiting", "not_applicable", "waived"];
