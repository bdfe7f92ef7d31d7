//! Values as YAML.

use serde_yaml::Value;

/// Words that are no text to YAML, or to those who read it.
const NOT_PLAIN: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "~"];

/// A value on one line, as it can stand anywhere.
pub(super) fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Sequence(items) => format!("[{}]", all(items.iter().map(flow))),
        Value::Mapping(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Mapping(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| format!("{}: {}", flow(key), flow(value)));
            format!("{{ {} }}", all(entries))
        }
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Tagged(_) => "null".to_owned(),
    }
}

/// A value after a key that stands alone on its line, indented so far: a list or mapping that is long, and a text of several lines, take
/// lines of their own.
pub(super) fn block(value: &Value, indent: usize) -> String {
    let line = flow(value);
    let under = " ".repeat(indent + 2);
    match value {
        Value::String(text) if text.contains('\n') => lines(text, &under).unwrap_or(line),
        Value::Sequence(items) if items.iter().all(is_short) && is_long(&line) => {
            let items = items.iter().map(|item| format!("\n{under}- {}", flow(item)));
            items.collect()
        }
        Value::Mapping(entries) if is_long(&line) || !entries.values().all(is_short) => {
            let entries = entries.iter();
            let entries =
                entries.map(|(key, value)| format!("\n{under}{}:{}", flow(key), after(value, indent + 2)));
            entries.collect()
        }
        _ => line,
    }
}

/// A value with what stands between it and its key.
pub(super) fn after(value: &Value, indent: usize) -> String {
    let text = block(value, indent);
    let space = if text.starts_with('\n') { "" } else { " " };
    format!("{space}{text}")
}

fn all(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

fn is_short(value: &Value) -> bool {
    !value.as_str().is_some_and(|text| text.contains('\n'))
}

fn is_long(line: &str) -> bool {
    line.chars().count() > 80
}

/// A text of several lines as it stands; none where YAML would not read it as it is.
fn lines(text: &str, under: &str) -> Option<String> {
    let is_odd =
        |line: &str| line.ends_with([' ', '\t']) || line.chars().any(|c| c.is_control() && c != '\t');
    let starts_odd = text.starts_with([' ', '\t', '\n']);
    if starts_odd || text.ends_with("\n\n") || text.lines().any(is_odd) {
        return None;
    }
    let mut out = if text.ends_with('\n') { "|" } else { "|-" }.to_owned();
    for line in text.lines() {
        out.push('\n');
        if !line.is_empty() {
            out.push_str(under);
            out.push_str(line);
        }
    }
    Some(out)
}

/// A text on one line: as it stands where nobody could take it for something else, and in quotes otherwise.
fn scalar(text: &str) -> String {
    let mut letters = text.chars();
    let is_plain = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || "/._".contains(first))
        && letters.all(|letter| letter.is_ascii_alphanumeric() || "/._-+@=".contains(letter))
        && text.chars().any(|letter| letter.is_ascii_alphabetic())
        && !NOT_PLAIN.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        text.to_owned()
    } else {
        // What JSON quotes, YAML reads.
        serde_json::Value::from(text).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let values = [
            json!(3),
            json!("v1.9.0"),
            json!("1.10"),
            json!(".5"),
            json!("no"),
            json!("a: b # c"),
            json!(""),
            json!("'\"\\\u{1b}"),
            json!(["dep", "rollback", "--tag=v1", "a, b", "[x]"]),
            json!({ "path": "/n/1.md", "content": "# One\n\ntwo\n" }),
            json!("cd /srv\nls | sort\n"),
            json!("no newline\nat its end"),
            json!("  indented\nfirst"),
            json!("tail \nspace\n"),
            json!("ends\n\n"),
            json!((0..40).map(|n| format!("node_{n}")).collect::<Vec<_>>()),
            json!({ "long": "x".repeat(90), "more": ["a"], "empty": {} }),
        ];
        for value in values {
            let value = serde_yaml::to_value(value).unwrap();
            let text = format!("top:\n  key:{}\n  next: 1\n", after(&value, 2));
            let read: Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(read["top"]["key"], value, "{text}");
            let text = format!("{{ key: {}, next: 1 }}", flow(&value));
            let read: Value = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(read["key"], value, "{text}");
        }
    }
}
