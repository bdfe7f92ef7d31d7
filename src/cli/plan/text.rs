//! A plan as people read it.

use std::path::Path;

use crate::adapter::reporter::harmless;
use crate::model::{Parameter, Runbook, plain};
use crate::plan::{Found, Plan, Planned, PlannedConsent, PlannedGate, PlannedStep, Said};

use super::super::words;
use super::check::check_text;
use super::facts::{fact, line};
use super::failures::failures_text;
use super::notify::notify_text;
use super::routes::routes_text;
use super::work::{command_text, span, work_text};

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
    failures_text(&mut out, plan);
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
        gate_text(&mut out, gate, folder);
    }
    notify_text(&mut out, &plan.notify);
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
    let title = harmless(&step.title);
    line(out, 0, &format!("{number:>3}. {}  {title}", step.node));
    if !step.only_if.is_empty() {
        let between = if step.joins_all { ", and " } else { ", or " };
        fact(out, "only if", &step.only_if.join(between));
    }
    if let Some(when) = &step.when {
        fact(out, "when", when);
    }
    what_text(out, &step.what, folder);
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
        check_text(out, check, folder);
    }
}

fn what_text(out: &mut String, what: &Planned, folder: &Path) {
    match what {
        Planned::Question {
            answer,
            choices,
            detect,
            suggest,
        } => {
            match answer {
                Some(answer) => fact(out, "answer", &plain(answer)),
                None if choices.is_empty() => fact(out, "asks", "for a value"),
                None => fact(out, "asks", &choices.join(" | ")),
            }
            // Nothing is looked up for a question that is answered already.
            let asked = |command: &Option<_>| command.clone().filter(|_| answer.is_none());
            for (name, command) in [("detect", asked(detect)), ("suggest", asked(suggest))] {
                if let Some(command) = command {
                    command_text(out, name, &command, folder);
                }
            }
        }
        Planned::Action {
            effect,
            work,
            confirm,
            attested,
            retry,
            undo,
        } => {
            work_text(out, *effect, work.as_ref(), folder);
            if let Some(attested) = attested {
                fact(out, "attested", &said(attested));
            }
            if let Some(retry) = retry {
                let pause = span(retry.backoff);
                fact(out, "retry", &format!("{} times, {pause} apart", retry.times));
            }
            if let Some(confirm) = confirm {
                consent_text(out, confirm);
            }
            if let Some(undo) = undo {
                command_text(out, "undo", undo, folder);
            }
        }
    }
}

fn consent_text(out: &mut String, consent: &PlannedConsent) {
    let who = match &consent.given {
        Some(by) => format!("given by {by}"),
        None => "asked first, headless too".to_owned(),
    };
    match &consent.prompt {
        Some(prompt) => fact(out, "confirm", &format!("{who}: {}", prompt.trim_end())),
        None => fact(out, "confirm", &who),
    }
}

/// Who said something up front, and what they added.
pub(super) fn said(said: &Said) -> String {
    let note = said.note.iter().map(|note| format!(": {note}"));
    format!("by {}, in advance{}", said.by, note.collect::<String>())
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

fn gate_text(out: &mut String, gate: &PlannedGate, folder: &Path) {
    let mark = match (gate.applies, gate.required) {
        (false, _) => " (does not apply)",
        (true, false) => " (not required)",
        (true, true) => "",
    };
    let title = harmless(&gate.title);
    line(out, 0, &format!("\n     {}  {title}{mark}", gate.gate));
    if let Some(when) = &gate.when {
        fact(out, "when", when);
    }
    if let Some(waived) = &gate.waived {
        let reason = waived.note.as_deref().unwrap_or_default();
        fact(out, "waived", &format!("{reason} (by {})", waived.by));
    }
    for check in &gate.verify {
        check_text(out, check, folder);
    }
    let by = if gate.by.is_empty() {
        String::new()
    } else {
        format!(" ({})", gate.by.join(", "))
    };
    if let Some(attest) = &gate.attest {
        fact(out, "attest", &format!("{}{by}", attest.trim_end()));
    }
    if let Some(attested) = &gate.attested {
        fact(out, "attested", &said(attested));
    }
    if !gate.decide.is_empty() {
        let outcomes: Vec<&str> = gate.decide.iter().map(|outcome| outcome.as_str()).collect();
        fact(out, "decide", &format!("{}{by}", outcomes.join(" | ")));
    }
    if let Some(decided) = &gate.decided {
        fact(
            out,
            "decided",
            &format!("{} {}", decided.outcome, said(&decided.said)),
        );
    }
}
