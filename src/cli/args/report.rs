use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::OUTPUT;

pub(super) const AFTER: &str = "\
Examples:
  switchback report last                               Markdown: to paste, or to read here
  switchback report last -o incident.html              one page that needs nothing else
  switchback report last --format json | jq .gates
  switchback report last --format in-toto > gates.intoto.json

A run that is not over has a report too, which says so. In GitHub Actions the Markdown stands in the summary of the job
by itself. docs/reports.md says what is in each.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Report {
    /// The run: the start of its id, or `last`
    pub(in crate::cli) run: String,
    /// A page for people, or data for programs [default: by the ending of FILE, else md]
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(in crate::cli) format: Option<ReportFormat>,
    /// Write it to a file instead of standard output
    #[arg(short = 'o', long = "output", value_name = "FILE", help_heading = OUTPUT)]
    pub(in crate::cli) to: Option<PathBuf>,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback, else ~/.local/state/switchback]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(in crate::cli) state_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ReportFormat {
    /// Markdown
    #[default]
    Md,
    /// One page with everything in it, for a browser and for paper
    Html,
    /// All of it as data; `switchback schema report` describes it
    Json,
    /// Gates and checks as test cases
    Junit,
    /// The gates as a statement to sign: in-toto, test result
    InToto,
}
