//! From paths to what is wrong with each file.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{io, iter, panic, thread};

use crate::adapter::process::Environment;
use crate::cli::error::Refusal;
use crate::cli::{drill, load};
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Runbook;
use crate::parse;
use crate::source::Source;

use super::preflight::preflight;

/// How much stack a file is checked with: as much as the program itself has on most systems.
const STACK: usize = 8 << 20;

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
const BESIDE: [Beside; 1] = [drill_beside];

/// Checks every runbook and what stands beside it, in the order of the files; with a machine, also whether its commands are there.
pub(super) fn gather(
    files: &[PathBuf],
    machine: Option<&Environment>,
) -> io::Result<Vec<Result<Checked, Refusal>>> {
    let all = side_by_side(files.len(), |index| one(&files[index], machine))?;
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

fn drill_beside(runbook: &Path, read: Option<&Runbook>) -> Option<Result<Checked, Refusal>> {
    let file = drill::beside(runbook);
    file.is_file().then(|| {
        let (source, parsed) = drill::read(&file, read)?;
        let scenarios = parsed.value.map(|drill| (drill.scenarios.len(), "scenario"));
        Ok(Checked::new(
            source,
            parsed.diagnostics,
            scenarios.into_iter().collect(),
        ))
    })
}

/// Does `count` pieces of work on all processors; what comes of them is in the order of their numbers.
fn side_by_side<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> io::Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let some = || {
        let numbers =
            iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|number| *number < count);
        numbers.map(|number| (number, work(number))).collect::<Vec<_>>()
    };
    let workers = thread::available_parallelism().map_or(1, usize::from).min(count);
    let mut done = thread::scope(|scope| {
        let started =
            (0..workers).map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, some));
        let started = started.collect::<io::Result<Vec<_>>>()?;
        let ended = started.into_iter().map(|worker| worker.join());
        Ok::<_, io::Error>(
            ended
                .flat_map(|some| some.unwrap_or_else(|panic| panic::resume_unwind(panic)))
                .collect::<Vec<_>>(),
        )
    })?;
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, what)| what).collect())
}
