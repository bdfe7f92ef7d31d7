use std::path::PathBuf;

use clap::Args;

use super::OUTPUT;

pub(super) const AFTER: &str = "\
Examples:
  switchback answer last full yes
  switchback answer last full no --instead             the answer before was wrong
  switchback answer last full --take-back              the question is open again

A run that is going on in another terminal goes on with it at once. One that nobody drives keeps it: `switchback resume`
goes on. An answer can be taken back until something has used it; docs/people.md says what that is.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Answer {
    /// The run: the start of its id, or `last`
    pub(in crate::cli) run: String,
    /// The question, by its id
    pub(in crate::cli) question: String,
    /// The answer: the id of a choice, or a value
    #[arg(required_unless_present = "take_back", allow_negative_numbers = true)]
    pub(in crate::cli) value: Option<String>,
    /// Take the answer back that it has, and put this one in its place
    #[arg(long, conflicts_with = "take_back")]
    pub(in crate::cli) instead: bool,
    /// Take the answer back: the question is open again
    #[arg(long, conflicts_with = "value")]
    pub(in crate::cli) take_back: bool,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback, else ~/.local/state/switchback]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(in crate::cli) state_dir: Option<PathBuf>,
}
