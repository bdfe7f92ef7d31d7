use std::path::PathBuf;

use clap::Args;

use super::OUTPUT;

pub(super) const AFTER: &str = "\
Examples:
  switchback attest last owners_know --note \"told in the channel\"
  switchback attest last rollback.seen --as product    product says so, and you type it
  switchback attest last rollback.seen --refuse --note \"the cart is empty\"
  switchback attest last database_handled --outcome restored

A run that is going on in another terminal goes on with it at once. One that nobody drives keeps it: `switchback resume`
goes on. What is said before the run has come to it is on record as said in advance.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Attest {
    /// The run: the start of its id, or `last`
    pub(in crate::cli) run: String,
    /// What is stated: a gate, a manual action, or NODE.CHECK
    pub(in crate::cli) id: String,
    /// Who states it, if not you
    #[arg(long = "as", value_name = "WHO", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(in crate::cli) who: Option<String>,
    /// What was seen; goes on record
    #[arg(long, value_name = "TEXT")]
    pub(in crate::cli) note: Option<String>,
    /// It is not so
    #[arg(long)]
    pub(in crate::cli) refuse: bool,
    /// Which outcome of the gate holds, where that is to be decided
    #[arg(long, value_name = "OUTCOME", conflicts_with = "refuse")]
    pub(in crate::cli) outcome: Option<String>,
    /// Where runs are recorded [default: $XDG_STATE_HOME/switchback, else ~/.local/state/switchback]
    #[arg(long, value_name = "DIR", help_heading = OUTPUT)]
    pub(in crate::cli) state_dir: Option<PathBuf>,
}
