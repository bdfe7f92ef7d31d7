//! What holds for every part of a schema, whatever type it was made from.

use schemars::Schema;
use schemars::generate::GenTransform;
use schemars::transform::RecursiveTransform;
use serde_json::{Map, Value};

/// Of what people write and the program reads: in this order, to every part.
pub(super) fn of_the_read() -> Vec<Box<dyn GenTransform>> {
    vec![
        Box::new(RecursiveTransform(without_null)),
        Box::new(RecursiveTransform(closed)),
        Box::new(RecursiveTransform(listed)),
        Box::new(RecursiveTransform(in_markdown)),
    ]
}

/// Of what the program prints and others read. It may come to say more, so mappings stay open.
pub(super) fn of_the_printed() -> Vec<Box<dyn GenTransform>> {
    vec![
        Box::new(RecursiveTransform(left_out_or_there)),
        Box::new(RecursiveTransform(durations)),
        Box::new(RecursiveTransform(on_one_line)),
    ]
}

/// What need not be there is left out: only what must be there can be `null`.
fn left_out_or_there(schema: &mut Schema) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |key: &String| {
        required
            .as_array()
            .is_some_and(|all| all.contains(&Value::from(key.as_str())))
    };
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    for (_, property) in properties.iter_mut().filter(|(key, _)| !is_required(key)) {
        if let Ok(property) = property.try_into() {
            without_null(property);
        }
    }
}

/// A duration is not a type of ours: its fields bring no words of their own.
fn durations(schema: &mut Schema) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else {
        return;
    };
    if let (2, Some(Value::Object(secs)), Some(Value::Object(nanos))) = (
        properties.len(),
        properties.remove("secs"),
        properties.remove("nanos"),
    ) {
        let described = |mut field: Map<String, Value>, text: &str| {
            field.insert("description".to_owned(), Value::from(text));
            Value::Object(field)
        };
        properties.insert("secs".to_owned(), described(secs, "Whole seconds."));
        properties.insert(
            "nanos".to_owned(),
            described(nanos, "The rest of a second, in nanoseconds."),
        );
    }
}

fn on_one_line(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = unwrapped(text);
    }
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
