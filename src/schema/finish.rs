//! What holds for every part of a schema, whatever type it was made from.

use schemars::Schema;
use schemars::generate::GenTransform;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value};

/// In this order, to every part.
pub(super) fn transforms() -> Vec<Box<dyn GenTransform>> {
    vec![
        Box::new(RecursiveTransform(without_null)),
        Box::new(RecursiveTransform(closed)),
        Box::new(RecursiveTransform(listed)),
        Box::new(RecursiveTransform(in_markdown)),
    ]
}

/// A key that need not be there is left out: it is never `null`.
fn without_null(schema: &mut Schema) {
    let null = Value::from("null");
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|kind| *kind != null);
        if let [kind] = types.as_slice() {
            let kind = kind.clone();
            schema.insert("type".to_owned(), kind);
        }
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    let is_null = |schema: &Value| schema.get("type") == Some(&null);
    let Some(Value::Array(either)) = schema.get("anyOf") else {
        return;
    };
    let [Value::Object(value), other] = either.as_slice() else {
        return;
    };
    if is_null(other) {
        let value = value.clone();
        schema.remove("anyOf");
        add(schema, value);
    }
}

/// Adds what is not said yet.
fn add(schema: &mut Schema, more: Map<String, Value>) {
    for (key, value) in more {
        if schema.get(&key).is_none() {
            schema.insert(key, value);
        }
    }
}

/// A mapping has the keys that are named, and no others.
fn closed(schema: &mut Schema) {
    let is_mapping = schema.get("type").is_some_and(|kind| kind == "object");
    if is_mapping && schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
        schema.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

/// Words are a list, each with its description: editors say which are allowed, and not that one of several schemas should match.
fn listed(schema: &mut Schema) {
    let Some(Value::Array(words)) = schema.get("oneOf") else {
        return;
    };
    let of_all = |key: &str| {
        words
            .iter()
            .map(|word| word.get(key).cloned())
            .collect::<Option<Vec<_>>>()
    };
    let (Some(values), Some(descriptions)) = (of_all("const"), of_all("description")) else {
        return;
    };
    schema.remove("oneOf");
    schema.insert("type".to_owned(), Value::from("string"));
    schema.insert("enum".to_owned(), Value::Array(values));
    schema.insert("markdownEnumDescriptions".to_owned(), Value::Array(descriptions));
}

/// Descriptions are Markdown; editors are told, else they show back-ticks and stars as such.
fn in_markdown(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get("description") {
        let text = unwrapped(text);
        if text.contains(['`', '*', '_']) {
            schema.insert("markdownDescription".to_owned(), Value::from(text.clone()));
        }
        schema.insert("description".to_owned(), Value::from(text));
    }
    if let Some(Value::Array(texts)) = schema.get_mut("markdownEnumDescriptions") {
        for text in texts {
            *text = Value::from(unwrapped(text.as_str().unwrap_or_default()));
        }
    }
}

/// A paragraph on one line, as it is wrapped by whatever shows it; a block of code keeps its lines.
fn unwrapped(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        if paragraph.contains("```") {
            paragraph.to_owned()
        } else {
            paragraph.lines().map(str::trim).collect::<Vec<_>>().join(" ")
        }
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
