mod check;
mod facts;
mod failures;
mod notify;
mod probe;
mod reviewed;
mod routes;
mod text;
mod work;

use std::sync::Arc;

use crate::adapter::reporter::shown;
use crate::plan::Probed;
use crate::traverse::Traversal;

use super::args::{self, Output, People, What};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::{load, session, words};

pub(super) use facts::{fact, line};
pub(super) use reviewed::is_as_reviewed;
pub(super) use work::work_text;

/// `switchback plan FILE`: what would run, and nothing is.
pub(super) fn plan(args: &args::Plan, console: &Console) -> Outcome {
    preview(&args.what, &args.people, args.probe, args.output, console)
}

/// The preview itself, which `run --dry-run` shows as well.
pub(super) fn preview(
    what: &What,
    people: &People,
    probes: bool,
    output: Output,
    console: &Console,
) -> Outcome {
    let loaded = load::valid(&what.file, console)?;
    let parameters = words::given(&loaded.runbook, &what.params)?;
    let said = words::words(
        &Traversal::new(Arc::clone(&loaded.runbook)),
        people,
        &session::person(),
    )?;
    let mut found = Probed::new();
    if probes {
        let next = |found: &Probed| {
            crate::plan::next_probe(&loaded.runbook, parameters.clone(), said.clone(), found)
                .map_err(words::refused)
        };
        match probe::probed(&loaded, &next, console)? {
            Ok(probed) => found = probed,
            Err(signal) => return Ok(Exit::Signal(signal)),
        }
    }
    let plan = crate::plan::plan_with(&loaded.runbook, parameters, said, &found).map_err(words::refused)?;
    match output {
        Output::Json => console.print(&format!("{}\n", serde_json::to_string_pretty(&plan)?)),
        Output::Text => console.print(&text::text(
            &plan,
            &loaded.folder,
            &command(what, people, &plan.digest.to_string()),
        )),
    }
    Ok(Exit::Complete)
}

/// The command that runs what is reviewed with a plan.
fn command(what: &What, people: &People, digest: &str) -> String {
    let mut words = vec![
        "switchback".to_owned(),
        "run".to_owned(),
        what.file.display().to_string(),
    ];
    let mut add = |flag: &str, value: String| words.extend([flag.to_owned(), value]);
    for parameter in &what.params {
        add("-p", parameter.clone());
    }
    if let Some(file) = &people.answers_file {
        add("--answers", file.display().to_string());
    }
    for answer in &people.answers {
        add("--answer", answer.clone());
    }
    for (flag, said) in [
        ("--attest", &people.attest),
        ("--decide", &people.decide),
        ("--confirm", &people.confirm),
        ("--waive", &people.waive),
    ] {
        for said in said {
            add(flag, said.clone());
        }
    }
    add("--plan", digest.to_owned());
    shown(&words)
}
