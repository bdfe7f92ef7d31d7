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

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::Context;

use crate::check;
use crate::diagnostic::nearest;
use crate::model::{CaseId, Runbook, Test};
use crate::parse::{self, Parsed};
use crate::source::Source;
use crate::traverse::Traversal;

use super::args::{self, TestOutput};
use super::console::Console;
use super::diagnose;
use super::error::{OrUsage, Outcome, Refusal};
use super::exit_code::Exit;
use super::{load, text as file};

use coverage::Coverage;
use play::Played;
use report::{Report, Suite, Tried};

/// A runbook and its tests, both without an error.
struct Tests {
    runbook_file: PathBuf,
    file: PathBuf,
    runbook: Arc<Runbook>,
    test: Test,
}

/// What stands at a path.
enum Found {
    Tested(Tests),
    Untested(PathBuf),
    /// The runbook or its tests have an error, which was shown.
    Invalid,
}

/// Plays every case, and says what is not as expected and what no case has seen.
pub(super) fn test(args: &args::Test, console: &Console) -> Outcome {
    let mut tested = Vec::new();
    let mut report = Report::default();
    // What cannot be read or written does not hide what is wrong with the others.
    let mut refused = Vec::new();
    for runbook in files::found(&args.paths)? {
        match found(runbook, console) {
            Ok(Found::Tested(tests)) => tested.push(tests),
            Ok(Found::Untested(runbook)) => report.untested.push(runbook),
            Ok(Found::Invalid) => report.invalid += 1,
            Err(refusal) => refused.push(refusal),
        }
    }
    if let Some(name) = &args.case {
        only(&mut tested, name)?;
        report.untested.clear();
    }
    for (tests, played) in tested.iter().zip(play_all(&tested)) {
        report.suites.push(tests.judged(played, args.case.is_none()));
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
    Ok(match (report.invalid, is_well) {
        (0, true) => Exit::Complete,
        (0, false) => Exit::Failed,
        _ => Exit::Invalid,
    })
}

/// The file of the tests of a runbook.
pub(super) fn beside(runbook: &Path) -> PathBuf {
    runbook.with_extension("test.yaml")
}

/// Reads tests and shows what is wrong with them; none if there is an error. Of a runbook that is not valid nobody knows what it has.
pub(super) fn read(
    file: &Path,
    runbook: Option<&Runbook>,
    console: &Console,
) -> Result<Option<Test>, Refusal> {
    let text = file::read(file)
        .with_context(|| format!("the tests `{}` cannot be read", file.display()))
        .or_usage(
            "tests stand beside their runbook, as `NAME.test.yaml`: docs/tests.md says what is in them",
        )?;
    let source = Source::new(file.display().to_string(), text);
    let mut parsed = parsed(&source, runbook);
    parse::locate(&source, &mut parsed.diagnostics);
    diagnose::show(&source, &parsed.diagnostics, console);
    Ok(parsed.whole())
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
        read(&file, loaded.runbook.as_deref(), console)?
    } else if loaded.runbook.is_some() {
        return Ok(Found::Untested(runbook_file));
    } else {
        None
    };
    let both = loaded.runbook.zip(test);
    Ok(both.map_or(Found::Invalid, |(runbook, test)| {
        Found::Tested(Tests {
            runbook_file,
            file,
            runbook,
            test,
        })
    }))
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

/// Plays the cases of all, as many at once as there are processors; what came of each, in their order.
fn play_all(tested: &[Tests]) -> Vec<Vec<Played>> {
    let cases = |tests: &'_ Tests| tests.test.cases.len();
    let all: Vec<(usize, usize)> = tested
        .iter()
        .enumerate()
        .flat_map(|(suite, tests)| (0..cases(tests)).map(move |case| (suite, case)))
        .collect();
    let turn = AtomicUsize::new(0);
    let player = || {
        let mut played = Vec::new();
        while let Some((suite, case)) = all.get(turn.fetch_add(1, Ordering::Relaxed)) {
            let tests = &tested[*suite];
            let came = play::play(&tests.runbook, &tests.test, &tests.test.cases[*case]);
            played.push((*suite, *case, came));
        }
        played
    };
    let at_once = thread::available_parallelism()
        .map_or(1, NonZeroUsize::get)
        .min(all.len());
    let mut played: Vec<_> = thread::scope(|scope| {
        let players: Vec<_> = (0..at_once).map(|_| scope.spawn(player)).collect();
        let played = players.into_iter().map(|player| player.join());
        played
            .flat_map(|played| played.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    played.sort_by_key(|(suite, case, _)| (*suite, *case));
    let mut by_suite: Vec<Vec<Played>> = tested.iter().map(|_| Vec::new()).collect();
    for (suite, _, came) in played {
        by_suite[suite].push(came);
    }
    by_suite
}

impl Tests {
    /// What came of the cases, beside what was expected.
    fn judged(&self, played: Vec<Played>, is_whole: bool) -> Suite {
        let coverage = is_whole.then(|| {
            let began = played.iter().filter(|played| played.refused.is_none());
            let runs: Vec<&Traversal> = began.map(|played| &played.run).collect();
            Coverage::of(&Traversal::new(Arc::clone(&self.runbook)), &runs)
        });
        let cases = self.test.cases.iter().zip(played);
        Suite {
            runbook: self.runbook_file.clone(),
            test: self.file.clone(),
            cases: cases
                .map(|((id, case), played)| Tried::of(id, case, played))
                .collect(),
            coverage,
        }
    }
}
