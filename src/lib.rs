//! Switchback, a declarative runbook engine.

pub mod adapter;
pub mod diagnostic;
pub mod engine;
pub mod model;
pub mod source;
pub mod traverse;
