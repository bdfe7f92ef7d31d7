//! Checks: looks at the world.

use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

use super::command::{Feed, HOW, How, Invocation, shell_needs_a_text};
use super::rule::{alone, belong_to, hold, is, one_of, present, when, without};
use super::scalar::{
    AnyText, Duration, ExitCode, Expression, HeaderName, HttpStatus, Id, Map, OneOrMany, Pointer,
    PositiveDuration, Regex, Template, Text,
};

/// What a check can look at.
const LOOKS: &[&str] = &["run", "http", "file", "link", "expr", "confirm"];

/// A look at the world. It has held, has failed, or is unknown, which is never held.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Check", transform = rules_of_check)]
pub struct Check {
    /// What holds when it holds, in words.
    pub title: Option<Text>,
    /// Its id, by which `--attest NODE.CHECK=WHO` refers to it. A `confirm` needs one.
    pub id: Option<Id>,
    /// A command that must end with `exit` (0); its `stdout` and `stderr` must match where given.
    pub run: Option<Invocation>,
    /// How the command runs.
    #[schemars(flatten)]
    pub how: How,
    /// The exit code that is wanted of `run` (`0`).
    pub exit: Option<ExitCode>,
    /// What standard output of `run` must be.
    pub stdout: Option<Matcher>,
    /// What standard error of `run` must be.
    pub stderr: Option<Matcher>,
    /// An HTTP request, and what its answer must be.
    pub http: Option<Http>,
    /// The path of a file that must exist.
    pub file: Option<Template>,
    /// What must be in the `file`.
    pub content: Option<Matcher>,
    /// The path of a symbolic link.
    pub link: Option<Template>,
    /// What the target of the `link`, as written, must be.
    pub to: Option<Matcher>,
    /// An expression that must be true, without braces: `outputs.status.count == 0`.
    pub expr: Option<Expression>,
    /// A question that a person must say yes to; headless `--attest NODE.CHECK=WHO`. It needs an `id`.
    pub confirm: Option<Template>,
    /// `true` turns held and failed round; unknown stays unknown.
    pub not: Option<bool>,
    /// It is tried again until it holds or this has passed: `30s`. Without it, it is tried once.
    pub within: Option<Duration>,
    /// How long lies between two tries (`1s`).
    pub every: Option<PositiveDuration>,
}

fn rules_of_check(schema: &mut Schema) {
    let one = "a check needs one of `run`, `http`, `file`, `link`, `expr` and `confirm`";
    hold(schema, alone(LOOKS));
    hold(
        schema,
        [
            one_of(LOOKS, one),
            belong_to(&["run"], &[HOW, &["exit", "stdout", "stderr"]].concat()),
            belong_to(&["file"], &["content"]),
            belong_to(&["link"], &["to"]),
            belong_to(&["within"], &["every"]),
            when(
                &present("confirm"),
                &json!({
                    "required": ["id"],
                    "errorMessage": "a `confirm` needs an `id`, by which a person's word can refer to it",
                }),
            ),
        ],
    );
    shell_needs_a_text(schema);
}

/// An HTTP request, and what its answer must be. Redirects are not followed.
#[derive(Debug, JsonSchema)]
#[schemars(title = "HTTP request", transform = head_has_no_body)]
pub struct Http {
    /// The address.
    pub url: Template,
    /// How it is asked (`GET`).
    pub method: Option<Method>,
    /// Headers of the request: `NAME: text`, or `NAME: { secret: ID, prefix: "Bearer " }`.
    pub headers: Option<Map<HeaderName, Feed>>,
    /// The status that is wanted, or a list of those that will do; any 2xx unless said.
    pub status: Option<OneOrManyStatuses>,
    /// What the body must be.
    pub body: Option<Matcher>,
    /// How long one request may take (`10s`).
    pub timeout: Option<PositiveDuration>,
}

fn head_has_no_body(schema: &mut Schema) {
    let head = is("method", &json!({ "const": "HEAD" }));
    hold(
        schema,
        [when(
            &head,
            &without(&["body"], "the answer to `HEAD` has no `body`"),
        )],
    );
}

/// A status, or several.
#[derive(Debug, JsonSchema)]
#[schemars(inline, transparent, transform = at_least_one)]
pub struct OneOrManyStatuses(pub OneOrMany<HttpStatus>);

fn at_least_one(schema: &mut Schema) {
    if let Some(many) = schema
        .ensure_object()
        .get_mut("anyOf")
        .and_then(|any| any.get_mut(1))
    {
        many["minItems"] = json!(1);
    }
}

/// The methods that only look.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "UPPERCASE")]
pub enum Method {
    /// Asks for headers and body.
    Get,
    /// Asks for the headers.
    Head,
}

/// What a text must be: every key that is given must hold.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Matcher", extend("minProperties" = 1))]
pub struct Matcher {
    /// It is this. One newline at the end does not count.
    pub equals: Option<AnyText>,
    /// It has this in it.
    pub contains: Option<AnyText>,
    /// It starts with this.
    pub starts_with: Option<AnyText>,
    /// It ends with this. One newline at the end does not count.
    pub ends_with: Option<AnyText>,
    /// This regular expression matches somewhere in it; to match all of it, write `'^…$'`.
    pub matches: Option<Regex>,
    /// It is JSON, with this in it: `{ pointer: /a/0, equals: VALUE }`, or `{ pointer: "", length: 0 }`.
    pub json: Option<JsonMatcher>,
}

/// What a JSON text must have at a place.
#[derive(Debug, JsonSchema)]
#[schemars(title = "JSON matcher", transform = rules_of_json)]
pub struct JsonMatcher {
    /// The place: `/items/0/name`; `""` is the whole document.
    pub pointer: Pointer,
    /// The value that must stand there.
    pub equals: Option<Value>,
    /// How long the list, mapping or text there must be.
    pub length: Option<u32>,
}

fn rules_of_json(schema: &mut Schema) {
    hold(
        schema,
        super::rule::exactly_one(
            &["equals", "length"],
            "a `json` matcher needs `equals` or `length`",
        ),
    );
}
