use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::{CaptureId, Command, GateId, NodeId, Runbook, Template, Value};
use crate::traverse::{
    Checked, GateVerdict, Owner, Rendered, RunId, State, Step, Subject, Traversal, Undoable, Why,
};

/// What a report looks at of a run. It is a trait so that the words can be tested without playing a whole run.
pub(in crate::adapter) trait View {
    /// The runbook.
    fn runbook(&self) -> &Runbook;
    /// The run's id.
    fn id(&self) -> RunId;
    /// When it was started.
    fn started(&self) -> Timestamp;
    /// How a node stands.
    fn state(&self, node: &NodeId) -> State;
    /// Why it does.
    fn why(&self, node: &NodeId) -> Option<Why>;
    /// How often an action was tried.
    fn attempts(&self, node: &NodeId) -> u32;
    /// When the last of that was.
    fn began(&self, node: &NodeId) -> Option<Timestamp>;
    /// Exactly what it does, once that is known.
    fn work(&self, node: &NodeId) -> Option<&Rendered>;
    /// Its captures that have no value and are used.
    fn captures_wanted(&self, node: &NodeId) -> Vec<CaptureId>;
    /// The answer on record for a question, also if it was not asked yet.
    fn answer(&self, question: &NodeId) -> Option<&Value>;
    /// Whether somebody agreed to an action.
    fn is_confirmed(&self, node: &NodeId) -> bool;
    /// Whether somebody stated it.
    fn is_attested(&self, subject: &Subject) -> bool;
    /// Whether it is decided which outcome of a gate holds.
    fn is_decided(&self, gate: &GateId) -> bool;
    /// What came of each of an owner's checks.
    fn checks(&self, owner: &Owner) -> Vec<Option<Checked>>;
    /// How a gate stands.
    fn gate(&self, gate: &GateId) -> GateVerdict;
    /// What is to be done next for this owner.
    fn offer(&self, owner: &Owner) -> Option<Step>;
    /// What is to be done next of all, but for the steps of these.
    fn next(&self, busy: &BTreeSet<Owner>) -> Option<Step>;
    /// The values taken from what an action printed.
    fn captures(&self, node: &NodeId) -> Option<&Value>;
    /// A text with the values known now.
    fn text(&self, template: &Template) -> String;
    /// Whether somebody is undoing it.
    fn is_undoing(&self) -> bool;
    /// What can be undone, and how that stands.
    fn undoables(&self) -> Vec<Undoable>;
    /// What undoes an action, while that is under way.
    fn running_undo(&self, node: &NodeId) -> Option<&Command<String>>;
}

impl View for Traversal {
    fn runbook(&self) -> &Runbook {
        Self::runbook(self)
    }

    fn id(&self) -> RunId {
        Self::id(self)
    }

    fn started(&self) -> Timestamp {
        Self::started(self)
    }

    fn state(&self, node: &NodeId) -> State {
        Self::state(self, node)
    }

    fn why(&self, node: &NodeId) -> Option<Why> {
        Self::why(self, node)
    }

    fn attempts(&self, node: &NodeId) -> u32 {
        Self::attempts(self, node)
    }

    fn began(&self, node: &NodeId) -> Option<Timestamp> {
        Self::began(self, node)
    }

    fn work(&self, node: &NodeId) -> Option<&Rendered> {
        Self::work(self, node)
    }

    fn captures_wanted(&self, node: &NodeId) -> Vec<CaptureId> {
        Self::captures_wanted(self, node)
    }

    fn answer(&self, question: &NodeId) -> Option<&Value> {
        Self::given(self, question)
    }

    fn is_confirmed(&self, node: &NodeId) -> bool {
        Self::is_confirmed(self, node)
    }

    fn is_attested(&self, subject: &Subject) -> bool {
        Self::is_attested(self, subject)
    }

    fn is_decided(&self, gate: &GateId) -> bool {
        Self::is_decided(self, gate)
    }

    fn checks(&self, owner: &Owner) -> Vec<Option<Checked>> {
        Self::checks(self, owner)
    }

    fn gate(&self, gate: &GateId) -> GateVerdict {
        Self::gate(self, gate)
    }

    fn offer(&self, owner: &Owner) -> Option<Step> {
        Self::offer(self, owner)
    }

    fn next(&self, busy: &BTreeSet<Owner>) -> Option<Step> {
        Self::next(self, busy)
    }

    fn captures(&self, node: &NodeId) -> Option<&Value> {
        Self::captures(self, node)
    }

    fn text(&self, template: &Template) -> String {
        Self::text(self, template)
    }

    fn is_undoing(&self) -> bool {
        Self::is_undoing(self)
    }

    fn undoables(&self) -> Vec<Undoable> {
        Self::undoables(self)
    }

    fn running_undo(&self, node: &NodeId) -> Option<&Command<String>> {
        Self::running_undo(self, node)
    }
}
