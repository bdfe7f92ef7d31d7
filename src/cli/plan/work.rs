//! What would be carried out, as it would be.

use std::path::Path;
use std::time::Duration;

use crate::adapter::reporter::{quoted, shown};
use crate::model::{Command, DEFAULT_GRACE, DEFAULT_TIMEOUT, Effect, Feed, Invocation};
use crate::plan::PlannedCommand;
use crate::traverse::Rendered;

use super::facts::{fact, more};

/// How many lines of a written file are shown.
const CONTENT: usize = 40;

/// The work of an action in this folder.
pub(in crate::cli) fn work_text(out: &mut String, effect: Effect, work: Option<&Rendered>, folder: &Path) {
    match work {
        None => fact(out, "milestone", "nothing to run"),
        Some(Rendered::Run(command)) => {
            fact(out, effect.verb(), &invocation(&command.run));
            let cwd = command.cwd.as_deref().unwrap_or_default();
            fact(out, "in", &placed(folder, cwd));
            for (name, what) in details(command) {
                fact(out, name, &what);
            }
        }
        Some(Rendered::Manual(text)) => fact(out, "by hand", text.trim_end()),
        Some(Rendered::Write {
            path,
            content,
            overwrite,
        }) => {
            let replaced = if *overwrite { ", over what is there" } else { "" };
            fact(out, "writes", &format!("{}{replaced}", placed(folder, path)));
            fact(out, "content", &beginning(content.trim_end_matches('\n')));
        }
    }
}

/// A command beside the work of an action.
pub(super) fn command_text(out: &mut String, name: &str, planned: &PlannedCommand, folder: &Path) {
    fact(out, name, &invocation(&planned.command.run));
    more_of_command(out, &planned.command, folder);
    if let Some(problem) = &planned.problem {
        more(out, &format!("problem: it cannot be rendered: {problem}"));
    }
}

/// What more is said of a command than what is run; its folder if it is not the runbook's own.
pub(super) fn more_of_command(out: &mut String, command: &Command<String>, folder: &Path) {
    if let Some(cwd) = &command.cwd {
        more(out, &format!("in {}", placed(folder, cwd)));
    }
    for (name, what) in details(command) {
        let separator = if what.contains('\n') { "\n  " } else { " " };
        more(out, &format!("{name}{separator}{}", what.replace('\n', "\n  ")));
    }
}

/// What goes into a command, and what limits it.
fn details(command: &Command<String>) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    let env = command.env.iter();
    let env: Vec<String> = env.map(|(name, feed)| format!("{name}={}", fed(feed))).collect();
    if !env.is_empty() {
        details.push(("with", env.join("\n")));
    }
    if command.terminal {
        details.push((
            "terminal",
            "its own until it ends; what it prints is not kept".to_owned(),
        ));
    }
    match &command.stdin {
        Some(Feed::Text(text)) => details.push(("stdin", text.trim_end_matches('\n').to_owned())),
        Some(secret) => details.push(("stdin", fed(secret))),
        None => {}
    }
    match command.timeout {
        Some(timeout) if timeout != DEFAULT_TIMEOUT => details.push(("timeout", span(timeout))),
        _ => {}
    }
    if command.grace != DEFAULT_GRACE {
        details.push(("grace", span(command.grace)));
    }
    details
}

/// What is put into a variable or a header; a secret stays a reference.
pub(super) fn fed(feed: &Feed<String>) -> String {
    match feed {
        Feed::Text(text) => quoted(text),
        Feed::Secret { id, prefix } => format!("{prefix}(secret {id})"),
    }
}

/// A span of time as a runbook has it.
pub(super) fn span(time: Duration) -> String {
    format!("{time:?}")
}

pub(super) fn invocation(run: &Invocation<String>) -> String {
    match run {
        Invocation::Exec(argv) => format!("$ {}", shown(argv)),
        Invocation::Shell { shell, script } => {
            let script = script.trim_end().replace('\n', "\n  ");
            format!("$ {} …\n  {script}", shown(shell))
        }
    }
}

/// A text as far as it is shown.
fn beginning(text: &str) -> String {
    let mut lines = text.lines();
    let mut shown: Vec<&str> = lines.by_ref().take(CONTENT).collect();
    let rest = match lines.count() {
        0 => return text.to_owned(),
        1 => "… 1 line more".to_owned(),
        more => format!("… {more} lines more"),
    };
    shown.push(&rest);
    shown.join("\n")
}

/// A path as it is in a folder. Where its first part is not known yet, it may well be absolute.
pub(super) fn placed(folder: &Path, path: &str) -> String {
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
