//! What happens on each way through a part of the flowchart, as far as it can be known without a run: every answer that can be chosen, every
//! failure that leads somewhere, and guards as they come out then.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, json};

use crate::graph::{Edge, Graph, Position, Way};
use crate::model::{Domain, Expression, Form, Join, Kind, Next, NodeKind, Runbook, Value, Work, plain};
use crate::template::{NodeStates, Part, Scope, TemplateError, Text, evaluate, render, render_script, scan};

use super::chart::Chart;

/// How many routes are followed for one question about them. Where there are more, it stays open.
const ROUTES: usize = 256;
/// How many nodes are visited for all such questions: about a second's worth.
const VISITS: usize = 1_000_000;

/// How a node ended on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Succeeded,
    Failed,
    NotTaken,
    NotNeeded,
    Blocked,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::NotTaken => "not_taken",
            Self::NotNeeded => "not_needed",
            Self::Blocked => "blocked",
        }
    }
}

/// The effort that is left for following routes.
#[derive(Debug)]
pub(super) struct Effort(Cell<usize>);

impl Default for Effort {
    fn default() -> Self {
        Self(Cell::new(VISITS))
    }
}

impl Effort {
    /// Spends some of it, if so much is left.
    pub(super) fn spend(&self, cost: usize) -> bool {
        let left = self.0.get().checked_sub(cost);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

/// Something on which it depends how a route goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Matter<'r> {
    Answer(Position),
    Outcome(Position),
    Parameter(&'r str),
    /// A guard of which it is not known how it comes out; where it stands twice, it comes out alike.
    Guard(&'r str),
}

/// A matter, and which of its ways is taken.
#[derive(Debug)]
struct Decision<'r> {
    matter: Matter<'r>,
    way: usize,
    of: usize,
}

/// Every route through a part of the flowchart, one after the other.
pub(super) struct Routes<'r> {
    chart: &'r Chart<'r>,
    runbook: &'r Runbook,
    graph: &'r Graph,
    /// The nodes of the part, in order.
    part: Vec<Position>,
    /// The place of each in it.
    place: HashMap<Position, usize>,
    /// Nodes that may fail although nothing handles it.
    fragile: Vec<Position>,
    decisions: Vec<Decision<'r>>,
    /// How many of them were come to on this route.
    made: usize,
    followed: usize,
    is_complete: bool,
    states: Vec<State>,
    /// Which guard could not be evaluated, and so failed its node.
    broken: Option<Position>,
    is_stopped: bool,
    scope: Scope,
}

impl<'r> Routes<'r> {
    /// The routes to some nodes.
    pub(super) fn to(chart: &'r Chart<'r>, targets: impl IntoIterator<Item = Position>) -> Self {
        let mut part = chart.graph.before(targets);
        part.sort_unstable_by_key(|node| chart.ranks.of(*node));
        let place = part
            .iter()
            .enumerate()
            .map(|(place, node)| (*node, place))
            .collect();
        Self {
            chart,
            runbook: chart.runbook,
            graph: &chart.graph,
            part,
            place,
            fragile: Vec::new(),
            decisions: Vec::new(),
            made: 0,
            followed: 0,
            is_complete: false,
            states: Vec::new(),
            broken: None,
            is_stopped: false,
            scope: Scope::default(),
        }
    }

    /// The same, with routes on which some of its nodes fail and nothing handles that.
    pub(super) fn with_failures_of(mut self, nodes: Vec<Position>) -> Self {
        self.fragile = nodes;
        self
    }

    /// Follows the next route, if there is one and it can be followed.
    pub(super) fn next(&mut self) -> bool {
        if self.followed > 0 {
            self.decisions.truncate(self.made);
            while self.decisions.last().is_some_and(|last| last.way + 1 == last.of) {
                self.decisions.pop();
            }
            let Some(last) = self.decisions.last_mut() else {
                self.is_complete = true;
                return false;
            };
            last.way += 1;
        }
        if self.followed == ROUTES || !self.chart.effort.spend(self.part.len() + 1) {
            return false;
        }
        self.followed += 1;
        self.follow();
        true
    }

    /// Whether every route there is was followed.
    pub(super) fn were_all(&self) -> bool {
        self.is_complete
    }

    /// Whether the route ends before its time: it is stopped, or a guard cannot be evaluated.
    pub(super) fn ends_early(&self) -> bool {
        self.is_stopped || self.broken.is_some()
    }

    /// Whether the route does not come to a node, or to all of it, as something before ends it.
    pub(super) fn ends_before(&self, node: Position) -> bool {
        self.is_stopped || self.broken.is_some_and(|broken| broken != node)
    }

    /// How a node ended; none where it is not in the part.
    pub(super) fn state(&self, node: Position) -> Option<State> {
        self.states.get(*self.place.get(&node)?).copied()
    }

    /// Whether the way leads into a node, so that its guard is looked at.
    pub(super) fn comes_to(&self, node: Position) -> bool {
        matches!(
            self.state(node),
            Some(State::Succeeded | State::Failed | State::NotNeeded)
        )
    }

