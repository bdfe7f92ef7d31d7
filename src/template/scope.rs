use std::fmt::Debug;
use std::sync::Arc;

use serde_json::{Map, Value};

/// The names a template can use, and their values. Cheap to make and to clone, and looked up only when used: a run may have a
/// hundred thousand nodes.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The parameters, by their own names at the root.
    pub parameters: Arc<Map<String, Value>>,
    /// `answers`: by the question's id; one that is missing is undefined.
    pub answers: Arc<Map<String, Value>>,
    /// `outputs`: by the node's id, a map of its captures; that of a node that has not run is empty.
    pub outputs: Arc<Map<String, Value>>,
    /// `nodes.NODE.state`.
    pub states: Option<Arc<dyn NodeStates>>,
    /// `run`: facts of the run that stay as they are.
    pub run: Arc<Map<String, Value>>,
    /// `run`: what grows with the run.
    pub record: Option<Arc<dyn RunRecord>>,
}

/// Knows the states of nodes, by the words that templates compare them with.
pub trait NodeStates: Send + Sync + Debug {
    /// The state of a node, if there is such a node.
    fn state(&self, node: &str) -> Option<&'static str>;
}

/// Knows what is on record of a run.
pub trait RunRecord: Send + Sync + Debug {
    /// What is on record under one of the names of [`FACTS`](super::FACTS); none where nothing is. It is asked for at most once while a
    /// template is rendered.
    fn told(&self, name: &str) -> Option<Value>;
}
