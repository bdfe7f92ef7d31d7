use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Serde};
use minijinja::{Error, ErrorKind, Value};
use serde_json::{Map, Value as Json};

use super::missing::{self, Missing};
use super::{NodeStates, Scope, mark};

/// The root of all names.
#[derive(Debug)]
pub(super) struct Root {
    /// The names.
    pub(super) scope: Scope,
    /// Where those that are not there are noted.
    pub(super) missing: Arc<Missing>,
}

impl Root {
    fn named(&self, name: &'static str, values: &Arc<Map<String, Json>>) -> Value {
        Value::from_object(Named {
            path: name.to_owned(),
            values: Arc::clone(values),
            missing: Arc::clone(&self.missing),
        })
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let scope = &self.scope;
        match key {
            "answers" => Some(self.named("answers", &scope.answers)),
            "run" => Some(self.named("run", &scope.run)),
            "outputs" => Some(Value::from_object(Outputs(Arc::clone(self)))),
            "nodes" => Some(Value::from_object(Nodes(scope.states.clone()))),
            missing::NAME => Some(Value::from_dyn_object(Arc::clone(&self.missing))),
            _ => scope.parameters.get(key).map(value),
        }
    }
}

/// Values by name.
#[derive(Debug)]
struct Named {
    path: String,
    values: Arc<Map<String, Json>>,
    missing: Arc<Missing>,
}

impl Object for Named {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = self.values.get(key.as_str()?).map(value);
        if found.is_none() {
            self.missing.note(format!("{}.{key}", self.path));
        }
        found
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        keys(&self.values)
    }
}

/// Captures by node: that of a node that has not run is empty, so that `default` is all a template needs.
#[derive(Debug)]
struct Outputs(Arc<Root>);

impl Object for Outputs {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let captures = self.0.scope.outputs.get(key.as_str()?);
        let captures = captures.and_then(Json::as_object).cloned();
        Some(Value::from_object(Named {
            path: format!("outputs.{key}"),
            values: Arc::new(captures.unwrap_or_default()),
            missing: Arc::clone(&self.0.missing),
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        keys(&self.0.scope.outputs)
    }
}

/// `nodes.NODE`.
#[derive(Debug)]
struct Nodes(Option<Arc<dyn NodeStates>>);

impl Object for Nodes {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let state = self.0.as_ref()?.state(key.as_str()?)?;
        Some(Value::from_object(NodeState(state)))
    }
}

/// `nodes.NODE.state`.
#[derive(Debug)]
struct NodeState(&'static str);

impl Object for NodeState {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "state").then(|| Value::from(self.0))
    }
}

fn keys(values: &Map<String, Json>) -> Enumerator {
    Enumerator::Values(values.keys().map(Value::from).collect())
}

/// A value as templates see it. One that no process could be given, or that could be taken for a mark, stops the rendering.
fn value(json: &Json) -> Value {
    if mark::is_in(json) {
        Value::from(Error::new(ErrorKind::InvalidOperation, mark::REFUSAL))
    } else {
        Value::from(Serde(json))
    }
}