    /// What decided how the route goes, in words.
    pub(super) fn told(&self) -> String {
        let told: Vec<String> = self.decisions[..self.made]
            .iter()
            .filter_map(|decision| self.told_of(decision))
            .collect();
        told.join(" and ")
    }

    fn told_of(&self, decision: &Decision<'_>) -> Option<String> {
        match decision.matter {
            Matter::Answer(node) => self.told_answer(node),
            Matter::Outcome(node) if decision.way == 1 => {
                Some(format!("`{}` has failed", self.runbook.nodes[node].id))
            }
            Matter::Outcome(_) => None,
            Matter::Parameter(id) => {
                let value = self.scope.parameters.get(id).map(plain)?;
                Some(format!("`{id}` is `{value}`"))
            }
            Matter::Guard(guard) => {
                let comes_out = if decision.way == 0 { "true" } else { "false" };
                Some(format!("`{guard}` is {comes_out}"))
            }
        }
    }

    fn told_answer(&self, node: Position) -> Option<String> {
        let id = self.runbook.nodes[node].id.as_str();
        let answer = self.scope.answers.get(id).map(plain)?;
        Some(format!("`{id}` is answered `{answer}`"))
    }

    /// Why a node has no value on the route, in words that go on after "where".
    pub(super) fn why_not(&self, node: Position) -> String {
        let mut node = node;
        loop {
            let id = &self.runbook.nodes[node].id;
            match self.state(node) {
                Some(State::NotNeeded) => {
                    let when = self.runbook.nodes[node].links.when.as_ref();
                    let when = when.map(|when| when.0.trim()).unwrap_or_default();
                    return format!("`{when}` is false");
                }
                Some(State::Failed) => return format!("`{id}` has failed"),
                _ => {}
            }
            let dead = self.graph.incoming(node).map(|edge| &self.graph.edges()[edge]);
            let dead = dead.filter(|edge| !self.is_taken(edge));
            let Some(edge) = dead.min_by_key(|edge| self.place.get(&edge.from).copied()) else {
                return format!("`{id}` is not come to");
            };
            match (self.state(edge.from), &edge.way) {
                (Some(State::Succeeded), Way::Choice(_)) => {
                    return self.told_answer(edge.from).unwrap_or_default();
                }
                (Some(State::Succeeded | State::NotNeeded), Way::OnFailure) => {
                    return format!("`{}` has not failed", self.runbook.nodes[edge.from].id);
                }
                _ => node = edge.from,
            }
        }
    }

    /// Whether an expression holds on the route; where that depends on what is not known, there is a route for either.
    pub(super) fn holds(&mut self, expression: &'r Expression) -> Result<bool, TemplateError> {
        let names = Text::Expression(expression).names()?;
        self.settle(&names);
        let result = evaluate(expression, &self.scope_for(&names));
        if names.iter().all(|name| self.is_known(name)) || self.is_about_what_is_not_there(&result) {
            return result;
        }
        Ok(self.decide(Matter::Guard(expression.0.trim()), 2) == 0)
    }

    /// The node whose value a text wants although it has none on the route, and the name of that value.
    pub(super) fn missing(&mut self, text: Text<'r>, names: &[Vec<String>]) -> Option<(Position, String)> {
        if is_conditional(text) {
            // What it comes to may depend on values that nobody knows: then nothing is said.
            let is_there = |name: &&Vec<String>| {
                self.chart
                    .node_of(name)
                    .is_none_or(|node| self.state(node) == Some(State::Succeeded))
            };
            if names.iter().filter(is_there).any(|name| !self.is_known(name)) {
                return None;
            }
            self.settle(names);
        }
        let scope = self.scope_for(names);
        let result = match text {
            Text::Plain(template) => render(template, &scope).map(drop),
            Text::Script(template) => render_script(template, &scope).map(drop),
            Text::Expression(expression) => evaluate(expression, &scope).map(drop),
        };
        self.missing_in(&result)
    }

    fn is_about_what_is_not_there<T>(&self, result: &Result<T, TemplateError>) -> bool {
        self.missing_in(result).is_some()
    }

    fn missing_in<T>(&self, result: &Result<T, TemplateError>) -> Option<(Position, String)> {
        let Err(TemplateError::Undefined { expression, .. }) = result else {
            return None;
        };
        let name: Vec<String> = expression.split('.').map(str::to_owned).collect();
        let node = self.chart.node_of(&name)?;
        let is_missing =
            name[0] != "nodes" && self.state(node).is_some_and(|state| state != State::Succeeded);
        is_missing.then(|| (node, expression.clone()))
    }

