//! The scenarios of a drill.

use indexmap::IndexMap;

use crate::model::{DrillResolution, DrillStep, Expectation, Scenario, Turn};

use super::check::checks;
use super::command::{Defaults, command};
use super::decode::{Cursor, Fields, any_text, id_map, integer, list, map, mentioned, text, word};
use super::links::node_list;

/// What can be done about a node that failed.
const HOW: [(&str, &str); 3] = [("done", "done"), ("rerun", "rerun"), ("skip", "skip")];

/// A story to play.
pub(crate) fn scenario(at: Cursor<'_>, defaults: &Defaults) -> Option<Scenario> {
    let mut fields = Fields::of(at, "a scenario")?;
    let about = fields.required("about", text);
    let world = fields.optional("world", texts_by_id);
    let steps = fields.optional("steps", |at| list(at, |at| step(at, defaults)));
    let expect = fields.optional("expect", |at| expectation(at, defaults));
    fields.finish();
    Some(Scenario {
        about: about?,
        world: world.unwrap_or_default(),
        steps: steps.unwrap_or_default(),
        expect: expect.unwrap_or_default(),
    })
}

fn step(at: Cursor<'_>, defaults: &Defaults) -> Option<DrillStep> {
    let mut fields = Fields::of(at, "a step")?;
    let step = match fields.exactly_one(&["run", "resume", "outside"]) {
        Some("run") => fields.optional("run", |at| turn(at, false)).map(DrillStep::Run),
        Some("resume") => {
            let turn = fields.optional("resume", |at| turn(at, true));
            turn.map(DrillStep::Resume)
        }
        Some(_) => {
            let command = fields.optional("outside", |at| command(at, defaults));
            command.map(DrillStep::Outside)
        }
        None => None,
    };
    fields.finish();
    step
}

fn turn(at: Cursor<'_>, resumes: bool) -> Option<Turn> {
    let kind = if resumes { "`resume`" } else { "`run`" };
    let mut fields = Fields::of(at, kind)?;
    let mut turn = Turn {
        answers: fields.optional("answers", texts).unwrap_or_default(),
        attest: fields.optional("attest", texts).unwrap_or_default(),
        decide: fields.optional("decide", texts).unwrap_or_default(),
        confirm: fields
            .optional("confirm", |at| list(at, text))
            .unwrap_or_default(),
        waive: fields.optional("waive", texts).unwrap_or_default(),
        resolve: IndexMap::new(),
        exit: fields.optional("exit", integer(0, 255)).unwrap_or(0),
        says: fields.optional("says", |at| list(at, text)).unwrap_or_default(),
    };
    if resumes {
        let resolve = |at: Cursor<'_>| map(at, mentioned, |_, at| resolution(at));
        turn.resolve = fields.optional("resolve", resolve).unwrap_or_default();
    }
    fields.finish();
    Some(turn)
}

fn resolution(at: Cursor<'_>) -> Option<DrillResolution> {
    let mut fields = Fields::of(at, "a resolution")?;
    let how = fields.required("how", word(&HOW));
    let reason = fields.required("reason", text);
    let set = fields.optional("set", texts);
    fields.finish();
    Some(DrillResolution {
        how: how?.to_owned(),
        reason: reason?,
        set: set.unwrap_or_default(),
    })
}

fn expectation(at: Cursor<'_>, defaults: &Defaults) -> Option<Expectation> {
    let mut fields = Fields::of(at, "`expect`")?;
    let expectation = Expectation {
        state: fields.optional("state", text),
        route: fields.optional("route", node_list),
        nodes: fields.optional("nodes", words).unwrap_or_default(),
        gates: fields.optional("gates", words).unwrap_or_default(),
        verify: fields
            .optional("verify", |at| checks(at, defaults))
            .unwrap_or_default(),
    };
    fields.finish();
    Some(expectation)
}

/// Texts by the name of something in the runbook.
fn texts(at: Cursor<'_>) -> Option<IndexMap<String, String>> {
    map(at, mentioned, |_, at| any_text(at))
}

/// Words by the id of something in the runbook.
fn words<K>(at: Cursor<'_>) -> Option<IndexMap<K, String>>
where
    K: std::hash::Hash + Eq + for<'a> From<&'a str>,
{
    map(at, mentioned, |_, at| text(at))
}

fn texts_by_id(at: Cursor<'_>) -> Option<IndexMap<String, String>> {
    id_map(at, |_, at| any_text(at))
}
