//! Switchback, a declarative runbook engine.

pub mod check;
pub mod diagnostic;
pub mod engine;
pub mod model;
pub mod source;
pub mod template;
pub mod traverse;
