//! The words and signs that templates use.

use jiff::Timestamp;
use minijinja::{Environment, HtmlEscape, Value};

use crate::report::text::{elapsed, short, spoken};

pub(super) fn teach(environment: &mut Environment<'_>) {
    environment.add_filter("time", |at: String| formatted(&at, "%Y-%m-%d %H:%M:%S"));
    environment.add_filter("clock", |at: String| formatted(&at, "%H:%M:%S"));
    environment.add_filter("took", |seconds: f64| elapsed(seconds));
    environment.add_filter("word", |name: String| name.replace('_', " "));
    environment.add_filter("capital", |text: String| capital(&text));
    environment.add_filter("prose", |text: String| prose(&text));
    environment.add_filter("plain", plain);
    environment.add_filter("short", |text: String| short(&text));
    environment.add_filter("grouped", |number: u64| grouped(number));
    environment.add_filter("tone", |name: String| look(&name).0);
    environment.add_filter("sign", |name: String| look(&name).1);
}

fn formatted(at: &str, format: &str) -> String {
    match at.parse::<Timestamp>() {
        Ok(time) => time.strftime(format).to_string(),
        Err(_) => at.to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// What this program says: what it has between back-ticks is code.
fn prose(text: &str) -> Value {
    let parts = spoken(text).map(|(is_code, part)| match is_code {
        true => format!("<code>{}</code>", HtmlEscape(part)),
        false => HtmlEscape(part).to_string(),
    });
    Value::from_safe_string(parts.collect())
}

/// A value as people read it: a text without quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_json::to_string(value).unwrap_or_else(|_| value.to_string()),
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The tone and the sign of a state, whosever it is.
fn look(name: &str) -> (&'static str, &'static str) {
    match name {
        "complete" | "recovered" | "succeeded" | "met" | "held" | "undone" | "undone_by_hand" | "good" => {
            ("good", "✓")
        }
        "failed" | "gates_unmet" | "unmet" | "bad" => ("bad", "✗"),
        "in_doubt" | "unknown" => ("bad", "?"),
        "waived" => ("warn", "↷"),
        "waiting" | "running" | "ready" => ("warn", "…"),
        "stopped" | "declined" | "warn" => ("warn", "!"),
        "said" => ("said", "›"),
        _ => ("dim", "–"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_values_read_well() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(plain(&Value::from("a b")), "a b");
        assert_eq!(plain(&Value::from(vec![1, 2])), "[1,2]");
        assert_eq!(plain(&Value::from(true)), "true");
        assert_eq!(capital("élan"), "Élan");
        assert_eq!(prose("`<a>` & b").to_string(), "<code>&lt;a&gt;</code> &amp; b");
    }
}
