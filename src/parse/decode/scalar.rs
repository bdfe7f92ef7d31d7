//! Readers of what is not text: numbers, durations, words of a list, and values as JSON has them.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::diagnostic::nearest;
use crate::model::Pattern;

use super::super::tree::Tree;
use super::{Cursor, all_of, map, shown, text_in_place};

/// The longest duration: no clock overflows with it.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// True or false.
pub(crate) fn boolean(at: Cursor<'_>) -> Option<bool> {
    if let Tree::Bool(value) = at.tree {
        return Some(*value);
    }
    at.wrong_type("`true` or `false`");
    None
}

/// A number.
pub(crate) fn number(at: Cursor<'_>) -> Option<f64> {
    match at.tree {
        Tree::Number(number) => number.as_f64(),
        Tree::OddNumber => {
            at.invalid(format!("{} is out of range", at.name()), "write a finite number");
            None
        }
        _ => {
            at.wrong_type("a number");
            None
        }
    }
}

/// A whole number within bounds.
pub(crate) fn integer<T: TryFrom<i64>>(least: i64, most: i64) -> impl Fn(Cursor<'_>) -> Option<T> {
    move |at| {
        let Tree::Number(number) = at.tree else {
            at.wrong_type("a whole number");
            return None;
        };
        let whole = number.as_i64().filter(|it| (least..=most).contains(it));
        let value = whole.and_then(|it| T::try_from(it).ok());
        if value.is_none() {
            let name = at.name();
            let message = format!("{name} must be a whole number from {least} to {most}");
            at.invalid(message, format!("write a number from {least} to {most}"));
        }
        value
    }
}

/// A number and a unit: `500ms`, `30s`, `5m`, `2h`.
pub(crate) fn duration(at: Cursor<'_>) -> Option<Duration> {
    const HELP: &str = "write a number and a unit: `500ms`, `30s`, `5m` or `2h`";
    match at.tree {
        Tree::Text(text) => {
            let duration = parse_duration(text);
            if duration.is_none() {
                let message = format!("{} is not a duration", shown(text));
                at.invalid(message, format!("{HELP}; a year (`8760h`) is the longest"));
            }
            duration
        }
        Tree::Number(number) => {
            let message = format!("{} needs a unit", at.name());
            let help = match number.as_u64() {
                Some(number) => {
                    format!("write `{number}s` for seconds; other units are `ms`, `m`, `h`")
                }
                None => HELP.to_owned(),
            };
            at.invalid(message, help);
            None
        }
        _ => {
            at.wrong_type("a duration such as `30s`");
            None
        }
    }
}

/// A duration that is not nothing.
pub(crate) fn positive_duration(at: Cursor<'_>) -> Option<Duration> {
    let value = duration(at)?;
    if value.is_zero() {
        let message = format!("{} must be more than nothing", at.name());
        at.invalid(message, "write a longer duration, such as `1s`");
        return None;
    }
    Some(value)
}

fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().ok()?;
    let value = match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        "h" => Duration::from_secs(number.checked_mul(60 * 60)?),
        _ => return None,
    };
    Some(value).filter(|value| *value <= LONGEST)
}

/// One of a few words.
pub(crate) fn word<T: Copy>(words: &[(&'static str, T)]) -> impl Fn(Cursor<'_>) -> Option<T> {
    move |at| {
        let typed = text_in_place(at)?;
        let known = || words.iter().map(|(word, _)| *word);
        let found = words.iter().find(|(word, _)| *word == typed);
        if found.is_none() {
            let message = format!("{} cannot be {}", at.name(), shown(typed));
            let all = all_of(known());
            let help = match nearest(typed, known()) {
                Some(near) => format!("did you mean `{near}`? it is one of {all}"),
                None => format!("it is one of {all}"),
            };
            at.invalid(message, help);
        }
        found.map(|(_, value)| *value)
    }
}

/// One of these words, as a text.
pub(crate) fn one_of(words: &[&'static str]) -> impl Fn(Cursor<'_>) -> Option<String> {
    let words: Vec<(&'static str, &'static str)> = words.iter().map(|word| (*word, *word)).collect();
    move |at| word(&words)(at).map(str::to_owned)
}

/// A regular expression.
pub(crate) fn regex(at: Cursor<'_>) -> Option<Pattern> {
    let pattern = text_in_place(at)?;
    Pattern::new(pattern)
        .map_err(|error| {
            let all = error.to_string();
            let last = all.lines().last().unwrap_or_default();
            let why = last.strip_prefix("error: ").unwrap_or(last);
            let message = format!("{} is not a regular expression: {why}", at.name());
            let help = "see https://docs.rs/regex for the syntax; in single quotes a `\\` is itself";
            at.invalid(message, help);
        })
        .ok()
}

/// Any value, as JSON has it.
pub(crate) fn json(at: Cursor<'_>) -> Option<Value> {
    match at.tree {
        Tree::Null => Some(Value::Null),
        Tree::Bool(value) => Some(Value::from(*value)),
        Tree::Number(number) => Some(Value::from(number.clone())),
        Tree::Text(text) => Some(Value::from(text.as_ref())),
        Tree::List(_) => super::list(at, json).map(Value::Array),
        Tree::Map(_) => {
            let key = |_: Cursor<'_>, key: &str| Some(key.to_owned());
            let entries = map(at, key, |_, value| json(value))?;
            Some(Value::Object(entries.into_iter().collect::<Map<_, _>>()))
        }
        Tree::OddNumber | Tree::Tagged(..) => {
            at.invalid(
                format!("{} is no value of JSON", at.name()),
                "write a finite number",
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("2h"), Some(Duration::from_secs(7200)));
        for bad in [
            "",
            "30",
            "s",
            "1.5s",
            "30 s",
            "-1s",
            "9999999999h",
            "99999999999999999999s",
        ] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
