use minijinja::ErrorKind;

use crate::model::{Expression, Template};

use super::environment::{PLAIN, SCRIPT};
use super::names::simple;
use super::outline::outline;
use super::places::check_places;
use super::scan::{Code, Part, scan};
use super::{TemplateError, bounded, bounded_code, is_literal, mark};

/// Looks at a template without values: whether it parses, and whether its filters and tests exist, on every branch.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn examine(template: &Template) -> Result<(), TemplateError> {
    let source = template.0.as_str();
    if is_literal(source) || simple(source).is_some() {
        return Ok(());
    }
    bounded(source)?;
    PLAIN
        .template_from_str(source)
        .map_err(|error| TemplateError::from_engine(&error, source))?;
    known(&scan(source))
}

/// Looks at a script without values: as [`examine`], and whether every value stands where it can be made safe.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn examine_script(template: &Template) -> Result<(), TemplateError> {
    let source = template.0.as_str();
    if source.contains(mark::is_refused) {
        return Err(TemplateError::Value {
            message: mark::REFUSAL.to_owned(),
            line: None,
        });
    }
    if is_literal(source) {
        return Ok(());
    }
    if simple(source).is_some() {
        return check_places(&outline(&scan(source)));
    }
    bounded(source)?;
    SCRIPT
        .template_from_str(source)
        .map_err(|error| TemplateError::from_engine(&error, source))?;
    let parts = scan(source);
    known(&parts)?;
    check_places(&outline(&parts))
}

/// Looks at an expression without values: whether it parses, and whether its filters and tests exist.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn examine_expression(expression: &Expression) -> Result<(), TemplateError> {
    let source = expression.0.as_str();
    bounded_code(source, 1)?;
    PLAIN
        .compile_expression(source)
        .map_err(|error| TemplateError::from_engine(&error, source))?;
    known_in(Code {
        text: source,
        line: 1,
    })
}

fn known(parts: &[Part<'_>]) -> Result<(), TemplateError> {
    for part in parts {
        if let Part::Output(code) | Part::Block(code) = *part {
            known_in(code)?;
        }
    }
    Ok(())
}

/// Whether the filters and tests in a piece of code exist. The engine would notice only when it comes to them.
fn known_in(code: Code<'_>) -> Result<(), TemplateError> {
    let mut state = None;
    let mut expected = None;
    for word in words(code.text) {
        let what = match (expected.take(), word) {
            (_, "|") => {
                expected = Some("filter");
                continue;
            }
            (Some("test"), "not") => {
                expected = Some("test");
                continue;
            }
            (None, "is") => {
                expected = Some("test");
                continue;
            }
            (None, "filter") if code.text.starts_with("filter") => {
                expected = Some("filter");
                continue;
            }
            (Some(what), _) => what,
            (None, _) => continue,
        };
        let state = state.get_or_insert_with(|| PLAIN.empty_state());
        // They are only looked up: without an argument none of them does anything.
        let unknown = match what {
            "filter" => {
                state.apply_filter(word, &[]).err().map(|e| e.kind()) == Some(ErrorKind::UnknownFilter)
            }
            _ => state.perform_test(word, &[]).err().map(|e| e.kind()) == Some(ErrorKind::UnknownTest),
        };
        if unknown {
            return Err(TemplateError::Unknown {
                what,
                name: word.to_owned(),
                line: Some(code.line),
            });
        }
    }
    Ok(())
}

/// The words of a piece of code and its `|`, without strings, numbers and attributes.
fn words(code: &str) -> impl Iterator<Item = &str> {
    let mut rest = code;
    std::iter::from_fn(move || {
        loop {
            let mut characters = rest.chars();
            let first = characters.next()?;
            let length = match first {
                '\'' | '"' => string_length(rest, first),
                '|' => {
                    let (word, after) = rest.split_at(1);
                    rest = after;
                    return Some(word);
                }
                '.' => 1 + word_length(characters.as_str().trim_start()),
                c if is_word(c) => {
                    let (word, after) = rest.split_at(word_length(rest));
                    rest = after;
                    return Some(word);
                }
                c => c.len_utf8(),
            };
            rest = rest.get(length..).unwrap_or_default();
        }
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// How long a string is, with its quotes.
fn string_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (position, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return position + 1,
            _ => {}
        }
    }
    text.len()
}
