use minijinja::ErrorKind;

use crate::model::{Expression, Template};

use super::environment::PLAIN;
use super::names::{expression_names, names, simple};
use super::outline::outline;
use super::places::check_places;
use super::scan::{Code, Part, scan};
use super::{TemplateError, Text, is_literal, mark};

impl Text<'_> {
    /// The names that a text uses and does not define itself, as paths such as `["answers", "good_tag"]`, sorted.
    ///
    /// # Errors
    ///
    /// That it cannot be parsed.
    pub fn names(self) -> Result<Vec<Vec<String>>, TemplateError> {
        match self {
            Self::Plain(template) | Self::Script(template) => names(template),
            Self::Expression(expression) => expression_names(expression),
        }
    }

    /// Looks at a text without values, and finds its names in the same go, as a large runbook has many texts: the first thing that is
    /// wrong with it, and [its names](Self::names), of which a text that cannot be parsed has none.
    ///
    /// What is looked at is whether it parses, whether its filters and tests exist, on every branch, and in a script whether every
    /// value stands where it can be made safe.
    pub fn examine(self) -> (Result<(), TemplateError>, Vec<Vec<String>>) {
        match self.names() {
            Ok(names) => (self.check(), names),
            Err(error) => (self.bears_no_mark().and(Err(error)), Vec::new()),
        }
    }

    /// What is wrong with a text that parses.
    fn check(self) -> Result<(), TemplateError> {
        self.bears_no_mark()?;
        match self {
            Self::Expression(Expression(source)) => known_in(Code {
                text: source,
                line: 1,
            }),
            Self::Plain(Template(source)) | Self::Script(Template(source)) if is_literal(source) => Ok(()),
            Self::Plain(Template(source)) if simple(source).is_some() => Ok(()),
            Self::Plain(Template(source)) => known(&scan(source)),
            Self::Script(Template(source)) => {
                let parts = scan(source);
                known(&parts)?;
                check_places(&outline(&parts))
            }
        }
    }

    /// Whether it is no script with a character in it that only the formatter of scripts may write.
    fn bears_no_mark(self) -> Result<(), TemplateError> {
        match self {
            Self::Script(Template(source)) if source.contains(mark::is_refused) => {
                Err(TemplateError::Value {
                    message: mark::REFUSAL.to_owned(),
                    line: None,
                })
            }
            _ => Ok(()),
        }
    }
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
