use indexmap::IndexMap;

use super::{Check, Command, Expectation, ParameterId, Said, ScenarioId, Template, Value};

/// A drill: how to make a sandbox for a runbook, and what should happen in it.
#[derive(Clone, Debug)]
pub struct Drill {
    /// The commands that the sandbox needs.
    pub requires: Vec<String>,
    /// Makes the world; each line `name=value` that it prints becomes a name for the templates.
    pub setup: Command,
    /// Ends what setup started.
    pub teardown: Option<Command>,
    /// Folders of the sandbox that stand before `PATH`.
    pub path: Vec<String>,
    /// Added to the environment of the runbook's commands.
    pub env: IndexMap<String, Template>,
    /// The runbook's parameters: a text is a template.
    pub parameters: IndexMap<ParameterId, Value>,
    /// What can be played; the first is the sandbox of a drill without one.
    pub scenarios: IndexMap<ScenarioId, Scenario>,
}

/// A story to play: its world, what is done in it, and how it should end.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// One line for people.
    pub about: String,
    /// The commands that it needs besides.
    pub requires: Vec<String>,
    /// Words for setup.
    pub world: IndexMap<String, String>,
    /// What is done, in order.
    pub steps: Vec<DrillStep>,
    /// How the run should stand at its end.
    pub expect: Expectation,
    /// How the world should be then.
    pub verify: Vec<Check>,
}

/// Something that is done in a scenario.
#[derive(Clone, Debug)]
pub enum DrillStep {
    /// The runbook is run.
    Run(Turn),
    /// The run is resumed.
    Resume(Turn),
    /// Somebody does something by hand, outside the runbook.
    Outside(Command),
}

/// One call of the program: what people say, and how it should end.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// What people say.
    pub said: Said,
    /// `--resolve NODE=HOW --reason TEXT`, with `--set NODE.CAPTURE=VALUE`.
    pub resolve: IndexMap<String, DrillResolution>,
    /// The exit code expected.
    pub exit: i32,
    /// Texts that must be printed.
    pub says: Vec<String>,
}

/// How a scenario resolves a node that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillResolution {
    /// `done`, `rerun` or `skip`.
    pub how: String,
    /// Why.
    pub reason: String,
    /// `--set NODE.CAPTURE=VALUE`.
    pub set: IndexMap<String, String>,
}
