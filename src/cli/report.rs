//! `switchback report RUN`: what happened in a run, as a document; and the summary of a job in GitHub Actions.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use anyhow::{Context, anyhow};
use sha2::{Digest, Sha256};

use crate::adapter::journal::{self, RunFolder, StateDir};
use crate::adapter::reporter::{harmless, named, shown};
use crate::draw::{self, Chart};
use crate::report::{self, Account, Beside, Digests, Printed, Printing};
use crate::traverse::{RunId, Traversal};

use super::args::{self, ReportFormat};
use super::console::Console;
use super::error::{OrUsage, Outcome, Refusal};
use super::exit_code::Exit;
use super::session;

/// How much of the end of a stream is in a report, how much of all together, and how much of each however many there are.
const OF_A_STREAM: u64 = 64 * 1024;
const OF_ALL: u64 = 16 * 1024 * 1024;
const AT_LEAST: u64 = 1024;

/// How long the summary of a step of a job may be: <https://docs.github.com/actions>, "Workflow commands".
const SUMMARY_AT_MOST: usize = 1024 * 1024;

/// Less than this tells nothing.
const WORTHWHILE: usize = 4096;

pub(super) fn report(args: &args::Report, console: &Console) -> Outcome {
    let state = session::state_dir(args.state_dir.as_deref())?;
    let folder = session::find(&args.run, &state)?;
    let (account, run) = account(&folder, args.state_dir.as_deref())?;
    let of_file = args.to.as_deref().and_then(format_of);
    let text = match args.format.or(of_file).unwrap_or_default() {
        ReportFormat::Md => report::markdown(&account),
        ReportFormat::Html => {
            let stands = run.recorded_state().as_str().replace('_', " ");
            let marks = report::marks(&run, &stands);
            let chart = Chart::of(run.runbook()).marked(&marks).linked();
            report::html(&account, &draw::svg(&chart))?
        }
        ReportFormat::Json => report::json(&account)?,
        ReportFormat::Junit => report::junit(&account)?,
        ReportFormat::InToto => report::in_toto(&account)?,
    };
    match &args.to {
        None => console.print(&text),
        Some(path) => fs::write(path, text)
            .with_context(|| format!("the report cannot be written to `{}`", path.display()))
            .or_usage("name a file in a folder that is there: `-o FILE`")?,
    }
    Ok(Exit::Complete)
}

/// The format that a file name asks for by its ending.
fn format_of(path: &Path) -> Option<ReportFormat> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".html", ".htm"]) {
        Some(ReportFormat::Html)
    } else if ends(&[".intoto.json", ".intoto.jsonl"]) {
        Some(ReportFormat::InToto)
    } else if ends(&[".json"]) {
        Some(ReportFormat::Json)
    } else if ends(&[".xml"]) {
        Some(ReportFormat::Junit)
    } else if ends(&[".md", ".markdown"]) {
        Some(ReportFormat::Md)
    } else {
        None
    }
}

/// What happened in a run, from its folder.
fn account(folder: &RunFolder, state_dir: Option<&Path>) -> Result<(Account, Traversal), Refusal> {
    let sound = journal::verify(&folder.journal())?;
    let (run, _) = session::fold(folder, &sound.records)?;
    let digests = Digests {
        runbook: run.digest().to_owned(),
        record: format!("sha256:{}", sound.sum),
        records: sound.records.len(),
        files: files(folder)?,
    };
    let kept = Kept {
        folder,
        run: named(&run.id(), state_dir),
        of_each: (OF_ALL / streams(folder).max(1)).clamp(AT_LEAST, OF_A_STREAM),
    };
    Ok((Account::of(&run, &sound.records, digests, &kept), run))
}

/// The files that are kept with a run, the journal first.
fn files(folder: &RunFolder) -> Result<Vec<report::File>, Refusal> {
    let snapshot = folder
        .snapshot()
        .context("the runbook of the run cannot be read")?;
    let journal = folder.journal();
    let journal = fs::read(&journal).with_context(|| format!("`{}`", journal.display()))?;
    let named = |name: &str, bytes: &[u8]| report::File {
        name: name.to_owned(),
        sha256: hex(&Sha256::digest(bytes)),
    };
    let mut files = vec![
        named("journal.jsonl", &journal),
        named("runbook.yaml", snapshot.runbook.as_bytes()),
    ];
    let more = snapshot.files.iter();
    files.extend(more.map(|(name, text)| named(name, text.as_bytes())));
    Ok(files)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How many streams of commands are kept.
fn streams(folder: &RunFolder) -> u64 {
    fs::read_dir(folder.path().join("output")).map_or(0, |entries| entries.count() as u64)
}

/// What stands beside the record, in the folder of the run.
struct Kept<'a> {
    folder: &'a RunFolder,
    /// How the run is named on the command line.
    run: String,
    /// How much of each stream is read.
    of_each: u64,
}

impl Beside for Kept<'_> {
    fn printed(&self, printing: &Printing<'_>) -> Option<Printed> {
        let Printing {
            node,
            attempt,
            stream,
            undo,
        } = *printing;
        let path = if undo {
            self.folder.output_of_undo(node, attempt, stream)
        } else {
            self.folder.output(node, attempt, stream)
        };
        let (end, bytes) = end_of(&path, self.of_each).ok()?;
        let mut text = lines(&end);
        let left_out = bytes - end.len() as u64;
        // The first line is only the rest of one.
        if left_out > 0
            && let Some((_, whole)) = text.split_once('\n')
        {
            text = whole.to_owned();
        }
        Some(Printed {
            text,
            bytes,
            left_out,
            all: (left_out > 0).then(|| format!("switchback logs {} {node}", self.run)),
        })
    }

    fn typed(&self, argv: &[String]) -> String {
        shown(argv)
    }
}

/// The end of a file, and how long all of it is.
fn end_of(path: &Path, most: u64) -> io::Result<(Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(most)))?;
    let mut end = Vec::new();
    file.take(most).read_to_end(&mut end)?;
    let length = length.max(end.len() as u64);
    Ok((end, length))
}

/// What was printed, as the lines that a terminal would be left with.
fn lines(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        // A carriage return starts the line anew.
        let last = line.rsplit('\r').next().unwrap_or(line);
        out.push_str(harmless(last).trim_end());
        out.push('\n');
    }
    out
}

/// Writes the report of a run into the summary of the job, where GitHub Actions has one. That it cannot be written is said, and changes nothing.
pub(super) fn summarize(id: &RunId, state: &StateDir, state_dir: Option<&Path>, console: &Console) {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else {
        return;
    };
    let path = Path::new(&path);
    if let Err(refusal) = append(path, &state.run(id), state_dir) {
        console.say(&harmless(&format!(
            "the summary of the job is not written to `{}`: {:#}",
            path.display(),
            refusal.error
        )));
    }
}

fn append(path: &Path, folder: &RunFolder, state_dir: Option<&Path>) -> Result<(), Refusal> {
    let (account, _) = account(folder, state_dir)?;
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let used = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    let apart = if used > 0 { "\n\n" } else { "" };
    let room = SUMMARY_AT_MOST.saturating_sub(used.saturating_add(apart.len()));
    if room < WORTHWHILE {
        return Err(anyhow!("it is full: {} MiB are the most", SUMMARY_AT_MOST >> 20).into());
    }
    let text = report::markdown_within(&account, room);
    file.write_all(format!("{apart}{text}").as_bytes())?;
    Ok(())
}
