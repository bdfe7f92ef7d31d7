//! What would run, on every route that is still possible.
//!
//! A preview drives the same [`Traversal`] as a run does. It holds no port, so there is nothing it could start, write, ask or lock. Where
//! a run would ask, it takes the answer that was given, or supposes every way out; what only a run can know reads `‹name›`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Map;

use crate::graph::{Position, Way};
use crate::model::{
    Command, Effect, Expression, Form, GateId, Node, NodeId, NodeKind, OutcomeId, Runbook, Value, plain,
};
use crate::template::Text;
use crate::traverse::{
    Event, Owner, Person, RECORD_VERSION, Record, Rejected, Rendered, State, Step, Traversal, Word,
};

/// A preview of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The runbook's name.
    pub runbook: String,
    /// The questions that are not answered: each opens more than one route.
    pub open_questions: Vec<NodeId>,
    /// What would be asked and done, in order.
    pub steps: Vec<PlannedStep>,
    /// What would decide whether the run is complete.
    pub gates: Vec<PlannedGate>,
}

/// A node of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedStep {
    /// The node.
    pub node: NodeId,
    /// What is asked or done.
    pub title: String,
    /// When it comes to it; empty where it always does. One entry for each way that leads to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only_if: Vec<String>,
    /// Its guard, where only the run can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What it is.
    #[serde(flatten)]
    pub what: Planned,
    /// How the world must be afterwards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<String>,
    /// Why it, or what undoes it, would fail before it starts, with the values given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// What a node of a preview is.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Planned {
    /// A question.
    Question {
        /// Its answer, if one was given.
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<Value>,
        /// What can be answered; empty where something is typed.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        choices: Vec<String>,
    },
    /// An action.
    Action {
        /// What it does to the world.
        effect: Effect,
        /// Exactly what is done; none for a milestone.
        #[serde(skip_serializing_if = "Option::is_none")]
        work: Option<Rendered>,
        /// Whether somebody is asked first even headless.
        confirmed: bool,
        /// What would undo it, if somebody asks for that once it is done.
        #[serde(skip_serializing_if = "Option::is_none")]
        undo: Option<Box<Command<String>>>,
    },
}

/// A gate of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedGate {
    /// The gate.
    pub gate: GateId,
    /// What holds when it is closed.
    pub title: String,
    /// When it applies, where only the run can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Whether it applies at all, with the answers given.
    pub applies: bool,
    /// Whether it holds the run open.
    pub required: bool,
    /// What the machine and people look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verify: Vec<String>,
    /// What a person states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attest: Option<String>,
    /// What a person decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decide: Vec<OutcomeId>,
    /// Who.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
}

/// Previews a run with these parameters and with what people say up front.
///
/// # Errors
///
/// The first word that cannot be taken.
pub fn plan(
    runbook: &Arc<Runbook>,
    parameters: Map<String, Value>,
    words: Vec<(Word, Person)>,
) -> Result<Plan, Rejected> {
    let mut run = Traversal::preview(Arc::clone(runbook), parameters);
    for (word, by) in words {
        let event = run.hear(word, by)?;
        apply(&mut run, event);
    }
    let mut preview = Preview {
        answered: runbook
            .nodes
            .keys()
            .filter(|id| run.given(id).is_some())
            .cloned()
            .collect(),
        run,
        noted: BTreeMap::new(),
    };
    preview.walk();
    Ok(Plan {
        runbook: runbook.name.clone(),
        open_questions: preview.open_questions(),
        steps: preview.steps(),
        gates: preview.gates(),
    })
}

/// What the walk learns of a node on the way.
#[derive(Default)]
struct Noted {
    when: Option<String>,
    problem: Option<String>,
}

struct Preview {
    run: Traversal,
    answered: BTreeSet<NodeId>,
    noted: BTreeMap<NodeId, Noted>,
}

