use clap::Args;

use super::{OUTPUT, Output, Recorded};

#[derive(Debug, Args)]
pub(in crate::cli) struct Show {
    /// The run: the start of its id, or `last`
    pub(in crate::cli) run: String,
    /// Each node on a line of its own, also those that the run did not come to
    #[arg(long)]
    pub(in crate::cli) all: bool,
    /// Text for people, or JSON for programs
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(in crate::cli) output: Output,
    #[command(flatten)]
    pub(in crate::cli) recorded: Recorded,
}
