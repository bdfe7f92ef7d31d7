//! Short names, for people, of what a run is made of.

use crate::model::{Check, Invocation, Look, Method, NodeId, Template};
use crate::traverse::{Owner, Subject};

use super::quote::shown;
use super::view::View;

/// What a check looks for, on one line.
pub(super) fn check(check: &Check, run: &dyn View) -> String {
    if let Some(title) = &check.title {
        return title.clone();
    }
    let text = |template: &Template| run.text(template);
    let what = match &check.look {
        Look::Run { command, .. } => match &command.run {
            Invocation::Exec(argv) => shown(&argv.iter().map(text).collect::<Vec<_>>()),
            Invocation::Shell { script, .. } => text(script),
        },
        Look::Http(http) => {
            let method = match http.method {
                Method::Get => "GET",
                Method::Head => "HEAD",
            };
            format!("{method} {}", text(&http.url))
        }
        Look::File { path, .. } => format!("file {}", text(path)),
        Look::Link { path, .. } => format!("link {}", text(path)),
        Look::Expr(expression) => expression.0.clone(),
        Look::Confirm(question) => text(question),
    };
    let not = if check.negated { "not: " } else { "" };
    format!("{not}{}", first_line(&what))
}

/// An owner's check by its place; its number, should the runbook not have it.
pub(super) fn check_at(owner: &Owner, index: usize, run: &dyn View) -> String {
    checks(owner, run)
        .get(index)
        .map_or_else(|| format!("check {}", index + 1), |found| check(found, run))
}

/// An owner's checks.
pub(super) fn checks<'a>(owner: &Owner, run: &'a dyn View) -> &'a [Check] {
    let runbook = run.runbook();
    match owner {
        Owner::Node(id) => runbook
            .nodes
            .get(id)
            .and_then(|node| node.action())
            .map_or(&[], |action| &action.verify),
        Owner::Gate(id) => runbook.gates.get(id).map_or(&[], |gate| &gate.verify),
    }
}

/// The title of a question or an action.
pub(super) fn node<'a>(id: &'a NodeId, run: &'a dyn View) -> &'a str {
    run.runbook()
        .nodes
        .get(id)
        .map_or(id.as_str(), |node| node.title())
}

/// What a person's word is about.
pub(super) fn subject(subject: &Subject, run: &dyn View) -> String {
    match subject {
        Subject::Node(id) => node(id, run).to_owned(),
        Subject::Gate(id) => {
            let gate = run.runbook().gates.get(id);
            gate.map_or_else(|| id.to_string(), |gate| gate.title.clone())
        }
        Subject::Check { owner, check: id } => checks(owner, run)
            .iter()
            .find(|check| check.id.as_ref() == Some(id))
            .map_or_else(|| id.to_string(), |found| check(found, run)),
    }
}

/// The first line of a text, and a sign that there is more.
pub(super) fn first_line(text: &str) -> String {
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() {
        format!("{first} …")
    } else {
        first.to_owned()
    }
}
