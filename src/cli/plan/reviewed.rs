//! `run --plan`: what would run is what was reviewed, or nothing runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::Map;
use similar::TextDiff;

use crate::adapter::reporter::shown;
use crate::model::{Runbook, Value, plain};
use crate::plan::{Change, Differs, Digest, Kept, NotKept, Of, Reviewed};

use super::super::error::{OrUsage, Refusal};
use super::super::text;

/// How many changes are shown.
const AT_MOST: usize = 20;
/// What to do about any of them.
const ANEW: &str = "nothing was started; run it as it was reviewed, or review it anew: `switchback plan`";

/// Whether a runbook with these parameters is what was reviewed; `plan` is the digest of that, or the file that it was kept in.
pub(in crate::cli) fn is_as_reviewed(
    plan: &str,
    runbook: &Arc<Runbook>,
    parameters: &Map<String, Value>,
) -> Result<(), Refusal> {
    let now = Reviewed {
        parameters: parameters.clone(),
        runbook: Arc::clone(runbook),
    };
    let digest = now.digest();
    if let Ok(typed) = plan.parse::<Digest>() {
        return match (typed.means(&digest), typed.is_of_another_version()) {
            (true, _) => Ok(()),
            (false, Some(true)) => Err(another_version(&typed.short())),
            (false, _) => Err(otherwise(&typed, &digest, &now)),
        };
    }
    let kept = read(plan)?;
    let changes = kept.changes_to(&now)?;
    match (kept.digest == digest, changes.is_empty()) {
        (true, true) => return Ok(()),
        (false, true) => return Err(another_version(plan)),
        // Whoever approved it has seen what is in it, and not this.
        (true, false) => {
            return Err(Refusal::usage(
                format!(
                    "the digest in `{plan}` is that of what would run, and what is in it is another plan"
                ),
                "nothing was started; make the file anew, and review it: `switchback plan --output json`",
            ));
        }
        (false, false) => {}
    }
    let mut lines = vec![format!("what would run is not what was reviewed in `{plan}`:")];
    lines.extend(changes.iter().take(AT_MOST).map(change_text));
    more(&mut lines, changes.len());
    Err(Refusal::usage(lines.join("\n"), ANEW))
}

fn read(file: &str) -> Result<Kept, Refusal> {
    let help = "give the digest that `switchback plan` shows, at least 12 digits of it, or the file that `switchback plan --output json` made";
    let text = text::read(Path::new(file))
        .with_context(|| format!("`{file}` is no digest, and cannot be read as a plan"))
        .or_usage(help)?;
    match Kept::read(&text) {
        Err(NotKept::AnotherVersion) => Err(another_version(file)),
        read => read
            .with_context(|| format!("`{file}` is not a plan that was kept"))
            .or_usage(help),
    }
}

/// What was reviewed may be what would run; nobody can tell.
fn another_version(plan: &str) -> Refusal {
    Refusal::usage(
        format!("`{plan}` was made by another version of Switchback, which means its plans otherwise"),
        "nothing was started; review it anew: `switchback plan`",
    )
}

/// A digest tells which parts differ, and not how.
fn otherwise(typed: &Digest, digest: &Digest, now: &Reviewed) -> Refusal {
    let (reviewed, here) = (typed.short(), digest.short());
    let mut lines = vec![format!(
        "what would run is not what was reviewed as `{reviewed}`, but `{here}`:"
    )];
    let differences = typed.differences(now);
    lines.extend(differences.iter().take(AT_MOST).map(difference_text));
    more(&mut lines, differences.len());
    if differences.is_empty() {
        let or_version = match typed.is_of_another_version() {
            Some(_) => "",
            None => ", or another version of Switchback made it",
        };
        lines.push(format!(
            "  the runbook, or a parameter, is another one{or_version}"
        ));
    }
    Refusal::usage(
        lines.join("\n"),
        format!(
            "{ANEW}\nto be shown how it differs, keep the plan that is reviewed: `switchback plan --output json > reviewed.json`, and `--plan reviewed.json`"
        ),
    )
}

fn difference_text(difference: &Differs) -> String {
    match difference {
        Differs::Changed(of) => format!("  {}: differs", of_text(of)),
        Differs::New(of @ Of::Parameter(_)) => format!("  {}: was left open, or differs", of_text(of)),
        Differs::New(of) => format!("  {}: is new, differs, or stood elsewhere", of_text(of)),
        Differs::GoneAfter(of) => format!("  after {}: something is gone, or stands elsewhere", of_text(of)),
    }
}

fn of_text(of: &Of) -> String {
    match of {
        Of::Parameter(id) => format!("parameter `{id}`"),
        Of::Step(id) => format!("step `{id}`"),
        Of::Gate(id) => format!("gate `{id}`"),
        Of::Runbook => "the runbook".to_owned(),
    }
}

/// Says how many changes are not shown.
fn more(lines: &mut Vec<String>, all: usize) {
    if let Some(more) = all.checked_sub(AT_MOST).filter(|more| *more > 0) {
        lines.push(format!("  … {more} changes more"));
    }
}

/// One change, in a line; that of a long text, line by line.
fn change_text(change: &Change) -> String {
    let mut what = of_text(&change.of);
    if !change.part.is_empty() {
        what.push_str(&format!(", {}", change.part));
    }
    let is_whole = change.part.is_empty() && !matches!(change.of, Of::Parameter(_));
    match (&change.from, &change.to) {
        (None, _) if is_whole => format!("  {what}: is new"),
        (_, None) if is_whole => format!("  {what}: is gone"),
        (from, to) => {
            let [from, to] = [from, to].map(|value| match value {
                None | Some(Value::Null) => "none".to_owned(),
                Some(Value::Array(none)) if none.is_empty() => "none".to_owned(),
                Some(value) => value_text(value),
            });
            if from.contains('\n') || to.contains('\n') {
                format!("  {what}:\n{}", lines_text(&from, &to))
            } else {
                format!("  {what}: {from} → {to}")
            }
        }
    }
}

fn value_text(value: &Value) -> String {
    let words = value.as_array().and_then(|words| {
        let words = words.iter().map(|word| word.as_str().map(str::to_owned));
        words.collect::<Option<Vec<String>>>()
    });
    match words {
        Some(words) if !words.is_empty() => shown(&words),
        _ if value.is_object() => match serde_json::from_value::<Duration>(value.clone()) {
            Ok(duration) => format!("{duration:?}"),
            Err(_) => plain(value),
        },
        _ => plain(value),
    }
}

/// What changed of a text, with a line around it.
fn lines_text(from: &str, to: &str) -> String {
    let diff = TextDiff::from_lines(from, to);
    let mut out = Vec::new();
    for group in diff.grouped_ops(1) {
        for op in group {
            for change in diff.iter_changes(&op) {
                out.push(format!(
                    "    {}{}",
                    change.tag(),
                    change.value().trim_end_matches('\n')
                ));
            }
        }
    }
    out.join("\n")
}
