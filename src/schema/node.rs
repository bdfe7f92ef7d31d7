//! Nodes, and how they are joined.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::action::Action;
use super::question::Question;
use super::rule::{exactly_one, hold, present};
use super::runbook::Allow;
use super::scalar::{Distinct, Expression, NodeRef, Text};

/// A question or an action: the key that stands there says which.
#[derive(Debug)]
pub enum Node {}

impl JsonSchema for Node {
    fn schema_name() -> Cow<'static, str> {
        "Node".into()
    }

    /// Not "one of the two": an editor shall speak of the one that the author means.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "additionalProperties": true,
            "if": present("question"),
            "then": generator.subschema_for::<Question>(),
            "else": {
                "if": present("action"),
                "then": generator.subschema_for::<Action>(),
                "else": generator.subschema_for::<Either>(),
            },
        })
    }
}

/// What stands where it is not said yet which of the two it is.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Node", transform = one_of_the_two)]
pub struct Either {
    /// What is asked: the node is a question, and its answer chooses the way.
    pub question: Option<Text>,
    /// What is done: the node is an action.
    pub action: Option<Text>,
}

fn one_of_the_two(schema: &mut Schema) {
    hold(
        schema,
        exactly_one(&["question", "action"], "a node needs `question` or `action`"),
    );
    schema.insert("additionalProperties".to_owned(), Value::Bool(true));
}

/// How a node is joined to the others.
#[derive(Debug, JsonSchema)]
pub struct Links {
    /// Where it goes on: a node, a list of nodes, `end` or `stop`. Nothing or `end` ends the branch; `stop` ends the run: nothing new starts, and the
    /// gates are shown.
    pub next: Option<Next>,
    /// The node is needed only if this expression is true: `answers.migration == "yes"`. Else it is `not_needed`, and passed through.
    pub when: Option<Expression>,
    /// How many of the edges that lead here must be taken (`any`). Either way the node waits until all are decided.
    pub join: Option<Join>,
    /// Nodes that must be final before this one; they never make it run.
    pub after: Option<Nodes>,
    /// Nodes that must be final before this one; it is `blocked` unless each succeeded, was `not_taken` or was `not_needed`.
    pub needs: Option<Nodes>,
    /// Warnings about this node that are known and accepted, each with the reason.
    pub allow: Option<Allow>,
}

/// Where a way goes on.
#[derive(Debug)]
pub enum Next {}

impl JsonSchema for Next {
    fn schema_name() -> Cow<'static, str> {
        "Next".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": ways(generator) })
    }
}

/// The forms of a way.
pub(super) fn ways(generator: &mut SchemaGenerator) -> Vec<Value> {
    let ends = json!({
        "type": "string",
        "enum": ["end", "stop"],
        "markdownEnumDescriptions": ["Ends the branch.", "Ends the run: nothing new starts, and the gates are shown."],
    });
    vec![
        generator.subschema_for::<Text>().to_value(),
        generator.subschema_for::<Distinct<NodeRef>>().to_value(),
        ends,
    ]
}

/// A node, or a list of nodes.
#[derive(Debug)]
pub enum Nodes {}

impl JsonSchema for Nodes {
    fn schema_name() -> Cow<'static, str> {
        "Nodes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "anyOf": [generator.subschema_for::<NodeRef>(), generator.subschema_for::<Distinct<NodeRef>>()],
        })
    }
}

/// How many incoming edges must be taken.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum Join {
    /// At least one.
    Any,
    /// Every one.
    All,
}
