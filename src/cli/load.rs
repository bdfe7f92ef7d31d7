//! From a file to a runbook, with every finding on the way.

use std::cell::RefCell;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use crate::check;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Runbook;
use crate::parse;
use crate::source::Source;

use super::console::Console;
use super::diagnose;
use super::error::{OrUsage, Refusal};
use super::exit_code::Exit;
use super::text;

/// A file that was read, and what is to be said about it.
pub(super) struct Read {
    pub(super) source: Source,
    /// Without their places.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// None if there is an error among the findings.
    pub(super) runbook: Option<Arc<Runbook>>,
    /// The files that the runbook names, by the path as written, and what is in them.
    pub(super) files: Vec<(String, String)>,
    /// The runbook's own folder: relative paths start here.
    pub(super) folder: PathBuf,
}

/// A runbook that can be run.
pub(super) struct Valid {
    pub(super) source: Source,
    pub(super) runbook: Arc<Runbook>,
    pub(super) files: Vec<(String, String)>,
    pub(super) folder: PathBuf,
}

impl Read {
    /// Warnings are for whoever writes the runbook, and not for whoever has to run it now.
    pub(super) fn drop_warnings(&mut self) {
        self.diagnostics
            .retain(|finding| finding.severity == Severity::Error);
    }

    /// Shows what is to be said about the file, each finding at its place. Those are looked for only now: who runs a runbook does not wait
    /// for the places of warnings.
    pub(super) fn report(&mut self, console: &Console) {
        parse::locate(&self.source, &mut self.diagnostics);
        diagnose::show(&self.source, &self.diagnostics, console);
    }
}

/// Reads a runbook and checks it.
pub(super) fn read(file: &Path) -> Result<Read, Refusal> {
    let text = text::read(file)
        .with_context(|| format!("the runbook `{}` cannot be read", file.display()))
        .or_usage("give the path of a runbook, such as `runbooks/rollback.yaml`")?;
    let source = Source::new(file.display().to_string(), text);
    let folder = folder_of(file)?;
    let named = RefCell::new(Vec::new());
    let understood = understand(&source, &|path| {
        let text = text::read(&folder.join(path)).map_err(|error| error.to_string())?;
        named.borrow_mut().push((path.to_owned(), text.clone()));
        Ok(text)
    });
    Ok(Read {
        source,
        diagnostics: understood.diagnostics,
        runbook: understood.runbook,
        files: named.into_inner(),
        folder,
    })
}

/// Reads a runbook that must have no error: the findings are shown, and an error among them ends the command.
pub(super) fn valid(file: &Path, console: &Console) -> Result<Valid, Refusal> {
    let mut read = read(file)?;
    read.drop_warnings();
    read.report(console);
    let errors = read
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .count();
    let Some(runbook) = read.runbook else {
        let faults = if errors == 1 { "an error" } else { "errors" };
        return Err(Refusal {
            exit: Exit::Invalid,
            ..Refusal::usage(
                format!("`{}` has {faults}: nothing was run", file.display()),
                "mend what is marked above",
            )
        });
    };
    Ok(Valid {
        source: read.source,
        runbook,
        files: read.files,
        folder: read.folder,
    })
}

/// What a text says.
pub(super) struct Understood {
    /// Without their places.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// None if there is an error among the findings.
    pub(super) runbook: Option<Arc<Runbook>>,
}

/// Makes a runbook of a text; `files` reads the files that it names.
pub(super) fn understand(source: &Source, files: &dyn Fn(&str) -> Result<String, String>) -> Understood {
    let parsed = parse::runbook(source, files);
    let mut diagnostics = parsed.diagnostics;
    if let Some(runbook) = &parsed.value {
        let more = check::beside(&diagnostics, runbook);
        diagnostics.extend(more);
    }
    let is_valid = diagnostics
        .iter()
        .all(|finding| finding.severity != Severity::Error);
    Understood {
        runbook: parsed.value.filter(|_| is_valid).map(Arc::new),
        diagnostics,
    }
}

/// The folder of a file, as it was named; `..` is resolved, so that what is shown and recorded reads well.
fn folder_of(file: &Path) -> Result<PathBuf, Refusal> {
    let file = std::path::absolute(file)?;
    let folder = file.parent().unwrap_or(&file);
    if folder.components().any(|part| part == Component::ParentDir) {
        return Ok(folder.canonicalize()?);
    }
    Ok(folder.to_owned())
}
