//! Templates and expressions: what they need, what is wrong with them, and what they say.
//!
//! A template is rendered in one of two ways. [`render`] puts values in as they are, for arguments, paths and texts.
//! [`render_script`] writes each value so that a shell takes it for data, whatever it contains, and refuses the places where
//! that cannot be done. Both are strict: what is undefined is an error, never an empty text.

mod environment;
mod error;
mod examine;
mod mark;
mod missing;
mod names;
mod object;
mod outline;
mod places;
mod render;
mod scan;
mod scope;
mod shell;
#[cfg(test)]
mod tests;
mod text;
mod walk;

pub use error::TemplateError;
pub use names::names;
pub use render::{evaluate, render, render_script};
pub use scope::{NodeStates, Scope};
pub use walk::{Text, Trail, runbook_texts};

/// Whether a source has nothing in it that a template could turn into something else.
fn is_literal(source: &str) -> bool {
    let source = source.as_bytes();
    !memchr::memchr_iter(b'{', source).any(|brace| matches!(source.get(brace + 1), Some(b'{' | b'%' | b'#')))
}
