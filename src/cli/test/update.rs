//! `--update`: what came of a case becomes what is expected of it.

use std::path::Path as FilePath;

use anyhow::Context;
use serde_yaml::{Mapping, Value};

use crate::adapter::file::replace;
use crate::model::Test;
use crate::parse::Positions;
use crate::source::{Path, Source, Span};

use super::super::error::{OrUsage, Refusal};
use super::super::text as file;
use super::report::{Suite, Tried};
use super::{Tests, parsed, yaml};

/// The text of the file, and where its values stand.
struct Page<'a> {
    text: &'a str,
    positions: Positions<'a>,
}

impl<'a> Page<'a> {
    fn of(text: &'a str) -> Self {
        Self {
            text,
            positions: Positions::of(text),
        }
    }

    fn place(&self, path: &Path) -> Option<Span> {
        self.positions.place(path)
    }

    /// The text with all changes, in the line breaks that it has: the last first, so that the places of the others stay.
    fn changed(&self, mut changes: Vec<Change>) -> String {
        let line_break = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        changes.sort_by_key(|change| std::cmp::Reverse(change.start));
        let mut text = self.text.to_owned();
        for change in changes {
            text.replace_range(change.start..change.end, &change.text.replace('\n', line_break));
        }
        text
    }
}

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
    let page = Page::of(&text);
    let mut changes = Vec::new();
    let mut accepted = Vec::new();
    for (position, tried) in suite.cases.iter().enumerate() {
        if let Some(of_case) = changes_of(&page, tests, tried)? {
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
    let text = page.changed(changes);
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
fn changes_of(page: &Page<'_>, tests: &Tests, tried: &Tried) -> Result<Option<Vec<Named>>, Refusal> {
    let at = Path::from(["cases", tried.case.as_str()]);
    if let Some(all) = &tried.came {
        let change = appended(page, &at, "expect", all);
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
        let change = match (page.place(&path), name.as_str()) {
            (Some(_), _) => replaced(page, &path, &got),
            // The exit code is expected to be 0 where nothing is said of it.
            (None, "exit") if !is_alias(page, &expect) => prepended(page, &expect, "exit", &got),
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
fn replaced(page: &Page<'_>, path: &Path, value: &Value) -> Option<Change> {
    let span = page.place(path)?;
    let parent = page.place(&Path::from(path.segments().split_last()?.1.to_vec()))?;
    let old = &page.text[span.start..span.end];
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
        items.join(&format!("\n{}", " ".repeat(indent(page, start))))
    } else if on_a_line || is_bracketed(page, parent.start) {
        yaml::flow(value)
    } else {
        // What stands on lines of its own begins after its key.
        let before = page.text[..start].trim_end();
        start = before.len();
        yaml::after(value, indent(page, start))
    };
    Some(Change {
        start,
        end: span.end,
        text,
    })
}

/// An entry more at the start of a mapping.
fn prepended(page: &Page<'_>, path: &Path, key: &str, value: &Value) -> Option<Change> {
    let span = page.place(path)?;
    let entry = format!("{key}: {}", yaml::flow(value));
    let (start, text) = if is_bracketed(page, span.start) {
        let is_empty = page.text[span.start + 1..].trim_start().starts_with('}');
        let end = if is_empty { " " } else { "," };
        (span.start + 1, format!(" {entry}{end}"))
    } else {
        let indent = " ".repeat(indent(page, span.start));
        (span.start, format!("{entry}\n{indent}"))
    };
    let end = start;
    Some(Change { start, end, text })
}

/// An entry more at the end of a mapping.
fn appended(page: &Page<'_>, path: &Path, key: &str, value: &Mapping) -> Option<Change> {
    let span = page.place(path)?;
    let (at, text) = if is_bracketed(page, span.start) {
        let inner = page.text[..span.end - 1].trim_end();
        (
            inner.len(),
            format!(", {key}: {}", yaml::flow(&value.clone().into())),
        )
    } else {
        let indent = indent(page, span.start);
        // What is said on the last line stays with it.
        let line = page.text[span.end..]
            .find(['\r', '\n'])
            .unwrap_or(page.text.len() - span.end);
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
fn is_bracketed(page: &Page<'_>, start: usize) -> bool {
    page.text[start..].starts_with(['[', '{'])
}

/// Whether a value is written in another place, and only named here.
fn is_alias(page: &Page<'_>, path: &Path) -> bool {
    page.place(path)
        .is_some_and(|span| page.text[span.start..].starts_with('*'))
}

/// How far the line of a byte is indented.
fn indent(page: &Page<'_>, at: usize) -> usize {
    let line = page.text[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = &page.text[line..];
    line.len() - line.trim_start_matches(' ').len()
}
