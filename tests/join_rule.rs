//! The join rule, confluence and termination on random flowcharts, against a model that is slow and obvious.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use proptest::prelude::*;
use support::chart::{Chart, Kind, charts};
use switchback::model::{NodeId, Value};
use switchback::traverse::{
    Event, Identity, Outcome, Owner, Person, RECORD_VERSION, Record, RunId, Source, State, Step, Traversal,
};

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
            letter: None,
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
