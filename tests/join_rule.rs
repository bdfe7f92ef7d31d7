//! The join rule, confluence and termination on random flowcharts, against a model that is slow and obvious.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;
use switchback::model::{NodeId, Runbook, Value};
use switchback::source::Source as Text;
use switchback::traverse::{
    Event, Identity, Outcome, Owner, Person, RECORD_VERSION, Record, RunId, Source, State, Step, Traversal,
};

/// A flowchart, drawn at random. Edges and waits lead from a lower number to a higher one, so there is no cycle.
#[derive(Clone, Debug)]
struct Chart {
    nodes: Vec<Node>,
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    join_all: bool,
    /// Its guard, if it has one.
    when: Option<bool>,
    after: BTreeSet<usize>,
    needs: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
enum Kind {
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
    fn ends(&self) -> Vec<State> {
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
    fn has_unhandled_failure(&self) -> bool {
        self.ends().iter().zip(&self.nodes).any(|(state, node)| {
            *state == State::Failed
                && matches!(&node.kind, Kind::Action { on_failure, .. } if on_failure.is_empty())
        })
    }

    fn yaml(&self) -> String {
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

    fn runbook(&self) -> Arc<Runbook> {
        let yaml = self.yaml();
        let parsed = switchback::parse::runbook(&Text::new("random.yaml", &yaml), &|_| Err(String::new()));
        assert!(parsed.diagnostics.is_empty(), "{yaml}\n{:?}", parsed.diagnostics);
        Arc::new(parsed.value.expect("it has no findings"))
    }
}

fn charts() -> impl Strategy<Value = Chart> {
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

fn somebody() -> Person {
    Person {
        name: "somebody".to_owned(),
        identity: Identity::Asserted,
    }
}

/// A run of a chart: everything that can be in flight is, and what ends first is drawn.
struct Walk<'a> {
    chart: &'a Chart,
    run: Traversal,
    journal: Vec<Event>,
    /// The actions that were started, each as often as it was.
    started: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(chart: &'a Chart) -> Self {
        let mut walk = Self {
            chart,
            run: Traversal::new(chart.runbook()),
            journal: Vec::new(),
            started: Vec::new(),
        };
        walk.apply(Event::RunStarted {
            run: RunId("r".to_owned()),
            runbook: "random".to_owned(),
            folder: "/".to_owned(),
            digest: String::new(),
            parameters: serde_json::Map::new(),
            by: somebody(),
        });
        walk
    }

    fn apply(&mut self, event: Event) {
        self.journal.push(event.clone());
        let record = Record {
            v: RECORD_VERSION,
            seq: self.journal.len() as u64,
            at: Timestamp::UNIX_EPOCH,
            event,
        };
        self.run.apply(&record).expect("it is of this run");
    }

    fn index(node: &NodeId) -> usize {
        node.as_str()[1..].parse().expect("nodes are n0, n1, …")
    }

    /// Goes on until nothing is left to do; `draw` says which of the steps in flight ends next.
    fn walk_on(&mut self, mut draw: impl FnMut(usize) -> usize) {
        let mut in_flight: BTreeMap<Owner, Step> = BTreeMap::new();
        for _ in 0..10_000 {
            let mut busy: BTreeSet<Owner> = in_flight.keys().cloned().collect();
            while let Some(step) = self.run.next(&busy) {
                if let Step::Record(event) = step {
                    self.apply(event);
                    continue;
                }
                if let Step::Execute { node, attempt, .. } = &step {
                    self.started.push(Self::index(node));
                    self.apply(Event::Started {
                        node: node.clone(),
                        attempt: *attempt,
                    });
                }
                let owner = step.owner().expect("it is no mere record");
                busy.insert(owner.clone());
                in_flight.insert(owner, step);
            }
            if in_flight.is_empty() {
                return;
            }
            let chosen = in_flight
                .keys()
                .nth(draw(in_flight.len()))
                .cloned()
                .expect("in range");
            let step = in_flight.remove(&chosen).expect("it is there");
            self.end(step);
        }
        panic!("it does not end: {}", self.chart.yaml());
    }

    fn end(&mut self, step: Step) {
        let event = match step {
            Step::Ask(ask) => {
                let Kind::Question { answer, .. } = self.chart.nodes[Self::index(&ask.question)].kind else {
                    panic!("only questions are asked");
                };
                Event::Answered {
                    question: ask.question,
                    value: Value::from(format!("c{answer}")),
                    by: somebody(),
                    source: Source::Given,
                }
            }
            Step::Execute { node, attempt, .. } => {
                let fails = matches!(
                    self.chart.nodes[Self::index(&node)].kind,
                    Kind::Action { fails: true, .. }
                );
                Event::Finished {
                    node,
                    attempt,
                    outcome: Outcome::Exited(i32::from(fails)),
                    captures: serde_json::Map::new(),
                    took: std::time::Duration::ZERO,
                }
            }
            other => panic!("nothing else is in these charts: {other:?}"),
        };
        self.apply(event);
    }

    fn states(&self) -> Vec<State> {
        let ids = self.run.runbook().nodes.keys();
        ids.map(|id| self.run.state(id)).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Without an unhandled failure, the states are those of the model, whatever ends first.
    #[test]
    fn the_result_is_the_models_and_does_not_depend_on_the_order(chart in charts(), order in any::<[u8; 24]>()) {
        prop_assume!(!chart.has_unhandled_failure());
        let mut walk = Walk::new(&chart);
        let mut draws = order.iter().cycle();
        walk.walk_on(|among| usize::from(*draws.next().expect("it goes round")) % among);
        prop_assert_eq!(walk.states(), chart.ends(), "{}", chart.yaml());
        for state in walk.states() {
            prop_assert!(state.is_final());
        }
    }

    /// It always ends, nothing runs twice, and after an unhandled failure nothing new starts.
    #[test]
    fn after_an_unhandled_failure_nothing_new_starts(chart in charts(), order in any::<[u8; 24]>()) {
        let mut walk = Walk::new(&chart);
        let mut draws = order.iter().cycle();
        walk.walk_on(|among| usize::from(*draws.next().expect("it goes round")) % among);
        let once: BTreeSet<usize> = walk.started.iter().copied().collect();
        prop_assert_eq!(once.len(), walk.started.len(), "something ran twice");
        let unhandled = |event: &Event| match event {
            Event::Finished { node, outcome, .. } if !outcome.is_success() => {
                let Kind::Action { on_failure, .. } = &chart.nodes[Walk::index(node)].kind else { return false };
                on_failure.is_empty()
            }
            _ => false,
        };
        let since = walk.journal.iter().position(unhandled);
        if let Some(since) = since {
            let later = &walk.journal[since..];
            let started = later.iter().any(|event| matches!(event, Event::Started { .. }));
            prop_assert!(!started, "something started after the failure");
        }
    }

    /// A run is the fold of its journal: any part of it, folded and gone on from, ends the same.
    #[test]
    fn any_prefix_of_the_journal_folds_to_the_same_end(chart in charts(), cut in any::<prop::sample::Index>()) {
        prop_assume!(!chart.has_unhandled_failure());
        let mut whole = Walk::new(&chart);
        whole.walk_on(|_| 0);
        let cut = 1 + cut.index(whole.journal.len());
        let mut again = Walk { chart: &chart, run: Traversal::new(chart.runbook()), journal: Vec::new(), started: Vec::new() };
        for event in whole.journal.iter().take(cut) {
            again.apply(event.clone());
        }
        again.apply(Event::RunResumed { by: somebody() });
        again.walk_on(|_| 0);
        prop_assert_eq!(again.states(), whole.states(), "{}", chart.yaml());
    }
}
