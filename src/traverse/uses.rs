//! What has used an answer, so that it cannot be taken back any more.
//!
//! On the answer to a question *rests* what comes after the question over edges, `after` and `needs`, however many, and with it every text that
//! names the answer; then the nodes with a text that names all answers at once, and what comes after those, unless they come before the
//! question; and the gates.
//!
//! The answer is *used* once something that rests on it has happened in the world, or was said on its ground: work was started, a check was
//! carried out, or a person confirmed, declined, attested, refused, answered, decided or resolved something that the run had come to. Not used is it by
//! what can be made anew as if nothing had been: a text that was rendered, a guard that was evaluated, a milestone that was reached, what a
//! question's own command found, a gate that the machine looked at. And what was said in advance does not rest on it.

use std::collections::BTreeSet;
use std::fmt;

use crate::graph::Position;
use crate::model::{NodeId, Runbook};
use crate::template::runbook_texts;

use super::event::{Event, Owner};
use super::traversal::Traversal;

/// Something that has used an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Used {
    /// What.
    what: Owner,
    /// How, in words.
    how: String,
    /// The question, where it is an answer.
    pub(super) answer: Option<NodeId>,
}

impl fmt::Display for Used {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.what, self.how)
    }
}

impl Traversal {
    /// Notes what can not be made as if it had not been. It is asked before the event changes anything.
    pub(super) fn note_use(&mut self, event: &Event) {
        let (owner, how) = match event {
            Event::Started { node, .. } => (Owner::Node(node.clone()), "was started".to_owned()),
            Event::Checked {
                owner: owner @ Owner::Node(_),
                ..
            } => (owner.clone(), "was checked".to_owned()),
            Event::Confirmed { node, by } if self.work(node).is_some() => {
                (Owner::Node(node.clone()), format!("was confirmed by {by}"))
            }
            Event::Declined { node, by } => (Owner::Node(node.clone()), format!("was declined by {by}")),
            Event::Answered { question, by, .. } if self.is_asked(question) => {
                (Owner::Node(question.clone()), format!("was answered by {by}"))
            }
            Event::Attested {
                subject,
                by,
                in_advance: false,
                ..
            } => (subject.owner(), format!("was attested by {by}")),
            Event::Refused { subject, by, .. } => (subject.owner(), format!("was refused by {by}")),
            Event::Decided {
                gate,
                by,
                in_advance: false,
                ..
            } => (Owner::Gate(gate.clone()), format!("was decided by {by}")),
            Event::Resolved { node, by, .. } => (Owner::Node(node.clone()), format!("was resolved by {by}")),
            _ => return,
        };
        // That it was started says most of it.
        let is_told = matches!(event, Event::Started { .. });
        let used = match &owner {
            Owner::Node(node) => self.position(node).map(|node| &mut self.progress_mut(node).used),
            Owner::Gate(gate) => self.gates.get_mut(gate).map(|gate| &mut gate.used),
        };
        if let Some(used) = used.filter(|used| is_told || used.is_none()) {
            *used = Some(how);
        }
    }

    /// Everything that has used the answer to a question.
    pub(super) fn used_by(&self, question: &NodeId) -> Vec<Used> {
        let Some(position) = self
            .position(question)
            .filter(|_| self.answer(question).is_some())
        else {
            return Vec::new();
        };
        let resting = self.resting_on(position).into_iter();
        let nodes = resting.filter_map(|position| {
            let node = self.node(position);
            let how = self.progress[position].as_ref()?.used.clone()?;
            let answer = node.question().map(|_| node.id.clone());
            let what = Owner::Node(node.id.clone());
            Some(Used { what, how, answer })
        });
        let gates = self.gates.iter().filter_map(|(gate, progress)| {
            let what = Owner::Gate(gate.clone());
            let how = progress.used.clone()?;
            let answer = None;
            Some(Used { what, how, answer })
        });
        nodes.chain(gates).collect()
    }

    /// Whether what this owner does rests on the answer to a question.
    pub fn rests_on(&self, owner: &Owner, question: &NodeId) -> bool {
        match (owner, self.position(question)) {
            (Owner::Node(node), Some(question)) => {
                let node = self.position(node);
                node.is_some_and(|node| self.resting_on(question).contains(&node))
            }
            _ => true,
        }
    }

    /// The nodes that rest on the answer to a question.
    pub(super) fn resting_on(&self, question: Position) -> BTreeSet<Position> {
        let before = self.graph.before([question], self.graph.len());
        let before: BTreeSet<Position> = before.into_iter().flatten().collect();
        let mut resting = BTreeSet::new();
        let mut next: Vec<Position> = self
            .graph
            .after(question)
            .chain(naming_all(&self.runbook))
            .collect();
        while let Some(node) = next.pop() {
            if !before.contains(&node) && resting.insert(node) {
                next.extend(self.graph.after(node));
            }
        }
        resting
    }

    fn is_asked(&self, question: &NodeId) -> bool {
        let position = self.position(question);
        position.is_some_and(|position| self.flow.questions.contains(&position))
    }
}

/// The nodes with a text that names all answers, values or states at once. A text that names those of one node comes after it: `check` sees to that.
fn naming_all(runbook: &Runbook) -> BTreeSet<Position> {
    let mut naming = BTreeSet::new();
    runbook_texts(runbook, &mut |trail, text| {
        let names = text.names().unwrap_or_default();
        let is_all = |name: &Vec<String>| {
            let name: Vec<&str> = name.iter().map(String::as_str).collect();
            matches!(
                name.as_slice(),
                ["answers" | "outputs" | "nodes"] | ["run", "answers" | "done", ..]
            )
        };
        if names.iter().any(is_all) {
            naming.extend(trail.node().and_then(|node| runbook.nodes.get_index_of(node)));
        }
    });
    naming
}