    /// Whether a value is among those that routes differ by, so that it is known on each.
    pub(super) fn is_known(&self, name: &[String]) -> bool {
        let name: Vec<&str> = name.iter().map(String::as_str).collect();
        match name.as_slice() {
            ["answers", id] => match self.runbook.nodes.get(*id).and_then(|node| node.question()) {
                Some(question) => match &question.form {
                    Form::Choices(_) => true,
                    Form::Input { domain, .. } => values(domain).len() > 1,
                },
                None => false,
            },
            ["nodes", id, "state"] => {
                let node = self.runbook.nodes.get_index_of(*id);
                node.is_some_and(|node| self.place.contains_key(&node))
            }
            [parameter] => match self.runbook.parameters.get(*parameter) {
                Some(parameter) => values(&parameter.domain).len() > 1 || parameter.domain.one_of.len() == 1,
                None => false,
            },
            _ => false,
        }
    }

    /// Decides the parameters among some names.
    fn settle(&mut self, names: &[Vec<String>]) {
        for name in names {
            if let [name] = name.as_slice()
                && let Some((id, parameter)) = self.runbook.parameters.get_key_value(name.as_str())
            {
                let values = values(&parameter.domain);
                let way = self.decide(Matter::Parameter(id.as_str()), values.len());
                Arc::make_mut(&mut self.scope.parameters).insert(id.to_string(), values[way].clone());
            }
        }
    }

    /// Which way a matter goes on this route.
    fn decide(&mut self, matter: Matter<'r>, of: usize) -> usize {
        if of < 2 {
            return 0;
        }
        let known = self.decisions[..self.made]
            .iter()
            .find(|decision| decision.matter == matter);
        if let Some(known) = known {
            return known.way;
        }
        if self
            .decisions
            .get(self.made)
            .is_none_or(|next| next.matter != matter)
        {
            self.decisions.truncate(self.made);
            self.decisions.push(Decision { matter, way: 0, of });
        }
        self.made += 1;
        self.decisions[self.made - 1].way
    }

    fn follow(&mut self) {
        self.made = 0;
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
                    self.note_stop(&of.links.next);
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
                        let Some((choice, chosen)) = choices.get_index(way) else {
                            return State::Failed;
                        };
                        self.note_stop(&chosen.next);
                        Value::from(choice.as_str())
                    }
                    Form::Input { domain, .. } => {
                        self.note_stop(&of.links.next);
                        let mut values = values(domain);
                        values.swap_remove(self.decide(Matter::Answer(node), values.len()))
                    }
                };
                Arc::make_mut(&mut self.scope.answers).insert(id.to_string(), answer);
                State::Succeeded
            }
            NodeKind::Action(action) => {
                let may_fail = !action.on_failure.is_empty() || self.fragile.contains(&node);
                if may_fail && self.decide(Matter::Outcome(node), 2) == 1 {
                    return State::Failed;
                }
                self.note_stop(&of.links.next);
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

    fn note_stop(&mut self, next: &Next) {
        self.is_stopped |= *next == Next::Stop;
    }

    fn is_taken(&self, edge: &Edge) -> bool {
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

    /// The values of the route, with the states of those nodes that are named.
    fn scope_for(&self, names: &[Vec<String>]) -> Scope {
        let of_states = names.iter().filter(|name| name[0] == "nodes");
        let states = of_states.filter_map(|name| {
            let state = self.state(self.chart.node_of(name)?)?;
            Some((name[1].clone(), state.as_str()))
        });
        Scope {
            states: Some(Arc::new(States(states.collect()))),
            ..self.scope.clone()
        }
    }
}

/// The states of some nodes, for templates.
#[derive(Debug)]
struct States(HashMap<String, &'static str>);

impl NodeStates for States {
    fn state(&self, node: &str) -> Option<&'static str> {
        self.0.get(node).copied()
    }
}

/// The facts of some run.
static FACTS: LazyLock<Arc<Map<String, Value>>> = LazyLock::new(|| {
    let facts = json!({
        "id": "x", "date": "2026-01-01", "started": "2026-01-01T00:00:00Z", "operator": "x", "runbook": "x", "title": "x", "timeline": [],
    });
    Arc::new(facts.as_object().cloned().unwrap_or_default())
});

/// The values between which it makes a difference which is given; of all others, one stands for them.
fn values(domain: &Domain) -> Vec<Value> {
    if !domain.one_of.is_empty() {
        return domain.one_of.clone();
    }
    match domain.kind {
        Kind::Boolean => vec![Value::from(true), Value::from(false)],
        Kind::String | Kind::Text => vec![Value::from("x")],
        Kind::Integer | Kind::Number => vec![Value::from(1)],
    }
}

/// Whether what a text needs may depend on the values in it.
fn is_conditional(text: Text<'_>) -> bool {
    let decides = |code: &str| {
        let mut words = code.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| matches!(word, "if" | "and" | "or"))
    };
    match text {
        Text::Plain(template) | Text::Script(template) => {
            scan(&template.0).into_iter().any(|part| match part {
                Part::Text(_) => false,
                Part::Output(code) => decides(code.text),
                Part::Block(_) => true,
            })
        }
        Text::Expression(expression) => decides(&expression.0),
    }
}
