//! Templates and expressions: what they need, what is wrong with them, and what they say.
//!
//! A template is rendered in one of two ways. [`render`] puts values in as they are, for arguments, paths and texts.
//! [`render_script`] writes each value so that a shell takes it for data, whatever it contains, and refuses the places where
//! that cannot be done. Both are strict: what is undefined is an error, never an empty text.

mod commands;
mod environment;
mod error;
mod examine;
mod facts;
mod mark;
mod markdown;
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

pub use commands::runbook_commands;
pub use error::TemplateError;
pub use facts::{FACTS, Fact, placeholders};
pub use names::names;
pub use render::{evaluate, render, render_script};
pub use scan::{Code, Part, scan};
pub use scope::{NodeStates, RunRecord, Scope};
pub use walk::{Text, Trail, runbook_texts};

/// How many `elif` a template may have, and how many bytes of code between two braces: the engine takes one within the other, and
/// its stack has an end.
const MAX_ELIF: usize = 200;
const MAX_CODE: usize = 4_000;

/// Refuses what the engine would not survive.
fn bounded(source: &str) -> Result<(), TemplateError> {
    if source.matches("elif").count() > MAX_ELIF {
        return Err(TemplateError::Value {
            message: format!("it has more than {MAX_ELIF} `elif`: look the value up in a map instead"),
            line: None,
        });
    }
    if source.len() <= MAX_CODE {
        return Ok(());
    }
    scan(source).into_iter().try_for_each(|part| match part {
        Part::Text(_) => Ok(()),
        Part::Output(code) | Part::Block(code) => bounded_code(code.text, code.line),
    })
}

/// The same of an expression, or of what stands between two braces.
fn bounded_code(code: &str, line: usize) -> Result<(), TemplateError> {
    if code.len() <= MAX_CODE {
        return Ok(());
    }
    Err(TemplateError::Value {
        message: format!(
            "it has an expression of more than {MAX_CODE} bytes: set parts of it as variables first"
        ),
        line: Some(line),
    })
}

/// Whether a source has nothing in it that a template could turn into something else.
fn is_literal(source: &str) -> bool {
    let source = source.as_bytes();
    !memchr::memchr_iter(b'{', source).any(|brace| matches!(source.get(brace + 1), Some(b'{' | b'%' | b'#')))
}
