//! A plan as people read it.

use std::fmt::Write;
use std::path::Path;

use crate::adapter::report::{harmless, shown};
use crate::model::{Effect, Feed, Invocation, Parameter, Runbook, plain};
use crate::plan::{Found, Plan, Planned, PlannedGate, PlannedStep};
use crate::traverse::Rendered;

use super::super::words;
use super::routes::routes_text;

/// A plan of a runbook in this folder; `command` runs what is reviewed with it.
pub(super) fn text(plan: &Plan, folder: &Path, command: &str) -> String {
    let runbook = &plan.reviewed.runbook;
    let mut out = String::new();
    line(&mut out, 0, &format!("{}: what would run", runbook.title));
    for open in open_text(plan) {
        line(&mut out, 0, &open);
    }
    if !plan.routes.groups.is_empty() {
        routes_text(&mut out, &plan.routes);
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
    let only = match plan.steps.iter().any(|step| step.probed.is_some()) {
        true => "\nNothing was run but what only reads.",
        false => "\nNothing was run.",
    };
    if !plan.open_parameters.is_empty() {
        line(
            &mut out,
            0,
            &format!("{only} A run needs a value for each parameter:"),
        );
        for flag in words::flags(&open_parameters(plan, runbook)) {
            line(&mut out, 2, &harmless(&flag));
        }
    } else {
        line(
            &mut out,
            0,
            &format!("{only} To run what was reviewed here, or nothing:"),
        );
        line(&mut out, 2, &harmless(command));
    }
    out
}

/// What is not known yet, and what that means.
fn open_text(plan: &Plan) -> Vec<String> {
    let names = |ids: Vec<&str>| ids.join(", ");
    let mut lines = Vec::new();
    if !plan.open_parameters.is_empty() {
        let open = plan.open_parameters.iter().map(|id| id.as_str()).collect();
        lines.push(format!(
            "Not given: {}. What is not known yet reads ‹name›.",
            names(open)
        ));
    }
    let open: Vec<&str> = plan.open_questions.iter().map(|id| id.as_str()).collect();
    lines.push(match (open.is_empty(), plan.routes.groups.is_empty()) {
        (true, true) => "Every question on the way is answered: this is the route.".to_owned(),
        (true, false) => "Every question on the way is answered.".to_owned(),
        (false, _) => format!(
            "Not answered: {}. Every route that is still possible is shown.",
            names(open)
        ),
    });
    lines
}

fn open_parameters<'a>(plan: &Plan, runbook: &'a Runbook) -> Vec<&'a Parameter> {
    let open = plan.open_parameters.iter();
    open.filter_map(|id| runbook.parameters.get(id)).collect()
}

fn step_text(out: &mut String, number: usize, step: &PlannedStep, folder: &Path) {
    line(out, 0, &format!("{number:>3}. {}  {}", step.node, step.title));
    if !step.only_if.is_empty() {
        let between = if step.joins_all { ", and " } else { ", or " };
        fact(out, "only if", &step.only_if.join(between));
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
    match &step.probed {
        None => {}
        Some(Found::Nothing(why)) => fact(out, "probe", &format!("found nothing: {why}")),
        Some(Found::Values(values)) if values.is_empty() => fact(out, "probe", "it exited with 0"),
        Some(Found::Values(values)) => {
            for (name, value) in values {
                found_text(out, name, &plain(value));
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

/// A value that a probe found: of a long text the first line.
fn found_text(out: &mut String, name: &str, value: &str) {
    let first = value.lines().next().unwrap_or_default();
    let more = match value.lines().count() {
        0 | 1 => String::new(),
        lines => format!(" … ({lines} lines)"),
    };
    fact(out, "found", &format!("{name} = {first}{more}"));
}

pub(in crate::cli) fn work_text(
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
            fact(
                out,
                "in",
                &placed(folder, command.cwd.as_deref().unwrap_or_default()),
            );
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
        Some(Rendered::Write { path, .. }) => fact(out, "writes", &placed(folder, path)),
    }
    if confirmed {
        fact(out, "confirm", "asked first, headless too");
    }
}

/// A path as it is in a folder. Where its first part is not known yet, it may well be absolute.
fn placed(folder: &Path, path: &str) -> String {
    match path {
        "" => folder.display().to_string(),
        path if path
            .split('/')
            .next()
            .is_some_and(|first| first.starts_with('‹') && first.ends_with('›')) =>
        {
            path.to_owned()
        }
        path => folder.join(path).display().to_string(),
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

pub(in crate::cli) fn fact(out: &mut String, name: &str, what: &str) {
    line(out, 5, &format!("{name:<10}{}", harmless(what)));
}

pub(in crate::cli) fn line(out: &mut String, indent: usize, text: &str) {
    // Writing to a String cannot fail; the result is only there because the trait is shared.
    let _ = writeln!(out, "{:indent$}{}", "", text.trim_end());
}
