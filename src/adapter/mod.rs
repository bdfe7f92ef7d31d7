//! The world and the people in it, as the engine's ports.

pub mod check;
pub mod clock;
pub mod file;
mod http;
pub mod inbox;
pub mod journal;
pub mod lock;
pub mod notify;
pub mod operator;
pub mod process;
pub mod reporter;
pub mod runner;
pub mod secret;
pub mod signals;
pub mod simulated;
pub mod trace;
