//! The state machine: given events, it says what is to be done next.
//!
//! [`Traversal`] is pure. Interactive, headless, preview, drill and resuming after a crash are this one machine with other ports, and
//! nothing in here asks which of them it is in.

mod answer;
mod apply;
mod checks;
mod doubt;
mod event;
mod flow;
mod gates;
mod hear;
mod ledger;
mod next;
mod notify;
mod progress;
mod read;
mod shared;
mod step;
mod telling;
mod timeline;
mod traversal;
mod undo;
mod uses;
mod values;
mod verdict;
mod word;

pub use apply::Unfit;
pub use event::{
    Event, Identity, LetterId, Outcome, Owner, Person, ProcessId, RECORD_VERSION, Record, Rendered,
    Resolution, RunId, Running, Source, Subject,
};
pub use progress::{Checked, Given};
pub use step::{Ask, Consent, Hands, Statement, Step};
pub use traversal::Traversal;
pub use undo::{UndoState, Undoable};
pub use verdict::{GateVerdict, RunState, State, Verdict, Why};
pub use word::{Rejected, Word};
