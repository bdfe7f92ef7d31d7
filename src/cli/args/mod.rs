mod answer;
mod attest;
mod logs;
mod prune;
mod recorded;
mod report;
mod runs;
mod show;
mod watch;

pub(super) use answer::Answer;
pub(super) use attest::Attest;
pub(super) use logs::Logs;
pub(super) use prune::Prune;
pub(super) use recorded::Recorded;
pub(super) use report::{Report, ReportFormat};
pub(super) use runs::Runs;
pub(super) use show::Show;
pub(super) use watch::Watch;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use logs::AFTER_LOGS;
use prune::AFTER_PRUNE;
use runs::AFTER_RUNS;
use watch::AFTER_WATCH;

/// The headings that flags stand under in the help of a command.
const PEOPLE: &str = "What people say";
const RESOLVING: &str = "A step that failed or is in doubt";
const UNDOING: &str = "An undo that failed or is in doubt";
const OUTPUT: &str = "Output";

/// Runbooks that run: questions choose the way, actions do the work, checks look at the world, gates decide when it is over
#[derive(Debug, Parser)]
#[command(name = "switchback", version, max_term_width = 100, after_help = AFTER_ALL)]
pub(super) struct Cli {
    /// `auto` is colour at a terminal, unless NO_COLOR is set
    #[arg(
        long,
        value_enum,
        default_value_t,
        global = true,
        value_name = "auto|always|never",
        hide_possible_values = true,
        hide_default_value = true,
        help_heading = OUTPUT
    )]
    pub(super) color: Color,

    #[command(subcommand)]
    pub(super) command: Command,
}

const AFTER_ALL: &str = "\
Begin here:
  switchback new deploy             writes a small runbook to begin with
  switchback check runbook.yaml     is the file right?
  switchback plan runbook.yaml      what would run? Nothing does.
  switchback run runbook.yaml       walks you through it
  switchback resume last            goes on after whatever stopped it

Exit codes:
      0  complete: every required gate is closed
      1  a step failed
      2  usage: a flag, a parameter, a missing file; nothing was started
      3  the runbook is invalid
      4  waiting for a person
      5  a required gate is open
      6  locked: another run has the lock, or something else is at this run
      7  in doubt: a step was cut short
      8  stopped or declined by a person
     70  internal error
  128+n  ended by signal n";

const AFTER_RUN: &str = "\
Examples:
  switchback run disk.yaml                             ask me
  switchback run disk.yaml -p host=web1 --yes          ask me, but do not confirm what changes
  switchback run disk.yaml --headless --answer full=yes --attest told=ada:\"on the phone\"
  switchback run disk.yaml --plan reviewed.json        what `switchback plan` showed, or nothing

Headless (also with CI=true, or without a terminal), what is missing ends the run with exit 4.
The last lines are then the command that goes on.";

const AFTER_RESUME: &str = "\
Examples:
  switchback resume last
  switchback resume 20261122-0311 --attest told=ada
  switchback resume last --resolve restart=done --reason \"restarted by hand\"

What was done is not done again. `switchback runs` lists the runs.";

const AFTER_PLAN: &str = "\
Examples:
  switchback plan disk.yaml                            every route that is still possible
  switchback plan disk.yaml --answer full=yes          the route for this answer
  switchback plan disk.yaml --probe                    with what reading commands find on this machine
  switchback plan disk.yaml --output json > reviewed.json
  switchback run disk.yaml --plan reviewed.json        what was reviewed, or nothing

Without `--probe` no process is started; nothing is written. What is not known yet reads ‹name›.
The digest is of every route with these parameters: answers and probes do not change it.";

const AFTER_CHECK: &str = "\
Examples:
  switchback check                                     every runbook below this folder
  switchback check runbooks --deny-warnings            for CI
  switchback check deploy.yaml --preflight             can it run on this machine?
  switchback check --output sarif > check.sarif

What stands beside a runbook, such as its drill, is checked with it.
Exit code 0 if every file is right, 3 if one is not. `switchback explain CODE` says more.";

const AFTER_GRAPH: &str = "\
Examples:
  switchback graph disk.yaml                           in the terminal
  switchback graph disk.yaml --format svg > disk.svg   a picture that needs nothing else
  switchback graph --run last                          where the last run went

`switchback docs` keeps the flowchart in a Markdown page up to date.";

const AFTER_DOCS: &str = "\
A page says what it wants between two comments, each alone on its line; PATH is from the page's own folder:
  <!-- switchback:mermaid PATH -->     the flowchart
  <!-- switchback:checklist PATH -->   what people answer, do and state
  <!-- switchback:end -->

Examples:
  switchback docs                      every page below this folder
  switchback docs --check docs         in CI: exit 1 if a page differs, and show how

Only pages that differ are written, and only between the comments.";

