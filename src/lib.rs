//! Switchback, a declarative runbook engine.

pub mod adapter;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod draw;
pub mod engine;
pub mod graph;
pub mod model;
pub mod parse;
pub mod plan;
pub mod source;
pub mod template;
pub mod traverse;
