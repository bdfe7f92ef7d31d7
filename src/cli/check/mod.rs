//! `switchback check`: every fault of every file, and of what stands beside it, in one go.
//!
//! All is gathered first, as a value; then one of the outputs puts it on paper.

mod gather;
mod github;
mod json;
mod place;
mod preflight;
mod sarif;
mod text;

use std::path::PathBuf;

use indexmap::IndexSet;
use serde::Serialize;

use crate::adapter::reporter::Forge;
use crate::diagnostic::Severity;

use super::args::{self, CheckOutput};
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;
use super::{find, session};

use gather::Checked;

/// Checks every file, says what is wrong, and how much of it there is. A file that cannot be read does not hide the faults of the others.
pub(super) fn check(args: &args::Check, console: &Console) -> Outcome {
    let files: IndexSet<PathBuf> = find::files(&args.files, "switchback", "runbook")?
        .into_iter()
        .collect();
    let files: Vec<PathBuf> = files.into_iter().collect();
    let machine = args.preflight.then(session::environment);
    let (checked, unreadable) = apart(gather::gather(&files, machine.as_ref(), console)?);
    let counts = Counts::of(&checked, unreadable.len());
    match args.output {
        CheckOutput::Text => {
            text::findings(&checked, console);
            // There annotations are shown beside the lines that they are about.
            if console.forge == Some(Forge::GitHub) {
                console.print(&github::annotations(&checked));
            }
        }
        CheckOutput::Json => console.print(&json::document(&checked, counts)?),
        CheckOutput::Sarif => console.print(&sarif::log(&checked, counts)?),
        CheckOutput::Github => console.print(&github::annotations(&checked)),
    }
    for refusal in &unreadable {
        console.refuse(refusal);
    }
    if args.output == CheckOutput::Text {
        text::summary(&checked, counts, console);
    }
    Ok(counts.exit(args.deny_warnings))
}

fn apart(all: Vec<Result<Checked, Refusal>>) -> (Vec<Checked>, Vec<Refusal>) {
    let (mut checked, mut unreadable) = (Vec::new(), Vec::new());
    for one in all {
        match one {
            Ok(file) => checked.push(file),
            Err(refusal) => unreadable.push(refusal),
        }
    }
    (checked, unreadable)
}

/// How much there is of what.
#[derive(Clone, Copy, Debug, Serialize)]
struct Counts {
    /// Files that were checked.
    files: usize,
    /// Files that could not be read.
    unreadable: usize,
    errors: usize,
    warnings: usize,
}

impl Counts {
    fn of(checked: &[Checked], unreadable: usize) -> Self {
        let findings = || checked.iter().flat_map(|file| &file.diagnostics);
        let of = |severity| findings().filter(|finding| finding.severity == severity).count();
        Self {
            files: checked.len(),
            unreadable,
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
        }
    }

    fn exit(self, deny_warnings: bool) -> Exit {
        if self.unreadable > 0 {
            Exit::Usage
        } else if self.errors > 0 || deny_warnings && self.warnings > 0 {
            Exit::Invalid
        } else {
            Exit::Complete
        }
    }
}