const AFTER_SCHEMA: &str = "\
Examples:
  switchback schema > runbook-v1.json
  switchback schema drill > drill-v1.json
  switchback schema events > events-v1.json

Then the first line of a runbook is: # yaml-language-server: $schema=runbook-v1.json
docs/editors.md says how to set up VS Code, Neovim and Helix.";

const AFTER_DRILL: &str = "\
Examples:
  switchback drill runbooks/rollback.yaml                          you are the one on call
  switchback drill runbooks/rollback.yaml --scenario last_deploy   answered from the scenario

docs/drills.md says how to write one.";

const AFTER_TEST: &str = "\
Examples:
  switchback test                                      every runbook below this folder
  switchback test runbooks/rollback.yaml --case stale_site
  switchback test --min-coverage 100 --output junit > junit.xml
  switchback test rollback.yaml --update               accept what came of it; read the diff

Exit code 0 if every case went as expected, 1 if one did not or too little is covered, 3 if a file is invalid.
No process is started. docs/tests.md says how to write tests.";

const AFTER_NEW: &str = "\
Example:
  switchback new runbooks/deploy-web

Nothing that is there is written over.";

const AFTER_COMPLETIONS: &str = "\
Put one of these lines into the file that the shell reads when it starts:
  source <(switchback completions bash)                               ~/.bashrc
  source <(switchback completions zsh)                                ~/.zshrc, after compinit
  switchback completions fish | source                                ~/.config/fish/config.fish
  eval (switchback completions elvish | slurp)                        ~/.config/elvish/rc.elv
  switchback completions powershell | Out-String | Invoke-Expression  $PROFILE";

const AFTER_MAN: &str = "\
Example:
  switchback man ~/.local/share/man/man1 && man switchback-run";

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a runbook
    #[command(after_help = AFTER_RUN)]
    Run(Run),
    /// Go on with a run that waits, failed or was cut short
    #[command(after_help = AFTER_RESUME)]
    Resume(Resume),
    /// Answer a question of a run, from another terminal or while nobody drives it; take an answer back
    #[command(after_help = answer::AFTER)]
    Answer(Answer),
    /// State something for a run, from another terminal or while nobody drives it: a gate, manual work, a check
    #[command(after_help = attest::AFTER)]
    Attest(Attest),
    /// Take back what a run has done, the last thing first
    Undo(Undo),
    /// Give up a run that is not over; nothing of it is undone, and its lock is free again
    Cancel(Cancel),
    /// Show what would run; nothing is
    #[command(after_help = AFTER_PLAN)]
    Plan(Plan),
    /// Find every fault of a runbook, without running it
    #[command(after_help = AFTER_CHECK)]
    Check(Check),
    /// Draw the flowchart
    #[command(after_help = AFTER_GRAPH)]
    Graph(Graph),
    /// Write flowcharts and checklists of runbooks into Markdown pages
    #[command(after_help = AFTER_DOCS)]
    Docs(Docs),
    /// List the runs on this machine, the newest first
    #[command(after_help = AFTER_RUNS)]
    Runs(Runs),
    /// Show one run: how it stands, what was answered and done, and how its gates stand
    Show(Show),
    /// Print what a step of a run printed
    #[command(after_help = AFTER_LOGS)]
    Logs(Logs),
    /// Follow a run live from another terminal
    #[command(after_help = AFTER_WATCH)]
    Watch(Watch),
    /// Remove the records of runs that are over
    #[command(after_help = AFTER_PRUNE)]
    Prune(Prune),
    /// Tell what happened in a run: who said what, what was done and printed, and how the gates stand
    #[command(after_help = report::AFTER)]
    Report(Report),
    /// Check that the record of a run is as it was written
    Verify(Verify),
    /// Play the cases of a runbook's tests: the same run, and nothing of it is real
    #[command(after_help = AFTER_TEST)]
    Test(Test),
    /// Run a runbook for real, in a sandbox made for it
    #[command(after_help = AFTER_DRILL)]
    Drill(Drill),
    /// Print the JSON Schema of the format, by which an editor completes and explains keys, or of what a run prints for programs
    #[command(after_help = AFTER_SCHEMA)]
    Schema(Schema),
    /// Begin a runbook: a small one with comments, its test and its drill
    #[command(after_help = AFTER_NEW)]
    New(New),
    /// Say more about a code that `check` prints
    Explain(Explain),
    /// Print the script with which a shell completes commands, parameters, questions and choices
    #[command(after_help = AFTER_COMPLETIONS)]
    Completions(Completions),
    /// Write the manual pages
    #[command(after_help = AFTER_MAN)]
    Man(Man),
}

/// Which runbook, and its parameters.
#[derive(Debug, Args)]
pub(super) struct What {
    /// The runbook
    pub(super) file: PathBuf,
    /// The value of a parameter; the flag is given once for each
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    pub(super) params: Vec<String>,
}

