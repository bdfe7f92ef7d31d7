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
const MAX_BYTES: usize = 32 * 1024 * 1024;
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
    if brackets(text) > MAX_DEPTH {
        sound_out(text)?;
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

/// How deep the brackets of a text are nested, counted without a look at quotes: never less than the real depth of its
/// flow collections, unless a stray closing bracket hides some of it.
fn brackets(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Looks for brackets that are nested too deep. The parser proper takes time in the square of that depth, so it must not see them.
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
