//! Actions, and their work.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::check::Check;
use super::command::{Command, HOW, How, Invocation, shell_needs_a_text};
use super::node::{Links, Nodes};
use super::rule::{alone, belong_to, exactly_one, hold, is, mapping_or, present, says, when, without};
use super::scalar::{AnyText, Duration, Id, Map, Pointer, Regex, Template, Text};

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
    /// What stands in it; may have `{{ values }}` in it. With neither `content` nor `template` it is an incident note, made of what is on record.
    pub content: Option<AnyText>,
    /// The path of a template for its content, from the runbook's folder: `switchback new note.md` writes one to begin with.
    pub template: Option<Text>,
    /// What happens where the file is there with other content (`fail`).
    pub if_exists: Option<IfExists>,
}

fn one_content(schema: &mut Schema) {
    hold(schema, alone(&["content", "template"]));
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
