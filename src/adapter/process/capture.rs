use serde_json::Map;

use crate::model::{Capture, CaptureId, Part, Stream, Value};

use super::{KEPT_AT_MOST, Kept};

/// A capture that found nothing. It reads on after the capture's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("found nothing: {0}")]
pub struct NothingFound(String);

/// Takes a value from what a command printed.
///
/// # Errors
///
/// What was looked for, and where.
pub fn extract(capture: &Capture, stdout: &Kept, stderr: &Kept) -> Result<Value, NothingFound> {
    let (kept, stream) = match capture.stream {
        Stream::Stdout => (stdout, "standard output"),
        Stream::Stderr => (stderr, "standard error"),
    };
    let text = kept.text();
    let found = match &capture.part {
        Part::Whole => whole(kept, &text).ok_or_else(|| format!("{stream} is empty or too long")),
        Part::Regex(pattern) => pattern
            .find(&text)
            .map(Value::from)
            .ok_or_else(|| format!("no match of `{pattern}` in {stream}")),
        Part::Json(pointer) => match serde_json::from_str::<Value>(&text) {
            Err(error) => Err(format!("{stream} is not JSON: {error}")),
            Ok(document) => document
                .pointer(pointer)
                .cloned()
                .ok_or_else(|| format!("nothing at `{pointer}` in {stream}")),
        },
    };
    found.map_err(|mut why| {
        if kept.was_longer() {
            why += &format!(
                " (only its first {} MiB were looked at)",
                KEPT_AT_MOST / 1024 / 1024
            );
        }
        NothingFound(why)
    })
}

/// Takes every value from what a command printed.
///
/// # Errors
///
/// The first that finds nothing, by its name.
pub fn extract_all<'a>(
    captures: impl IntoIterator<Item = (&'a CaptureId, &'a Capture)>,
    stdout: &Kept,
    stderr: &Kept,
) -> Result<Map<String, Value>, String> {
    let values = captures.into_iter().map(|(id, capture)| {
        let value = extract(capture, stdout, stderr).map_err(|nothing| format!("`{id}` {nothing}"))?;
        Ok((id.to_string(), value))
    });
    values.collect()
}

/// All of a text. Half of one is not all of it.
fn whole(kept: &Kept, text: &str) -> Option<Value> {
    let text = text.trim();
    (!text.is_empty() && !kept.was_longer()).then(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pattern;

    fn from(text: &str, part: Part) -> Result<Value, String> {
        let stdout = Kept::of(text);
        let capture = Capture {
            stream: Stream::Stdout,
            part,
        };
        extract(&capture, &stdout, &Kept::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_is_taken_from_the_output() {
        let regex = |source| Part::Regex(Pattern::new(source).unwrap());
        assert_eq!(from("  one\n", Part::Whole), Ok("one".into()));
        assert_eq!(from("release 12 up", regex(r"release (\S+)")), Ok("12".into()));
        assert_eq!(from("release 12 up", regex(r"\d+")), Ok("12".into()));
        assert_eq!(from(r#"{"a": [3]}"#, Part::Json("/a/0".to_owned())), Ok(3.into()));
    }

    #[test]
    fn what_finds_nothing_says_what_it_looked_for() {
        let regex = Part::Regex(Pattern::new(r"release (\S+)").unwrap());
        assert_eq!(
            from("nope", regex),
            Err(r"found nothing: no match of `release (\S+)` in standard output".to_owned())
        );
        assert_eq!(
            from("{}", Part::Json("/a".to_owned())),
            Err("found nothing: nothing at `/a` in standard output".to_owned())
        );
        assert!(from(" \n", Part::Whole).is_err());
        assert!(from("{", Part::Json(String::new())).is_err_and(|why| why.contains("is not JSON")));
    }
}
