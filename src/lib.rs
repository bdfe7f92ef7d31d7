//! Switchback, a declarative runbook engine.

pub mod diagnostic;
pub mod model;
pub mod source;
