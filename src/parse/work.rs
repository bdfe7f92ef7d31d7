//! The work of an action.

use crate::model::{Capture, Part, Stream, Work};

use super::command::{self, command_of};
use super::decode::{Cursor, Fields, boolean, id_map, regex, template, word};
use super::matcher::pointer;
use super::node::Around;
use super::tree::Tree;
use super::write::write;

const STREAMS: [(&str, Stream); 2] = [("stdout", Stream::Stdout), ("stderr", Stream::Stderr)];

/// What an action does: one of `run`, `manual` and `write`, or nothing.
pub(crate) fn work_of(fields: &mut Fields<'_>, around: Around<'_>) -> Option<Work> {
    let one = fields.at_most_one(&["run", "manual", "write"]);
    fields.belong_to("run", command::KEYS);
    fields.belong_to("run", &["capture", "retry", "terminal"]);
    let terminal = fields.optional("terminal", boolean).unwrap_or(false);
    if terminal {
        alone_with_a_person(fields);
    }
    let capture = fields.optional("capture", |at| id_map(at, |_, at| capture(at)));
    match one? {
        None => {
            for key in fields.present(&["effect", "confirm"]) {
                let message = format!("`{key}` has no meaning where nothing is done");
                let help = format!(
                    "add `run`, `manual` or `write`, or remove `{key}`; to ask whether to go on, use a question"
                );
                fields.conflict(key, message, help);
            }
            Some(Work::Milestone)
        }
        Some("run") => {
            let mut command = command_of(fields, around.defaults)?;
            command.terminal = terminal;
            if terminal && !fields.has("timeout") {
                // The timeout of all commands is meant for machines: a person takes the time that it takes.
                command.timeout = None;
            }
            Some(Work::Run {
                command,
                capture: capture.unwrap_or_default(),
            })
        }
        Some("manual") => fields.optional("manual", template).map(Work::Manual),
        Some(_) => {
            let write = fields.optional("write", |at| write(at, around.files));
            write.map(Work::Write)
        }
    }
}

/// A program that has the terminal is fed and watched by the person there, and by nobody else.
fn alone_with_a_person(fields: &mut Fields<'_>) {
    const WHY: [(&str, &str, &str); 3] = [
        (
            "capture",
            "what it prints is not read",
            "take the value in a step of its own, or ask for it with a question",
        ),
        (
            "stdin",
            "it reads what is typed",
            "give it the text as an argument or in `env`",
        ),
        (
            "retry",
            "who sits there tries again",
            "remove it, or run the step without the terminal",
        ),
    ];
    for (key, why, instead) in WHY {
        if fields.has(key) {
            let message = format!("`{key}` cannot stand beside `terminal: true`: {why}");
            fields.conflict(key, message, instead);
        }
    }
}

/// A value taken from the output: a stream by its name, or a part of one.
fn capture(at: Cursor<'_>) -> Option<Capture> {
    if let Tree::Text(_) = at.tree {
        let part = Part::Whole;
        return word(&STREAMS)(at).map(|stream| Capture { stream, part });
    }
    let mut fields = Fields::of(at, "a capture")?;
    let key = fields.exactly_one(&["stdout", "stderr"]);
    let part = key.and_then(|key| fields.optional(key, part));
    fields.finish();
    let stream = if key? == "stdout" {
        Stream::Stdout
    } else {
        Stream::Stderr
    };
    Some(Capture { stream, part: part? })
}

fn part(at: Cursor<'_>) -> Option<Part> {
    let mut fields = Fields::of(at, "a part of the output")?;
    let part = match fields.exactly_one(&["regex", "json"]) {
        Some("regex") => fields.optional("regex", regex).map(Part::Regex),
        Some(_) => fields.optional("json", pointer).map(Part::Json),
        None => None,
    };
    fields.finish();
    part
}
