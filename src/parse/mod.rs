//! From YAML to the model, with every fault reported in one go.
//!
//! A text becomes a tree that keeps everything (`tree`), and a tree is decoded part by part (`decode`); there is a
//! file for each part of the format. Places in the text are looked up only when there is a finding to show ([`locate`]).

mod action;
mod allow;
mod check;
mod choices;
mod command;
mod decode;
mod document;
mod drill;
mod gate;
mod http;
mod links;
mod locate;
mod matcher;
mod node;
mod notify;
mod parameter;
mod position;
mod question;
mod runbook;
mod said;
mod scenario;
mod secret;
mod simulation;
mod spans;
mod syntax;
mod tags;
mod test;
mod tree;
mod work;
mod write;

pub use locate::{Positions, locate};
pub use position::line_and_column;
pub use write::INCIDENT_NOTE;

use crate::diagnostic::{Diagnostic, Severity};
use crate::model::{Drill, Runbook, Test};
use crate::source::{Path, Source};

use decode::{Cursor, Findings};

/// How many bytes a file may have.
pub const MAX_BYTES: usize = document::MAX_BYTES;

/// What came of a text.
#[derive(Clone, Debug)]
pub struct Parsed<T> {
    /// The model, as far as the text could be read: with an error among the findings there are holes in it.
    pub value: Option<T>,
    /// Every finding, with its place in the text, sorted by it.
    pub diagnostics: Vec<Diagnostic>,
}

impl<T> Parsed<T> {
    /// The model, if there is no error among the findings.
    pub fn whole(self) -> Option<T> {
        let errors = |finding: &Diagnostic| finding.severity == Severity::Error;
        self.value.filter(|_| !self.diagnostics.iter().any(errors))
    }
}

/// Reads a file that a runbook names (the template of a `write`), by its path as written; an error says why it cannot be read.
pub type ReadFile<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// The runbook that a text describes.
pub fn runbook(source: &Source, files: ReadFile<'_>) -> Parsed<Runbook> {
    parsed(source, |at| runbook::runbook(at, files))
}

/// The drill that a text describes.
pub fn drill(source: &Source) -> Parsed<Drill> {
    parsed(source, drill::drill)
}

/// The tests that a text describes.
pub fn test(source: &Source) -> Parsed<Test> {
    parsed(source, test::test)
}

fn parsed<T>(source: &Source, decode: impl FnOnce(Cursor<'_>) -> Option<T>) -> Parsed<T> {
    let mut diagnostics = Vec::new();
    let mut value = None;
    match document::read(source) {
        Ok((mut tree, has_tags)) => {
            if has_tags {
                tags::strip(&mut tree, &Path::root(), &mut diagnostics);
            }
            let findings = Findings::default();
            value = decode(Cursor::root(&tree, &findings));
            diagnostics.extend(findings.into_diagnostics(&source.text));
        }
        Err(fault) => diagnostics.push(*fault),
    }
    if !diagnostics.is_empty() {
        locate(source, &mut diagnostics);
    }
    Parsed { value, diagnostics }
}

#[cfg(test)]
mod tests;
