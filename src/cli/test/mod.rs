//! `switchback test [PATH…]`: the cases of runbooks, played without anything real, and what they have seen of them.

mod compare;
mod coverage;
mod files;
mod junit;
mod play;
mod report;
mod text;
mod update;
mod yaml;

use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::check;
use crate::diagnostic::nearest;
use crate::model::{Case, CaseId, Runbook, Test};
use crate::parse::{self, Parsed};
use crate::source::Source;
use crate::traverse::Traversal;

use super::args::{self, TestOutput};
use super::console::Console;
use super::diagnose;
use super::error::{OrUsage, Outcome, Refusal};
use super::exit_code::Exit;
use super::progress::Progress;
use super::side_by_side::side_by_side;
use super::{load, text as file};

use coverage::{Coverage, Seen};
use report::{Report, Suite, Tried};

/// A runbook and its tests, both without an error.
struct Tests {
    runbook_file: PathBuf,
    file: PathBuf,
    /// A run of the runbook that never began.
    empty: Traversal,
    test: Test,
}

/// What stands at a path.
enum Found {
    Tested(Box<Tests>),
    Untested(PathBuf),
    /// The runbook or its tests have an error, which was shown.
    Invalid(PathBuf),
}

/// Plays every case, and says what is not as expected and what no case has seen.
pub(super) fn test(args: &args::Test, console: &Console) -> Outcome {
    let mut tested = Vec::new();
    let mut report = Report::default();
    // What cannot be read or written does not hide what is wrong with the others.
    let mut refused = Vec::new();
    for runbook in files::found(&args.paths)? {
        match found(runbook, console) {
            Ok(Found::Tested(tests)) => tested.push(*tests),
            Ok(Found::Untested(runbook)) => report.untested.push(runbook),
            Ok(Found::Invalid(runbook)) => report.invalid.push(runbook),
            Err(refusal) => refused.push(refusal),
        }
    }
    if let Some(name) = &args.case {
        // Of what is not valid nobody knows whether it has the case.
        match only(&mut tested, name) {
            Err(refusal) if report.invalid.is_empty() => return Err(refusal),
            _ => {}
        }
        report.untested.clear();
    }
    for (tests, tried) in tested.iter().zip(try_all(&tested, console)?) {
        report.suites.push(tests.suite(tried, args.case.is_none()));
    }
    if args.update {
        for (tests, suite) in tested.iter().zip(&mut report.suites) {
            refused.extend(update::update(tests, suite).err());
        }
    }
    match args.output {
        TestOutput::Text => console.print(&text::text(&report, console.style.unicode)),
        TestOutput::Json => console.print(&format!("{}\n", serde_json::to_string_pretty(&report)?)),
        TestOutput::Junit => console.print(&junit::junit(&report)?),
    }
    let below = args.min_coverage.map(|percent| report.below(percent));
    for line in below.iter().flatten() {
        console.say(line);
    }
    console.say(&report.closing());
    if let Some(last) = refused.pop() {
        refused.iter().for_each(|refusal| console.refuse(refusal));
        return Err(last);
    }
    let is_well = report.failed() == 0 && below.is_none_or(|below| below.is_empty());
    Ok(match (report.invalid.is_empty(), is_well) {
        (true, true) => Exit::Complete,
        (true, false) => Exit::Failed,
        (false, _) => Exit::Invalid,
    })
}

/// The file of the tests of a runbook.
pub(super) fn beside(runbook: &Path) -> PathBuf {
    runbook.with_extension("test.yaml")
}

/// Reads tests, with everything that is wrong with them, the places not looked for yet. Of a runbook that is not valid nobody knows what
/// it has.
pub(super) fn read(file: &Path, runbook: Option<&Runbook>) -> Result<(Source, Parsed<Test>), Refusal> {
    let text = file::read(file)
        .with_context(|| format!("the tests `{}` cannot be read", file.display()))
        .or_usage(
            "tests stand beside their runbook, as `NAME.test.yaml`: docs/tests.md says what is in them",
        )?;
    let source = Source::new(file.display().to_string(), text);
    let parsed = parsed(&source, runbook);
    Ok((source, parsed))
}

