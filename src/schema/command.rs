//! Commands, wherever one can stand.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use super::rule::{hold, is, when, without};
use super::scalar::{AnyText, Duration, Map, PositiveDuration, Template, Text, Variable};

/// A command that runs.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Command", transform = shell_needs_a_text)]
pub struct Command {
    /// What runs. A **list** runs without a shell: each item is one argument, whatever it contains. A **text** is a script for `shell`, in which every
    /// interpolated value is escaped for the place it stands in.
    pub run: Invocation,
    /// How it runs.
    #[schemars(flatten)]
    pub how: How,
}

/// The keys that say more about a `run`, wherever one stands.
#[derive(Debug, JsonSchema)]
pub struct How {
    /// The directory the command runs in; the runbook's folder unless said here or in `defaults`.
    pub cwd: Option<Template>,
    /// Variables that are added to the environment: `NAME: text`, or `NAME: { secret: ID }`.
    pub env: Option<Map<Variable, Feed>>,
    /// Standard input: a text, or `{ secret: ID }`. Without it, standard input is empty.
    pub stdin: Option<Feed>,
    /// How long the command may take (`5m`). Then its process group gets TERM, and after `grace` KILL.
    pub timeout: Option<PositiveDuration>,
    /// How long the command may take to end by itself after TERM (`2s`).
    pub grace: Option<Duration>,
    /// The shell that is given a script as its last argument (`[sh, -eu, -c]`). Only where `run` is a text.
    #[schemars(length(min = 1))]
    pub shell: Option<Vec<Text>>,
}

/// The keys of `How`.
pub(super) const HOW: &[&str] = &["cwd", "env", "stdin", "timeout", "grace", "shell"];

/// What holds for every command that does not say otherwise.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Defaults")]
pub struct Defaults {
    /// The directory commands run in; the runbook's folder unless said.
    pub cwd: Option<Template>,
    /// Variables that are added to the environment of each command; a command's own `env` has the last word.
    pub env: Option<Map<Variable, Feed>>,
    /// How long a command may take (`5m`). Then its process group gets TERM, and after `grace` KILL.
    pub timeout: Option<PositiveDuration>,
    /// How long a command may take to end by itself after TERM (`2s`).
    pub grace: Option<Duration>,
    /// The shell that is given a script as its last argument (`[sh, -eu, -c]`), as in `[bash, -euo, pipefail, -c]`.
    #[schemars(length(min = 1))]
    pub shell: Option<Vec<Text>>,
}

/// What runs: a list of arguments, or a script.
#[derive(Debug)]
pub enum Invocation {}

impl JsonSchema for Invocation {
    fn schema_name() -> Cow<'static, str> {
        "Invocation".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [
                { "type": "array", "items": generator.subschema_for::<AnyText>(), "minItems": 1 },
                generator.subschema_for::<Template>(),
            ],
        })
    }
}

/// A text, or a secret.
#[derive(Debug)]
pub enum Feed {}

impl JsonSchema for Feed {
    fn schema_name() -> Cow<'static, str> {
        "Feed".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "object"],
            "errorMessage": "this takes text: put it into quotes",
            "if": { "type": "object" },
            "then": generator.subschema_for::<SecretRef>(),
        })
    }
}

/// A reference to a secret, which is masked wherever it would be shown.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Secret reference")]
pub struct SecretRef {
    /// The id of a secret of the runbook.
    pub secret: Text,
    /// A text before it, as in `prefix: "Bearer "`.
    pub prefix: Option<AnyText>,
}

/// A list is not seen by a shell.
pub(super) fn shell_needs_a_text(schema: &mut Schema) {
    let message = "this has no meaning beside a `run` that is a list: no shell sees it";
    let is_list = is("run", &json!({ "type": "array" }));
    hold(schema, [when(&is_list, &without(&["shell"], message))]);
}
