use regex::Regex;

use crate::adapter::secret::Mask;
use crate::model::{JsonMatcher, Matcher, Value};

use super::look::quoted;

/// How a text is not what it must be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    /// The text could not be judged at all, which is not the same as being otherwise.
    pub(super) unjudged: bool,
    /// What stands at the place that counts, if that is not all of the text.
    pub(super) seen: Option<String>,
    /// What it must be; reads on after "wanted it".
    pub(super) wanted: String,
}

impl Mismatch {
    fn wanted(wanted: String) -> Self {
        Self {
            unjudged: false,
            seen: None,
            wanted,
        }
    }
}

/// Whether a text is what it must be.
pub(super) fn matches(matcher: &Matcher<String>, text: &str, mask: &Mask) -> Result<(), Mismatch> {
    // `echo` and most editors end a text with a newline that nobody means.
    let line = text.strip_suffix('\n').unwrap_or(text);
    let ends = |end: &str| text.ends_with(end) || line.ends_with(end);
    let same = |whole: &str| text == whole || line == whole.strip_suffix('\n').unwrap_or(whole);
    let plain = [
        ("to be", matcher.equals.as_deref().filter(|whole| !same(whole))),
        (
            "to contain",
            matcher.contains.as_deref().filter(|part| !text.contains(part)),
        ),
        (
            "to start with",
            matcher
                .starts_with
                .as_deref()
                .filter(|start| !text.starts_with(start)),
        ),
        (
            "to end with",
            matcher.ends_with.as_deref().filter(|end| !ends(end)),
        ),
    ];
    if let Some((how, wanted)) = plain.iter().find_map(|(how, wanted)| Some((how, (*wanted)?))) {
        return Err(Mismatch::wanted(format!("{how} {}", quoted(wanted, mask))));
    }
    if let Some(pattern) = &matcher.matches {
        let regex = Regex::new(pattern)
            .map_err(|_| Mismatch::wanted(format!("to match `{pattern}`, which is no pattern")))?;
        if !regex.is_match(text) {
            return Err(Mismatch::wanted(format!("to match `{pattern}`")));
        }
    }
    matcher
        .json
        .as_ref()
        .map_or(Ok(()), |json| matches_json(json, text, mask))
}

fn matches_json(matcher: &JsonMatcher, text: &str, mask: &Mask) -> Result<(), Mismatch> {
    let document: Value = serde_json::from_str(text).map_err(|error| Mismatch {
        unjudged: true,
        ..Mismatch::wanted(format!("to be JSON ({error})"))
    })?;
    let place = match matcher.pointer.as_str() {
        "" => "the document".to_owned(),
        pointer => format!("`{pointer}`"),
    };
    let Some(found) = document.pointer(&matcher.pointer) else {
        return Err(Mismatch {
            unjudged: false,
            seen: Some(format!("{place} is not there in {}", quoted(text, mask))),
            wanted: match &matcher.equals {
                Some(value) => short(value, mask),
                None => "it to be".to_owned(),
            },
        });
    };
    if let Some(wanted) = matcher.equals.as_ref().filter(|wanted| !is_equal(found, wanted)) {
        return Err(Mismatch {
            unjudged: false,
            seen: Some(format!("{place} is {}", short(found, mask))),
            wanted: short(wanted, mask),
        });
    }
    let length = match found {
        Value::Array(items) => Some(items.len()),
        Value::Object(entries) => Some(entries.len()),
        Value::String(text) => Some(text.chars().count()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    };
    match matcher.length {
        Some(wanted) if length != Some(wanted) => Err(Mismatch {
            unjudged: false,
            seen: Some(match length {
                Some(length) => format!("{place} has length {length}"),
                None => format!("{place} is {} and has no length", short(found, mask)),
            }),
            wanted: format!("{wanted}"),
        }),
        _ => Ok(()),
    }
}

/// JSON knows no difference between 1 and 1.0.
fn is_equal(found: &Value, wanted: &Value) -> bool {
    found == wanted
        || matches!((found, wanted), (Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64())
}

/// A value as JSON, shortened.
fn short(value: &Value, mask: &Mask) -> String {
    match value {
        Value::String(text) => quoted(text, mask),
        other => {
            let text = other.to_string();
            if text.len() <= 80 {
                text
            } else {
                quoted(&text, mask)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(matcher: &Matcher<String>, text: &str) -> Option<String> {
        let mismatch = matches(matcher, text, &Mask::default()).err()?;
        Some(match mismatch.seen {
            Some(seen) => format!("{seen}, wanted {}", mismatch.wanted),
            None => mismatch.wanted,
        })
    }

    #[test]
    fn every_part_must_hold() {
        let matcher = Matcher {
            starts_with: Some("rel".to_owned()),
            ends_with: Some("/2".to_owned()),
            ..Matcher::default()
        };
        assert_eq!(wanted(&matcher, "releases/2\n"), None);
        assert_eq!(
            wanted(&matcher, "releases/3\n").as_deref(),
            Some(r#"to end with "/2""#)
        );
        assert_eq!(
            wanted(&matcher, "old/2").as_deref(),
            Some(r#"to start with "rel""#)
        );
    }

    #[test]
    fn one_newline_at_the_end_does_not_count() {
        let matcher = Matcher {
            equals: Some("up".to_owned()),
            ..Matcher::default()
        };
        assert_eq!(wanted(&matcher, "up"), None);
        assert_eq!(wanted(&matcher, "up\n"), None);
        assert_eq!(wanted(&matcher, "up\n\n").as_deref(), Some(r#"to be "up""#));
    }

    #[test]
    fn a_pattern_matches_anywhere() {
        let matcher = Matcher {
            matches: Some(r"v\d+".to_owned()),
            ..Matcher::default()
        };
        assert_eq!(wanted(&matcher, "now v12"), None);
        assert_eq!(wanted(&matcher, "now").as_deref(), Some(r"to match `v\d+`"));
    }

    #[test]
    fn json_is_looked_up_by_its_place() {
        let at = |pointer: &str, equals: Option<Value>, length| Matcher {
            json: Some(JsonMatcher {
                pointer: pointer.to_owned(),
                equals,
                length,
            }),
            ..Matcher::default()
        };
        let text = r#"{"count": 3.0, "items": ["a"]}"#;
        assert_eq!(wanted(&at("/count", Some(3.into()), None), text), None);
        assert_eq!(
            wanted(&at("/count", Some(4.into()), None), text).as_deref(),
            Some("`/count` is 3.0, wanted 4")
        );
        assert_eq!(
            wanted(&at("/items", None, Some(0)), text).as_deref(),
            Some("`/items` has length 1, wanted 0")
        );
        assert_eq!(wanted(&at("", None, Some(0)), "[]"), None);
        assert!(
            wanted(&at("", None, Some(0)), "<html>").is_some_and(|wanted| wanted.starts_with("to be JSON"))
        );
        assert!(wanted(&at("/gone", None, None), text).is_some_and(|wanted| wanted.contains("is not there")));
    }
}
