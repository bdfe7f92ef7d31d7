use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Declarative runbooks: questions choose the way, actions run, checks look at the world, gates decide when it is over.
#[derive(Debug, Parser)]
#[command(name = "switchback", version, about, max_term_width = 100, after_help = EXIT_CODES)]
pub(super) struct Cli {
    /// When to use colour; NO_COLOR is respected
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    pub(super) color: Color,

    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 complete, 1 a step failed, 2 usage, 3 invalid runbook, 4 waiting for a person, 5 gates open, 6 locked,
7 in doubt, 8 stopped by a person, 70 internal error, 128+n ended by signal n";

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// At a terminal.
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a runbook
    Run(Run),
    /// Go on with a run: one that waits, failed, or was cut short
    Resume(Resume),
    /// Show what would run, and run nothing
    Plan(Plan),
    /// Find every fault of runbooks before the night does
    Check(Check),
    /// Draw the flowchart
    Graph(Graph),
    /// List the runs on this machine
    Runs(Runs),
    /// Show a run: what was answered, done and seen, and how its gates stand
    Show(Show),
    /// Check that the record of a run is as it was written
    Verify(Verify),
    /// Run a runbook for real, in a sandbox made for it
    Drill(Drill),
}

/// Which runbook, and its parameters.
#[derive(Debug, Args)]
pub(super) struct What {
    /// The runbook
    pub(super) file: PathBuf,
    /// A parameter
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub(super) params: Vec<String>,
}

/// What people say up front. The terminal asks for the rest; headless, what is missing ends the run with exit 4.
#[derive(Debug, Default, Args)]
pub(super) struct People {
    /// The answer to a question
    #[arg(long = "answer", value_name = "QUESTION=VALUE")]
    pub(super) answers: Vec<String>,
    /// A YAML or JSON file of answers: `question: value`
    #[arg(long = "answers", value_name = "FILE")]
    pub(super) answers_file: Option<PathBuf>,
    /// Somebody states it: a gate, a manual action, or NODE.CHECK
    #[arg(long, value_name = "ID=WHO[:NOTE]")]
    pub(super) attest: Vec<String>,
    /// Somebody says which outcome of a gate holds
    #[arg(long, value_name = "GATE=OUTCOME:WHO[:NOTE]")]
    pub(super) decide: Vec<String>,
    /// The action may be done, also where it destroys
    #[arg(long, value_name = "NODE")]
    pub(super) confirm: Vec<String>,
    /// The gate is let go; that is always in the report
    #[arg(long, value_name = "GATE=REASON")]
    pub(super) waive: Vec<String>,
}

/// How people are asked, and where the record is kept.
#[derive(Debug, Args)]
pub(super) struct Manner {
    /// Confirm what changes; it answers no question, closes no gate, and does not confirm what destroys
    #[arg(long)]
    pub(super) yes: bool,
    /// Never ask: what a person must say and did not say up front ends the run with exit 4
    #[arg(long)]
    pub(super) headless: bool,
    /// How many steps may run side by side
    #[arg(short, long, value_name = "N", default_value = "1")]
    pub(super) jobs: NonZeroUsize,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback]
    #[arg(long, value_name = "DIR")]
    pub(super) state_dir: Option<PathBuf>,
    /// What is printed: text for people, or the record as it grows, a JSON object a line
    #[arg(long, value_enum, default_value_t)]
    pub(super) output: LiveOutput,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LiveOutput {
    #[default]
    Text,
    Jsonl,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    #[default]
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) what: What,
    #[command(flatten)]
    pub(super) people: People,
    #[command(flatten)]
    pub(super) manner: Manner,
    /// Show what would run, and run nothing: the same as `switchback plan`
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct Resume {
    /// The run: the start of its id, or `last`
    pub(super) run: String,
    #[command(flatten)]
    pub(super) people: People,
    /// What to make of a step that failed or is in doubt: `done` (its checks look once more), `rerun` or `skip`
    #[arg(long, value_name = "NODE=done|rerun|skip", requires = "reason")]
    pub(super) resolve: Vec<String>,
    /// A value that a step resolved as done would have printed, where something uses it
    #[arg(long, value_name = "NODE.CAPTURE=VALUE", requires = "resolve")]
    pub(super) set: Vec<String>,
    /// Why it is resolved so
    #[arg(long, value_name = "TEXT", requires = "resolve")]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) manner: Manner,
}

#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) what: What,
    #[command(flatten)]
    pub(super) people: People,
    #[arg(long, value_enum, default_value_t)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The runbooks
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Graph {
    /// The runbook
    pub(super) file: PathBuf,
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: GraphFormat,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    #[default]
    Text,
    Mermaid,
    Dot,
}

#[derive(Debug, Args)]
pub(super) struct Runs {
    #[arg(long, value_enum, default_value_t)]
    pub(super) output: Output,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback]
    #[arg(long, value_name = "DIR")]
    pub(super) state_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Show {
    /// The run: the start of its id, or `last`
    pub(super) run: String,
    #[arg(long, value_enum, default_value_t)]
    pub(super) output: Output,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback]
    #[arg(long, value_name = "DIR")]
    pub(super) state_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The run: the start of its id, or `last`
    pub(super) run: String,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback]
    #[arg(long, value_name = "DIR")]
    pub(super) state_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Drill {
    /// The runbook; its drill is the file beside it that ends in `.drill.yaml`
    pub(super) file: PathBuf,
    /// Answer from this scenario, and compare what happens with what it expects; without it, you are asked
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// Leave the sandbox behind, and say where it is
    #[arg(long)]
    pub(super) keep: bool,
}
