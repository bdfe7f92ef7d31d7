//! A drill, and the words that drills and tests share.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::model::{GATE_VERDICTS, NODE_STATES, RUN_STATES};

use super::check::Check;
use super::command::Command;
use super::rule::{exactly_one, hold};
use super::scalar::{AnyText, Distinct, ExitCode, Id, Map, NodeRef, ParameterValue, Text, Variable, Version};

/// A drill: it runs the runbook beside it for real, in a sandbox made for it.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Drill")]
pub struct Drill {
    /// The version of the format; always first.
    pub switchback_drill: Version,
    /// What the sandbox needs; what is missing is named before anything starts.
    pub requires: Option<Requires>,
    /// Makes the world, in the sandbox folder, with `DRILL_SANDBOX` and a `DRILL_KEY` for each entry of `world`. Each line `name=value` that it prints
    /// becomes a name for templates.
    pub setup: Command,
    /// Ends what setup started; it always runs.
    pub teardown: Option<Command>,
    /// Folders in the sandbox that are put before `PATH` for the runbook's commands.
    pub path: Option<Vec<Text>>,
    /// Variables that are added to the environment of the runbook's commands.
    pub env: Option<Map<Variable, AnyText>>,
    /// The runbook's parameters; a text may have `{{ values }}` in it, such as `{{ sandbox }}`.
    pub parameters: Option<Map<Id, ParameterValue>>,
    /// The stories to play, by their ids.
    #[schemars(extend("minProperties" = 1))]
    pub scenarios: Map<Id, Scenario>,
}

/// What must be there before anything starts.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Requires")]
pub struct Requires {
    /// Programs that are looked up on `PATH`; all that is missing is named, exit 2.
    pub commands: Distinct<Text>,
}

/// A story to play.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Scenario")]
pub struct Scenario {
    /// One line for people.
    pub about: Text,
    /// What this scenario needs besides.
    pub requires: Option<Requires>,
    /// Words for `setup`: `fault: code` is `DRILL_FAULT=code`.
    pub world: Option<Map<Id, AnyText>>,
    /// What is done, in this order; after the first step that does not go as expected no other is taken.
    pub steps: Option<Vec<Step>>,
    /// How it should stand at the end. What is left out may be as it likes.
    pub expect: Option<ScenarioExpectation>,
}

/// One step of a scenario.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Step", transform = one_step)]
pub struct Step {
    /// `switchback run --headless`, with these words.
    pub run: Option<Turn>,
    /// `switchback resume last`, with these words.
    pub resume: Option<ResumeTurn>,
    /// A command of somebody outside the runbook; it must succeed.
    pub outside: Option<Command>,
}

fn one_step(schema: &mut Schema) {
    hold(
        schema,
        exactly_one(
            &["run", "resume", "outside"],
            "a step needs one of `run`, `resume` and `outside`",
        ),
    );
}

/// A call of the program.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Run")]
pub struct Turn {
    /// What people say.
    #[schemars(flatten)]
    pub said: Said,
    /// What is expected of the call.
    #[schemars(flatten)]
    pub called: Called,
}

/// A call that goes on with the run.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Resume")]
pub struct ResumeTurn {
    /// What people say.
    #[schemars(flatten)]
    pub said: Said,
    /// What is expected of the call.
    #[schemars(flatten)]
    pub called: Called,
    /// What is said of a step that failed or is in doubt: `NODE: { how: done, reason: TEXT }`.
    pub resolve: Option<Map<AnyText, Resolution>>,
}

/// What is expected of a call.
#[derive(Debug, JsonSchema)]
pub struct Called {
    /// The exit code that is expected (`0`).
    pub exit: Option<ExitCode>,
    /// Texts that the program must print.
    pub says: Option<Vec<Text>>,
}

/// What people say, as on the command line.
#[derive(Debug, JsonSchema)]
pub struct Said {
    /// Answers to questions, as `--answer`: `QUESTION: VALUE`.
    pub answers: Option<Map<AnyText, AnyText>>,
    /// What people state, as `--attest`: `GATE: WHO`, `NODE.CHECK: "WHO:NOTE"`.
    pub attest: Option<Map<AnyText, AnyText>>,
    /// Outcomes of gates, as `--decide`: `GATE: "OUTCOME:WHO"`.
    pub decide: Option<Map<AnyText, AnyText>>,
    /// Actions that may be done, as `--confirm`.
    pub confirm: Option<Vec<Text>>,
    /// Gates that are let go, as `--waive`: `GATE: REASON`.
    pub waive: Option<Map<AnyText, AnyText>>,
}

/// What is said of a step that failed or is in doubt.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Resolution")]
pub struct Resolution {
    /// What becomes of it.
    pub how: How,
    /// Why; it goes on record.
    pub reason: Text,
    /// Values that the step would have printed, where something uses them: `CAPTURE: VALUE`.
    pub set: Option<Map<AnyText, AnyText>>,
}

/// What becomes of a step.
#[derive(Debug, JsonSchema)]
#[schemars(inline, rename_all = "snake_case")]
pub enum How {
    /// It was mended by hand; its checks look once more.
    Done,
    /// It may run again.
    Rerun,
    /// The run goes on without it.
    Skip,
}

/// How a scenario should end.
#[derive(Debug, JsonSchema)]
#[schemars(title = "Expectation")]
pub struct ScenarioExpectation {
    /// How the run should stand.
    #[schemars(flatten)]
    pub run: Expectation,
    /// Checks of the sandbox, as in a runbook.
    pub verify: Option<Vec<Check>>,
}

/// How a run should stand at its end.
#[derive(Debug, JsonSchema)]
pub struct Expectation {
    /// The state of the run.
    pub state: Option<RunState>,
    /// The nodes that succeeded, in the order in which they did.
    pub route: Option<Distinct<NodeRef>>,
    /// The states of nodes: `deploy: not_taken`.
    pub nodes: Option<Map<AnyText, NodeState>>,
    /// The verdicts of gates: `code_restored: met`.
    pub gates: Option<Map<AnyText, Verdict>>,
}

/// One of some words.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $words:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    json_schema!({ "type": "string", "enum": $words })
                }
            }
        )*
    };
}

words! {
    /// A state of a run.
    RunState: RUN_STATES;
    /// A state of a node.
    NodeState: NODE_STATES;
    /// A verdict on a gate.
    Verdict: GATE_VERDICTS;
}
