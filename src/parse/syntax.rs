//! What is said about a text that is not YAML.

use granit_parser::ScanError;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Path, Span};

/// The finding for an error of the parser.
pub(crate) fn finding(text: &str, error: &serde_yaml::Error) -> Diagnostic {
    at(text, span(text, error), &without_places(&error.to_string()))
}

/// The finding for an error of the scanner that knows places.
pub(crate) fn scan_finding(text: &str, error: &ScanError) -> Diagnostic {
    let start = error.marker().byte_offset().unwrap_or(text.len());
    at(text, one_character(text, start), &error.info())
}

/// Where an error of the parser is.
pub(crate) fn span(text: &str, error: &serde_yaml::Error) -> Span {
    one_character(text, error.location().map_or(0, |place| place.index()))
}

fn at(text: &str, span: Span, problem: &str) -> Diagnostic {
    let message = format!("this is not YAML: {problem}");
    Diagnostic::new(Code::Syntax, Path::root(), message)
        .at_span(span)
        .label("here, or just before")
        .help(advice(problem, line_at(text, span.start)))
}

/// The stretch of the one character at a place, as far as there is one.
fn one_character(text: &str, start: usize) -> Span {
    let mut start = start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let width = text[start..].chars().next().map_or(0, char::len_utf8);
    Span {
        start,
        end: start + width,
    }
}

fn line_at(text: &str, offset: usize) -> &str {
    let start = text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[offset..]
        .find('\n')
        .map_or(text.len(), |newline| offset + newline);
    text.get(start..end).unwrap_or_default()
}

/// The parser's message names places, which are shown in another way: "did not find expected key at line 3 column 1, while …".
fn without_places(message: &str) -> String {
    let parts = message.split(", ").map(|part| {
        let place = part.rfind(" at line ").or_else(|| part.rfind(" at position "));
        place.map_or(part, |place| &part[..place])
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// What most often is behind a problem.
fn advice(problem: &str, line: &str) -> &'static str {
    if [": {{", "- {{", "[{{", ", {{"]
        .iter()
        .any(|start| line.contains(start))
    {
        "quote a value that begins with `{{`: to YAML it is a mapping"
    } else if problem.contains("mapping values are not allowed") {
        "quote a text that has `: ` in it"
    } else if problem.contains("cannot start any token") {
        "indent with spaces, not tabs; quote a text that begins with a special character"
    } else if problem.contains("anchor") {
        "an alias `*name` needs an anchor `&name` before it; quote a text that begins with `*`"
    } else if problem.contains("tag") {
        "quote a text that begins with `!`"
    } else {
        "look at the indentation and the quotes, on the lines before too"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_names_no_places() {
        assert_eq!(
            without_places(
                "did not find expected key at line 3 column 1, while parsing a block mapping at line 2 column 1"
            ),
            "did not find expected key, while parsing a block mapping"
        );
    }

    #[test]
    fn a_template_without_quotes_is_recognised() {
        assert!(advice("did not find expected key", "cwd: {{ a }}/b").contains("{{"));
    }
}