/// What people say up front. The terminal asks for the rest; headless, what is missing ends the run with exit 4.
#[derive(Debug, Default, Args)]
pub(super) struct People {
    /// The answer to a question: the id of a choice, or a value
    #[arg(long = "answer", value_name = "QUESTION=VALUE", help_heading = PEOPLE)]
    pub(super) answers: Vec<String>,
    /// A YAML or JSON file of answers, one `question: value` a line; `--answer` has the last word
    #[arg(long = "answers", value_name = "FILE", help_heading = PEOPLE)]
    pub(super) answers_file: Option<PathBuf>,
    /// WHO states it: ID is a gate, a manual action, or NODE.CHECK
    #[arg(long, value_name = "ID=WHO[:NOTE]", help_heading = PEOPLE)]
    pub(super) attest: Vec<String>,
    /// WHO says which outcome of a gate holds
    #[arg(long, value_name = "GATE=OUTCOME:WHO[:NOTE]", help_heading = PEOPLE)]
    pub(super) decide: Vec<String>,
    /// This action may be done: for one that destroys, or that has `confirm`
    #[arg(long, value_name = "NODE", help_heading = PEOPLE)]
    pub(super) confirm: Vec<String>,
    /// Let a gate go, and say why; it is always in the report
    #[arg(long, value_name = "GATE=REASON", help_heading = PEOPLE)]
    pub(super) waive: Vec<String>,
}

/// How people are asked, and where the record is kept.
#[derive(Debug, Args)]
pub(super) struct Manner {
    /// Do not ask before what changes; questions, gates, and what destroys are still asked
    #[arg(long, help_heading = PEOPLE)]
    pub(super) yes: bool,
    /// Never ask: what nobody said up front ends the run with exit 4
    #[arg(long, help_heading = PEOPLE)]
    pub(super) headless: bool,
    /// Draw nothing and say everything once, in words, and ask for typed lines: for screen readers; `TERM=dumb` does the same
    #[arg(long, help_heading = OUTPUT)]
    pub(super) plain: bool,
    /// How many steps may run side by side; from 2 on also while a person is asked
    #[arg(short, long, value_name = "N", default_value = "1")]
    pub(super) jobs: NonZeroUsize,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback, else ~/.local/state/switchback]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(super) state_dir: Option<PathBuf>,
    /// Text for people, or `jsonl`: the record as it grows, one JSON object a line on standard output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(super) output: LiveOutput,
}

/// What to do when another run holds the key of the runbook's `lock`.
#[derive(Debug, Default, Args)]
pub(super) struct Locking {
    /// Wait until the run that holds the lock is over
    #[arg(long)]
    pub(super) wait: bool,
    /// Take the lock from the run that holds it; that is on record in both runs
    #[arg(long, value_name = "REASON", conflicts_with = "wait", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) break_lock: Option<String>,
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
    #[command(flatten)]
    pub(super) locking: Locking,
    /// Show what would run; nothing is: the same as `switchback plan`
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Run only what was reviewed: its digest, or the plan that was kept as JSON. Else nothing runs, and the difference is shown
    #[arg(long, value_name = "DIGEST|FILE", conflicts_with = "dry_run")]
    pub(super) plan: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Resume {
    /// The run: the start of its id, or `last`
    pub(super) run: String,
    #[command(flatten)]
    pub(super) people: People,
    /// `done`: mended by hand, its checks look once more. `rerun`: it may run again. `skip`: go on without it
    #[arg(long, value_name = "NODE=done|rerun|skip", requires = "reason", help_heading = RESOLVING)]
    pub(super) resolve: Vec<String>,
    /// A value that a step resolved as done would have printed, where something uses it
    #[arg(long, value_name = "NODE.CAPTURE=VALUE", requires = "resolve", help_heading = RESOLVING)]
    pub(super) set: Vec<String>,
    /// Why it is resolved so; goes on record
    #[arg(long, value_name = "TEXT", requires = "resolve", help_heading = RESOLVING)]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) manner: Manner,
    #[command(flatten)]
    pub(super) locking: Locking,
}

#[derive(Debug, Args)]
pub(super) struct Undo {
    /// The run: the start of its id, or `last`
    pub(super) run: String,
    /// Show what would be undone, and run nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Undo this action only, also when it is in doubt whether it is done
    #[arg(long, value_name = "NODE")]
    pub(super) only: Option<String>,
    /// `done`: undone by hand. `rerun`: its undo may run, or run again. `skip`: leave it as it is, and undo the rest
    #[arg(
        long,
        value_name = "NODE=done|rerun|skip",
        requires = "reason",
        conflicts_with = "dry_run",
        help_heading = UNDOING
    )]
    pub(super) resolve: Vec<String>,
    /// Why it is resolved so; goes on record
    #[arg(long, value_name = "TEXT", requires = "resolve", help_heading = UNDOING)]
    pub(super) reason: Option<String>,
    #[command(flatten)]
    pub(super) manner: Manner,
    #[command(flatten)]
    pub(super) locking: Locking,
}

