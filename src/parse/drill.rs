use crate::model::{Drill, Template, Value};

use super::command::{Defaults, command, variable};
use super::decode::{Cursor, Fields, any_template, filled, id_map, json, list, map, text};
use super::runbook::{requires, version};
use super::scenario::scenario;
use super::tree::Tree;

/// A drill.
pub(crate) fn drill(at: Cursor<'_>) -> Option<Drill> {
    let mut fields = Fields::of(at, "a drill")?;
    if !version(&mut fields, "switchback_drill") {
        return None;
    }
    let defaults = Defaults::default();
    let required = fields.optional("requires", |at| requires(at, text));
    let setup = fields.required("setup", |at| command(at, &defaults));
    let teardown = fields.optional("teardown", |at| command(at, &defaults));
    let path = fields.optional("path", |at| list(at, text));
    let env = fields.optional("env", |at| map(at, variable, |_, at| any_template(at)));
    let parameters = fields.optional("parameters", |at| id_map(at, |_, at| parameter(at)));
    let scenarios = fields.required("scenarios", |at| {
        filled(at)?;
        id_map(at, |_, at| scenario(at, &defaults))
    });
    fields.finish();
    Some(Drill {
        requires: required.unwrap_or_default(),
        setup: setup?,
        teardown,
        path: path.unwrap_or_default(),
        env: env.unwrap_or_default(),
        parameters: parameters.unwrap_or_default(),
        scenarios: scenarios?,
    })
}

/// The value of a parameter: a text is a template.
fn parameter(at: Cursor<'_>) -> Option<Value> {
    match at.tree {
        Tree::Text(_) => any_template(at).map(|Template(text)| Value::from(text)),
        Tree::Number(_) | Tree::Bool(_) | Tree::OddNumber => json(at),
        _ => {
            at.wrong_type("a template, a number, `true` or `false`");
            None
        }
    }
}
