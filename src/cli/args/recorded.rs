use std::path::PathBuf;

use clap::Args;

use super::OUTPUT;

/// Where runs are recorded.
#[derive(Debug, Args)]
pub(in crate::cli) struct Recorded {
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback, else ~/.local/state/switchback]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(in crate::cli) state_dir: Option<PathBuf>,
}
