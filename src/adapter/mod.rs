//! The ports, as this machine has them: processes, files, HTTP, the clock.

pub mod check;
pub mod clock;
pub mod journal;

pub mod process;
pub mod runner;

pub mod secret;
//! The ports, as they are in the world.

pub mod operator;
pub mod report;
