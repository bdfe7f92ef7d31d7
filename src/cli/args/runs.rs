use clap::Args;
use jiff::Timestamp;

use crate::cli::history::{self, Standing};

use super::{OUTPUT, Output, Recorded};

pub(super) const AFTER_RUNS: &str = "\
Examples:
  switchback runs --state waiting --state failed       what somebody has to look after
  switchback runs --runbook rollback --since 3d
  switchback runs --limit 20
  switchback runs --output json

Times are of UTC. A run is `cut_short` when its program went away in the middle: `switchback resume RUN` goes on.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Runs {
    /// Only runs of this runbook
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) runbook: Option<String>,
    /// Only runs that stand like this; given several times, any of them
    #[arg(long, value_enum, value_name = "STATE")]
    pub(in crate::cli) state: Vec<Standing>,
    /// Only runs that were started since then: `2h`, `3d`, `2026-11-22`, or a time
    #[arg(long, value_name = "WHEN", value_parser = history::since)]
    pub(in crate::cli) since: Option<Timestamp>,
    /// At most so many, the newest
    #[arg(long, value_name = "N")]
    pub(in crate::cli) limit: Option<usize>,
    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(in crate::cli) output: Output,
    #[command(flatten)]
    pub(in crate::cli) recorded: Recorded,
}
