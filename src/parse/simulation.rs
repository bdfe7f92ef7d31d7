//! What is simulated in a test.

use crate::diagnostic::Code;
use crate::model::{Printed, Scene, Simulated, Simulation, Which};

use super::decode::{
    Cursor, Fields, any_text, boolean, duration, integer, list, name, regex, shown, text, text_in_place, word,
};

/// What an entry can be about.
const ABOUT: &[&str] = &["node", "detect", "command", "check"];
/// How a command ends.
const ENDS: &[&str] = &["exit", "stdout", "stderr"];
/// What a check sees, said outright or for its matchers to judge: keys of one group can stand together, those of two cannot.
const SCENES: &[&[&str]] = &[
    &["verdict", "evidence"],
    &["status", "body"],
    ENDS,
    &["content"],
    &["target"],
    &["exists"],
];

/// What the word of a verdict makes of the evidence.
type Seen = fn(Option<String>) -> Scene;

const VERDICTS: [(&str, Seen); 3] = [
    ("held", Scene::Held),
    ("failed", Scene::Failed),
    ("unknown", Scene::Unknown),
];

/// What is simulated, in the order in which it is looked at.
pub(crate) fn simulations(at: Cursor<'_>) -> Option<Vec<Simulation>> {
    let mut indices = 0..;
    list(at, |at| simulation(at, indices.next()?))
}

fn simulation(at: Cursor<'_>, index: usize) -> Option<Simulation> {
    let mut fields = Fields::of(at, "a simulation")?;
    let delay = fields.optional("delay", duration).unwrap_or_default();
    fields.belong_to("node", &["attempt"]);
    for keys in SCENES.iter().filter(|keys| **keys != ENDS) {
        fields.belong_to("check", keys);
    }
    let what = match fields.exactly_one(ABOUT) {
        Some("check") => check(&mut fields),
        Some(about) => {
            let which = which(&mut fields, about);
            let printed = printed(&mut fields);
            which.map(|which| Simulated::Command { which, printed })
        }
        None => {
            fields.present(ENDS);
            None
        }
    };
    fields.finish();
    let what = what?;
    Some(Simulation { index, what, delay })
}

fn which(fields: &mut Fields<'_>, about: &str) -> Option<Which> {
    match about {
        "node" => {
            let attempt = fields.optional("attempt", integer(1, 1000));
            let node = fields.optional("node", name)?;
            Some(Which::Node { node, attempt })
        }
        "detect" => fields.optional("detect", name).map(Which::Detect),
        _ => fields.optional("command", regex).map(Which::Matching),
    }
}

fn printed(fields: &mut Fields<'_>) -> Printed {
    Printed {
        exit: fields.optional("exit", integer(0, 255)).unwrap_or(0),
        stdout: fields.optional("stdout", any_text).unwrap_or_default(),
        stderr: fields.optional("stderr", any_text).unwrap_or_default(),
    }
}

fn check(fields: &mut Fields<'_>) -> Option<Simulated> {
    let name = fields.optional("check", owner_and_check);
    let scene = scene(fields)?;
    let (owner, check) = name?;
    Some(Simulated::Check { owner, check, scene })
}

fn owner_and_check(at: Cursor<'_>) -> Option<(String, String)> {
    let name = text_in_place(at)?;
    let parts = name.split_once('.');
    if parts.is_none() {
        at.invalid(
            format!("{} does not say which check", shown(name)),
            format!("write its owner and its id, or its place from 0: `{name}.0`"),
        );
    }
    parts.map(|(owner, check)| (owner.to_owned(), check.to_owned()))
}

/// What a check sees; where nothing is said, that it is as it should be.
fn scene(fields: &mut Fields<'_>) -> Option<Scene> {
    let present: Vec<_> = SCENES.iter().map(|keys| fields.present(keys)).collect();
    let mut groups = present.iter().filter_map(|keys| keys.first());
    let first = groups.next().copied();
    if let (Some(first), Some(other)) = (first, groups.next()) {
        let help = "a check sees one thing: remove one of them";
        fields.conflict(other, format!("`{other}` cannot stand beside `{first}`"), help);
        return None;
    }
    fields.belong_to("verdict", &["evidence"]);
    match first {
        None => Some(Scene::Held(None)),
        Some("verdict" | "evidence") => {
            let evidence = fields.optional("evidence", text);
            let seen = fields.optional("verdict", word(&VERDICTS))?;
            Some(seen(evidence))
        }
        Some("status" | "body") => Some(Scene::Answered {
            status: fields.optional("status", integer(100, 599)).unwrap_or(200),
            body: fields.optional("body", any_text).unwrap_or_default(),
        }),
        Some("content") => fields.optional("content", any_text).map(Scene::File),
        Some("target") => fields.optional("target", any_text).map(Scene::Link),
        Some("exists") => {
            if fields.optional("exists", boolean)? {
                let message = "`exists` says only that something is not there";
                let help = "write `exists: false`, or what is there: `content` of a file, `target` of a link";
                fields.report_at("exists", Code::InvalidValue, "not allowed", message, help);
                return None;
            }
            Some(Scene::Nothing)
        }
        Some(_) => Some(Scene::Ended(printed(fields))),
    }
}
