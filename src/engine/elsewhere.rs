//! What another process has to say of a run.

use std::sync::mpsc::SyncSender;

use serde::{Deserialize, Serialize};

use crate::traverse::{Event, LetterId, Person, Rejected, Traversal, Word};

use super::opening::say;

/// What another process leaves for a run: for whoever drives it, or takes it up next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// Its id.
    pub id: LetterId,
    /// What it says.
    pub message: Message,
}

/// What a letter says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// Somebody says this: all of it counts, or nothing.
    Said {
        /// What.
        words: Vec<Word>,
        /// Who.
        by: Person,
    },
    /// This was done to the run.
    Happened(Event),
}

/// What comes of a letter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It is on record.
    Taken,
    /// It was known: nothing new is on record.
    Known,
    /// It cannot be taken.
    Rejected(Rejected),
}

/// Where the reply to a letter goes.
pub type Replies = SyncSender<Reply>;

/// The events that a letter makes of a run as it is now.
///
/// # Errors
///
/// The reply, where it makes none.
pub fn read(run: &Traversal, letter: &Letter) -> Result<Vec<Event>, Reply> {
    // It was taken up, and the process went away before it could say so.
    if run.has_taken_up(&letter.id) {
        return Err(Reply::Taken);
    }
    let (words, by) = match &letter.message {
        Message::Happened(event) => return Ok(vec![event.clone()]),
        Message::Said { words, by } => (words, by),
    };
    is_heard(run).map_err(Reply::Rejected)?;
    let said = words.iter().map(|word| (word.clone(), by.clone()));
    let events = say(&mut run.clone(), said).map_err(Reply::Rejected)?;
    match events.last() {
        Some(Event::Answered { question, value, .. }) if run.given(question) == Some(value) => {
            Err(Reply::Known)
        }
        _ => Ok(events),
    }
}

/// Whether anything can be said of a run, still.
fn is_heard(run: &Traversal) -> Result<(), Rejected> {
    let id = run.id();
    let state = run.recorded_state();
    if state.is_over() {
        return Err(Rejected::new(
            format!("run {id} is {state}: nothing more can be said of it"),
            format!("`switchback show {id}` has its record"),
        ));
    }
    if run.is_undoing() || run.was_undone() {
        return Err(Rejected::new(
            format!("steps of run {id} were undone, or are being undone: it cannot go on from there"),
            "start a new run",
        ));
    }
    Ok(())
}
