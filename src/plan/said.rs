use serde::Serialize;

use crate::model::{GateId, NodeId};
use crate::traverse::{Person, Subject, Word};

use super::preview::Preview;

/// What a person said up front, at its place.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    /// Who.
    pub by: Person,
    /// What they added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What a person decided up front.
#[derive(Clone, Debug, Serialize)]
pub struct Decided {
    /// The outcome.
    pub outcome: String,
    /// Who decided, and what they added.
    #[serde(flatten)]
    pub said: Said,
}

impl Preview<'_> {
    /// Who agreed to an action.
    pub(super) fn confirmed(&self, node: &NodeId) -> Option<Person> {
        self.said(|word, by| match word {
            Word::Confirm(of) if of == node => Some(by.clone()),
            _ => None,
        })
    }

    /// Who stated something.
    pub(super) fn attested(&self, subject: &Subject) -> Option<Said> {
        self.said(|word, by| match word {
            Word::Attest { subject: of, note } if of == subject => Some(Said {
                by: by.clone(),
                note: note.clone(),
            }),
            _ => None,
        })
    }

    /// Who decided a gate.
    pub(super) fn decided(&self, gate: &GateId) -> Option<Decided> {
        self.said(|word, by| match word {
            Word::Decide {
                gate: of,
                outcome,
                note,
            } if of == gate => Some(Decided {
                outcome: outcome.clone(),
                said: Said {
                    by: by.clone(),
                    note: note.clone(),
                },
            }),
            _ => None,
        })
    }

    /// Who let a gate go.
    pub(super) fn waived(&self, gate: &GateId) -> Option<Said> {
        self.said(|word, by| match word {
            Word::Waive { gate: of, reason } if of == gate => Some(Said {
                by: by.clone(),
                note: Some(reason.clone()),
            }),
            _ => None,
        })
    }

    /// The last word that is one.
    fn said<T>(&self, is_one: impl Fn(&Word, &Person) -> Option<T>) -> Option<T> {
        self.words.iter().rev().find_map(|(word, by)| is_one(word, by))
    }
}
