//! What tests share; each test file uses some of it.
#![allow(dead_code, unused_imports)]

pub(crate) mod chart;
mod live;
mod play;
mod program;
mod runbook;
mod runbooks;
mod terminal;
pub(crate) mod values;

pub(crate) use live::Live;
pub(crate) use play::Play;
pub(crate) use program::{Call, Seen, World, call_of, can_drill, can_trace, in_ci, steady};
pub(crate) use runbook::{ana, runbook};
pub(crate) use runbooks::{load, shipped};
pub(crate) use terminal::{DOWN, ENTER, INTERRUPT, Terminal};
