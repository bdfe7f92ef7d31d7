//! The walk: the traversal is driven to its gates, and what is not known is supposed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexSet;
use serde_json::Map;

use crate::model::{
    ChoiceId, Expression, Form, Node, NodeId, NodeKind, ParameterId, Question, Runbook, Value,
};
use crate::template::Text;
use crate::traverse::{Event, Owner, Person, Record, Rejected, Step, Traversal, Word};

use super::probe::{Found, Probed};
use super::routes::{Chart, Passage};

/// A run that was walked without a port.
pub(super) struct Preview<'a> {
    pub(super) run: Traversal,
    pub(super) open_parameters: IndexSet<ParameterId>,
    /// What people said up front.
    pub(super) words: Vec<(Word, Person)>,
    pub(super) answered: BTreeSet<NodeId>,
    pub(super) noted: BTreeMap<NodeId, Noted>,
    pub(super) probed: &'a Probed,
}

/// What the walk learns of a node on the way.
#[derive(Default)]
pub(super) struct Noted {
    /// Its guard, where only the run can tell.
    pub(super) when: Option<String>,
    pub(super) problem: Option<String>,
}

impl<'a> Preview<'a> {
    pub(super) fn of(
        runbook: &Arc<Runbook>,
        mut parameters: Map<String, Value>,
        words: Vec<(Word, Person)>,
        probed: &'a Probed,
    ) -> Result<Self, Rejected> {
        let mut open_parameters = IndexSet::new();
        for id in runbook.parameters.keys() {
            if !parameters.contains_key(id.as_str()) {
                parameters.insert(id.to_string(), Value::from(format!("‹{id}›")));
                open_parameters.insert(id.clone());
            }
        }
        let mut run = Traversal::preview(Arc::clone(runbook), parameters);
        for (word, by) in &words {
            let event = run.hear(word.clone(), by.clone())?;
            apply(&mut run, event);
        }
        let answered = runbook.nodes.keys().filter(|id| run.given(id).is_some());
        let mut preview = Self {
            answered: answered.cloned().collect(),
            run,
            words,
            open_parameters,
            noted: BTreeMap::new(),
            probed,
        };
        preview.walk();
        Ok(preview)
    }

    /// Drives the traversal to its gates, supposing every way out of what is not known.
    fn walk(&mut self) {
        let nothing_is_busy = BTreeSet::new();
        while let Some(step) = self.run.next(&nothing_is_busy) {
            match step {
                Step::Record(event) => self.take(event),
                Step::Detect { question, .. } => apply(
                    &mut self.run,
                    Event::Detected {
                        question,
                        value: None,
                        problem: None,
                    },
                ),
                Step::Suggest { question, .. } => apply(
                    &mut self.run,
                    Event::Suggested {
                        question,
                        values: Vec::new(),
                    },
                ),
                step => match step.owner() {
                    Some(Owner::Node(node)) => self.suppose(node),
                    _ => return,
                },
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Guarded { node, .. } | Event::Failed { node, .. } if self.guard_is_open(&node) => {
                let when = self.guard(&node).map(|when| when.0.clone());
                self.noted.entry(node.clone()).or_default().when = when;
                apply(&mut self.run, Event::Guarded { node, needed: true });
            }
            Event::Failed { node, reason } => {
                self.noted.entry(node.clone()).or_default().problem = Some(reason);
                self.suppose(node);
            }
            Event::Reached { node } => self.suppose(node),
            event => apply(&mut self.run, event),
        }
    }

    /// Takes every way out of a node, with the values that a probe found, or with those that stand for them.
    fn suppose(&mut self, node: NodeId) {
        self.run.suppose(&node);
        if let Some(Found::Values(captures)) = self.probed.get(&node) {
            let captures = captures.clone();
            apply(&mut self.run, Event::Recalled { node, captures });
        }
    }

    fn guard(&self, node: &NodeId) -> Option<&Expression> {
        self.run.runbook().nodes.get(node)?.links.when.as_ref()
    }

    /// Whether a node's guard is not passed yet and only a run can tell what it says.
    fn guard_is_open(&self, node: &NodeId) -> bool {
        !self.may_be_passed_over(node) && self.guard(node).is_some_and(|when| self.is_open(when))
    }

    /// Whether only a run can tell that a node is needed.
    pub(super) fn may_be_passed_over(&self, node: &NodeId) -> bool {
        self.noted.get(node).is_some_and(|noted| noted.when.is_some())
    }

    /// Whether an expression speaks of what only a run can know.
    pub(super) fn is_open(&self, expression: &Expression) -> bool {
        let names = Text::Expression(expression).names().unwrap_or_default();
        names.iter().any(|name| !self.is_known(name))
    }

    /// Whether what a name stands for is known before there is a run.
    pub(super) fn is_known(&self, name: &[String]) -> bool {
        let parts: Vec<&str> = name.iter().map(String::as_str).collect();
        match parts[..] {
            ["outputs", node, capture, ..] => {
                let found = self.probed.get(node);
                matches!(found, Some(Found::Values(values)) if values.contains_key(capture))
            }
            ["outputs" | "nodes" | "run", ..] => false,
            ["answers", question, ..] => self.answered.contains(question),
            ["answers"] => false,
            [parameter, ..] => !self.open_parameters.contains(parameter),
            [] => true,
        }
    }

    pub(super) fn open_questions(&self) -> Vec<NodeId> {
        self.run
            .route()
            .filter(|id| !self.answered.contains(*id))
            .filter(|id| self.run.runbook().nodes[*id].question().is_some())
            .cloned()
            .collect()
    }

    /// The flowchart with the answers that were given.
    pub(super) fn chart(&self) -> Chart<'_> {
        let nodes = self.run.runbook().nodes.values();
        let passages = nodes.map(|node| match &node.kind {
            NodeKind::Question(question) => self.passage(node, question),
            NodeKind::Action(_) => Passage::Straight,
        });
        Chart::new(self.run.runbook(), self.run.graph(), passages.collect())
    }

    fn passage(&self, node: &Node, question: &Question) -> Passage {
        let Form::Choices(choices) = &question.form else {
            return Passage::Straight;
        };
        let when = node.links.when.as_ref();
        let is_open = when.is_some_and(|when| self.is_open(when));
        let is_faulty = self
            .noted
            .get(&node.id)
            .is_some_and(|noted| noted.problem.is_some());
        if when.is_some_and(|when| !is_open && !is_faulty && !self.run.holds(when)) {
            return Passage::Nowhere;
        }
        let answer = self.run.given(&node.id).and_then(Value::as_str);
        let is_left = |choice: &&ChoiceId| answer.is_none_or(|answer| answer == choice.as_str());
        Passage::Asked {
            choices: choices.keys().filter(is_left).cloned().collect(),
            passed_over: is_open,
        }
    }
}

/// Applies an event that is of the traversal's own making; the time of a preview stands still.
fn apply(run: &mut Traversal, event: Event) {
    let record = Record::unkept(event);
    let applied = run.apply(&record);
    debug_assert!(
        applied.is_ok(),
        "a preview's events are the traversal's own: {applied:?}"
    );
}
