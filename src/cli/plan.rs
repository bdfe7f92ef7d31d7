use std::fmt::Write;
use std::path::Path;

use crate::adapter::report::{harmless, shown};
use crate::model::{Effect, Feed, Invocation, plain};
use crate::plan::{self, Plan, Planned, PlannedGate, PlannedStep};
use crate::traverse::{Rendered, Traversal};

use super::args::{self, Output, People, What};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::{load, session, words};

/// `switchback plan FILE`: what would run, and nothing is.
pub(super) fn plan(args: &args::Plan, console: &Console) -> Outcome {
    preview(&args.what, &args.people, args.output, console)
}

/// The preview itself, which `run --dry-run` shows as well.
pub(super) fn preview(what: &What, people: &People, output: Output, console: &Console) -> Outcome {
    let loaded = load::valid(&what.file, console)?;
    let parameters = words::parameters(&loaded.runbook, &what.params)?;
    let said = {
        let empty = Traversal::preview(std::sync::Arc::clone(&loaded.runbook), parameters.clone());
        words::words(&empty, people, &session::person())?
    };
    let plan = plan::plan(&loaded.runbook, parameters, said).map_err(words::refused)?;
    match output {
        Output::Json => console.print(&format!("{}\n", serde_json::to_string_pretty(&plan)?)),
        Output::Text => console.print(&text(&plan, &loaded.runbook.title, &loaded.folder)),
    }
    Ok(Exit::Complete)
}

fn text(plan: &Plan, title: &str, folder: &Path) -> String {
    let mut out = String::new();
    line(&mut out, 0, &format!("{title}: what would run"));
    if plan.open_questions.is_empty() {
        line(
            &mut out,
            0,
            "Every question on the way is answered: this is the route.",
        );
    } else {
        let open: Vec<&str> = plan.open_questions.iter().map(|id| id.as_str()).collect();
        line(
            &mut out,
            0,
            &format!(
                "Not answered: {}. Every route that is still possible is shown.",
                open.join(", ")
            ),
        );
    }
    for (number, step) in plan.steps.iter().enumerate() {
        out.push('\n');
        step_text(&mut out, number + 1, step, folder);
    }
    if plan.gates.is_empty() {
        line(
            &mut out,
            0,
            "\nNo gates: the run is complete when its steps are done",
        );
    } else {
        line(&mut out, 0, "\nGates: the run is complete when each is closed");
    }
    for gate in &plan.gates {
        gate_text(&mut out, gate);
    }
    line(&mut out, 0, "\nNothing was run.");
    out
}

fn step_text(out: &mut String, number: usize, step: &PlannedStep, folder: &Path) {
    line(out, 0, &format!("{number:>3}. {}  {}", step.node, step.title));
    if !step.only_if.is_empty() {
        fact(out, "only if", &step.only_if.join(", or "));
    }
    if let Some(when) = &step.when {
        fact(out, "when", when);
    }
    match &step.what {
        Planned::Question {
            answer: Some(answer), ..
        } => fact(out, "answer", &plain(answer)),
        Planned::Question { choices, .. } if choices.is_empty() => fact(out, "asks", "for a value"),
        Planned::Question { choices, .. } => fact(out, "asks", &choices.join(" | ")),
        Planned::Action {
            effect,
            work,
            confirmed,
            undo,
        } => {
            work_text(out, *effect, work.as_ref(), *confirmed, folder);
            if let Some(undo) = undo {
                invocation_text(out, "undo", &undo.run);
            }
        }
    }
    if let Some(problem) = &step.problem {
        fact(out, "problem", problem);
    }
    for check in &step.verify {
        fact(out, "check", check);
    }
}

pub(super) fn work_text(
    out: &mut String,
    effect: Effect,
    work: Option<&Rendered>,
    confirmed: bool,
    folder: &Path,
) {
    let verb = effect.verb();
    match work {
        None => fact(out, "milestone", "nothing to run"),
        Some(Rendered::Run(command)) => {
            invocation_text(out, verb, &command.run);
            let cwd = command
                .cwd
                .as_ref()
                .map_or_else(|| folder.to_owned(), |cwd| folder.join(cwd));
            fact(out, "in", &cwd.display().to_string());
            if !command.env.is_empty() {
                let names: Vec<&str> = command.env.keys().map(String::as_str).collect();
                fact(out, "with", &names.join(", "));
            }
            if command.terminal {
                fact(
                    out,
                    "terminal",
                    "its own until it ends; what it prints is not kept",
                );
            }
            match &command.stdin {
                Some(Feed::Text(text)) => fact(out, "stdin", &format!("{} lines", text.lines().count())),
                Some(Feed::Secret { id, .. }) => fact(out, "stdin", &format!("the secret {id}")),
                None => {}
            }
        }
        Some(Rendered::Manual(text)) => {
            for (index, part) in text.lines().enumerate() {
                fact(out, if index == 0 { "by hand" } else { "" }, part);
            }
        }
        Some(Rendered::Write { path, .. }) => fact(out, "writes", &folder.join(path).display().to_string()),
    }
    if confirmed {
        fact(out, "confirm", "asked first, headless too");
    }
}

fn invocation_text(out: &mut String, name: &str, run: &Invocation<String>) {
    match run {
        Invocation::Exec(argv) => fact(out, name, &format!("$ {}", shown(argv))),
        Invocation::Shell { shell, script } => {
            fact(out, name, &format!("$ {} …", shown(shell)));
            for part in script.lines() {
                fact(out, "", &format!("  {part}"));
            }
        }
    }
}

fn gate_text(out: &mut String, gate: &PlannedGate) {
    let mark = match (gate.applies, gate.required) {
        (false, _) => " (does not apply)",
        (true, false) => " (not required)",
        (true, true) => "",
    };
    line(out, 0, &format!("\n     {}  {}{mark}", gate.gate, gate.title));
    if let Some(when) = &gate.when {
        fact(out, "when", when);
    }
    for check in &gate.verify {
        fact(out, "check", check);
    }
    let by = if gate.by.is_empty() {
        String::new()
    } else {
        format!(" ({})", gate.by.join(", "))
    };
    if let Some(attest) = &gate.attest {
        fact(out, "attest", &format!("{attest}{by}"));
    }
    if !gate.decide.is_empty() {
        let outcomes: Vec<&str> = gate.decide.iter().map(|outcome| outcome.as_str()).collect();
        fact(out, "decide", &format!("{}{by}", outcomes.join(" | ")));
    }
}

pub(super) fn fact(out: &mut String, name: &str, what: &str) {
    line(out, 5, &format!("{name:<10}{}", harmless(what)));
}

pub(super) fn line(out: &mut String, indent: usize, text: &str) {
    // Writing to a String cannot fail; the result is only there because the trait is shared.
    let _ = writeln!(out, "{:indent$}{}", "", text.trim_end());
}
