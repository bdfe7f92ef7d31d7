//! The gates of a run and the checks of its steps as test cases, for programs that show those.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};

use crate::traverse::{RunState, State, Verdict};

use super::{Account, Check, Gate, GateState, Step};

/// One suite for the gates, and one for the steps: a case for each of their checks, and for a step that failed by itself.
///
/// # Errors
///
/// When it has something that XML cannot hold; such characters were left out.
pub fn junit(account: &Account) -> Result<String, SerializeError> {
    let run = &account.run;
    let mut document = Report::new(of_xml(&format!("{} {}", run.runbook, run.id)));
    document.set_time(Duration::from_secs_f64(run.seconds.max(0.0)));
    let mut gates = TestSuite::new("gates");
    gates.add_test_cases(account.gates.iter().map(|gate| of_gate(gate, &run.runbook)));
    let mut steps = TestSuite::new("steps");
    // A failure that was handled does not fail a pipeline: the run recovered.
    let is_handled = run.state == RunState::Recovered;
    for step in &account.steps {
        steps.add_test_cases(of_step(step, &run.runbook, is_handled));
    }
    document.add_test_suite(gates);
    document.add_test_suite(steps);
    document.to_string()
}

fn of_gate(gate: &Gate, runbook: &str) -> TestCase {
    let reason = gate.reason.as_deref().unwrap_or_default();
    let status = match gate.verdict {
        GateState::Met => TestCaseStatus::success(),
        GateState::Waived => {
            let by = gate.waiver.as_ref().map_or("somebody", |waiver| &waiver.by.name);
            skipped(&format!("waived by {by}: {reason}"))
        }
        GateState::NotApplicable => skipped(&format!("not applicable: {reason}")),
        GateState::Waiting => skipped(&format!("waiting: {reason}")),
        // It does not hold the run open, and so not a pipeline either.
        GateState::Unmet if !gate.required => skipped(&format!("not required, and unmet: {reason}")),
        GateState::Unknown if !gate.required => skipped(&format!("not required, and unknown: {reason}")),
        GateState::Unmet => wrong(
            NonSuccessKind::Failure,
            "unmet",
            &format!("unmet: {reason}"),
            &gate.checks,
        ),
        GateState::Unknown => wrong(
            NonSuccessKind::Error,
            "unknown",
            &format!("unknown: {reason}"),
            &gate.checks,
        ),
    };
    case(&gate.title, status, &format!("{runbook}.{}", gate.id))
}

fn of_step(step: &Step, runbook: &str, is_handled: bool) -> Vec<TestCase> {
    let class = format!("{runbook}.{}", step.id);
    let of_check = |check: &Check| {
        let evidence = check.evidence.as_deref().unwrap_or_default();
        let this = std::slice::from_ref(check);
        let status = match check.verdict {
            Some(Verdict::Held) => TestCaseStatus::success(),
            Some(verdict) if is_handled => skipped(&format!("{verdict}, and that was handled: {evidence}")),
            Some(Verdict::Failed) => wrong(
                NonSuccessKind::Failure,
                "failed",
                &format!("failed: {evidence}"),
                this,
            ),
            Some(Verdict::Unknown) => {
                let message = format!("could not be carried out: {evidence}");
                wrong(NonSuccessKind::Error, "unknown", &message, this)
            }
            None => skipped(&not_looked(step)),
        };
        case(&check.title, status, &class)
    };
    let mut cases: Vec<TestCase> = step.checks.iter().map(of_check).collect();
    let is_told = step
        .checks
        .iter()
        .any(|check| matches!(check.verdict, Some(Verdict::Failed | Verdict::Unknown)));
    let why = step.why.as_deref();
    if step.state == State::Failed && is_handled && !is_told {
        let why = format!("failed, and that was handled: {}", why.unwrap_or_default());
        cases.push(case(&step.title, skipped(&why), &class));
    } else if matches!(step.state, State::Failed | State::InDoubt) && !is_told {
        let (kind, word) = match step.state {
            State::Failed => (NonSuccessKind::Failure, "failed"),
            _ => (NonSuccessKind::Error, "in doubt"),
        };
        let why = why.unwrap_or("it was started, and nobody knows whether it is done");
        let mut status = wrong(kind, word, why, &[]);
        if let Some(printed) = step.attempts.last().and_then(|attempt| attempt.stderr.as_ref()) {
            status.set_description(of_xml(&printed.text));
        }
        cases.push(case(&step.title, status, &class));
    }
    cases
}

/// Why a check was not carried out.
fn not_looked(step: &Step) -> String {
    let state = step.state.as_str().replace('_', " ");
    match &step.why {
        Some(why) => format!("{state}: {why}"),
        None => state,
    }
}

fn case(name: &str, status: TestCaseStatus, class: &str) -> TestCase {
    let mut case = TestCase::new(of_xml(name), status);
    case.set_classname(of_xml(class));
    case
}

fn skipped(why: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(of_xml(why.trim_end_matches([':', ' '])));
    status
}

/// What did not work out, with all that was seen.
fn wrong(kind: NonSuccessKind, word: &str, message: &str, checks: &[Check]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(of_xml(message));
    status.set_type(word);
    let seen: Vec<String> = checks.iter().map(seen).collect();
    if !seen.is_empty() {
        status.set_description(of_xml(&seen.join("\n")));
    }
    status
}

fn seen(check: &Check) -> String {
    let verdict = check
        .verdict
        .map_or_else(|| "not carried out".to_owned(), |verdict| verdict.to_string());
    let look = check
        .look
        .as_ref()
        .map(|look| format!(" ({look})"))
        .unwrap_or_default();
    let evidence = check
        .evidence
        .as_ref()
        .map(|evidence| format!(": {evidence}"))
        .unwrap_or_default();
    format!("{verdict}: {}{look}{evidence}", check.title)
}

/// A text without the characters that XML 1.0 does not have.
fn of_xml(text: &str) -> String {
    let is_of_xml = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_of_xml).collect()
}
