use std::collections::HashMap;
use std::sync::Arc;

use crate::graph::Position;
use crate::model::{Domain, Expression, Form, Kind, Value};
use crate::template::{NodeStates, Part, Scope, TemplateError, Text, evaluate, render, render_script, scan};

use super::{Matter, Routes, State};

impl<'r> Routes<'r> {
    /// Whether an expression holds on the route; where that depends on what is not known, there is a route for either.
    pub(in crate::check) fn holds(&mut self, expression: &'r Expression) -> Result<bool, TemplateError> {
        let names = Text::Expression(expression).names()?;
        self.settle(&names);
        let result = evaluate(expression, &self.scope_for(&names));
        if names.iter().all(|name| self.is_known(name)) || self.is_about_what_is_not_there(&result) {
            return result;
        }
        Ok(self.decide(Matter::Guard(expression.0.trim()), 2) == 0)
    }

    /// The node whose value a text wants although it has none on the route, and the name of that value.
    pub(in crate::check) fn missing(
        &mut self,
        text: Text<'r>,
        names: &[Vec<String>],
    ) -> Option<(Position, String)> {
        if is_conditional(text) {
            // What it comes to may depend on values that nobody knows: then nothing is said.
            let is_there = |name: &&Vec<String>| {
                self.chart
                    .node_of(name)
                    .is_none_or(|node| self.state(node) == Some(State::Succeeded))
            };
            if names.iter().filter(is_there).any(|name| !self.is_known(name)) {
                return None;
            }
            self.settle(names);
        }
        let scope = self.scope_for(names);
        let result = match text {
            Text::Plain(template) => render(template, &scope).map(drop),
            Text::Script(template) => render_script(template, &scope).map(drop),
            Text::Expression(expression) => evaluate(expression, &scope).map(drop),
        };
        self.missing_in(&result)
    }

    fn is_about_what_is_not_there<T>(&self, result: &Result<T, TemplateError>) -> bool {
        self.missing_in(result).is_some()
    }

    fn missing_in<T>(&self, result: &Result<T, TemplateError>) -> Option<(Position, String)> {
        let Err(TemplateError::Undefined { expression, .. }) = result else {
            return None;
        };
        let name: Vec<String> = expression.split('.').map(str::to_owned).collect();
        let node = self.chart.node_of(&name)?;
        let is_missing =
            name[0] != "nodes" && self.state(node).is_some_and(|state| state != State::Succeeded);
        is_missing.then(|| (node, expression.clone()))
    }

    /// Whether a value is among those that routes differ by, so that it is known on each.
    pub(in crate::check) fn is_known(&self, name: &[String]) -> bool {
        let name: Vec<&str> = name.iter().map(String::as_str).collect();
        match name.as_slice() {
            ["answers", id] => match self.runbook.nodes.get(*id).and_then(|node| node.question()) {
                Some(question) => match &question.form {
                    Form::Choices(_) => true,
                    Form::Input { domain, .. } => values(domain).len() > 1,
                },
                None => false,
            },
            ["nodes", id, "state"] => {
                let node = self.runbook.nodes.get_index_of(*id);
                node.is_some_and(|node| self.place.contains_key(&node))
            }
            [parameter] => match self.runbook.parameters.get(*parameter) {
                Some(parameter) => values(&parameter.domain).len() > 1 || parameter.domain.one_of.len() == 1,
                None => false,
            },
            _ => false,
        }
    }

    /// Decides the parameters among some names.
    fn settle(&mut self, names: &[Vec<String>]) {
        for name in names {
            if let [name] = name.as_slice()
                && let Some((id, parameter)) = self.runbook.parameters.get_key_value(name.as_str())
            {
                let values = values(&parameter.domain);
                let way = self.decide(Matter::Parameter(id.as_str()), values.len());
                Arc::make_mut(&mut self.scope.parameters).insert(id.to_string(), values[way].clone());
            }
        }
    }

    /// The values of the route, with the states of those nodes that are named.
    fn scope_for(&self, names: &[Vec<String>]) -> Scope {
        let of_states = names.iter().filter(|name| name[0] == "nodes");
        let states = of_states.filter_map(|name| {
            let state = self.state(self.chart.node_of(name)?)?;
            Some((name[1].clone(), state.as_str()))
        });
        Scope {
            states: Some(Arc::new(States(states.collect()))),
            ..self.scope.clone()
        }
    }
}

/// The states of some nodes, for templates.
#[derive(Debug)]
struct States(HashMap<String, &'static str>);

impl NodeStates for States {
    fn state(&self, node: &str) -> Option<&'static str> {
        self.0.get(node).copied()
    }
}

/// The values between which it makes a difference which is given; of all others, one stands for them.
pub(super) fn values(domain: &Domain) -> Vec<Value> {
    if !domain.one_of.is_empty() {
        return domain.one_of.clone();
    }
    match domain.kind {
        Kind::Boolean => vec![Value::from(true), Value::from(false)],
        Kind::String | Kind::Text => vec![Value::from("x")],
        Kind::Integer | Kind::Number => vec![Value::from(1)],
    }
}

/// Whether what a text needs may depend on the values in it.
fn is_conditional(text: Text<'_>) -> bool {
    let decides = |code: &str| {
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| matches!(word, "if" | "and" | "or"))
    };
    match text {
        Text::Plain(template) | Text::Script(template) => {
            scan(&template.0).into_iter().any(|part| match part {
                Part::Text(_) => false,
                Part::Output(code) => decides(code.text),
                Part::Block(_) => true,
            })
        }
        Text::Expression(expression) => decides(&expression.0),
    }
}
