//! Ports behind which there is nothing: commands print what a test says, checks see what it says, and time passes when it says so.
//!
//! There are no means in here to start a process, to read or write a file, or to ask the network; `tests/architecture.rs` holds that.

mod clock;
mod runner;
mod unheard;

pub use clock::SimulatedClock;
pub use runner::SimulatedRunner;
pub use unheard::{Forgotten, Unheard};
