//! The tests of a runbook.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

use super::drill::{Expectation, Said};
use super::rule::{belong_to, exactly_one, hold, mapping_or, present, when, without};
use super::scalar::{
    AnyText, CheckName, Duration, ExitCode, HttpStatus, Id, Map, NotThere, ParameterValue, Regex, Text,
    Version,
};

/// Tests: runs of the runbook beside it in which nothing is real but the runbook. No process is started, nothing is written, and the time is virtual.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Runbook tests")]
pub struct Test {
    /// The version of the format; always first.
    pub switchback_test: Version,
    /// The runbook's parameters, for every case; a case's own win.
    pub parameters: Option<Map<AnyText, ParameterValue>>,
    /// What the world does, for every case; a case's own entries are looked at first. What is not simulated: a command exits 0 and prints nothing, a
    /// check holds.
    pub simulate: Option<Vec<Simulation>>,
    /// The cases, by their ids.
    #[schemars(extend("minProperties" = 1))]
    pub cases: Map<Id, Case>,
}

/// One run: what people say, what the world does, and what should come of it.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Case")]
pub struct Case {
    /// One line for people.
    pub about: Text,
    /// The runbook's parameters; they go before those of every case.
    pub parameters: Option<Map<AnyText, ParameterValue>>,
    /// What people say.
    #[schemars(flatten)]
    pub said: Said,
    /// What the world does; looked at before what is simulated for every case. The first entry that fits wins.
    pub simulate: Option<Vec<Simulation>>,
    /// What should come of it. What is left out may be as it likes.
    pub expect: Option<CaseExpectation>,
}

/// What the world does about one command or check.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Simulation", transform = rules_of_simulation)]
pub struct Simulation {
    /// The command of this action.
    pub node: Option<Text>,
    /// Only this attempt of the `node`, from 1; without it, every one.
    #[schemars(range(min = 1, max = 1000))]
    pub attempt: Option<u32>,
    /// The `detect` command of this question.
    pub detect: Option<Text>,
    /// Every command in whose line, as it is printed, this regular expression is found: `'^dep rollback '`.
    pub command: Option<Regex>,
    /// A check: `OWNER.ID` or `OWNER.INDEX` (from 0), where the owner is a node or a gate.
    pub check: Option<CheckName>,
    /// The exit code of the command (`0`).
    pub exit: Option<ExitCode>,
    /// What it prints on standard output.
    pub stdout: Option<AnyText>,
    /// What it prints on standard error.
    pub stderr: Option<AnyText>,
    /// How long it takes, in virtual time: `3s`. Longer than a command's `timeout`, and it times out; longer than a check's `within`, and it fails.
    pub delay: Option<Duration>,
    /// What comes of the `check`; or say what it would have seen, and its own matchers judge.
    pub verdict: Option<CheckVerdict>,
    /// With `verdict`: what was seen, in words.
    pub evidence: Option<Text>,
    /// The status that an `http` check would have seen (`200`).
    pub status: Option<HttpStatus>,
    /// The body that an `http` check would have seen.
    pub body: Option<AnyText>,
    /// What a `file` check would have found in the file.
    pub content: Option<AnyText>,
    /// `false`: the file or link is not there.
    pub exists: Option<NotThere>,
    /// Where a `link` check would have found that the link leads.
    pub target: Option<AnyText>,
}

/// What a check sees: keys of one group can stand together, those of two cannot.
const SIGHTS: &[&[&str]] = &[
    &["verdict", "evidence"],
    &["status", "body"],
    &["exit", "stdout", "stderr"],
    &["content"],
    &["target"],
    &["exists"],
];

fn rules_of_simulation(schema: &mut Schema) {
    let one = "an entry needs one of `node`, `detect`, `command` and `check`";
    hold(schema, exactly_one(&["node", "detect", "command", "check"], one));
    let of_check = [
        "verdict", "evidence", "status", "body", "content", "target", "exists",
    ];
    hold(
        schema,
        [
            belong_to(&["node"], &["attempt"]),
            belong_to(&["check"], &of_check),
            belong_to(&["verdict"], &["evidence"]),
        ],
    );
    hold(schema, one_sight());
}

/// A check sees one thing.
fn one_sight() -> impl Iterator<Item = Value> {
    let but_the_last = SIGHTS.iter().enumerate().take(SIGHTS.len() - 1);
    but_the_last.map(|(index, keys)| {
        let any: Vec<Value> = keys.iter().map(|key| present(key)).collect();
        let others = SIGHTS[index + 1..].concat();
        when(
            &json!({ "anyOf": any }),
            &without(&others, "a check sees one thing: remove one of them"),
        )
    })
}

/// What comes of a check.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum CheckVerdict {
    /// It is as it should be.
    Held,
    /// It is not.
    Failed,
    /// It could not be carried out.
    Unknown,
}

/// What should come of a case.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Expectation")]
pub struct CaseExpectation {
    /// The exit code that `run --headless` would have (`0`).
    pub exit: Option<ExitCode>,
    /// How the run should stand.
    #[schemars(flatten)]
    pub run: Expectation,
    /// The commands of actions, exactly as they are rendered: a list is the arguments of the exec form, a text the script of the shell form, and
    /// `{ path, content }` a `write`.
    pub commands: Option<Map<AnyText, ExpectedWork>>,
    /// The values taken from the output of actions: `NODE: { CAPTURE: VALUE }`.
    pub captures: Option<Map<AnyText, Map<AnyText, Value>>>,
}

/// The work of an action, as it is expected.
#[derive(Debug)]
pub enum ExpectedWork {}

impl JsonSchema for ExpectedWork {
    fn schema_name() -> Cow<'static, str> {
        "ExpectedWork".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let arguments = json!({ "type": "array", "items": generator.subschema_for::<AnyText>() });
        let script = generator.subschema_for::<AnyText>().to_value();
        mapping_or(
            "File",
            &generator.subschema_for::<ExpectedFile>(),
            vec![arguments, script],
        )
    }
}

/// A file that is written, as it is expected.
#[derive(Debug, JsonSchema)]
#[schemars(title = "File")]
pub struct ExpectedFile {
    /// Where.
    pub path: AnyText,
    /// What stands in it; without it only the place is looked at.
    pub content: Option<AnyText>,
}
