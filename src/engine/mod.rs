//! The one loop, and its ports.
//!
//! The engine asks the [`Traversal`](crate::traverse::Traversal) what to do, hands it to a port, and takes up what ports report: it appends the
//! event to the journal, applies it, shows it. The intent to run something is itself such an event, made durable before the port
//! hears of it. Ports report on one channel, so parallel work, a prompt that stands open and an interrupt need no further shape.

mod drive;
mod elsewhere;
mod opening;
mod people;
mod ports;

pub use drive::{Ended, Fault, Ports, channel, drive};
pub use elsewhere::{Letter, Message, Replies, Reply, read};
pub use opening::rehearse;
pub use ports::{Clock, CommandRunner, Journal, Operator, REPORTS_AHEAD, Report, Reporter, Reports};
