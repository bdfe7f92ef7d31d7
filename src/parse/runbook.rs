use crate::diagnostic::Code;
use crate::model::{Runbook, Template};

use super::ReadFile;
use super::allow::allow;
use super::command::defaults;
use super::decode::{
    Cursor, Fields, distinct, filled, id, id_map, list, map, name, non_empty, template, text,
};
use super::gate::gate;
use super::links::node_list;
use super::node::{Around, hole, node, node_id};
use super::notify::notify;
use super::parameter::{parameter, parameter_id};
use super::secret::secret;
use super::tree::Tree;

/// A runbook.
pub(crate) fn runbook(at: Cursor<'_>, files: ReadFile<'_>) -> Option<Runbook> {
    let mut fields = Fields::of(at, "a runbook")?;
    if !version(&mut fields, "switchback") {
        return None;
    }
    let short: Option<String> = fields.required("name", id);
    let title = fields.required("title", text);
    let description = fields.optional("description", text);
    let parameters = fields.optional("parameters", |at| map(at, parameter_id, parameter));
    let defaults = fields.optional("defaults", defaults).unwrap_or_default();
    let secrets = fields.optional("secrets", |at| id_map(at, |_, at| secret(at, &defaults)));
    let requires = fields.optional("requires", |at| requires(at, name::<String>));
    let lock = fields.optional("lock", template);
    let start = fields.optional("start", |at| {
        filled(at)?;
        node_list(at)
    });
    let around = Around {
        defaults: &defaults,
        files,
    };
    let nodes = fields.required("nodes", |at| {
        filled(at)?;
        map(at, node_id, |id, at| {
            Some(node(id, at, around).unwrap_or_else(|| hole(id)))
        })
    });
    let gates = fields.optional("gates", |at| id_map(at, |id, at| gate(id, at, &defaults)));
    let notify = fields.optional("notify", |at| non_empty(at, notify));
    let allow = allow(&mut fields);
    fields.finish();
    Some(Runbook {
        name: short.unwrap_or_default(),
        title: title.unwrap_or_default(),
        description,
        parameters: parameters.unwrap_or_default(),
        secrets: secrets.unwrap_or_default(),
        requires: requires.unwrap_or_default().into_iter().map(Template).collect(),
        lock,
        start,
        nodes: nodes.unwrap_or_default(),
        gates: gates.unwrap_or_default(),
        notify: notify.unwrap_or_default(),
        allow,
    })
}

/// The first key of each kind of file, and what the file then is.
const KINDS: [(&str, &str); 3] = [
    ("switchback", "a runbook"),
    ("switchback_drill", "a drill"),
    ("switchback_test", "a test"),
];

/// Whether the file is of the version of the format that is read here. Of another, nothing else could be said.
pub(crate) fn version(fields: &mut Fields<'_>, key: &'static str) -> bool {
    if !fields.has(key) {
        let what = |wanted| {
            KINDS
                .iter()
                .find(|(key, _)| *key == wanted)
                .map_or("", |kind| kind.1)
        };
        if let Some((other, is)) = KINDS
            .iter()
            .find(|(other, _)| fields.keys().any(|key| key == *other))
        {
            let message = format!("this is {is}, and not {}", what(key));
            let help = format!("give the file that begins with `{key}: 1`");
            fields.report_at(other, Code::MissingField, "another kind of file", message, help);
            return false;
        }
        fields.missing(key, format!("begin the file with `{key}: 1`"));
        return true;
    }
    let version = fields.optional(key, |at| {
        let Tree::Number(version) = at.tree else {
            at.wrong_type("the number `1`");
            return Some(true);
        };
        if version.as_u64() != Some(1) {
            let message = format!("version {version} of the format is not known");
            let finding = at.finding(Code::UnsupportedVersion, message);
            let help = "this program reads version 1: write `1`, or use a newer program";
            at.report(finding.label("not known").help(help));
            return None;
        }
        Some(true)
    });
    version.is_some()
}

/// The commands that must be there, each as `command` reads it.
pub(crate) fn requires(
    at: Cursor<'_>,
    command: impl Fn(Cursor<'_>) -> Option<String>,
) -> Option<Vec<String>> {
    let mut fields = Fields::of(at, "`requires`")?;
    let commands = fields.required("commands", |at| distinct(at, list(at, &command)?));
    fields.finish();
    commands
}
