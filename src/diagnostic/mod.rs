//! Findings about a runbook: values, not errors. All of a file's are reported, sorted by place.

mod code;

use std::cell::Cell;

pub use code::Code;

use crate::source::{Path, Span};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The runbook cannot be run.
    Error,
    /// It can be run, and somebody will regret it.
    Warning,
}

impl Severity {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// What of a mapping's entry a finding points at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// The value at the path.
    #[default]
    Value,
    /// The key it stands under.
    Key,
}

/// One finding: what is wrong, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Whether the runbook can be run in spite of it.
    pub severity: Severity,
    /// The place in the document.
    pub path: Path,
    /// Whether the key or the value is meant.
    pub target: Target,
    /// The place in the text, where it is known already (a syntax error); else it is located when the finding is shown.
    pub span: Option<Span>,
    /// What is wrong, in one line.
    pub message: String,
    /// What stands under the marked text; may be empty.
    pub label: String,
    /// What to write instead.
    pub help: String,
}

impl Diagnostic {
    /// A finding about the value at `path`; its severity is the code's.
    pub fn new(code: Code, path: Path, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            path,
            target: Target::Value,
            span: None,
            message: message.into(),
            label: String::new(),
            help: String::new(),
        }
    }

    /// The same, about the key at the path.
    #[must_use]
    pub fn at_key(mut self) -> Self {
        self.target = Target::Key;
        self
    }

    /// The same, with its place in the text.
    #[must_use]
    pub fn at_span(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same, with a word under the marked text.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same, with what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// The name among `known` that `typed` was most likely meant to be, if any is near.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (likeness(typed, name), name))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// How many names are compared before no more guesses are made: about a second's worth.
const COMPARED_AT_MOST: usize = 2_000_000;

/// Guesses at what was meant, in a file that may have a hundred thousand names and as many wrong ones: after a while only what is wrong is
/// said, and no more what was likely meant.
#[derive(Debug)]
pub struct Guesses {
    left: Cell<usize>,
}

impl Default for Guesses {
    fn default() -> Self {
        Self {
            left: Cell::new(COMPARED_AT_MOST),
        }
    }
}

impl Guesses {
    /// As [`nearest`], as long as guesses are made.
    pub fn nearest<'a>(&self, typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        let left = self.left.get();
        let compared = Cell::new(0);
        let known = known.into_iter().inspect(|_| compared.set(compared.get() + 1));
        let near = (left > 0).then(|| nearest(typed, known)).flatten();
        self.left.set(left.saturating_sub(compared.get()));
        near
    }
}

/// How alike two words are, from 0 to 1. One slip makes short words look unlike that anybody would take for the same.
fn likeness(typed: &str, name: &str) -> f64 {
    let is_one_slip = typed.len() > 2 && strsim::osa_distance(typed, name) == 1;
    strsim::jaro_winkler(typed, name).max(if is_one_slip { 0.9 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_only_when_it_is_near() {
        assert_eq!(nearest("timout", ["title", "timeout"]), Some("timeout"));
        assert_eq!(nearest("rnu", ["title", "run"]), Some("run"));
        assert_eq!(nearest("colour", ["title", "timeout"]), None);
    }

    #[test]
    fn guesses_come_to_an_end() {
        let guesses = Guesses::default();
        let names: Vec<String> = (0..1_000_000).map(|number| format!("step{number}")).collect();
        let guess = || guesses.nearest("stepp0", names.iter().map(String::as_str));
        assert_eq!([guess(), guess(), guess()], [Some("step0"), Some("step0"), None]);
    }
}
