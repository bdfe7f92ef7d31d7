//! A whole runbook, and what stands at its top.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use crate::diagnostic::Code;

use super::command::{Defaults, Invocation};
use super::gate::Gate;
use super::node::Node;
use super::notify::Notify;
use super::parameter::Parameter;
use super::rule::{exactly_one, hold};
use super::scalar::{Distinct, Id, Map, NodeRef, Template, Text, Version};

/// A runbook: questions choose the way, actions do the work, checks look at the world, gates decide when it is over.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Runbook")]
pub struct Runbook {
    /// The version of the format; always first.
    pub switchback: Version,
    /// The runbook's short name, an id.
    pub name: Id,
    /// One line for people.
    pub title: Text,
    /// What it is for, and when to use it.
    pub description: Option<Text>,
    /// Values that are given with `-p NAME=VALUE`; templates know each by its name.
    #[schemars(extend("properties" = {
        "answers": false, "outputs": false, "nodes": false, "run": false, "secrets": false
    }))]
    pub parameters: Option<Map<Id, Parameter>>,
    /// References to secrets, never their values. They can be put in `env`, `stdin` and HTTP `headers`.
    pub secrets: Option<Map<Id, Secret>>,
    /// What must be there before anything starts.
    pub requires: Option<Requires>,
    /// The key of which only one run at a time may have one: `"deploy/{{ environment }}"`. It knows the parameters.
    pub lock: Option<Template>,
    /// What holds for every command that does not say otherwise.
    pub defaults: Option<Defaults>,
    /// The nodes where the run begins; without it, every node that no edge leads to.
    #[schemars(length(min = 1))]
    pub start: Option<Distinct<NodeRef>>,
    /// The questions and actions, by their ids. Their order is the order of work among what is ready.
    #[schemars(extend("minProperties" = 1, "properties" = { "end": false, "stop": false }))]
    pub nodes: Map<Id, Node>,
    /// What must hold for the run to be complete.
    pub gates: Option<Map<Id, Gate>>,
    /// Who is told, over HTTP, when the run waits for a person, did not work out, or is complete.
    #[schemars(length(min = 1))]
    pub notify: Option<Vec<Notify>>,
    /// Warnings that are known and accepted, each with the reason.
    pub allow: Option<Allow>,
}

/// Where a secret comes from: one of the three. A line end at its end is not part of it.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Secret", transform = one_source)]
pub struct Secret {
    /// The name of an environment variable.
    pub env: Option<Text>,
    /// The path of a file.
    pub file: Option<Text>,
    /// A command that prints it: a list of arguments, or a script.
    pub command: Option<Invocation>,
}

fn one_source(schema: &mut Schema) {
    hold(
        schema,
        exactly_one(
            &["env", "file", "command"],
            "a secret needs one of `env`, `file` and `command`",
        ),
    );
}

/// What must be there before anything starts.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Requires")]
pub struct Requires {
    /// Programs that are looked up on `PATH`; all that is missing is named, exit 2. They know the parameters: `"{{ tool }}"`.
    pub commands: Distinct<Template>,
}

/// Warnings that are accepted: `CODE: REASON`.
#[derive(Debug)]
pub enum Allow {}

impl JsonSchema for Allow {
    fn schema_name() -> Cow<'static, str> {
        "Allow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let codes = Code::ALL.iter().filter(|code| code.can_be_allowed());
        let codes: Vec<&str> = codes.map(|code| code.as_str()).collect();
        let names = json!({ "enum": codes, "errorMessage": format!("only a warning can be allowed: {}", codes.join(", ")) });
        json_schema!({
            "type": "object",
            "propertyNames": names,
            "additionalProperties": generator.subschema_for::<Text>(),
        })
    }
}
