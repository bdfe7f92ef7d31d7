use std::time::Duration;

use crate::diagnostic::Code;
use crate::model::{Action, Effect, OnInterrupt, Retry};

use super::check::checks;
use super::command::command;
use super::decode::{Cursor, Fields, boolean, duration, integer, template, text, word};
use super::links::nodes;
use super::node::Around;
use super::work::work_of;

/// How long lies between two attempts where nobody says otherwise.
const DEFAULT_BACKOFF: Duration = Duration::from_secs(1);

/// An action, whose edges are read already.
pub(crate) fn action_of(fields: &mut Fields<'_>, around: Around<'_>) -> Option<Action> {
    let title = fields.required("action", text);
    let description = fields.optional("description", template);
    let work = work_of(fields, around);
    let effect = fields.optional("effect", word(&Effect::WORDS));
    let confirm = fields.optional("confirm", template);
    let expect = fields.optional("expect", template);
    let verify = fields.optional("verify", |at| checks(at, around.defaults));
    let idempotent = fields.optional("idempotent", boolean).unwrap_or(false);
    let retry = fields.optional("retry", retry);
    let on_failure = fields.optional("on_failure", nodes);
    let on_interrupt = fields.optional("on_interrupt", word(&OnInterrupt::WORDS));
    fields.belong_to("run", &["undo"]);
    let undo = fields.optional("undo", |at| command(at, around.defaults));
    let action = Action {
        title: title.unwrap_or_default(),
        description,
        work: work?,
        effect: effect.unwrap_or_default(),
        confirm,
        expect,
        verify: verify.unwrap_or_default(),
        idempotent,
        retry,
        on_failure: on_failure.unwrap_or_default(),
        on_interrupt: on_interrupt.unwrap_or_default(),
        undo,
    };
    repetition(&action, fields);
    if action.undo.is_some() && action.effect == Effect::Read {
        let message = "`undo` has nothing to take back: the action only reads";
        fields.conflict(
            "undo",
            message,
            "remove it, or say what the action does: `effect: change`",
        );
    }
    Some(action)
}

/// Whether what is repeated by itself may be.
fn repetition(action: &Action, fields: &Fields<'_>) {
    const HELP: &str = "add `idempotent: true` if running it twice is the same as once; else remove this";
    let on_interrupt = action.on_interrupt == OnInterrupt::Retry;
    let repeats = [("retry", action.retry.is_some()), ("on_interrupt", on_interrupt)];
    for (key, _) in repeats.iter().filter(|(_, is)| *is && !action.idempotent) {
        let message = format!("`{key}` repeats an action that is not declared to bear it");
        let code = Code::RetryWithoutIdempotent;
        fields.report_at(key, code, "needs `idempotent: true`", message, HELP);
    }
    if action.on_interrupt == OnInterrupt::Verify && action.verify.is_empty() {
        let message = "`on_interrupt: verify` has nothing to look at";
        fields.conflict("on_interrupt", message, "add a check to `verify`, or write `ask`");
    }
}

fn retry(at: Cursor<'_>) -> Option<Retry> {
    let mut fields = Fields::of(at, "`retry`")?;
    let times = fields.required("times", integer(1, 1000));
    let backoff = fields.optional("backoff", duration);
    fields.finish();
    Some(Retry {
        times: times?,
        backoff: backoff.unwrap_or(DEFAULT_BACKOFF),
    })
}
