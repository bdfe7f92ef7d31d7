//! A run afterwards, as a document: what happened, who said what, what was printed, and how the gates stand.
//!
//! [`Account`] is all of it as data, made once from the record. Every format is a pure function of it, so they never tell different stories.
//! The room reads no file: what stands beside the record, such as what commands printed, comes through [`Beside`].

mod account;
mod html;
mod in_toto;
mod json;
mod junit;
mod markdown;
mod marks;
mod text;

pub use account::{
    Account, Answer, Attempt, Check, CommandLine, Consent, Decision, Detected, Digests, Ending, EndingKind,
    Entry, File, Gate, GateState, Kind, Maker, Parameter, Participant, Printed, Run, Settled, Statement,
    Step, Tone, Undo, UndoKind, Waiver, Work,
};
pub use account::{Beside, Printing, VERSION};
pub use html::html;
pub use in_toto::in_toto;
pub use json::json;
pub use junit::junit;
pub use markdown::{markdown, markdown_within};
pub use marks::marks;