#[derive(Debug, Args)]
pub(super) struct Cancel {
    /// The run: the start of its id, or `last`
    pub(super) run: String,
    /// Why it is given up
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: Option<String>,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback, else ~/.local/state/switchback]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(super) state_dir: Option<PathBuf>,
    /// Text for people, or `jsonl`: the record as it grows, one JSON object a line on standard output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(super) output: LiveOutput,
}

#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) what: What,
    #[command(flatten)]
    pub(super) people: People,
    /// Run what only reads, as far as it is known already and surely comes before any change, and show what it finds
    #[arg(long)]
    pub(super) probe: bool,
    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(super) output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    /// Runbooks, and folders that are searched for them
    #[arg(default_value = ".")]
    pub(super) files: Vec<PathBuf>,
    /// Warnings end with exit code 3 too
    #[arg(long)]
    pub(super) deny_warnings: bool,
    /// Look also whether the commands are on this machine; none is run
    #[arg(long)]
    pub(super) preflight: bool,
    /// Text for people, `json` for programs, `sarif` for code scanning, `github` for annotations of GitHub Actions
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(super) output: CheckOutput,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckOutput {
    #[default]
    Text,
    Json,
    Sarif,
    Github,
}

#[derive(Debug, Args)]
pub(super) struct New {
    /// What it does, in a few words joined by `-`, such as `deploy-web`; a folder may stand before it. What ends in `.md` is a template for an
    /// incident note
    pub(super) name: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code, as `check` prints it; without one, all are listed
    pub(super) code: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    pub(super) shell: Shell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder for the pages, such as ~/.local/share/man/man1
    pub(super) dir: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Graph {
    /// The runbook
    #[arg(required_unless_present = "run")]
    pub(super) file: Option<PathBuf>,
    /// Show where this run went, on its own copy of the runbook: the start of its id, or `last`
    #[arg(long, value_name = "RUN", conflicts_with = "file")]
    pub(super) run: Option<String>,
    /// Text for the terminal, or a drawing for other programs
    #[arg(long, value_enum, default_value_t, help_heading = OUTPUT)]
    pub(super) format: GraphFormat,
    /// How many columns the text may take [default: the terminal's, else 80]
    #[arg(long, value_name = "COLUMNS", help_heading = OUTPUT)]
    pub(super) width: Option<usize>,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback, else ~/.local/state/switchback]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(super) state_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct Docs {
    /// Markdown pages, and folders that are searched for them
    #[arg(default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Write nothing; show what differs, and end with 1 if something does
    #[arg(long)]
    pub(super) check: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum GraphFormat {
    #[default]
    Text,
    Mermaid,
    Dot,
    Svg,
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
pub(super) struct Test {
    /// Runbooks, files of tests (`NAME.test.yaml` beside `NAME.yaml`), and folders that are searched for them
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    /// Play this case alone
    #[arg(long, value_name = "NAME", conflicts_with = "min_coverage")]
    pub(super) case: Option<String>,
    /// Exit with 1 when less than this part of the edges, of the answers or of the gates is covered
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(super) min_coverage: Option<u8>,
    /// Accept what came of cases that differ: it is written into their `expect`
    #[arg(long)]
    pub(super) update: bool,
    /// Text for people, or JSON or JUnit for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(super) output: TestOutput,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TestOutput {
    #[default]
    Text,
    Json,
    Junit,
}

#[derive(Debug, Args)]
pub(super) struct Drill {
    /// The runbook; its drill is the file beside it that ends in `.drill.yaml`
    pub(super) file: PathBuf,
    /// Answer from this scenario, and compare what happens with what it expects; without it you are asked
    #[arg(long, value_name = "NAME")]
    pub(super) scenario: Option<String>,
    /// Leave the sandbox behind, and say where it is
    #[arg(long)]
    pub(super) keep: bool,
    /// Draw nothing, and run the runbook with `--plain`: for screen readers; `TERM=dumb` does the same
    #[arg(long, help_heading = OUTPUT)]
    pub(super) plain: bool,
}

#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Of a runbook, its drill (`NAME.drill.yaml`) or its tests (`NAME.test.yaml`); of a line of `--output jsonl`, of what a `notify` sends, or of the
    /// report of a run as JSON
    #[arg(value_enum, default_value_t)]
    pub(super) document: SchemaOf,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    #[default]
    Runbook,
    Drill,
    Test,
    Events,
    Notification,
    Report,
}
