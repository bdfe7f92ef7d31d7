//! `switchback drill FILE`: the runbook for real, in a sandbox made for it.

mod compare;
mod ending;
mod play;
mod sandbox;

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::check;
use crate::diagnostic::nearest;
use crate::model::{Drill, Runbook, ScenarioId};
use crate::parse::{self, Parsed};
use crate::source::Source;

use super::args;
use super::console::Console;
use super::diagnose;
use super::error::{OrUsage, Outcome, Refusal};
use super::exit_code::Exit;
use super::{load, session, text};

use ending::Ending;
use sandbox::Sandbox;

/// Plays a scenario and compares, or lets the person at the terminal play.
pub(super) fn drill(args: &args::Drill, console: &Console) -> Outcome {
    // A drill of a runbook that cannot be run has nothing to show.
    let loaded = load::valid(&args.file, console)?;
    let file = beside(&args.file);
    let (source, mut parsed) = read(&file, Some(&loaded.runbook))?;
    parse::locate(&source, &mut parsed.diagnostics);
    diagnose::show(&source, &parsed.diagnostics, console);
    let drill = parsed.whole().ok_or_else(|| Refusal {
        exit: Exit::Invalid,
        ..Refusal::usage(
            format!("`{}` has errors: nothing was run", file.display()),
            "mend what is marked above",
        )
    })?;
    let chosen = match &args.scenario {
        Some(name) => find(&drill, name)?,
        None if !console.has_a_person => {
            return Err(Refusal::usage(
                "without a terminal a drill needs a scenario to answer from",
                format!("add `--scenario NAME`: {}", names(&drill)),
            ));
        }
        None => first(&drill)?,
    };
    let scenario = &drill.scenarios[chosen];
    let needed = [drill.requires.as_slice(), &scenario.requires].concat();
    session::find_all(&needed, &session::environment(), &loaded.folder)?;

    let ending = Ending::watch()?;
    let sandbox = Sandbox::make(&drill, scenario, &loaded, &ending, args.plain, console)?;
    let outcome = match &args.scenario {
        Some(_) => play::scenario(&sandbox, scenario, &args.file, console),
        None => play::by_hand(&sandbox, &args.file, console),
    };
    sandbox.end(args.keep, console)?;
    if let Some(signal) = ending.signal() {
        return Ok(Exit::Signal(signal));
    }
    let exit = outcome?;
    if args.scenario.is_some() {
        console.say(&match exit {
            Exit::Complete => format!("drill `{chosen}`: as expected"),
            _ => format!("drill `{chosen}`: not as expected"),
        });
    }
    Ok(exit)
}

/// The file of the drill of a runbook.
pub(super) fn beside(runbook: &Path) -> PathBuf {
    runbook.with_extension("drill.yaml")
}

/// Reads a drill, with everything that is wrong with it, the places not looked for yet. Of a runbook that is not valid nobody knows what
/// it has.
pub(super) fn read(file: &Path, runbook: Option<&Runbook>) -> Result<(Source, Parsed<Drill>), Refusal> {
    let text = text::read(file)
        .with_context(|| format!("the drill `{}` cannot be read", file.display()))
        .or_usage(
            "a drill stands beside its runbook, as `NAME.drill.yaml`: docs/drills.md says what is in it",
        )?;
    let source = Source::new(file.display().to_string(), text);
    let mut parsed = parse::drill(&source);
    if let (Some(drill), Some(runbook)) = (&parsed.value, runbook) {
        parsed.diagnostics.extend(check::drill(drill, runbook));
    }
    Ok((source, parsed))
}

fn find<'a>(drill: &'a Drill, name: &str) -> Result<&'a ScenarioId, Refusal> {
    let known = drill.scenarios.get_key_value(name).map(|(id, _)| id);
    known.ok_or_else(|| {
        let help = match nearest(name, drill.scenarios.keys().map(ScenarioId::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("its scenarios are {}", names(drill)),
        };
        Refusal::usage(format!("there is no scenario `{name}`"), help)
    })
}

fn first(drill: &Drill) -> Result<&ScenarioId, Refusal> {
    let first = drill.scenarios.keys().next();
    first.ok_or_else(|| Refusal::usage("this drill has no scenario", "add one under `scenarios`"))
}

fn names(drill: &Drill) -> String {
    let all: Vec<&str> = drill.scenarios.keys().map(ScenarioId::as_str).collect();
    all.join(", ")
}
