//! From a text to a tree: the limits, and the faults that end the reading.

use granit_parser::{ErrorKind, Event, Parser, ScanError};
use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny};

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Path, Source, Span};

use super::spans::byte_span;
use super::syntax;
use super::tree::{Growth, MAX_DEPTH, Stop, Tree};

/// How many bytes a file may have.
pub(crate) const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How many `%` directives a text may have: the parser compares each with all before it.
const MAX_DIRECTIVES: usize = 64;
/// How many values aliases may add to those that the text holds itself.
const MAX_REPEATED: usize = 100_000;

/// The tree of a text, and whether tags are left in it.
pub(crate) fn read(source: &Source) -> Result<(Tree<'_>, bool), Box<Diagnostic>> {
    let text = source.text.as_str();
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {} MiB", MAX_BYTES >> 20);
        let finding = Diagnostic::new(Code::TooLarge, Path::root(), message);
        let finding = finding.at_span(Span { start: 0, end: 0 });
        return Err(finding
            .label("too large")
            .help("split it into several runbooks")
            .into());
    }
    if text.split('\n').any(may_nest_deep) {
        sound_out(text)?;
    }
    if text.bytes().filter(|byte| *byte == b'%').count() > MAX_DIRECTIVES {
        directives(text)?;
    }
    // Each value takes at least one byte of the text.
    let growth = Growth::up_to(text.len() + MAX_REPEATED);
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let Some(first) = documents.next() else {
        return Ok((Tree::Null, false));
    };
    let tree = growth
        .seed()
        .deserialize(first)
        .map_err(|error| finding(text, &growth, &error))?;
    if let Some(second) = documents.next() {
        IgnoredAny::deserialize(second).map_err(|error| syntax::finding(text, &error))?;
        return Err(second_document(text).into());
    }
    Ok((tree, growth.has_tags()))
}

/// Whether a line can open more collections than may be nested. What closes on it is not counted, as it may stand in quotes or a comment.
/// The parser proper is slow where many are open that began on one line, and holds all of a text's events at once.
fn may_nest_deep(line: &str) -> bool {
    if line.len() <= MAX_DEPTH {
        return false;
    }
    let bytes = line.as_bytes();
    let brackets = bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
    if brackets > MAX_DEPTH {
        return true;
    }
    let after = bytes.iter().skip(1).chain(b" ");
    let pairs = bytes.iter().zip(after);
    let entries =
        pairs.filter(|(byte, next)| matches!(byte, b'-' | b'?' | b':') && next.is_ascii_whitespace());
    brackets + entries.count() > MAX_DEPTH
}

/// Refuses a text with a great many directives.
fn directives(text: &str) -> Result<(), Box<Diagnostic>> {
    let mut offset = 0;
    let mut left = MAX_DIRECTIVES;
    for line in text.split_inclusive(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
        if line.trim_start_matches('\u{feff}').starts_with('%') {
            let Some(fewer) = left.checked_sub(1) else {
                let message = format!("there are more than {MAX_DIRECTIVES} lines that begin with `%`");
                let finding = Diagnostic::new(Code::TooLarge, Path::root(), message);
                let start = offset + line.find('%').unwrap_or_default();
                let finding = finding.at_span(Span {
                    start,
                    end: start + 1,
                });
                return Err(finding
                    .label("one too many")
                    .help("a runbook needs no YAML directives: remove them")
                    .into());
            };
            left = fewer;
        }
        offset += line.len();
    }
    Ok(())
}

/// Looks for what is nested too deep, so that the parser proper does not see it.
fn sound_out(text: &str) -> Result<(), Box<Diagnostic>> {
    let mut depth = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| scan_finding(text, &error))?;
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(too_deep().at_span(byte_span(text, &span)).into());
        }
    }
    Ok(())
}

