//! Parameters, and what values are allowed wherever one is typed.

use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::rule::{hold, is, when, without};
use super::scalar::{ParameterValue, Regex, Text};

/// A value that is given with `-p NAME=VALUE`.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Parameter", transform = rules_of_parameter)]
pub struct Parameter {
    /// What values are allowed.
    #[schemars(flatten)]
    pub domain: Domain,
    /// The value where none is given; without it the parameter must be given.
    pub default: Option<ParameterValue>,
    /// What it is, for help and messages.
    pub description: Option<Text>,
}

/// What may be typed.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Input", transform = rules_of_domain)]
pub struct Input {
    /// What values are allowed.
    #[schemars(flatten)]
    pub domain: Domain,
}

/// What values are allowed.
#[derive(Debug, JsonSchema)]
pub struct Domain {
    /// What kind of value it is.
    pub r#type: Kind,
    /// The only values that are allowed.
    #[schemars(length(min = 1))]
    pub r#enum: Option<Vec<Value>>,
    /// A regular expression that a text must match. It is not anchored: write `'^…$'`, in single quotes.
    pub pattern: Option<Regex>,
    /// `uri`: a text must be an absolute `http` or `https` address.
    pub format: Option<Format>,
    /// The least number; of a text, the least number of characters.
    pub min: Option<f64>,
    /// The greatest number; of a text, the greatest number of characters.
    pub max: Option<f64>,
}

/// What kind of value is wanted.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum Kind {
    /// One line of text.
    String,
    /// Several lines of text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// What a text must be.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum Format {
    /// An absolute `http` or `https` address.
    Uri,
}

/// Each kind, and what its values are.
fn kinds() -> [(&'static str, Value); 5] {
    const QUOTE: &str = "this takes text: put it into quotes";
    let line = json!({
        "type": "string",
        "pattern": r"^[^\n]*$",
        "errorMessage": QUOTE,
        "patternErrorMessage": "a `string` has one line: `type: text` takes several",
    });
    [
        ("string", line),
        ("text", json!({ "type": "string", "errorMessage": QUOTE })),
        ("integer", json!({ "type": "integer" })),
        ("number", json!({ "type": "number" })),
        ("boolean", json!({ "type": "boolean" })),
    ]
}

/// A rule for each kind: what holds if `kind_of` says that it is this one.
pub(super) fn by_kind(
    kind_of: impl Fn(&Value) -> Value,
    then: impl Fn(&Value) -> Value,
) -> impl Iterator<Item = Value> {
    kinds().into_iter().map(move |(kind, mut value)| {
        // The key itself, with what it means, is proposed by the mapping that it stands in.
        value["doNotSuggest"] = json!(true);
        when(&kind_of(&is("type", &json!({ "const": kind }))), &then(&value))
    })
}

fn rules_of_domain(schema: &mut Schema) {
    let kind = |kinds: &[&str]| is("type", &json!({ "enum": kinds }));
    let of_text = "this has no meaning here: only a `string` or a `text` has it";
    let of_boolean = "this has no meaning beside `type: boolean`";
    hold(
        schema,
        [
            when(
                &kind(&["integer", "number", "boolean"]),
                &without(&["pattern", "format"], of_text),
            ),
            when(&kind(&["boolean"]), &without(&["min", "max"], of_boolean)),
        ],
    );
    let values =
        |value: &Value| json!({ "properties": { "enum": { "items": value, "doNotSuggest": true } } });
    hold(schema, by_kind(Value::clone, values));
}

fn rules_of_parameter(schema: &mut Schema) {
    rules_of_domain(schema);
    let default = |value: &Value| json!({ "properties": { "default": value } });
    hold(schema, by_kind(Value::clone, default));
}
