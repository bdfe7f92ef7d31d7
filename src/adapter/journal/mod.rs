//! What a run leaves on disk: its folder, its journal, what its commands printed.

mod chain;
mod digest;
mod file;
mod folder;
mod read;
mod state;

pub use digest::digest;
pub use file::FileJournal;
pub use folder::{RunFolder, Snapshot};
pub use read::{JournalError, Sound, read, verify};
pub use state::{FindError, StateDir};