fn finding(text: &str, growth: &Growth, error: &serde_yaml::Error) -> Diagnostic {
    let finding = match growth.stopped() {
        None => return syntax::finding(text, error),
        Some(Stop::TooDeep) => too_deep(),
        Some(Stop::TooManyValues) => Diagnostic::new(
            Code::TooLarge,
            Path::root(),
            "the aliases make the document larger than a runbook may be",
        )
        .label("too large")
        .help("write out what is repeated, or repeat less"),
    };
    finding.at_span(syntax::span(text, error))
}

fn scan_finding(text: &str, error: &ScanError) -> Diagnostic {
    let finding = syntax::scan_finding(text, error);
    match (error.kind(), finding.span) {
        (ErrorKind::RecursionLimitExceeded, Some(span)) => too_deep().at_span(span),
        _ => finding,
    }
}

fn too_deep() -> Diagnostic {
    let message = format!("the document is nested more than {MAX_DEPTH} levels deep");
    Diagnostic::new(Code::TooDeep, Path::root(), message)
        .label("too deep")
        .help("no key of a runbook needs this")
}

fn second_document(text: &str) -> Diagnostic {
    let span = Parser::new_from_str(text)
        .filter_map(Result::ok)
        .filter(|(event, _)| matches!(event, Event::DocumentStart(..)))
        .nth(1)
        .map(|(_, span)| byte_span(text, &span));
    let finding = Diagnostic::new(
        Code::Syntax,
        Path::root(),
        "there is more than one document in this file",
    );
    finding
        .at_span(span.unwrap_or(Span { start: 0, end: 0 }))
        .label("the second document")
        .help("put each runbook into a file of its own")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<Code> {
        read(&Source::new("test.yaml", text))
            .err()
            .map(|finding| finding.code)
    }

    #[test]
    fn nesting_has_a_limit_in_every_style() {
        let deep = 100_000;
        assert_eq!(code(&"[".repeat(deep)), Some(Code::TooDeep));
        assert_eq!(code(&"{a: ".repeat(deep)), Some(Code::TooDeep));
        assert_eq!(code(&"- ".repeat(deep)), Some(Code::TooDeep));
        assert_eq!(code(&"? ".repeat(deep)), Some(Code::TooDeep));
        let allowed = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert_eq!(code(&allowed), None);
    }

    #[test]
    fn what_hides_the_brackets_that_close_hides_no_depth() {
        for piece in ["[\"]\",", "['}',", "{\"}]\": [", "[? ", "- - - "] {
            assert_eq!(code(&piece.repeat(100_000)), Some(Code::TooDeep), "{piece}");
        }
        // On lines of their own they cost the parser nothing.
        assert_eq!(code(&"[ # ]\n".repeat(100_000)), Some(Code::TooDeep));
    }

    #[test]
    fn directives_have_a_limit() {
        let directives: String = (0..100_000).map(|n| format!("%TAG !a{n}! tag:{n}\n")).collect();
        assert_eq!(code(&format!("{directives}---\na: 1\n")), Some(Code::TooLarge));
        assert_eq!(code("%YAML 1.2\n---\na: 1\n"), None);
    }

    #[test]
    fn an_alias_bomb_is_not_set_off() {
        let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x, x]\n");
        for (name, before) in ["b", "c", "d", "e", "f", "g", "h", "i"]
            .into_iter()
            .zip("abcdefgh".chars())
        {
            let items = vec![format!("*{before}"); 10].join(", ");
            text.push_str(&format!("{name}: &{name} [{items}]\n"));
        }
        assert_eq!(code(&text), Some(Code::TooLarge));
        assert_eq!(code("a: &a [*a]"), Some(Code::TooDeep));
    }

    #[test]
    fn a_huge_file_is_not_read() {
        assert_eq!(code(&" ".repeat(MAX_BYTES + 1)), Some(Code::TooLarge));
    }

    #[test]
    fn one_file_is_one_document() {
        assert_eq!(code("a: 1\n---\nb: 2\n"), Some(Code::Syntax));
        assert_eq!(code("a: 1\n---\nb: [\n"), Some(Code::Syntax));
        assert_eq!(code(""), None);
    }
}
