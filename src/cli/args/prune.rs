use clap::Args;

use crate::cli::history::{self, Keep};

use super::Recorded;

pub(super) const AFTER_PRUNE: &str = "\
Examples:
  switchback prune --keep 90d                          what nobody has touched for 90 days
  switchback prune --keep 50                           all but the 50 newest
  switchback prune --keep 50 --keep 90d --dry-run      what neither of them keeps; nothing is removed

Only runs that are over are removed, with all that was kept of them. One that waits, failed or was cut short
stays: `switchback resume` goes on with it, `switchback cancel` gives it up.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Prune {
    /// What to keep: so many runs, the newest, as in `50`; or those that are younger, as in `90d`. What any of several keeps is kept
    #[arg(long, value_name = "NUMBER|AGE", value_parser = history::keep)]
    pub(in crate::cli) keep: Vec<Keep>,
    /// Only among the runs of this runbook
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) runbook: Option<String>,
    /// Show what would be removed, and remove nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
    #[command(flatten)]
    pub(in crate::cli) recorded: Recorded,
}
