//! Flowcharts drawn at random, with a model of how they end that is slow and obvious.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use proptest::prelude::*;
use switchback::model::Runbook;
use switchback::source::Source as Text;
use switchback::traverse::State;

/// A flowchart, drawn at random. Edges and waits lead from a lower number to a higher one, so there is no cycle.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    join_all: bool,
    /// Its guard, if it has one.
    when: Option<bool>,
    pub(crate) after: BTreeSet<usize>,
    pub(crate) needs: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Where each choice leads, and which one is made.
    Question {
        choices: [BTreeSet<usize>; 2],
        answer: usize,
    },
    /// Where it leads when it works out and when it does not, and whether it does.
    Action {
        next: BTreeSet<usize>,
        on_failure: BTreeSet<usize>,
        fails: bool,
    },
}

/// A node's edges, with whether each is taken once the node ended so.
fn edges(node: &Node, state: State) -> Vec<(usize, Edge)> {
    let dead = |cause| Edge::Dead(cause);
    match &node.kind {
        Kind::Question { choices, answer } => choices
            .iter()
            .enumerate()
            .flat_map(|(index, to)| to.iter().map(move |to| (index, *to)))
            .map(|(index, to)| {
                let edge = match state {
                    State::Succeeded if index == *answer => Edge::Taken,
                    State::Succeeded | State::NotNeeded | State::NotTaken => dead(Cause::Choice),
                    _ => dead(Cause::Failure),
                };
                (to, edge)
            })
            .collect(),
        Kind::Action { next, on_failure, .. } => {
            let (next_is, failure_is) = match state {
                State::Succeeded | State::NotNeeded => (Edge::Taken, dead(Cause::Choice)),
                State::Failed => (dead(Cause::Failure), Edge::Taken),
                State::NotTaken => (dead(Cause::Choice), dead(Cause::Choice)),
                _ => (dead(Cause::Failure), dead(Cause::Failure)),
            };
            let next = next.iter().map(move |to| (*to, next_is));
            next.chain(on_failure.iter().map(move |to| (*to, failure_is)))
                .collect()
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Taken,
    Dead(Cause),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Choice,
    Failure,
}

impl Chart {
    /// The model: as every edge and wait leads upwards, one look at each node in order is enough.
    pub(crate) fn ends(&self) -> Vec<State> {
        let mut states: Vec<State> = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let incoming: Vec<Edge> = (0..index)
                .flat_map(|from| edges(&self.nodes[from], states[from]))
                .filter(|(to, _)| *to == index)
                .map(|(_, edge)| edge)
                .collect();
            let taken = |edge: &Edge| *edge == Edge::Taken;
            let runs = if incoming.is_empty() {
                true
            } else if node.join_all {
                incoming.iter().all(taken)
            } else {
                incoming.iter().any(taken)
            };
            let needs_are_met = node
                .needs
                .iter()
                .all(|x| matches!(states[*x], State::Succeeded | State::NotTaken | State::NotNeeded));
            states.push(if !runs && incoming.contains(&Edge::Dead(Cause::Failure)) {
                State::Blocked
            } else if !runs {
                State::NotTaken
            } else if !needs_are_met {
                State::Blocked
            } else if node.when == Some(false) {
                State::NotNeeded
            } else if matches!(node.kind, Kind::Action { fails: true, .. }) {
                State::Failed
            } else {
                State::Succeeded
            });
        }
        states
    }

    /// Whether something fails that nothing handles.
    pub(crate) fn has_unhandled_failure(&self) -> bool {
        self.ends().iter().zip(&self.nodes).any(|(state, node)| {
            *state == State::Failed
                && matches!(&node.kind, Kind::Action { on_failure, .. } if on_failure.is_empty())
        })
    }

    pub(crate) fn yaml(&self) -> String {
        let list = |set: &BTreeSet<usize>| set.iter().map(|n| format!("n{n}")).collect::<Vec<_>>().join(", ");
        let mut out = String::from("switchback: 1\nname: random\ntitle: Random\nnodes:\n");
        for (index, node) in self.nodes.iter().enumerate() {
            let _ = writeln!(out, "  n{index}:");
            match &node.kind {
                Kind::Question { choices, .. } => {
                    let _ = writeln!(out, "    question: Which way?");
                    let _ = writeln!(
                        out,
                        "    choices: {{ c0: [{}], c1: [{}] }}",
                        list(&choices[0]),
                        list(&choices[1])
                    );
                }
                Kind::Action { next, on_failure, .. } => {
                    let _ = writeln!(out, "    action: Do it\n    run: [do, it]\n    effect: read");
                    let _ = writeln!(out, "    next: [{}]", list(next));
                    if !on_failure.is_empty() {
                        let _ = writeln!(out, "    on_failure: [{}]", list(on_failure));
                    }
                }
            }
            if node.join_all {
                let _ = writeln!(out, "    join: all");
            }
            if let Some(when) = node.when {
                let _ = writeln!(out, "    when: 1 == {}", u8::from(when));
            }
            if !node.after.is_empty() {
                let _ = writeln!(out, "    after: [{}]", list(&node.after));
            }
            if !node.needs.is_empty() {
                let _ = writeln!(out, "    needs: [{}]", list(&node.needs));
            }
        }
        out
    }

    pub(crate) fn runbook(&self) -> Arc<Runbook> {
        let yaml = self.yaml();
        let parsed = switchback::parse::runbook(&Text::new("random.yaml", &yaml), &|_| Err(String::new()));
        assert!(parsed.diagnostics.is_empty(), "{yaml}\n{:?}", parsed.diagnostics);
        Arc::new(parsed.value.expect("it has no findings"))
    }
}

pub(crate) fn charts() -> impl Strategy<Value = Chart> {
    (1_usize..12).prop_flat_map(|size| {
        let nodes: Vec<_> = (0..size)
            .map(|index| {
                let above = || proptest::collection::btree_set(index + 1..size.max(index + 2), 0..3);
                let above =
                    move || above().prop_map(move |set| set.into_iter().filter(|n| *n < size).collect());
                let below = move || {
                    proptest::collection::btree_set(0..index.max(1), 0..2)
                        .prop_map(move |set| set.into_iter().filter(|n| *n < index).collect())
                };
                let question = (above(), above(), 0_usize..2).prop_map(|(a, b, answer)| Kind::Question {
                    choices: [a, b],
                    answer,
                });
                let action = (above(), above(), proptest::bool::weighted(0.25)).prop_map(
                    |(next, on_failure, fails)| Kind::Action {
                        next,
                        on_failure,
                        fails,
                    },
                );
                let when = prop_oneof![4 => Just(None), 1 => Just(Some(true)), 1 => Just(Some(false))];
                (
                    prop_oneof![question, action],
                    any::<bool>(),
                    when,
                    below(),
                    below(),
                )
                    .prop_map(|(kind, join_all, when, after, needs)| Node {
                        kind,
                        join_all,
                        when,
                        after,
                        needs,
                    })
            })
            .collect();
        nodes.prop_map(|nodes| Chart { nodes })
    })
}
