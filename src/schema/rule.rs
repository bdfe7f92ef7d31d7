//! What keys of one mapping have to do with each other.
//!
//! Each rule is a small schema of its own with a message of its own, `errorMessage`: language servers show that in place of words about schemas,
//! and other validators pass over it. A rule marks the key that it is about wherever that can be.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

/// Adds rules to a mapping.
pub(super) fn hold(schema: &mut Schema, rules: impl IntoIterator<Item = Value>) {
    let all = schema.ensure_object().entry("allOf").or_insert(json!([]));
    if let Value::Array(all) = all {
        all.extend(rules);
    }
}

/// At least one of the keys is there.
pub(super) fn one_of(keys: &[&str], message: &str) -> Value {
    let each = keys
        .iter()
        .map(|key| json!({ "required": [key], "errorMessage": message }));
    json!({ "anyOf": each.collect::<Vec<_>>() })
}

/// No two of the keys are there: of two, the one that is named later is marked.
pub(super) fn alone(keys: &[&str]) -> Vec<Value> {
    let first_and_others = keys.iter().enumerate().filter_map(|(index, first)| {
        let others = keys.get(index + 1..).filter(|others| !others.is_empty())?;
        let message = format!("this cannot stand beside `{first}`: remove one of them");
        Some(when(&present(first), &without(others, &message)))
    });
    first_and_others.collect()
}

/// Exactly one of the keys is there.
pub(super) fn exactly_one(keys: &[&str], message: &str) -> Vec<Value> {
    let mut rules = alone(keys);
    rules.push(one_of(keys, message));
    rules
}

/// The keys have no meaning without any of their owners.
pub(super) fn belong_to(owners: &[&str], keys: &[&str]) -> Value {
    let named: Vec<String> = owners.iter().map(|owner| format!("`{owner}`")).collect();
    let message = format!("this has no meaning without {}", named.join(" or "));
    let any: Vec<Value> = owners.iter().map(|owner| present(owner)).collect();
    json!({ "if": { "anyOf": any }, "else": without(keys, &message) })
}

/// A key is there, whatever its value.
pub(super) fn present(key: &str) -> Value {
    json!({ "required": [key] })
}

/// A key is there with a value of this schema.
pub(super) fn is(key: &str, value: &Value) -> Value {
    json!({ "properties": { key: value }, "required": [key] })
}

/// None of the keys is there.
pub(super) fn without(keys: &[&str], message: &str) -> Value {
    let none: Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!(false))).collect();
    json!({ "properties": none, "errorMessage": message })
}

/// A key is there, and says this.
pub(super) fn says(key: &str, value: &Value, message: &str) -> Value {
    let value = json!({ "const": value, "errorMessage": message, "doNotSuggest": true });
    json!({ "properties": { key: value }, "required": [key], "errorMessage": message })
}

/// If one holds, so does the other.
pub(super) fn when(condition: &Value, consequence: &Value) -> Value {
    json!({ "if": condition, "then": consequence })
}

/// A mapping of this schema, or else one of other forms: an editor speaks of what is wrong in the mapping, and not of the forms.
pub(super) fn mapping_or(title: &str, mapping: &Schema, others: Vec<Value>) -> Schema {
    let mut forms = others;
    forms.push(json!({ "type": "object", "title": title }));
    json_schema!({
        "anyOf": forms,
        "if": { "type": "object" },
        "then": mapping,
    })
}
