//! `--update`: what came of a case becomes what is expected of it.

use std::path::Path as FilePath;

use anyhow::Context;
use serde_yaml::{Mapping, Value};

use crate::adapter::file::replace;
use crate::model::Test;
use crate::parse;
use crate::source::{Path, Source};

use super::super::error::{OrUsage, Refusal};
use super::super::text as file;
use super::report::{Suite, Tried};
use super::{Tests, parsed, yaml};

/// A stretch of the text, and what is to stand there.
struct Change {
    start: usize,
    end: usize,
    text: String,
}

/// Writes what came of the cases that differ into the file, where that can be. Everything else in it stays as it is, and nothing is written
/// unless the new text then passes.
pub(super) fn update(tests: &Tests, suite: &mut Suite) -> Result<(), Refusal> {
    let text = file::read(&tests.file)?;
    let source = Source::new(tests.file.display().to_string(), text);
    let mut changes = Vec::new();
    let mut accepted = Vec::new();
    for (position, tried) in suite.cases.iter().enumerate() {
        if let Some(of_case) = changes_of(&source, tests, tried)? {
            accepted.push((
                position,
                of_case.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>(),
            ));
            changes.extend(of_case.into_iter().map(|(_, change)| change));
        }
    }
    if changes.is_empty() {
        return Ok(());
    }
    let text = changed(&source.text, changes);
    let test = parsed(&Source::new("", text.as_str()), Some(tests.empty.runbook()))
        .whole()
        .ok_or_else(|| cannot(&tests.file, "the text that would be written is not valid"))?;
    let again = again(tests, suite, test);
    let before = suite.cases.iter().enumerate();
    let is_accepted = |position: &usize| accepted.iter().any(|(accepted, _)| accepted == position);
    let mut wanted = before.filter(|(position, tried)| tried.is_as_expected() || is_accepted(position));
    if let Some((position, _)) = wanted.find(|(position, _)| !again[*position].is_as_expected()) {
        let why = format!("the case `{}` would not pass with it", again[position].case);
        return Err(cannot(&tests.file, &why));
    }
    replace(&tests.file, &text)
        .with_context(|| format!("`{}` cannot be written", tests.file.display()))
        .or_usage("nothing was changed; make it writable")?;
    suite.cases = again;
    for (position, keys) in accepted {
        suite.cases[position].updated = keys;
    }
    Ok(())
}

fn cannot(file: &FilePath, why: &str) -> Refusal {
    Refusal::usage(
        format!("`{}` cannot be updated: {why}", file.display()),
        "nothing was written; change its `expect` by hand",
    )
}

/// The cases that were played, played again by a new text.
fn again(tests: &Tests, suite: &Suite, mut test: Test) -> Vec<Tried> {
    test.cases
        .retain(|id, _| suite.cases.iter().any(|tried| tried.case == *id));
    let cases = test.cases.iter();
    let tried = cases.map(|(id, case)| {
        let played = super::play::play(&tests.empty, &test, case);
        Tried::of(id, case, &played)
    });
    tried.collect()
}

type Named = (String, Change);

/// What of the text of a case must change; none if nothing has to, or nothing can, as the run did not even begin.
fn changes_of(source: &Source, tests: &Tests, tried: &Tried) -> Result<Option<Vec<Named>>, Refusal> {
    let at = Path::from(["cases", tried.case.as_str()]);
    if let Some(all) = &tried.came {
        let change = appended(source, &at, "expect", all);
        return Ok(change.map(|change| vec![("expect".to_owned(), change)]));
    }
    if !tried.began || tried.is_as_expected() {
        return Ok(None);
    }
    let expect = at.join("expect");
    let mut changes = Vec::new();
    for difference in &tried.differences {
        let name = difference.at.join(".");
        if difference.got.is_null() {
            let why = format!("`{}` expects `{name}`, and there is nothing of it", tried.case);
            return Err(cannot(&tests.file, &why));
        }
        let path = difference
            .at
            .iter()
            .fold(expect.clone(), |path, key| path.join(key.as_str()));
        let got = serde_yaml::to_value(&difference.got)?;
        let change = match (parse::place(source, &path), name.as_str()) {
            (Some(_), _) => replaced(source, &path, &got),
            // The exit code is expected to be 0 where nothing is said of it.
            (None, "exit") if !is_alias(source, &expect) => prepended(source, &expect, "exit", &got),
            (None, _) => {
                let why = format!("what `{}` expects of `{name}` is written elsewhere", tried.case);
                return Err(cannot(&tests.file, &why));
            }
        };
        changes.extend(change.map(|change| (name, change)));
    }
    Ok(Some(changes))
}

