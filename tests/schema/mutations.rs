//! What can be made of a right document by changing one thing.

use serde_json::{Value, json};

/// A value of every kind, and some that are right somewhere.
pub(crate) fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(70000),
        json!(""),
        json!(" "),
        json!("x"),
        json!("Not an id"),
        json!("30s"),
        json!("0s"),
        json!("end"),
        json!("/p"),
        json!([]),
        json!([1]),
        json!(["a"]),
        json!(["a", "a"]),
        json!(["stop"]),
        json!({}),
        json!({ "a": "b" }),
        json!({ "equals": "a" }),
        json!({ "run": ["a"] }),
    ]
}

/// Every document in which one value at or below a path is another, or one entry is gone or has another name.
pub(crate) fn of(document: &Value, below: &str) -> Vec<Value> {
    let mut made = Vec::new();
    for path in paths(document).into_iter().filter(|path| path.starts_with(below)) {
        for value in values() {
            let mut mutation = document.clone();
            *mutation.pointer_mut(&path).expect("it is a path of the document") = value;
            made.push(mutation);
        }
        let Some((parent, name)) = path.rsplit_once('/') else {
            continue;
        };
        let mut mutation = document.clone();
        match mutation.pointer_mut(parent) {
            Some(Value::Object(entries)) => {
                let value = entries.remove(name).expect("it is an entry");
                let mut renamed = document.clone();
                if let Some(Value::Object(entries)) = renamed.pointer_mut(parent) {
                    entries.remove(name);
                    entries.insert(format!("{name}-x"), value);
                }
                made.extend([mutation, renamed]);
            }
            Some(Value::Array(items)) => {
                items.remove(name.parse().expect("it is an index"));
                made.push(mutation);
            }
            _ => panic!("nothing stands in a scalar"),
        }
    }
    made
}

/// The JSON pointer of every value. No key of a place has a `/` or a `~` in it.
pub(crate) fn paths(value: &Value) -> Vec<String> {
    fn note(value: &Value, path: String, paths: &mut Vec<String>) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    note(value, format!("{path}/{key}"), paths);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    note(value, format!("{path}/{index}"), paths);
                }
            }
            _ => {}
        }
        paths.push(path);
    }
    let mut paths = Vec::new();
    note(value, String::new(), &mut paths);
    paths
}
