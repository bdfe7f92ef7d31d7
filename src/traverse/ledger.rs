//! What is kept of a run's record for those who tell of it later. It only grows.

use indexmap::IndexMap;
use jiff::Timestamp;
use serde_json::Map;

use crate::model::Command;

use super::event::{Event, Record, Rendered, RunId};

/// An event that a note may tell of, and its time.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) event: Event,
    /// Whether another process left it for the run.
    pub(super) is_from_elsewhere: bool,
}

impl Entry {
    /// What is kept of a record; nothing of most that only the flow follows from.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let event = kept(&record.event)?;
        Some(Self {
            at: record.at,
            event,
            is_from_elsewhere: record.letter.is_some(),
        })
    }
}

/// An event without what may be long and is known elsewhere, or is no matter for a note.
fn kept(event: &Event) -> Option<Event> {
    Some(match event {
        Event::RunStarted { run, by, .. } => Event::RunStarted {
            run: RunId(run.0.clone()),
            runbook: String::new(),
            folder: String::new(),
            digest: String::new(),
            parameters: Map::new(),
            by: by.clone(),
        },
        Event::Prepared {
            node,
            work: Rendered::Run(command),
        } => Event::Prepared {
            node: node.clone(),
            work: Rendered::Run(Command {
                run: command.run.clone(),
                cwd: None,
                env: IndexMap::new(),
                stdin: None,
                terminal: command.terminal,
                timeout: None,
                grace: command.grace,
            }),
        },
        Event::Finished {
            node,
            attempt,
            outcome,
            took,
            ..
        } => Event::Finished {
            node: node.clone(),
            attempt: *attempt,
            outcome: outcome.clone(),
            captures: Map::new(),
            took: *took,
        },
        Event::Resolved {
            node,
            how,
            by,
            reason,
            ..
        } => Event::Resolved {
            node: node.clone(),
            how: *how,
            by: by.clone(),
            reason: reason.clone(),
            captures: Map::new(),
        },
        Event::RunResumed { .. }
        | Event::LockBroken { .. }
        | Event::RunCancelled { .. }
        | Event::Answered { .. }
        | Event::AnswerTakenBack { .. }
        | Event::Failed { .. }
        | Event::Declined { .. }
        | Event::Checked { .. }
        | Event::Attested { .. }
        | Event::Refused { .. }
        | Event::Decided { .. }
        | Event::Waived { .. }
        | Event::Undone { .. }
        | Event::UndoDeclined { .. }
        | Event::UndoResolved { .. } => event.clone(),
        _ => return None,
    })
}
