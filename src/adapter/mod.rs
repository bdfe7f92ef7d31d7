//! The ports, as they are in the world.

pub mod operator;
pub mod report;
