use clap::Args;

use super::{LiveOutput, OUTPUT, Recorded};

pub(super) const AFTER_WATCH: &str = "\
Examples:
  switchback watch last                                beside the one who drives it
  switchback watch last --output jsonl                 its record as it grows, for programs

Nothing is written, and who drives the run is not disturbed. Ctrl-C ends the watching, and nothing else.
It ends with the run, and with the exit code of the run.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Watch {
    /// The run: the start of its id, or `last`
    pub(in crate::cli) run: String,
    /// Draw nothing and say everything once, in words: for screen readers; `TERM=dumb` does the same
    #[arg(long, help_heading = OUTPUT)]
    pub(in crate::cli) plain: bool,
    /// Text for people, or `jsonl`: the record as it grows, one JSON object a line on standard output
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", help_heading = OUTPUT)]
    pub(in crate::cli) output: LiveOutput,
    #[command(flatten)]
    pub(in crate::cli) recorded: Recorded,
}
