//! Who said and did what, when: what the record has beside how the run stands.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Map;

use crate::model::{CheckId, NodeId, Value, plain};
use crate::traverse::{Event, Outcome, Owner, Person, Record, Source, Subject};

/// What the record of a run tells of its nodes and gates.
#[derive(Default)]
pub(super) struct Account {
    pub(super) parameters: Map<String, Value>,
    owners: BTreeMap<Owner, Told>,
}

/// What is told of a node or a gate.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// What people said of it, in order.
    pub(super) said: Vec<Remark>,
    /// Its attempts, in order.
    pub(super) tries: Vec<Try>,
    /// The number of the last record about it, and its time.
    pub(super) last: Option<(u64, Timestamp)>,
}

/// What somebody said.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Remark {
    pub(super) said: Said,
    /// The answer, the outcome, or what to make of a step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) what: Option<String>,
    /// Which check it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) check: Option<CheckId>,
    pub(super) by: Person,
    /// What they added, or the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    /// Where an answer came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Source>,
    pub(super) in_advance: bool,
    pub(super) at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    Answered,
    TakenBack,
    Confirmed,
    Declined,
    Stated,
    Refused,
    Decided,
    Waived,
    Resolved,
}

/// An attempt at an action.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Try {
    pub(super) attempt: u32,
    pub(super) started: Timestamp,
    /// None as long as its end is not on record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) outcome: Option<Outcome>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "seconds")]
    pub(super) took_seconds: Option<Duration>,
}

fn seconds<S: serde::Serializer>(took: &Option<Duration>, to: S) -> Result<S::Ok, S::Error> {
    took.map(|took| took.as_secs_f64()).serialize(to)
}

impl Account {
    /// What is told of a node.
    pub(super) fn of(&self, owner: &Owner) -> Told {
        self.owners.get(owner).cloned().unwrap_or_default()
    }

    pub(super) fn node(&self, node: &NodeId) -> Told {
        self.of(&Owner::Node(node.clone()))
    }

    /// Takes up a record.
    pub(super) fn take(&mut self, record: &Record) {
        if let Event::RunStarted { parameters, .. } = &record.event {
            self.parameters.clone_from(parameters);
        }
        let Some(owner) = about(&record.event) else { return };
        let told = self.owners.entry(owner).or_default();
        told.last = Some((record.seq, record.at));
        told.said.extend(remark(record));
        match &record.event {
            Event::Started { attempt, .. } => told.tries.push(Try {
                attempt: *attempt,
                started: record.at,
                outcome: None,
                took_seconds: None,
            }),
            Event::Finished { outcome, took, .. } => {
                if let Some(last) = told.tries.last_mut() {
                    last.outcome = Some(outcome.clone());
                    last.took_seconds = Some(*took);
                }
            }
            _ => {}
        }
    }
}

/// Whose an event is; none if it is about the run, or about the undoing.
fn about(event: &Event) -> Option<Owner> {
    Some(match event {
        Event::Answered { question: node, .. }
        | Event::AnswerTakenBack { question: node, .. }
        | Event::Guarded { node, .. }
        | Event::Confirmed { node, .. }
        | Event::Declined { node, .. }
        | Event::Reached { node }
        | Event::Started { node, .. }
        | Event::Finished { node, .. }
        | Event::Failed { node, .. }
        | Event::Resolved { node, .. } => Owner::Node(node.clone()),
        Event::Checked { owner, .. } => owner.clone(),
        Event::Attested { subject, .. } | Event::Refused { subject, .. } => subject.owner(),
        Event::Decided { gate, .. } | Event::Waived { gate, .. } => Owner::Gate(gate.clone()),
        _ => return None,
    })
}

/// What somebody said with an event.
fn remark(record: &Record) -> Option<Remark> {
    let remark = |said, by: &Person| Remark {
        said,
        what: None,
        check: None,
        by: by.clone(),
        note: None,
        source: None,
        in_advance: false,
        at: record.at,
    };
    let check = |subject: &Subject| match subject {
        Subject::Check { check, .. } => Some(check.clone()),
        _ => None,
    };
    Some(match &record.event {
        Event::Answered {
            value, by, source, ..
        } => Remark {
            what: Some(plain(value)),
            source: Some(*source),
            ..remark(Said::Answered, by)
        },
        Event::AnswerTakenBack { value, by, .. } => Remark {
            what: Some(plain(value)),
            ..remark(Said::TakenBack, by)
        },
        Event::Confirmed { by, .. } => remark(Said::Confirmed, by),
        Event::Declined { by, .. } => remark(Said::Declined, by),
        Event::Attested {
            subject,
            by,
            note,
            in_advance,
            ..
        } => Remark {
            check: check(subject),
            note: note.clone(),
            in_advance: *in_advance,
            ..remark(Said::Stated, by)
        },
        Event::Refused { subject, by, note } => Remark {
            check: check(subject),
            note: note.clone(),
            ..remark(Said::Refused, by)
        },
        Event::Decided {
            outcome,
            by,
            note,
            in_advance,
            ..
        } => Remark {
            what: Some(outcome.to_string()),
            note: note.clone(),
            in_advance: *in_advance,
            ..remark(Said::Decided, by)
        },
        Event::Waived { by, reason, .. } => Remark {
            note: Some(reason.clone()),
            ..remark(Said::Waived, by)
        },
        Event::Resolved { how, by, reason, .. } => Remark {
            what: Some(how.to_string()),
            note: Some(reason.clone()),
            ..remark(Said::Resolved, by)
        },
        _ => return None,
    })
}
