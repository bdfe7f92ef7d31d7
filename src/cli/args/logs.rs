use clap::{Args, ValueEnum};

use crate::model::Stream;

use super::Recorded;

pub(super) const AFTER_LOGS: &str = "\
Examples:
  switchback logs last                                 which steps printed something
  switchback logs last rollback                        what the last attempt printed
  switchback logs last rollback --follow               and goes on as it grows
  switchback logs last rollback --stream stderr > rollback.txt

A pipe or a file gets each byte as it was kept. Secrets are masked there already.";

#[derive(Debug, Args)]
pub(in crate::cli) struct Logs {
    /// The run: the start of its id, or `last`
    pub(in crate::cli) run: String,
    /// The step; without it, the steps that printed something are listed
    pub(in crate::cli) node: Option<String>,
    /// Go on as it grows, until the step has ended
    #[arg(short, long, requires = "node")]
    pub(in crate::cli) follow: bool,
    /// Of this attempt [default: the last]
    #[arg(long, value_name = "N", requires = "node")]
    pub(in crate::cli) attempt: Option<u32>,
    /// Of this stream [default: both, first what it printed on standard output]
    #[arg(long, value_enum, value_name = "STREAM", requires = "node")]
    pub(in crate::cli) stream: Option<LogStream>,
    /// Of the undo of the step
    #[arg(long)]
    pub(in crate::cli) undo: bool,
    #[command(flatten)]
    pub(in crate::cli) recorded: Recorded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum LogStream {
    Stdout,
    Stderr,
}

impl From<LogStream> for Stream {
    fn from(stream: LogStream) -> Self {
        match stream {
            LogStream::Stdout => Self::Stdout,
            LogStream::Stderr => Self::Stderr,
        }
    }
}
