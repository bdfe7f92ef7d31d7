//! Who is told how a run stands when the program lets go of it.

use indexmap::IndexMap;

use crate::model::{CdEvent, CdEventKind, Feed, Notify, Occasion, Template};

use super::command::feed;
use super::decode::{
    Cursor, Fields, any_template, distinct, expression, filled, id_map, one_of, one_or_many, template, word,
};
use super::http::headers;

/// What is told where the author does not say.
const OF_A_RUN: [Occasion; 3] = [Occasion::Waiting, Occasion::Failed, Occasion::Complete];
/// The same of an event, which is true only when all is done.
const OF_AN_EVENT: [Occasion; 1] = [Occasion::Complete];

/// Somebody who is told.
pub(crate) fn notify(at: Cursor<'_>) -> Option<Notify> {
    let mut fields = Fields::of(at, "a notification")?;
    let webhook = fields.required("webhook", webhook);
    let on = fields.optional("on", occasions);
    let when = fields.optional("when", expression);
    let headers = fields.optional("headers", headers).unwrap_or_default();
    let data = fields.optional("data", data).unwrap_or_default();
    let has_event = fields.has("cdevent");
    let cdevent = fields.optional("cdevent", cdevent);
    fields.finish();
    let unless_said = if has_event {
        OF_AN_EVENT.as_slice()
    } else {
        OF_A_RUN.as_slice()
    };
    Some(Notify {
        webhook: webhook?,
        on: on.unwrap_or_else(|| unless_said.to_vec()),
        when,
        headers,
        data,
        cdevent,
    })
}

fn webhook(at: Cursor<'_>) -> Option<Feed> {
    let webhook = feed(at)?;
    if let Feed::Text(address) = &webhook {
        let help = "write all of it, `https://chat.example.org/hooks/ops`, or `{ secret: ID }` where whoever knows the address may post there";
        begins_with(at, address, &["https://", "http://"], help)?;
    }
    Some(webhook)
}

fn occasions(at: Cursor<'_>) -> Option<Vec<Occasion>> {
    filled(at)?;
    let words = Occasion::WORDS.map(|(word, _)| word);
    let typed = distinct(at, one_or_many(at, one_of(&words))?)?;
    let known = |typed: &String| Occasion::WORDS.iter().find(|(word, _)| word == typed);
    Some(
        typed
            .iter()
            .filter_map(known)
            .map(|(_, occasion)| *occasion)
            .collect(),
    )
}

fn data(at: Cursor<'_>) -> Option<IndexMap<String, Template>> {
    id_map(at, |_, at| any_template(at))
}

fn cdevent(at: Cursor<'_>) -> Option<CdEvent> {
    let mut fields = Fields::of(at, "a `cdevent`")?;
    let kind = fields.required("type", word(&CdEventKind::WORDS));
    let service = fields.required("service", template);
    let environment = fields.required("environment", template);
    let artifact = fields.required("artifact", |at| {
        let artifact = template(at)?;
        let help = "write a package URL, as in `pkg:generic/shop@{{ answers.good_tag }}`";
        begins_with(at, &artifact, &["pkg:"], help)?;
        Some(artifact)
    });
    let source = fields.optional("source", template);
    fields.finish();
    Some(CdEvent {
        kind: kind?,
        service: service?,
        environment: environment?,
        artifact: artifact?,
        source,
    })
}

/// Reports a text that begins with none of these, unless only the run can tell.
fn begins_with(at: Cursor<'_>, text: &Template, beginnings: &[&str], help: &str) -> Option<()> {
    let is_right =
        text.0.starts_with('{') || beginnings.iter().any(|beginning| text.0.starts_with(beginning));
    if !is_right {
        let all: Vec<String> = beginnings
            .iter()
            .map(|beginning| format!("`{beginning}`"))
            .collect();
        let message = format!("{} must begin with {}", at.name(), all.join(" or "));
        at.invalid(message, help);
    }
    is_right.then_some(())
}
