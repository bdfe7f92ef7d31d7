//! The one loop, and its ports.

mod ports;

pub use ports::{Clock, CommandRunner, Journal, Operator, REPORTS_AHEAD, Report, Reporter, Reports};
