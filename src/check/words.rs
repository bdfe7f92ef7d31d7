//! Commands word by word, in both forms.

use crate::template::{Part, scan};

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word<'a>(pub(super) Vec<Piece<'a>>);

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What the author wrote, without its quotes.
    Text(String),
    /// A value that is put in, by its expression.
    Value(&'a str),
    /// A variable of the shell.
    Variable(String),
    /// What commands print.
    Output,
}

impl<'a> Word<'a> {
    /// A word of the exec form.
    pub(super) fn of_template(source: &'a str) -> Self {
        let pieces = scan(source).into_iter().filter_map(|part| match part {
            Part::Text(text) => Some(Piece::Text(text.to_owned())),
            Part::Output(code) => Some(Piece::Value(code.text)),
            Part::Block(_) => None,
        });
        Self(pieces.collect())
    }

    /// The word, if it is always the same.
    pub(super) fn text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The text that it begins with.
    pub(super) fn lead(&self) -> &str {
        match self.0.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// The template that it is, as a shell receives it: what that shell's own shell puts in is left away.
    pub(super) fn source(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(code) => format!("{{{{ {code} }}}}"),
            Piece::Variable(_) | Piece::Output => String::new(),
        });
        pieces.collect()
    }

    /// The value that it begins with.
    pub(super) fn first_value(&self) -> Option<&'a str> {
        match self.0.first() {
            Some(Piece::Value(code)) => Some(code),
            _ => None,
        }
    }

    /// The values in it.
    pub(super) fn values(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Value(code) => Some(*code),
            _ => None,
        })
    }

    /// Whether it gives a variable a value.
    pub(super) fn assigns(&self) -> bool {
        let Some(Piece::Text(text)) = self.0.first() else {
            return false;
        };
        let name = text.split_once('=').map(|(name, _)| name.trim_end_matches('+'));
        name.is_some_and(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    }

    /// Adds a character that the author wrote.
    pub(super) fn push(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.0.push(Piece::Text(c.to_string())),
        }
    }
}
