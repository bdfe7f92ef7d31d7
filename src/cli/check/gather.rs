//! From paths to what is wrong with each file.

use std::path::{Path, PathBuf};
use std::{io, iter};

use crate::adapter::process::Environment;
use crate::adapter::reporter::harmless;
use crate::cli::console::Console;
use crate::cli::error::Refusal;
use crate::cli::progress::Progress;
use crate::cli::side_by_side::side_by_side;
use crate::cli::{drill, load, test};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Runbook;
use crate::parse::{self, Parsed};
use crate::source::Source;

use super::preflight::preflight;

/// A file, and all that is to be said about it.
pub(super) struct Checked {
    pub(super) source: Source,
    /// With their places, and sorted by them.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What it is made of, and how much of it; nothing if it could not be read to its end.
    pub(super) parts: Vec<(usize, &'static str)>,
}

impl Checked {
    fn new(source: Source, mut diagnostics: Vec<Diagnostic>, parts: Vec<(usize, &'static str)>) -> Self {
        parse::locate(&source, &mut diagnostics);
        Self {
            source,
            diagnostics,
            parts,
        }
    }

    pub(super) fn has_errors(&self) -> bool {
        let mut findings = self.diagnostics.iter();
        findings.any(|finding| finding.severity == Severity::Error)
    }
}

/// Reads what stands beside a runbook and checks it, if it is there. Of a runbook that is not valid nobody knows what it has.
type Beside = fn(&Path, Option<&Runbook>) -> Option<Result<Checked, Refusal>>;

/// What stands beside a runbook and is checked with it. Another kind of file is another line here.
const BESIDE: [Beside; 2] = [tests_beside, drill_beside];

/// Checks every runbook and what stands beside it, in the order of the files; with a machine, also whether its commands are there.
pub(super) fn gather(
    files: &[PathBuf],
    machine: Option<&Environment>,
    console: &Console,
) -> io::Result<Vec<Result<Checked, Refusal>>> {
    let progress = Progress::bar(console, files.len());
    let all = side_by_side(files.len(), |index| {
        let file = &files[index];
        progress.piece(harmless(&file.display().to_string()).into_owned(), || {
            one(file, machine)
        })
    })?;
    Ok(all.into_iter().flatten().collect())
}

fn one(file: &Path, machine: Option<&Environment>) -> Vec<Result<Checked, Refusal>> {
    let read = match load::read(file) {
        Ok(read) => read,
        Err(refusal) => return vec![Err(refusal)],
    };
    let runbook = read.runbook.as_deref();
    let mut diagnostics = read.diagnostics;
    let mut parts = Vec::new();
    if let Some(runbook) = runbook {
        parts = vec![(runbook.nodes.len(), "node"), (runbook.gates.len(), "gate")];
        diagnostics.extend(
            machine
                .into_iter()
                .flat_map(|machine| preflight(runbook, &read.folder, machine)),
        );
    }
    let beside = BESIDE.iter().filter_map(|beside| beside(file, runbook));
    iter::once(Ok(Checked::new(read.source, diagnostics, parts)))
        .chain(beside)
        .collect()
}

fn tests_beside(runbook: &Path, read: Option<&Runbook>) -> Option<Result<Checked, Refusal>> {
    let file = test::beside(runbook);
    file.is_file().then(|| {
        Ok(counted(test::read(&file, read)?, |test| {
            (test.cases.len(), "case")
        }))
    })
}

fn drill_beside(runbook: &Path, read: Option<&Runbook>) -> Option<Result<Checked, Refusal>> {
    let file = drill::beside(runbook);
    file.is_file().then(|| {
        Ok(counted(drill::read(&file, read)?, |drill| {
            (drill.scenarios.len(), "scenario")
        }))
    })
}

/// A file that was read, and how much of what it has.
fn counted<T>(
    (source, parsed): (Source, Parsed<T>),
    count: impl FnOnce(T) -> (usize, &'static str),
) -> Checked {
    let parts = parsed.value.map(count).into_iter().collect();
    Checked::new(source, parsed.diagnostics, parts)
}