/// Another value in the place of that at a path, in the form in which that stands there.
fn replaced(source: &Source, path: &Path, value: &Value) -> Option<Change> {
    let span = parse::place(source, path)?;
    let parent = parse::place(source, &Path::from(path.segments().split_last()?.1.to_vec()))?;
    let old = &source.text[span.start..span.end];
    let on_a_line = !old.contains('\n') && old.starts_with(['[', '{']);
    let items = value
        .as_sequence()
        .filter(|items| old.starts_with("- ") && !items.is_empty());
    let mut start = span.start;
    let text = if let Some(items) = items {
        let items: Vec<String> = items
            .iter()
            .map(|item| format!("- {}", yaml::flow(item)))
            .collect();
        items.join(&format!("\n{}", " ".repeat(indent(source, start))))
    } else if on_a_line || is_bracketed(source, parent.start) {
        yaml::flow(value)
    } else {
        // What stands on lines of its own begins after its key.
        let before = source.text[..start].trim_end();
        start = before.len();
        yaml::after(value, indent(source, start))
    };
    Some(Change {
        start,
        end: span.end,
        text,
    })
}

/// An entry more at the start of a mapping.
fn prepended(source: &Source, path: &Path, key: &str, value: &Value) -> Option<Change> {
    let span = parse::place(source, path)?;
    let entry = format!("{key}: {}", yaml::flow(value));
    let (start, text) = if is_bracketed(source, span.start) {
        let is_empty = source.text[span.start + 1..].trim_start().starts_with('}');
        let end = if is_empty { " " } else { "," };
        (span.start + 1, format!(" {entry}{end}"))
    } else {
        let indent = " ".repeat(indent(source, span.start));
        (span.start, format!("{entry}\n{indent}"))
    };
    let end = start;
    Some(Change { start, end, text })
}

/// An entry more at the end of a mapping.
fn appended(source: &Source, path: &Path, key: &str, value: &Mapping) -> Option<Change> {
    let span = parse::place(source, path)?;
    let (at, text) = if is_bracketed(source, span.start) {
        let inner = source.text[..span.end - 1].trim_end();
        (
            inner.len(),
            format!(", {key}: {}", yaml::flow(&value.clone().into())),
        )
    } else {
        let indent = indent(source, span.start);
        // What is said on the last line stays with it.
        let line = source.text[span.end..]
            .find('\n')
            .unwrap_or(source.text.len() - span.end);
        let under = " ".repeat(indent + 2);
        let entries = value.iter().map(|(key, value)| {
            let after = yaml::after(value, indent + 2);
            format!("\n{under}{}:{after}", yaml::flow(key))
        });
        let text = format!("\n{}{key}:{}", " ".repeat(indent), entries.collect::<String>());
        (span.end + line, text)
    };
    Some(Change {
        start: at,
        end: at,
        text,
    })
}

/// Whether a collection stands in brackets.
fn is_bracketed(source: &Source, start: usize) -> bool {
    source.text[start..].starts_with(['[', '{'])
}

/// Whether a value is written in another place, and only named here.
fn is_alias(source: &Source, path: &Path) -> bool {
    parse::place(source, path).is_some_and(|span| source.text[span.start..].starts_with('*'))
}

/// How far the line of a byte is indented.
fn indent(source: &Source, at: usize) -> usize {
    let line = source.text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = &source.text[line..];
    line.len() - line.trim_start_matches(' ').len()
}

/// The text with all changes, the last first, so that the places of the others stay.
fn changed(text: &str, mut changes: Vec<Change>) -> String {
    changes.sort_by_key(|change| std::cmp::Reverse(change.start));
    let mut text = text.to_owned();
    for change in changes {
        text.replace_range(change.start..change.end, &change.text);
    }
    text
}
