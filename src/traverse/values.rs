//! The values a run knows, and what is rendered with them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, json};

use crate::graph::Position;
use crate::model::{CaptureId, Check, Command, Expression, Node, NodeId, NodeKind, Template, Value, Work};
use crate::template::{Scope, TemplateError, evaluate, render, render_script, runbook_texts};

use super::event::{Event, Owner, Record, Rendered};
use super::progress::Phase;
use super::telling::Telling;
use super::traversal::Traversal;

/// Which captures of an action are used.
#[derive(Debug, Default)]
struct Uses {
    /// They are used as a whole.
    all: bool,
    captures: BTreeSet<CaptureId>,
}

impl Uses {
    fn is_used(&self, capture: &CaptureId) -> bool {
        self.all || self.captures.contains(capture)
    }
}

impl Traversal {
    /// A text of the runbook with the values that are known now; as the author wrote it where they are not.
    pub fn text(&self, template: &Template) -> String {
        render(template, &self.scope()).unwrap_or_else(|_| template.0.clone())
    }

    /// Whether an expression is true with the values that are known now; one that cannot be evaluated is not.
    pub fn holds(&self, expression: &Expression) -> bool {
        self.is_true(expression).unwrap_or(false)
    }

    /// What each of an owner's checks looks at, in words, with the values that are known now.
    pub fn described_checks(&self, owner: &Owner) -> Vec<String> {
        let checks = self.checks_of(owner).iter();
        checks.map(|check| self.described(check)).collect()
    }

    /// What a check looks at, in words: its title, else what it does.
    pub(super) fn described(&self, check: &Check) -> String {
        described(check, &self.scope())
    }

    /// A command with the values that are known now.
    ///
    /// # Errors
    ///
    /// The first of its texts that cannot be rendered.
    pub fn rendered_command(&self, command: &Command) -> Result<Command<String>, TemplateError> {
        let scope = self.scope();
        command.try_map(
            |text| render(text, &scope),
            |script| render_script(script, &scope),
        )
    }

    /// A check with the values that are known now.
    ///
    /// # Errors
    ///
    /// The first of its texts that cannot be rendered.
    pub fn rendered_check(&self, check: &Check) -> Result<Check<String>, TemplateError> {
        rendered_check(check, &self.scope())
    }

    pub(super) fn scope(&self) -> Scope {
        self.scope_of(None)
    }

    /// The values that are known now, as the work of this node sees them.
    fn scope_of(&self, node: Option<&NodeId>) -> Scope {
        let telling = Arc::new(Telling {
            runbook: Arc::clone(&self.runbook),
            states: Arc::clone(&self.flow.states),
            halt: self.halt(),
            gates: self.gates.clone(),
            attested: self.attested.clone(),
            ledger: self.ledger.clone(),
            scope: self.scope.clone(),
            teller: node.cloned(),
        });
        Scope {
            record: self.facts.is_some().then(|| Arc::clone(&telling) as _),
            states: Some(telling),
            ..self.scope.clone()
        }
    }

    pub(super) fn is_true(&self, expression: &Expression) -> Result<bool, TemplateError> {
        evaluate(expression, &self.scope())
    }

    /// An action's work with the values that are known now; none for a milestone.
    pub(super) fn rendered_work(
        &self,
        node: &NodeId,
        work: &Work,
    ) -> Result<Option<Rendered>, TemplateError> {
        let scope = self.scope_of(Some(node));
        Ok(Some(match work {
            Work::Milestone => return Ok(None),
            Work::Run { command, .. } => Rendered::Run(self.rendered_command(command)?),
            Work::Manual(text) => Rendered::Manual(render(text, &scope)?),
            Work::Write(write) => Rendered::Write {
                path: render(&write.path, &scope)?,
                content: render(write.content.text(), &scope)?,
                overwrite: write.overwrite,
            },
        }))
    }

    pub(super) fn remember_start(&mut self, record: &Record) {
        let Event::RunStarted {
            run, parameters, by, ..
        } = &record.event
        else {
            return;
        };
        let at = record.at.to_zoned(jiff::tz::TimeZone::UTC);
        let facts = json!({
            "id": run.0,
            "date": at.date().to_string(),
            "started": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "operator": by.name,
            "runbook": self.runbook.name,
            "title": self.runbook.title,
        });
        if let Value::Object(facts) = facts {
            self.scope.run = Arc::new(facts);
        }
        self.scope.parameters = Arc::new(parameters.clone());
    }

