//! Writes values into scripts for a POSIX shell or bash, by the place where each stands.
//!
//! [`Lexer`] reads the author's text and knows at each point what a shell would make of what comes next. It need not be right
//! about every script: where it is not certain, it refuses values from there on.

mod lexer;
mod quote;
mod refusal;
mod script;
mod state;

pub(super) use lexer::Lexer;
pub(super) use script::{Piece, Script};
