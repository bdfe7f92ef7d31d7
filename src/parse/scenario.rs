//! The scenarios of a drill.

use indexmap::IndexMap;

use crate::model::{Check, DrillResolution, DrillStep, Expectation, Scenario, Turn};

use super::check::checks;
use super::command::{Defaults, command};
use super::decode::{Cursor, Fields, any_text, id_map, integer, list, map, mentioned, text, word};
use super::runbook::requires;
use super::said::{expectation, said, texts};

/// What can be done about a node that failed.
const HOW: [(&str, &str); 3] = [("done", "done"), ("rerun", "rerun"), ("skip", "skip")];

/// A story to play.
pub(crate) fn scenario(at: Cursor<'_>, defaults: &Defaults) -> Option<Scenario> {
    let mut fields = Fields::of(at, "a scenario")?;
    let about = fields.required("about", text);
    let required = fields.optional("requires", |at| requires(at, text));
    let world = fields.optional("world", texts_by_id);
    let steps = fields.optional("steps", |at| list(at, |at| step(at, defaults)));
    let ending = fields.optional("expect", |at| ending(at, defaults));
    fields.finish();
    let (expect, verify) = ending.unwrap_or_default();
    Some(Scenario {
        about: about?,
        requires: required.unwrap_or_default(),
        world: world.unwrap_or_default(),
        steps: steps.unwrap_or_default(),
        expect,
        verify,
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
        said: said(&mut fields),
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

/// How the run and the world should be at the end.
fn ending(at: Cursor<'_>, defaults: &Defaults) -> Option<(Expectation, Vec<Check>)> {
    let mut fields = Fields::of(at, "`expect`")?;
    let expect = expectation(&mut fields);
    let verify = fields.optional("verify", |at| checks(at, defaults));
    fields.finish();
    Some((expect, verify.unwrap_or_default()))
}

fn texts_by_id(at: Cursor<'_>) -> Option<IndexMap<String, String>> {
    id_map(at, |_, at| any_text(at))
}
