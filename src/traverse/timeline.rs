//! `run.timeline`: what happened, one line each.

use crate::model::{GateId, NodeId, plain};

use super::event::{Event, Owner, Person, Subject};
use super::verdict::Verdict;

/// A line of the timeline.
pub(super) struct Line<'e> {
    /// What happened, as a sentence.
    pub(super) what: String,
    /// Who did it, where a person did.
    pub(super) who: Option<&'e Person>,
    /// The id of the node or gate that it is about; empty where it is about the run.
    pub(super) about: &'e str,
}

/// What an event adds to the timeline of a run, where it adds something; `titles` has the words for what it is about.
pub(super) fn line<'e>(event: &'e Event, titles: &dyn Titles) -> Option<Line<'e>> {
    let title = |node: &NodeId| titles.node(node);
    let of_run = |who: &'e Person, what: String| Line {
        what,
        who: Some(who),
        about: "",
    };
    let of_node = |node: &'e NodeId, what: String| Line {
        what: format!("{}: {what}", title(node)),
        who: None,
        about: node.as_str(),
    };
    let said = |node: &'e NodeId, who: &'e Person, what: String| Line {
        who: Some(who),
        ..of_node(node, what)
    };
    let of_gate = |gate: &'e GateId, who: &'e Person, what: String| Line {
        what: format!("{}: {what}", titles.gate(gate)),
        who: Some(who),
        about: gate.as_str(),
    };
    let stated = |subject: &'e Subject, who: &'e Person, what: String| Line {
        what: format!("{}: {what}", titles.subject(subject)),
        who: Some(who),
        about: about(subject),
    };
    Some(match event {
        Event::RunStarted { by, .. } => of_run(by, format!("{by} started the run")),
        Event::RunResumed { by } => of_run(by, format!("{by} resumed the run")),
        Event::LockBroken {
            key,
            from,
            to,
            by,
            reason,
        } => of_run(
            by,
            format!("{by} took `{key}` from run {from} for run {to}: {reason}"),
        ),
        Event::RunCancelled { by, reason } => of_run(
            by,
            match reason {
                Some(reason) => format!("{by} gave the run up: {reason}"),
                None => format!("{by} gave the run up"),
            },
        ),
        Event::Answered {
            question, value, by, ..
        } => Line {
            what: format!("{} {} ({by})", title(question), first_line(&plain(value))),
            who: Some(by),
            about: question.as_str(),
        },
        Event::AnswerTakenBack { question, value, by } => Line {
            what: format!(
                "{} {}: taken back by {by}",
                title(question),
                first_line(&plain(value))
            ),
            who: Some(by),
            about: question.as_str(),
        },
        Event::Finished { node, outcome, .. } if outcome.is_success() => of_node(node, "done".to_owned()),
        Event::Finished { node, outcome, .. } => of_node(node, outcome.to_string()),
        Event::Undone { node, outcome, .. } if outcome.is_success() => of_node(node, "undone".to_owned()),
        Event::Undone { node, outcome, .. } => of_node(node, format!("not undone: {outcome}")),
        Event::UndoDeclined { node, by } => said(node, by, format!("{by} declined to undo it")),
        Event::UndoResolved {
            node,
            how,
            by,
            reason,
        } => said(node, by, format!("{by} resolved its undo as {how}: {reason}")),
        Event::Failed { node, reason } => of_node(node, reason.clone()),
        Event::Declined { node, by } => said(node, by, format!("declined by {by}")),
        Event::Attested {
            subject, by, note, ..
        } => stated(
            subject,
            by,
            match note {
                Some(note) => format!("{by} attested it: {note}"),
                None => format!("{by} attested it"),
            },
        ),
        Event::Refused { subject, by, note } => stated(
            subject,
            by,
            match note {
                Some(note) => format!("{by} said no: {note}"),
                None => format!("{by} said no"),
            },
        ),
        Event::Decided {
            gate, outcome, by, ..
        } => of_gate(gate, by, format!("{by} decided {outcome}")),
        Event::Waived { gate, by, reason } => of_gate(gate, by, format!("{by} waived it: {reason}")),
        Event::Resolved {
            node,
            how,
            by,
            reason,
            ..
        } => said(node, by, format!("{by} resolved it as {how}: {reason}")),
        Event::Checked {
            owner: owner @ Owner::Node(node),
            check,
            verdict,
            evidence,
            by,
        } => {
            let title = titles.check(owner, *check);
            Line {
                what: match verdict {
                    Verdict::Held => format!("checked: {title}"),
                    verdict => format!("check {verdict}: {title}: {evidence}"),
                },
                who: by.as_ref(),
                about: node.as_str(),
            }
        }
        _ => return None,
    })
}

/// Has the words for what events are about.
pub(super) trait Titles {
    /// The title of a question or an action.
    fn node(&self, id: &NodeId) -> String;
    /// The title of a gate.
    fn gate(&self, id: &GateId) -> String;
    /// What an owner's check looks at, by its place.
    fn check(&self, owner: &Owner, index: usize) -> String;
    /// What a person's word is about.
    fn subject(&self, subject: &Subject) -> String;
}

/// The id of the node or gate that a word is about.
fn about(subject: &Subject) -> &str {
    match subject {
        Subject::Node(node)
        | Subject::Check {
            owner: Owner::Node(node),
            ..
        } => node.as_str(),
        Subject::Gate(gate)
        | Subject::Check {
            owner: Owner::Gate(gate),
            ..
        } => gate.as_str(),
    }
}

/// The first line of a text, and a sign that there is more.
fn first_line(text: &str) -> String {
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default();
    let more = if lines.next().is_some() { " …" } else { "" };
    format!("{first}{more}")
}
