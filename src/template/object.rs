use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Object, Serde};
use minijinja::{Error, ErrorKind, Value};
use serde_json::{Map, Value as Json};

use super::missing::{self, Missing};
use super::{FACTS, NodeStates, RunRecord, Scope, mark};

/// The root of all names.
#[derive(Debug)]
pub(super) struct Root {
    scope: Scope,
    /// `run`.
    run: Arc<Run>,
    /// Where names that are not there are noted.
    missing: Arc<Missing>,
}

impl Root {
    /// The names of a scope; those that are not there are noted in `missing`.
    pub(super) fn of(scope: &Scope, missing: &Arc<Missing>) -> Self {
        Self {
            scope: scope.clone(),
            run: Arc::new(Run {
                facts: Arc::clone(&scope.run),
                record: scope.record.clone(),
                told: Mutex::default(),
                missing: Arc::clone(missing),
            }),
            missing: Arc::clone(missing),
        }
    }

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
            "run" => Some(Value::from_dyn_object(Arc::clone(&self.run))),
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

/// Facts of the run. What is on record of it is made only when it is asked for, and once: it may be long.
#[derive(Debug)]
struct Run {
    facts: Arc<Map<String, Json>>,
    record: Option<Arc<dyn RunRecord>>,
    told: Mutex<HashMap<String, Value>>,
    missing: Arc<Missing>,
}

impl Run {
    /// What is on record. A character in it that no text may have is no reason not to write a note: whoever printed it did not write the
    /// template.
    fn told(&self, name: &str) -> Option<Value> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = told.get(name) {
            return Some(known.clone());
        }
        let made = mark::replaced(self.record.as_ref()?.told(name)?);
        let made = Value::from(Serde(&made));
        told.insert(name.to_owned(), made.clone());
        Some(made)
    }
}

impl Object for Run {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let found = self.facts.get(name).map(value).or_else(|| self.told(name));
        if found.is_none() {
            self.missing.note(format!("run.{name}"));
        }
        found
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(FACTS.iter().map(|fact| Value::from(fact.name)).collect())
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
