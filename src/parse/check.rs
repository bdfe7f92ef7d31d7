//! Checks: looks at the world.

use std::collections::HashSet;

use crate::diagnostic::Code;
use crate::model::{Check, CheckId, DEFAULT_EVERY, Look};

use super::command::{self, Defaults, command_of};
use super::decode::{
    Cursor, Fields, boolean, duration, expression, id, integer, list, positive_duration, shown, template,
    text,
};
use super::http::http;
use super::matcher::matcher;

/// What a check can look at.
const LOOKS: &[&str] = &["run", "http", "file", "link", "expr", "confirm"];
/// The keys that belong to one of them, besides those of a command.
const OF_RUN: &[&str] = &["exit", "stdout", "stderr"];
const OF_FILE: &[&str] = &["content"];
const OF_LINK: &[&str] = &["to"];

/// The checks of one owner, in which no two have the same id.
pub(crate) fn checks(at: Cursor<'_>, defaults: &Defaults) -> Option<Vec<Check>> {
    let mut seen = HashSet::new();
    list(at, |at| check(at, defaults, &mut seen))
}

fn check(at: Cursor<'_>, defaults: &Defaults, seen: &mut HashSet<CheckId>) -> Option<Check> {
    let mut fields = Fields::of(at, "a check")?;
    let id = fields.optional("id", |at| unseen(at, seen));
    let title = fields.optional("title", text);
    let negated = fields.optional("not", boolean).unwrap_or(false);
    let within = fields.optional("within", duration);
    let every = fields.optional("every", positive_duration);
    fields.belong_to("within", &["every"]);
    let look = look(&mut fields, defaults);
    if matches!(look, Some(Look::Confirm(_))) && !fields.has("id") {
        fields.missing("id", "add `id:`, by which a person's word can refer to it");
    }
    fields.finish();
    Some(Check {
        id,
        title,
        negated,
        within,
        every: every.unwrap_or(DEFAULT_EVERY),
        look: look?,
    })
}

fn look(fields: &mut Fields<'_>, defaults: &Defaults) -> Option<Look> {
    let owned = [
        ("run", OF_RUN),
        ("run", command::KEYS),
        ("file", OF_FILE),
        ("link", OF_LINK),
    ];
    for (owner, keys) in owned {
        fields.belong_to(owner, keys);
    }
    match fields.exactly_one(LOOKS)? {
        "run" => {
            let command = command_of(fields, defaults);
            let exit = fields.optional("exit", integer(0, 255));
            let stdout = fields.optional("stdout", matcher).unwrap_or_default();
            let stderr = fields.optional("stderr", matcher).unwrap_or_default();
            Some(Look::Run {
                command: command?,
                exit: exit.unwrap_or(0),
                stdout,
                stderr,
            })
        }
        "http" => fields.optional("http", http).map(Look::Http),
        "file" => {
            let content = fields.optional("content", matcher).unwrap_or_default();
            let path = fields.optional("file", template)?;
            Some(Look::File { path, content })
        }
        "link" => {
            let to = fields.optional("to", matcher).unwrap_or_default();
            let path = fields.optional("link", template)?;
            Some(Look::Link { path, to })
        }
        "expr" => fields.optional("expr", expression).map(Look::Expr),
        _ => fields.optional("confirm", template).map(Look::Confirm),
    }
}

/// An id that no check before has.
fn unseen(at: Cursor<'_>, seen: &mut HashSet<CheckId>) -> Option<CheckId> {
    let id: CheckId = id(at)?;
    if !seen.insert(id.clone()) {
        let message = format!("two checks have the id {}", shown(id.as_str()));
        let finding = at.finding(Code::DuplicateId, message);
        at.report(finding.label("the second one").help("give it an id of its own"));
    }
    Some(id)
}