impl Preview {
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
                    Some(Owner::Node(node)) => self.run.suppose(&node),
                    _ => return,
                },
            }
        }
    }

    fn take(&mut self, event: Event) {
        match &event {
            Event::Guarded { node, .. } | Event::Failed { node, .. } if self.guard_is_open(node) => {
                let when = self.guard(node).map(|when| when.0.clone());
                self.noted.entry(node.clone()).or_default().when = when;
                let node = node.clone();
                return apply(&mut self.run, Event::Guarded { node, needed: true });
            }
            Event::Failed { node, reason } => {
                self.noted.entry(node.clone()).or_default().problem = Some(reason.clone());
                return self.run.suppose(&node.clone());
            }
            Event::Reached { node } => return self.run.suppose(&node.clone()),
            _ => {}
        }
        apply(&mut self.run, event);
    }

    fn guard(&self, node: &NodeId) -> Option<&Expression> {
        self.run.runbook().nodes.get(node)?.links.when.as_ref()
    }

    /// Whether a node's guard is not passed yet and only a run can tell what it says.
    fn guard_is_open(&self, node: &NodeId) -> bool {
        let passed = self.noted.get(node).is_some_and(|noted| noted.when.is_some());
        !passed && self.guard(node).is_some_and(|when| self.is_open(when))
    }

    /// Whether an expression speaks of what only a run can know.
    fn is_open(&self, expression: &Expression) -> bool {
        let names = Text::Expression(expression).names().unwrap_or_default();
        names.iter().any(|name| match name.first().map(String::as_str) {
            Some("outputs" | "nodes" | "run") => true,
            Some("answers") => name
                .get(1)
                .is_none_or(|question| !self.answered.contains(question.as_str())),
            _ => false,
        })
    }

    fn open_questions(&self) -> Vec<NodeId> {
        self.run
            .route()
            .filter(|id| !self.answered.contains(*id))
            .filter(|id| self.run.runbook().nodes[*id].question().is_some())
            .cloned()
            .collect()
    }

    fn steps(&self) -> Vec<PlannedStep> {
        let certain = self.certain();
        let route: Vec<(Position, &Node)> = self
            .run
            .route()
            .filter_map(|id| self.run.runbook().nodes.get_full(id))
            .map(|(position, _, node)| (position, node))
            .collect();
        let mut reached = vec![false; certain.len()];
        for (position, _) in &route {
            reached[*position] = true;
        }
        let only_if = |position| match certain[position] {
            true => Vec::new(),
            false => self.ways_to(position, &reached),
        };
        route
            .into_iter()
            .map(|(position, node)| self.step(node, only_if(position)))
            .collect()
    }

    fn step(&self, node: &Node, only_if: Vec<String>) -> PlannedStep {
        let noted = self.noted.get(&node.id);
        let undo = self.run.undo_command(&node.id);
        let undo_problem = undo.as_ref().err();
        let undo_problem = undo_problem.map(|error| format!("its undo cannot be rendered: {error}"));
        let what = match &node.kind {
            NodeKind::Question(question) => Planned::Question {
                answer: self
                    .run
                    .answer(&node.id)
                    .filter(|_| self.answered.contains(&node.id))
                    .cloned(),
                choices: match &question.form {
                    Form::Choices(choices) => choices.keys().map(ToString::to_string).collect(),
                    Form::Input { .. } => Vec::new(),
                },
            },
            NodeKind::Action(action) => Planned::Action {
                effect: action.effect,
                work: self.run.work(&node.id).cloned(),
                confirmed: action.confirm.is_some() || action.effect == Effect::Destroy,
                undo: undo.ok().flatten().map(Box::new),
            },
        };
        PlannedStep {
            node: node.id.clone(),
            title: node.title().to_owned(),
            only_if,
            when: noted.and_then(|noted| noted.when.clone()),
            what,
            verify: self.run.described_checks(&Owner::Node(node.id.clone())),
            problem: noted.and_then(|noted| noted.problem.clone()).or(undo_problem),
        }
    }

    /// For each node whether the run comes to it whatever is answered, if nothing fails.
    fn certain(&self) -> Vec<bool> {
        let graph = self.run.graph();
        let mut certain = vec![false; graph.len()];
        for start in graph.starts() {
            certain[*start] = true;
        }
        for node in graph.order() {
            let sure = |edge: usize| {
                let edge = &graph.edges()[edge];
                let from = &self.run.runbook().nodes[edge.from];
                certain[edge.from] && self.is_taken_for_sure(from, &edge.way)
            };
            certain[node] |= graph.incoming(node).any(sure);
        }
        certain
    }

    fn is_taken_for_sure(&self, from: &Node, way: &Way) -> bool {
        match way {
            Way::Choice(choice) => {
                let answer = self.run.answer(&from.id).and_then(Value::as_str);
                answer == Some(choice.as_str())
            }
            Way::Next => self.run.state(&from.id) != State::NotTaken,
            Way::OnFailure => false,
        }
    }

    /// The ways by which a run may come to a node from those that it reaches, each in words.
    fn ways_to(&self, position: Position, reached: &[bool]) -> Vec<String> {
        let graph = self.run.graph();
        let mut edges: Vec<usize> = graph.incoming(position).collect();
        edges.sort_unstable();
        edges
            .into_iter()
            .map(|edge| &graph.edges()[edge])
            .filter_map(|edge| {
                if !reached[edge.from] {
                    return None;
                }
                let from = &self.run.runbook().nodes[edge.from].id;
                match &edge.way {
                    Way::Choice(choice) if self.answered.contains(from) => {
                        let answer = self.run.answer(from).map(plain)?;
                        (answer == choice.as_str()).then(|| format!("after {from} = {choice}"))
                    }
                    Way::Choice(choice) => Some(format!("{from} = {choice}")),
                    Way::Next => Some(format!("after {from}")),
                    Way::OnFailure => Some(format!("{from} fails")),
                }
            })
            .collect()
    }

    fn gates(&self) -> Vec<PlannedGate> {
        let runbook = self.run.runbook();
        runbook
            .gates
            .values()
            .map(|gate| {
                let open = gate.when.as_ref().filter(|when| self.is_open(when));
                let known = gate.when.as_ref().filter(|when| !self.is_open(when));
                PlannedGate {
                    gate: gate.id.clone(),
                    title: gate.title.clone(),
                    when: open.map(|when| when.0.clone()),
                    applies: known.is_none_or(|when| self.run.holds(when)),
                    required: gate.required,
                    verify: self.run.described_checks(&Owner::Gate(gate.id.clone())),
                    attest: gate.attest.as_ref().map(|text| self.run.text(text)),
                    decide: gate.decide.clone(),
                    by: gate.by.clone(),
                }
            })
            .collect()
    }
}

/// Applies an event that is of the traversal's own making; the time of a preview stands still.
fn apply(run: &mut Traversal, event: Event) {
    let record = Record {
        v: RECORD_VERSION,
        seq: 0,
        at: Timestamp::UNIX_EPOCH,
        event,
    };
    let applied = run.apply(&record);
    debug_assert!(
        applied.is_ok(),
        "a preview's events are the traversal's own: {applied:?}"
    );
}
