use std::sync::{Arc, LazyLock};

use serde_json::Map;

use crate::graph::{Edge, Position, Way};
use crate::model::{Form, Join, Next, Node, NodeKind, Value, Work};
use crate::template::{Scope, placeholders};

use super::values::values;
use super::{Matter, Routes, State};

impl Routes<'_> {
    /// Follows a route from its beginning, by the decisions that were made, and makes those that are not.
    pub(super) fn follow(&mut self) {
        self.made = 0;
        self.ways.clear();
        self.states.clear();
        self.broken = None;
        self.is_stopped = false;
        let parameters = self.runbook.parameters.iter();
        let parameters: Map<String, Value> = parameters
            .map(|(id, parameter)| (id.to_string(), values(&parameter.domain).swap_remove(0)))
            .collect();
        self.scope = Scope {
            parameters: Arc::new(parameters),
            run: Arc::clone(&FACTS),
            ..Scope::default()
        };
        for place in 0..self.part.len() {
            let state = self.arrive(self.part[place]);
            self.states.push(state);
        }
    }

    /// The join rule, `needs`, the guard, and the work.
    fn arrive(&mut self, node: Position) -> State {
        let runbook = self.runbook;
        let of = &runbook.nodes[node];
        let (mut any, mut all, mut count, mut failed) = (false, true, 0, false);
        for edge in self.graph.incoming(node) {
            let edge = &self.graph.edges()[edge];
            let is_taken = self.is_taken(edge);
            any |= is_taken;
            all &= is_taken;
            count += 1;
            let before = self.state(edge.from);
            failed |= !is_taken && matches!(before, Some(State::Failed | State::Blocked));
        }
        let starts = self.chart.starts_at(node);
        let runs = match of.links.join {
            Join::Any => starts || any,
            Join::All => (starts || count > 0) && all,
        };
        if !runs {
            return if failed { State::Blocked } else { State::NotTaken };
        }
        let needed = of
            .links
            .needs
            .iter()
            .filter_map(|id| runbook.nodes.get_index_of(id));
        let mut needed = needed.filter_map(|needed| self.state(needed));
        if needed.any(|state| matches!(state, State::Failed | State::Blocked)) {
            return State::Blocked;
        }
        if let Some(when) = &of.links.when {
            match self.holds(when) {
                Ok(true) => {}
                Ok(false) => {
                    self.note_stop(of, None);
                    return State::NotNeeded;
                }
                Err(_) => {
                    self.broken.get_or_insert(node);
                    return State::Failed;
                }
            }
        }
        self.work(node)
    }

    fn work(&mut self, node: Position) -> State {
        let runbook = self.runbook;
        let (id, of) = (&runbook.nodes[node].id, &runbook.nodes[node]);
        match &of.kind {
            NodeKind::Question(question) => {
                let answer = match &question.form {
                    Form::Choices(choices) => {
                        let way = self.decide(Matter::Answer(node), choices.len());
                        let Some((choice, _)) = choices.get_index(way) else {
                            return State::Failed;
                        };
                        Value::from(choice.as_str())
                    }
                    Form::Input { domain, .. } => {
                        let mut values = values(domain);
                        values.swap_remove(self.decide(Matter::Answer(node), values.len()))
                    }
                };
                self.note_stop(of, answer.as_str());
                Arc::make_mut(&mut self.scope.answers).insert(id.to_string(), answer);
                State::Succeeded
            }
            NodeKind::Action(action) => {
                let may_fail = !action.on_failure.is_empty() || self.fragile.contains(&node);
                if may_fail && self.decide(Matter::Outcome(node), 2) == 1 {
                    return State::Failed;
                }
                self.note_stop(of, None);
                if let Work::Run { capture, .. } = &action.work
                    && !capture.is_empty()
                {
                    let captures: Map<String, Value> = capture
                        .keys()
                        .map(|id| (id.to_string(), Value::from("x")))
                        .collect();
                    Arc::make_mut(&mut self.scope.outputs).insert(id.to_string(), Value::Object(captures));
                }
                State::Succeeded
            }
        }
    }

    fn note_stop(&mut self, node: &Node, answer: Option<&str>) {
        self.is_stopped |= node.onward(answer) == Some(&Next::Stop);
    }

    pub(super) fn is_taken(&self, edge: &Edge) -> bool {
        match self.state(edge.from) {
            Some(State::Succeeded) => match &edge.way {
                Way::Next => true,
                Way::OnFailure => false,
                Way::Choice(choice) => {
                    let id = self.runbook.nodes[edge.from].id.as_str();
                    self.scope.answers.get(id).and_then(Value::as_str) == Some(choice.as_str())
                }
            },
            Some(State::NotNeeded) => edge.way == Way::Next,
            Some(State::Failed) => edge.way == Way::OnFailure,
            Some(State::NotTaken | State::Blocked) | None => false,
        }
    }
}

/// The facts of some run.
static FACTS: LazyLock<Arc<Map<String, Value>>> = LazyLock::new(|| Arc::new(placeholders()));
