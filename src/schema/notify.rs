//! Who is told how a run stands.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::model;

use super::command::{Feed, SecretRef};
use super::scalar::{AnyText, Distinct, Expression, HeaderName, Id, Map, PackageUrl, Template};

/// Somebody who is told, by a `POST` of JSON, how the run stands when the program lets go of it. It changes nothing of the run.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Notification")]
pub struct Notify {
    /// The address: a text, or `{ secret: ID }`. One that comes to an empty text means that nobody is told.
    pub webhook: Webhook,
    /// When: a word, or a list (`[waiting, failed, complete]`; with a `cdevent`, `complete`).
    pub on: Option<Occasions>,
    /// And only if this expression is true: `nodes.rollback.state == "succeeded"`.
    pub when: Option<Expression>,
    /// Headers of the request: `NAME: text`, or `NAME: { secret: ID, prefix: "Bearer " }`.
    pub headers: Option<Map<HeaderName, Feed>>,
    /// What of the run's values is told, each by a name: no parameter or answer is, unless it stands here. What is not known by then is left out.
    pub data: Option<Map<Id, AnyText>>,
    /// An event of [CDEvents](https://cdevents.dev), in place of Switchback's own JSON.
    pub cdevent: Option<CdEvent>,
}

/// An address, or a secret.
#[derive(Debug)]
pub enum Webhook {}

impl JsonSchema for Webhook {
    fn schema_name() -> Cow<'static, str> {
        "Webhook".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "object"],
            "errorMessage": "this takes text: put it into quotes",
            "pattern": r"^(https?://|\{)",
            "patternErrorMessage": "begin it with `https://` or `http://`",
            "if": { "type": "object" },
            "then": generator.subschema_for::<SecretRef>(),
        })
    }
}

/// When somebody is told.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum Occasion {
    /// It waits for a person.
    Waiting,
    /// It did not work out: `failed`, `in_doubt` or `gates_unmet`.
    Failed,
    /// It is over and every required gate is closed: `complete` or `recovered`.
    Complete,
    /// It is over, after a failure that was handled.
    Recovered,
    /// Everything is done, and a required gate is open.
    GatesUnmet,
    /// Nobody knows whether a step is done.
    InDoubt,
    /// A person stopped it.
    Stopped,
    /// A person gave it up.
    Cancelled,
}

/// A word, or a list of them.
#[derive(Debug)]
pub enum Occasions {}

impl JsonSchema for Occasions {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Occasions".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut several = generator.subschema_for::<Distinct<Occasion>>();
        several.insert("minItems".to_owned(), Value::from(1));
        json_schema!({ "anyOf": [generator.subschema_for::<Occasion>(), several] })
    }
}

/// What an event says. Each of its texts may have `{{ values }}` in it.
#[derive(Debug, JsonSchema)]
#[schemars(title = "CDEvent")]
pub struct CdEvent {
    /// What happened.
    pub r#type: CdEventType,
    /// The id of the service that was brought back (`subject.id`).
    pub service: Template,
    /// The id of the environment where it runs (`subject.content.environment.id`).
    pub environment: Template,
    /// What runs there now, as a package URL (`subject.content.artifactId`): `pkg:generic/shop@v1.4.2`.
    pub artifact: PackageUrl,
    /// Who says so, as a reference to a URI (`context.source`); `/switchback/NAME` of the runbook unless said.
    pub source: Option<Template>,
}

/// The events that can be told.
#[derive(Debug)]
pub enum CdEventType {}

impl JsonSchema for CdEventType {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "CdEventType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let words = model::CdEventKind::WORDS.map(|(word, _)| word);
        json_schema!({ "type": "string", "enum": words })
    }
}
