//! What came of all tests, for people.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use crate::adapter::reporter::{Line, Mark, Style, shown};

use super::compare::Difference;
use super::report::{Report, Suite, Tried};

/// The report as it is printed.
pub(super) fn text(report: &Report, unicode: bool) -> String {
    let untested = report.untested.iter().map(|file| {
        let text = format!("{}: it has no tests", file.display());
        Line::new(Mark::Skipped, &text)
    });
    let mut parts: Vec<Vec<Line>> = report.suites.iter().map(suite).collect();
    parts.push(untested.collect());
    parts.retain(|part| !part.is_empty());
    let lines = parts.join(&[Line::empty()][..]);
    on_paper(&lines, unicode)
}

/// What is not as expected in a case, and how the run stood.
pub(super) fn differences(tried: &Tried) -> String {
    on_paper(&about(tried), true)
}

/// Colours are for standard error, which is another place.
fn on_paper(lines: &[Line], unicode: bool) -> String {
    let style = Style {
        colour: false,
        unicode,
        width: usize::MAX,
    };
    let lines = lines
        .iter()
        .map(|line| style.line(line).trim_end().to_owned() + "\n");
    lines.collect()
}

fn suite(suite: &Suite) -> Vec<Line> {
    let mut lines = vec![Line::new(Mark::None, &suite.runbook.display().to_string())];
    lines.extend(suite.cases.iter().flat_map(case));
    if let Some(coverage) = &suite.coverage {
        let figures = coverage.figures();
        let all: Vec<String> = figures
            .iter()
            .map(|(name, figure)| format!("{name} {figure}"))
            .collect();
        lines.push(Line::new(Mark::None, &format!("covered: {}", all.join(", "))).at(1));
        let missing = figures.iter().flat_map(|(_, figure)| figure.missing());
        lines.extend(missing.map(|missing| Line::new(Mark::None, missing).at(2)));
    }
    lines
}

fn case(tried: &Tried) -> Vec<Line> {
    if tried.has_passed() {
        let mut line = Line::new(Mark::Good, tried.case.as_str()).at(1);
        if !tried.updated.is_empty() {
            line = line.aside(&format!("updated: {}", tried.updated.join(", ")));
        }
        return vec![line];
    }
    let first = tried.about.lines().next().unwrap_or_default();
    let mut lines = vec![Line::new(Mark::Bad, tried.case.as_str()).aside(first).at(1)];
    for mut line in about(tried) {
        line.depth += 3;
        lines.push(line);
    }
    lines
}

fn about(tried: &Tried) -> Vec<Line> {
    let mut lines: Vec<Line> = tried.differences.iter().flat_map(differs).collect();
    let unused = tried.unused.iter();
    lines.extend(unused.map(|entry| {
        let (at, about) = (&entry.at, &entry.about);
        let text = format!("{at}: the run never came to it, or an entry before it fitted: `{about}`");
        Line::new(Mark::None, &text)
    }));
    // Where it did not begin, that is what the difference says already.
    let stood = tried.stood.iter().filter(|_| tried.began);
    lines.extend(stood.map(|line| Line::new(Mark::Value, line)));
    lines
}

/// One difference: on a line where it fits, and else what is missing and what is there instead, line by line.
fn differs(difference: &Difference) -> Vec<Line> {
    let at = difference.at.join(".");
    let why = difference
        .why
        .as_ref()
        .map_or_else(String::new, |why| format!(": {why}"));
    let is_command = difference.at.first().is_some_and(|key| key == "commands");
    let written = |value: &Value| match value {
        Value::Array(argv) if is_command => vec![command_line(argv)],
        value => written(value),
    };
    let (expected, got) = (written(&difference.expected), written(&difference.got));
    let is_short = !is_command || difference.got.is_null();
    if let ([expected], [got], true) = (&expected[..], &got[..], is_short) {
        let [expected, got] = [(expected, &difference.expected), (got, &difference.got)].map(ticked);
        let text = match difference.got {
            Value::Null => format!("{at}: expected {expected}, but there is nothing{why}"),
            _ => format!("{at}: expected {expected}, got {got}{why}"),
        };
        return vec![Line::new(Mark::None, &text)];
    }
    let mut lines = vec![Line::new(Mark::None, &format!("{at}: - expected, + got{why}"))];
    let [old, new]: [Vec<&str>; 2] =
        [&expected, &got].map(|lines| lines.iter().map(String::as_str).collect());
    for change in TextDiff::from_slices(&old, &new).iter_all_changes() {
        let sign = match change.tag() {
            ChangeTag::Delete => "- ",
            ChangeTag::Insert => "+ ",
            ChangeTag::Equal => "  ",
        };
        let text = format!("{sign}{}", change.value_ref());
        lines.push(Line::new(Mark::None, &text).at(1));
    }
    lines
}

/// A value line by line: a text as it stands, a list by its items, everything else as JSON.
fn written(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => lines(text).map(str::to_owned).collect(),
        Value::Array(items) if !items.is_empty() => items.iter().map(item).collect(),
        Value::Object(entries) if !entries.is_empty() => {
            let lines = entries.iter().flat_map(|(key, value)| match value {
                Value::String(text) if text.contains('\n') => {
                    let lines = lines(text).map(|line| format!("  {line}"));
                    std::iter::once(format!("{key}:")).chain(lines).collect()
                }
                value => vec![format!("{key}: {}", item(value))],
            });
            lines.collect()
        }
        other => vec![other.to_string()],
    }
}

/// The lines of a text; empty ones at its end are lines, too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.strip_suffix('\n').unwrap_or(text).split('\n')
}

/// A text in back-ticks, so that it is seen where it ends.
fn ticked((line, value): (&String, &Value)) -> String {
    if value.is_string() {
        format!("`{line}`")
    } else {
        line.clone()
    }
}

/// A command as it would be typed.
fn command_line(argv: &[Value]) -> String {
    let argv: Vec<String> = argv.iter().map(item).collect();
    shown(&argv)
}

fn item(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
