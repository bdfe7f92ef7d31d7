//! The state machine: given events, it says what is to be done next.

mod event;
mod step;
mod traversal;
mod verdict;
mod word;

pub use event::{
    Event, Identity, Outcome, Owner, Person, RECORD_VERSION, Record, Rendered, Resolution, RunId, Source,
    Subject,
};
pub use step::{Ask, Consent, Statement, Step};
pub use traversal::{Checked, Traversal};
pub use verdict::{GateVerdict, RunState, State, Verdict, Why};
pub use word::{Rejected, Word};
