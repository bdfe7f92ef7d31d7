//! What tests share; each test file uses some of it.
#![allow(dead_code, unused_imports)]

mod play;
mod program;

pub(crate) use play::{Play, ana, runbook};
pub(crate) use program::{Call, Seen, World, in_ci, steady};
