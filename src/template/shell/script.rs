use crate::template::{TemplateError, mark};

use super::Lexer;
use super::lexer::Place;
use super::quote::quoted;
use super::refusal::{LIST, REDIRECTED, Refusal};

/// A part of a script.
#[derive(Clone, Debug)]
pub(in crate::template) enum Piece<'a> {
    /// What the author wrote.
    Script(&'a str),
    /// What a value has to say.
    Value(Interpolation<'a>),
}

/// A value in a script.
#[derive(Clone, Debug)]
pub(in crate::template) struct Interpolation<'a> {
    words: Words<'a>,
    expression: &'a str,
    line: usize,
}

#[derive(Clone, Debug)]
enum Words<'a> {
    One(&'a str),
    List(Vec<&'a str>),
}

impl<'a> Piece<'a> {
    /// What the formatter wrote for the value of an expression.
    pub(in crate::template) fn of_value(written: &'a str, expression: &'a str, line: usize) -> Self {
        if let Some(script) = written.strip_prefix(mark::RAW) {
            return Self::Script(script);
        }
        let words = match written.strip_prefix(mark::LIST) {
            Some(items) => Words::List(items.split(mark::LIST).collect()),
            None => Words::One(written.strip_prefix(mark::EMPTY).unwrap_or(written)),
        };
        Self::Value(Interpolation {
            words,
            expression,
            line,
        })
    }
}

/// A script in its parts.
#[derive(Debug, Default)]
pub(in crate::template) struct Script<'a> {
    pieces: Vec<Piece<'a>>,
}

impl<'a> Script<'a> {
    /// Adds a part.
    pub(in crate::template) fn push(&mut self, piece: Piece<'a>) {
        if !matches!(piece, Piece::Script("")) {
            self.pieces.push(piece);
        }
    }

    /// The whole script, with every value written for the place where it stands.
    pub(in crate::template) fn write(&self) -> Result<String, TemplateError> {
        let mut lexer = Lexer::default();
        let mut script = String::new();
        for (position, piece) in self.pieces.iter().enumerate() {
            match piece {
                Piece::Script(text) => {
                    lexer.read(text);
                    script.push_str(text);
                }
                Piece::Value(value) => {
                    let next = match self.pieces.get(position + 1) {
                        Some(Piece::Script(text)) => text.chars().next(),
                        // It is either quoted or as plain as a letter.
                        Some(Piece::Value(_)) => Some('x'),
                        None => None,
                    };
                    let written = lexer
                        .place()
                        .and_then(|place| value.write(place, next))
                        .map_err(|refusal| refusal.about(value.expression, value.line))?;
                    lexer.wrote(&written);
                    script.push_str(&written);
                }
            }
        }
        Ok(script)
    }
}

impl Interpolation<'_> {
    fn write(&self, place: Place, next: Option<char>) -> Result<String, Refusal> {
        let items = match &self.words {
            Words::One(value) => return Ok(quoted(value, place, next)),
            Words::List(items) => items,
        };
        let ends = next.is_none_or(|c| " \t\n;&|)".contains(c));
        match place {
            Place::Word { redirect: true, .. } => Err(REDIRECTED),
            Place::Word { start: true, .. } if ends => {
                let words: Vec<String> = items.iter().map(|item| quoted(item, place, next)).collect();
                Ok(words.join(" "))
            }
            _ => Err(LIST),
        }
    }
}