    pub(super) fn remember_answer(&mut self, question: &NodeId, value: &Value) {
        Arc::make_mut(&mut self.scope.answers).insert(question.to_string(), value.clone());
    }

    /// The answers of these questions are no values any more.
    pub(super) fn forget_answers(&mut self, questions: &BTreeSet<Position>) {
        for question in questions {
            let id = self.runbook.nodes[*question].id.as_str();
            Arc::make_mut(&mut self.scope.answers).remove(id);
        }
    }

    pub(super) fn remember_captures(&mut self, node: &NodeId, captures: &Map<String, Value>) {
        if captures.is_empty() {
            return;
        }
        let outputs = Arc::make_mut(&mut self.scope.outputs);
        if let Value::Object(known) = outputs.entry(node.to_string()).or_insert_with(|| json!({})) {
            known.extend(captures.clone());
        }
    }

    /// The captures of an action that have no value, and that something in the runbook uses.
    pub fn captures_wanted(&self, node: &NodeId) -> Vec<CaptureId> {
        let action = self.runbook.nodes.get(node).and_then(Node::action);
        let mut wanted: Vec<CaptureId> = action
            .into_iter()
            .flat_map(|action| action.work.captures())
            .filter(|capture| {
                self.captures(node)
                    .is_none_or(|known| known.get(capture.as_str()).is_none())
            })
            .cloned()
            .collect();
        if !wanted.is_empty() {
            let used = self.uses(node);
            wanted.retain(|capture| used.is_used(capture));
        }
        wanted
    }

    /// What of an action's captures the runbook uses.
    fn uses(&self, node: &NodeId) -> Uses {
        let mut uses = Uses::default();
        runbook_texts(&self.runbook, &mut |_, text| {
            for name in text.names().unwrap_or_default() {
                let mut parts = name.iter().map(String::as_str);
                match (parts.next(), parts.next(), parts.next()) {
                    (Some("outputs"), Some(of), Some(capture)) if of == node.as_str() => {
                        uses.captures.insert(CaptureId::from(capture));
                    }
                    (Some("outputs"), Some(of), None) if of == node.as_str() => uses.all = true,
                    (Some("outputs"), None, None) => uses.all = true,
                    _ => {}
                }
            }
        });
        uses
    }

    /// What stands for the values that a node would yield: a text for an answer, a map for captures.
    pub(super) fn placeholders(&self, node: Position) -> Value {
        let node = self.node(node);
        match &node.kind {
            NodeKind::Question(_) => Value::from(format!("‹{}›", node.id)),
            NodeKind::Action(action) => match &action.work {
                Work::Run { capture, .. } => Value::Object(
                    capture
                        .keys()
                        .map(|id| (id.to_string(), Value::from(format!("‹{}.{id}›", node.id))))
                        .collect(),
                ),
                _ => Value::Object(Map::new()),
            },
        }
    }

    /// Whether what is next of a node that could go on is a person's.
    pub(super) fn waits_for_a_person(&self, node: Position) -> bool {
        let progress = self.progress[node].as_deref();
        match &self.node(node).kind {
            NodeKind::Question(_) => true,
            NodeKind::Action(action) => progress.is_some_and(|progress| match progress.phase {
                Phase::Ahead => {
                    let by_hand = matches!(action.work, Work::Manual(_));
                    progress.work.is_some() && (by_hand || (action.asks_consent() && !progress.confirmed))
                }
                Phase::Verifying | Phase::VerifyingDoubt => {
                    let is_open = |index: &usize| progress.checks.get(*index).is_none_or(Option::is_none);
                    let mut open = (0..action.verify.len()).filter(is_open).peekable();
                    open.peek().is_some() && open.all(|index| action.verify[index].is_a_persons())
                }
                Phase::Running | Phase::Pausing | Phase::Doubt => false,
            }),
        }
    }
}

/// What a check looks at, in words: its title, else what it does.
pub(super) fn described(check: &Check, scope: &Scope) -> String {
    if let Some(title) = &check.title {
        return title.clone();
    }
    rendered_check(check, scope).map_or_else(|_| "its check".to_owned(), |check| check.to_string())
}

fn rendered_check(check: &Check, scope: &Scope) -> Result<Check<String>, TemplateError> {
    check.try_map(|text| render(text, scope), |script| render_script(script, scope))
}
