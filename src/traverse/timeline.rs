//! `run.timeline`: what happened, one line each.

use crate::model::{NodeId, plain};

use super::event::{Event, Owner, Record};
use super::traversal::Traversal;
use super::verdict::Verdict;

impl Traversal {
    /// What a record adds to the timeline of the run, where it adds something.
    pub(super) fn timeline_line(&self, record: &Record) -> Option<String> {
        let line = self.line_of(&record.event)?;
        Some(match record.letter {
            Some(_) => format!("{line}, from another terminal"),
            None => line,
        })
    }

    fn line_of(&self, event: &Event) -> Option<String> {
        let title = |node: &NodeId| {
            self.runbook
                .nodes
                .get(node)
                .map_or_else(|| node.to_string(), |node| node.title().to_owned())
        };
        Some(match event {
            Event::RunStarted { by, .. } => format!("{by} started the run"),
            Event::RunResumed { by } => format!("{by} resumed the run"),
            Event::LockBroken {
                key,
                from,
                to,
                by,
                reason,
            } => format!("{by} took `{key}` from run {from} for run {to}: {reason}"),
            Event::RunCancelled { by, reason } => match reason {
                Some(reason) => format!("{by} gave the run up: {reason}"),
                None => format!("{by} gave the run up"),
            },
            Event::Answered {
                question, value, by, ..
            } => format!("{} {} ({by})", title(question), plain(value)),
            Event::AnswerTakenBack {
                question, value, by, ..
            } => format!("{} {}: taken back by {by}", title(question), plain(value)),
            Event::Finished { node, outcome, .. } if outcome.is_success() => format!("{}: done", title(node)),
            Event::Finished { node, outcome, .. } => format!("{}: {outcome}", title(node)),
            Event::Undone { node, outcome, .. } if outcome.is_success() => format!("{}: undone", title(node)),
            Event::Undone { node, outcome, .. } => format!("{}: not undone: {outcome}", title(node)),
            Event::UndoDeclined { node, by } => format!("{}: {by} declined to undo it", title(node)),
            Event::UndoResolved {
                node,
                how,
                by,
                reason,
            } => format!("{}: {by} resolved its undo as {how}: {reason}", title(node)),
            Event::Failed { node, reason } => format!("{}: {reason}", title(node)),
            Event::Declined { node, by } => format!("{}: declined by {by}", title(node)),
            Event::Attested {
                subject, by, note, ..
            } => match note {
                Some(note) => format!("{by} attested `{subject}`: {note}"),
                None => format!("{by} attested `{subject}`"),
            },
            Event::Refused { subject, by, .. } => format!("{by} said no to `{subject}`"),
            Event::Decided {
                gate, outcome, by, ..
            } => format!("{by} decided `{gate}`: {outcome}"),
            Event::Waived { gate, by, reason } => format!("{by} waived `{gate}`: {reason}"),
            Event::Resolved {
                node,
                how,
                by,
                reason,
                ..
            } => {
                format!("{}: {by} resolved it as {how}: {reason}", title(node))
            }
            Event::Checked {
                owner: Owner::Node(node),
                check,
                verdict,
                evidence,
                ..
            } => {
                let check = self.checks_of(&Owner::Node(node.clone())).get(*check)?;
                let title = check.title.clone().unwrap_or_else(|| title(node));
                match verdict {
                    Verdict::Held => format!("checked: {title}"),
                    verdict => format!("check {verdict}: {title}: {evidence}"),
                }
            }
            _ => return None,
        })
    }
}
