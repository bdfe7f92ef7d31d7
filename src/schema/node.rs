//! Questions and actions, and how they are joined.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::check::Check;
use super::command::{Command, HOW, How, Invocation, shell_needs_a_text};
use super::parameter::{Input, by_kind};
use super::rule::{alone, belong_to, exactly_one, hold, is, mapping_or, present, says, when, without};
use super::runbook::Allow;
use super::scalar::{
    AnyText, Distinct, Duration, Expression, Id, Map, NodeRef, ParameterValue, Pointer, Regex, Template, Text,
};

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
fn ways(generator: &mut SchemaGenerator) -> Vec<Value> {
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

/// Does work. With none of `run`, `manual` and `write` it is a milestone, a named meeting point.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Action", transform = rules_of_action)]
pub struct Action {
    /// What is done.
    pub action: Text,
    /// Why, and what to mind; may have `{{ values }}` in it.
    pub description: Option<Template>,
    /// The command; it must end with 0. A **list** runs without a shell: each item is one argument, whatever it contains. A **text** is a script for
    /// `shell`, in which every interpolated value is escaped for the place it stands in.
    pub run: Option<Invocation>,
    /// How the command runs.
    #[schemars(flatten)]
    pub how: How,
    /// `true`: the `run` takes the terminal, for a person to use it (`psql`, `vim`). What it prints is not kept, and secrets in it are not masked.
    pub terminal: Option<bool>,
    /// Values that are taken from the output, named `outputs.NODE.ID` in templates: `release: { stdout: { regex: 'release (\S+)' } }`.
    pub capture: Option<Map<Id, Capture>>,
    /// What a person does, and then says is done; headless `--attest NODE=WHO`.
    pub manual: Option<Template>,
    /// A file that is written.
    pub write: Option<Write>,
    /// What it does to the world (`change`). A `run` that changes is confirmed at a terminal; what destroys is confirmed everywhere.
    pub effect: Option<Effect>,
    /// Asked first, whatever the effect; headless `--confirm NODE`.
    pub confirm: Option<Template>,
    /// What should be seen, for the person who watches.
    pub expect: Option<Template>,
    /// How the world must be afterwards: the action succeeds when all of these checks hold.
    pub verify: Option<Vec<Check>>,
    /// `true`: running it twice is the same as once.
    pub idempotent: Option<bool>,
    /// More attempts after one that failed; needs `idempotent: true`.
    pub retry: Option<Retry>,
    /// Where it goes on when it fails: a node, or a list. The failure is then handled, and the run can end `recovered`.
    pub on_failure: Option<Nodes>,
    /// What a resumed run does when only the start of this action is on record (`ask`).
    pub on_interrupt: Option<OnInterrupt>,
    /// A command that takes back what `run` did, when somebody asks for it with `switchback undo RUN`.
    pub undo: Option<Command>,
    /// Where it goes on.
    #[schemars(flatten)]
    pub links: Links,
}

fn rules_of_action(schema: &mut Schema) {
    let of_run = [HOW, &["capture", "retry", "terminal", "undo"]].concat();
    let yes = json!(true);
    let idempotent = says(
        "idempotent",
        &yes,
        "what is repeated by itself needs `idempotent: true`: add it if running it twice is the same as once",
    );
    hold(schema, alone(&["run", "manual", "write"]));
    hold(
        schema,
        [
            belong_to(&["run"], &of_run),
            belong_to(&["run", "manual", "write"], &["effect", "confirm"]),
            when(
                &is("terminal", &json!({ "const": true })),
                &without(
                    &["capture", "stdin", "retry"],
                    "this cannot stand beside `terminal: true`",
                ),
            ),
            when(
                &is("effect", &json!({ "const": "read" })),
                &without(&["undo"], "there is nothing to take back: the action only reads"),
            ),
            when(&present("retry"), &idempotent),
            when(&is("on_interrupt", &json!({ "const": "retry" })), &idempotent),
            when(
                &is("on_interrupt", &json!({ "const": "verify" })),
                &json!({
                    "properties": { "verify": { "minItems": 1, "doNotSuggest": true } },
                    "required": ["verify"],
                    "errorMessage": "`on_interrupt: verify` needs a check in `verify` to look at",
                }),
            ),
        ],
    );
    shell_needs_a_text(schema);
}

/// What an action does to the world.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum Effect {
    /// It only looks: it is never confirmed, and may run again when it was cut short.
    Read,
    /// It changes something that can be changed back.
    Change,
    /// It destroys something: it is confirmed everywhere, never by `--yes`.
    Destroy,
}

/// What a resumed run does with an action of which only the start is on record.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum OnInterrupt {
    /// Ask a person.
    Ask,
    /// Look: if its checks hold it is done; else ask.
    Verify,
    /// Run it again; needs `idempotent: true`.
    Retry,
    /// Take it as failed.
    Fail,
}

/// How often an action is tried again by itself.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Retry")]
pub struct Retry {
    /// How many attempts more than the first.
    #[schemars(range(min = 1, max = 1000))]
    pub times: u32,
    /// How long lies between two attempts (`1s`).
    pub backoff: Option<Duration>,
}

/// A file that an action writes. One that has exactly this content already is fine.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Write", transform = one_content)]
pub struct Write {
    /// Where; may have `{{ values }}` in it.
    pub path: Template,
    /// What stands in it; may have `{{ values }}` in it.
    pub content: Option<AnyText>,
    /// The path of a template for its content, from the runbook's folder.
    pub template: Option<Text>,
    /// What happens where the file is there with other content (`fail`).
    pub if_exists: Option<IfExists>,
}

fn one_content(schema: &mut Schema) {
    hold(
        schema,
        exactly_one(
            &["content", "template"],
            "a `write` needs `content` or `template`",
        ),
    );
}

/// What happens where a file is there already.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum IfExists {
    /// The action fails.
    Fail,
    /// The file is replaced.
    Overwrite,
}

/// A value that is taken from the output.
#[derive(Debug)]
pub enum Capture {}

impl JsonSchema for Capture {
    fn schema_name() -> Cow<'static, str> {
        "Capture".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let streams = json!({
            "type": "string",
            "enum": ["stdout", "stderr"],
            "markdownEnumDescriptions": ["All of standard output, trimmed.", "All of standard error, trimmed."],
        });
        let mut schema = mapping_or(
            "Capture",
            &generator.subschema_for::<CaptureOfPart>(),
            vec![streams],
        );
        let description = "`stdout` or `stderr` (all of it, trimmed), `{ stdout: { regex: … } }` or `{ stdout: { json: /pointer } }`.";
        schema.insert("description".to_owned(), Value::from(description));
        schema
    }
}

/// A part of one of the streams.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Capture", transform = one_stream)]
pub struct CaptureOfPart {
    /// A part of standard output.
    pub stdout: Option<Part>,
    /// A part of standard error.
    pub stderr: Option<Part>,
}

fn one_stream(schema: &mut Schema) {
    hold(
        schema,
        exactly_one(&["stdout", "stderr"], "a capture needs `stdout` or `stderr`"),
    );
}

/// A part of an output.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Part of the output", transform = one_part)]
pub struct Part {
    /// The first group of this regular expression, else its whole match: `'release (\S+)'`.
    pub regex: Option<Regex>,
    /// The value at this JSON pointer: `/items/0/name`; `""` is the whole document.
    pub json: Option<Pointer>,
}

fn one_part(schema: &mut Schema) {
    hold(
        schema,
        exactly_one(&["regex", "json"], "a part of the output needs `regex` or `json`"),
    );
}
