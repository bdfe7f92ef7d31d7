use crate::graph::{Position, Way};
use crate::model::plain;

use super::{Decision, Matter, Routes, State};

impl Routes<'_> {
    /// What decided how the route goes, in words.
    pub(in crate::check) fn told(&self) -> String {
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
    pub(in crate::check) fn why_not(&self, node: Position) -> String {
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
}
