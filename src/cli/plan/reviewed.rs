//! `run --plan`: what would run is what was reviewed, or nothing runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::Map;
use similar::TextDiff;

use crate::adapter::report::shown;
use crate::model::{Runbook, Value, plain};
use crate::plan::{Change, Kept, Of, Reviewed, is_digest, is_short_for};

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
    if is_digest(plan) {
        if is_short_for(plan, &digest) {
            return Ok(());
        }
        return Err(otherwise(plan, &digest, &now));
    }
    let kept = read(plan)?;
    if kept.digest == digest {
        return Ok(());
    }
    let changes = kept.changes_to(&now)?;
    if changes.is_empty() {
        return Err(Refusal::usage(
            format!("`{plan}` was made by another version of Switchback, which means its plans otherwise"),
            ANEW,
        ));
    }
    let mut lines = vec![format!("what would run is not what was reviewed in `{plan}`:")];
    lines.extend(changes.iter().take(AT_MOST).map(change_text));
    if let Some(more) = changes.len().checked_sub(AT_MOST).filter(|more| *more > 0) {
        lines.push(format!("  … {more} changes more"));
    }
    Err(Refusal::usage(lines.join("\n"), ANEW))
}

fn read(file: &str) -> Result<Kept, Refusal> {
    let help = "give the digest that `switchback plan` shows, at least 12 digits of it, or the file that `switchback plan --output json` made";
    let text = text::read(Path::new(file))
        .with_context(|| format!("`{file}` is no digest, and cannot be read as a plan"))
        .or_usage(help)?;
    Kept::read(&text)
        .with_context(|| format!("`{file}` is not a plan that was kept"))
        .or_usage(help)
}

/// A digest tells that there is a difference, and hardly which: only what is one of a few can be tried out.
fn otherwise(typed: &str, digest: &str, now: &Reviewed) -> Refusal {
    let what = format!("what would run is not what was reviewed as `{typed}`, but `{digest}`");
    match now.parameter_with(typed) {
        Some((name, reviewed)) => {
            let value = |value: &Value| format!("`{}`", plain(value));
            let reviewed = reviewed.as_ref().map_or("left open".to_owned(), value);
            let here = now.parameters.get(&name).map_or("left open".to_owned(), value);
            let line = format!("{what}:\n  parameter `{name}`: {reviewed} when it was reviewed, {here} here");
            Refusal::usage(line, ANEW)
        }
        None => Refusal::usage(
            format!("{what}: the runbook, or a parameter, is another one"),
            format!(
                "{ANEW}\nto be shown the difference, keep the plan that is reviewed: `switchback plan --output json > reviewed.json`, and `--plan reviewed.json`"
            ),
        ),
    }
}

/// One change, in a line; that of a long text, line by line.
fn change_text(change: &Change) -> String {
    let mut what = match &change.of {
        Of::Parameter(id) => format!("parameter `{id}`"),
        Of::Step(id) => format!("step `{id}`"),
        Of::Gate(id) => format!("gate `{id}`"),
        Of::Runbook => "the runbook".to_owned(),
    };
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
