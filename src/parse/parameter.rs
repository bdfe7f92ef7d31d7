//! Parameters, and the domain of a value wherever one is typed.

use crate::diagnostic::Code;
use crate::model::{Domain, Kind, Parameter, ParameterId, Value};

use super::decode::{Cursor, Fields, declared, json, list, non_empty, number, regex, text, unquoted, word};
use super::tree::Tree;

/// Names that templates have already.
const RESERVED: [&str; 5] = ["answers", "outputs", "nodes", "run", "secrets"];

/// The id of a parameter.
pub(crate) fn parameter_id(at: Cursor<'_>, key: &str) -> Option<ParameterId> {
    let id = declared(at, key)?;
    if RESERVED.contains(&key) {
        let message = format!("a parameter must not be called `{key}`");
        let finding = at.finding(Code::InvalidId, message).at_key();
        let help = format!("templates already know `{key}` as something else: choose another name");
        at.report(finding.label("a reserved name").help(help));
        return None;
    }
    Some(id)
}

/// A parameter.
pub(crate) fn parameter(id: &str, at: Cursor<'_>) -> Option<Parameter> {
    let mut fields = Fields::of(at, "a parameter")?;
    let domain = domain_of(&mut fields);
    let default = fields.optional("default", |at| match &domain {
        Some(domain) => value(at, domain),
        None => json(at),
    });
    let description = fields.optional("description", text);
    fields.finish();
    Some(Parameter {
        id: id.into(),
        domain: domain?,
        default,
        description,
    })
}

/// The domain of a typed answer.
pub(crate) fn input(at: Cursor<'_>) -> Option<Domain> {
    let mut fields = Fields::of(at, "`input`")?;
    let domain = domain_of(&mut fields);
    fields.finish();
    domain
}

fn domain_of(fields: &mut Fields<'_>) -> Option<Domain> {
    let kind = fields.required("type", word(&Kind::WORDS));
    let pattern = fields.optional("pattern", regex);
    let uri = fields.optional("format", word(&[("uri", true)]));
    let min = fields.optional("min", number);
    let max = fields.optional("max", number);
    let Some(kind) = kind else {
        fields.optional("enum", |at| list(at, json));
        return None;
    };
    let is_text = matches!(kind, Kind::String | Kind::Text);
    if !is_text {
        without_meaning(fields, kind, &["pattern", "format"]);
    }
    if kind == Kind::Boolean {
        without_meaning(fields, kind, &["min", "max"]);
    }
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        let message = "`min` is greater than `max`, so nothing is allowed";
        let help = "exchange the two";
        fields.report_at("min", Code::InvalidValue, "greater than `max`", message, help);
    }
    let mut domain = Domain {
        pattern,
        uri: uri.unwrap_or(false),
        min,
        max,
        ..Domain::of(kind)
    };
    let one_of = fields.optional("enum", |at| non_empty(at, |at| value(at, &domain)));
    domain.one_of = one_of.unwrap_or_default();
    Some(domain)
}

fn without_meaning(fields: &mut Fields<'_>, kind: Kind, keys: &[&'static str]) {
    for key in fields.present(keys) {
        let message = format!("`{key}` has no meaning beside `type: {kind}`");
        fields.conflict(key, message, format!("remove `{key}`, or change the type"));
    }
}

/// A value that the domain allows.
pub(crate) fn value(at: Cursor<'_>, domain: &Domain) -> Option<Value> {
    let wants_text = matches!(domain.kind, Kind::String | Kind::Text);
    if wants_text && matches!(at.tree, Tree::Bool(_) | Tree::Number(_) | Tree::OddNumber) {
        unquoted(at);
        return None;
    }
    let value = json(at)?;
    domain
        .allows(&value)
        .map_err(|why| {
            let help = "write a value that the type and its limits allow";
            at.invalid(format!("{} {why}", at.name()), help);
        })
        .ok()?;
    Some(value)
}