/// The tests that a text describes, and everything that is wrong with them.
fn parsed(source: &Source, runbook: Option<&Runbook>) -> Parsed<Test> {
    let mut parsed = parse::test(source);
    if let (Some(test), Some(runbook)) = (&parsed.value, runbook) {
        parsed.diagnostics.extend(check::test(test, runbook));
    }
    parsed
}

/// Reads a runbook and the tests beside it, and shows the errors of both.
fn found(runbook_file: PathBuf, console: &Console) -> Result<Found, Refusal> {
    let mut loaded = load::read(&runbook_file)?;
    loaded.drop_warnings();
    loaded.report(console);
    let file = beside(&runbook_file);
    let test = if file.is_file() {
        let (source, mut parsed) = read(&file, loaded.runbook.as_deref())?;
        parse::locate(&source, &mut parsed.diagnostics);
        diagnose::show(&source, &parsed.diagnostics, console);
        parsed.whole()
    } else if loaded.runbook.is_some() {
        return Ok(Found::Untested(runbook_file));
    } else {
        None
    };
    let Some((runbook, test)) = loaded.runbook.zip(test) else {
        return Ok(Found::Invalid(runbook_file));
    };
    Ok(Found::Tested(Box::new(Tests {
        runbook_file,
        file,
        empty: Traversal::new(runbook),
        test,
    })))
}

/// Leaves only the cases of a name.
fn only(tested: &mut Vec<Tests>, name: &str) -> Result<(), Refusal> {
    let known: Vec<CaseId> = tested
        .iter()
        .flat_map(|tests| tests.test.cases.keys().cloned())
        .collect();
    for tests in tested.iter_mut() {
        tests.test.cases.retain(|id, _| id.as_str() == name);
    }
    tested.retain(|tests| !tests.test.cases.is_empty());
    if !tested.is_empty() {
        return Ok(());
    }
    let known = known.iter().map(CaseId::as_str);
    let help = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the cases are {}", known.collect::<Vec<_>>().join(", ")),
    };
    Err(Refusal::usage(format!("there is no case `{name}`"), help))
}

/// What came of a case, and what it has seen; none if it could not begin.
type Done = (Tried, Option<Seen>);

/// Plays the cases of all side by side; what came of each, in their order.
fn try_all(tested: &[Tests], console: &Console) -> io::Result<Vec<Vec<Done>>> {
    let all: Vec<(&Tests, &CaseId, &Case)> = tested
        .iter()
        .flat_map(|tests| tests.test.cases.iter().map(move |(id, case)| (tests, id, case)))
        .collect();
    let progress = Progress::bar(console, all.len());
    let mut done = side_by_side(all.len(), |index| {
        let (tests, id, case) = all[index];
        progress.piece(id.to_string(), || {
            // The run itself is let go of here: those of all cases would be more than there is room for.
            let played = play::play(&tests.empty, &tests.test, case);
            let seen = played.refused.is_none().then(|| Seen::of(&played.run));
            (Tried::of(id, case, &played), seen)
        })
    })?
    .into_iter();
    let of_each = tested
        .iter()
        .map(|tests| done.by_ref().take(tests.test.cases.len()).collect());
    Ok(of_each.collect())
}

impl Tests {
    /// What came of the cases, and what they have seen of the whole.
    fn suite(&self, done: Vec<Done>, is_whole: bool) -> Suite {
        let (cases, seen): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        let seen: Vec<Seen> = seen.into_iter().flatten().collect();
        Suite {
            runbook: self.runbook_file.clone(),
            test: self.file.clone(),
            cases,
            coverage: is_whole.then(|| Coverage::of(&self.empty, &seen)),
        }
    }
}
