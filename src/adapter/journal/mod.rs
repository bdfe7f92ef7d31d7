//! What a run leaves on disk: its folder, its journal, what its commands printed.

mod chain;
mod digest;
mod file;
mod folder;
mod read;
mod remove;
mod state;
mod tail;

pub use digest::digest;
pub use file::{FileJournal, is_held};
pub use folder::{RunFolder, Snapshot};
pub use read::{JournalError, Sound, read, verify};
pub use remove::Pruning;
pub use state::{FindError, StateDir};
pub use tail::{Printed, Tail};
