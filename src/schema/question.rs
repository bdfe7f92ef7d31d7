//! Questions, and their choices.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::command::{Command, How, Invocation, shell_needs_a_text};
use super::node::{Links, Next, ways};
use super::parameter::{Input, by_kind};
use super::rule::{belong_to, exactly_one, hold, is, mapping_or, present, when};
use super::scalar::{AnyText, Id, Map, ParameterValue, Template, Text};

/// Asks, and so chooses the way.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Question", transform = rules_of_question)]
pub struct Question {
    /// What is asked.
    pub question: Text,
    /// What to look at to answer it; may have `{{ values }}` in it.
    pub help: Option<Template>,
    /// A command that prints the answer, on one line. At a terminal the answer is preselected, headless it is taken.
    pub detect: Option<Command>,
    /// The answers, and where each leads: `"yes": rollback`. An id that YAML takes for something else (`yes`, `no`) is quoted.
    #[schemars(extend("minProperties" = 1))]
    pub choices: Option<Map<Id, Choice>>,
    /// A value is typed, in place of `choices`.
    pub input: Option<Input>,
    /// A command that prints likely values, one a line; only for `input`.
    pub suggest: Option<Suggest>,
    /// The answer that is taken headless when there is no other: a choice, or a value.
    pub default: Option<ParameterValue>,
    /// Where it goes on.
    #[schemars(flatten)]
    pub links: Links,
}

fn rules_of_question(schema: &mut Schema) {
    let form = "a question needs `choices` or `input`";
    hold(schema, exactly_one(&["choices", "input"], form));
    let choice = json!({ "type": "string", "pattern": r"\S", "doNotSuggest": true });
    let default = |value: &Value| json!({ "properties": { "default": value } });
    hold(
        schema,
        [
            belong_to(&["input"], &["suggest"]),
            when(&present("choices"), &default(&choice)),
        ],
    );
    hold(schema, by_kind(|kind| is("input", kind), default));
}

/// Where a choice leads: as `next`, or with more to say.
#[derive(Debug)]
pub enum Choice {}

impl JsonSchema for Choice {
    fn schema_name() -> Cow<'static, str> {
        "Choice".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = mapping_or(
            "Choice",
            &generator.subschema_for::<LongChoice>(),
            ways(generator),
        );
        let description =
            "Where this answer leads: a node, a list of nodes, `end`, `stop`, or `{ label, next, decides }`.";
        schema.insert("description".to_owned(), Value::from(description));
        schema
    }
}

/// A choice with more to say.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Choice")]
pub struct LongChoice {
    /// What people see instead of the id.
    pub label: Option<Text>,
    /// Where it leads: a node, a list of nodes, `end` or `stop`; without it, where the question's `next` leads.
    pub next: Option<Next>,
    /// Gates that are decided by making this choice: `GATE: OUTCOME`.
    pub decides: Option<Map<AnyText, Text>>,
}

/// A command that prints likely values.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Suggest", transform = shell_needs_a_text)]
pub struct Suggest {
    /// What runs: a list of arguments, or a script. It prints one value a line.
    pub run: Invocation,
    /// How it runs.
    #[schemars(flatten)]
    pub how: How,
    /// How many lines are shown (`10`).
    #[schemars(range(min = 1, max = 1000))]
    pub limit: Option<u32>,
}
