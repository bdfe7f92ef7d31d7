//! The routes of a plan: counted on random flowcharts against a model that is slow and obvious, and counted at all on wide ones.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Map;
use switchback::model::{NodeId, Runbook, Value};
use switchback::plan::{Routes, Then, plan};
use switchback::traverse::{Event, Outcome, Owner, Person, Record, RunId, Source, Step, Traversal, Word};

use support::{ana, runbook};

/// A flowchart, drawn at random. Edges and waits lead from a lower number to a higher one.
#[derive(Clone, Debug)]
struct Node {
    is_question: bool,
    /// Where it leads: the first is that of an action, each that of a choice.
    ways: [BTreeSet<usize>; 2],
    on_failure: BTreeSet<usize>,
    stops: bool,
    join_all: bool,
    guard: Option<Guard>,
    needs: BTreeSet<usize>,
    /// The choice that is made up front.
    given: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Guard {
    Known(bool),
    /// Only the run can tell.
    Open,
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    (1_usize..10).prop_flat_map(|size| {
        let nodes: Vec<_> = (0..size)
            .map(|index| {
                let above = || {
                    proptest::collection::btree_set(index + 1..size.max(index + 2), 0..4)
                        .prop_map(move |set| set.into_iter().filter(|n| *n < size).collect())
                };
                let below = proptest::collection::btree_set(0..index.max(1), 0..2);
                let guard = prop_oneof![
                    6 => Just(None),
                    1 => any::<bool>().prop_map(|is| Some(Guard::Known(is))),
                    1 => Just(Some(Guard::Open)),
                ];
                let given = prop_oneof![4 => Just(None), 1 => (0_usize..2).prop_map(Some)];
                (
                    (
                        prop::bool::weighted(0.6),
                        above(),
                        above(),
                        prop::bool::weighted(0.1),
                    ),
                    (above(), prop::bool::weighted(0.3), guard, below, given),
                )
                    .prop_map(
                        move |(
                            (is_question, first, second, stops),
                            (third, join_all, guard, needs, given),
                        )| Node {
                            is_question,
                            ways: [first, second],
                            on_failure: if stops { third } else { BTreeSet::new() },
                            stops,
                            join_all,
                            guard,
                            needs: needs.into_iter().filter(|n| *n < index).collect(),
                            given,
                        },
                    )
            })
            .collect();
        nodes
    })
}

/// The runbook; without its stops, a branch that would stop ends.
fn book(nodes: &[Node], with_stops: bool) -> Arc<Runbook> {
    let list = |set: &BTreeSet<usize>| set.iter().map(|n| format!("n{n}")).collect::<Vec<_>>().join(", ");
    let mut out = String::from("nodes:\n");
    for (index, node) in nodes.iter().enumerate() {
        let _ = writeln!(out, "  n{index}:");
        let stops = node.stops && with_stops;
        let first = match (node.stops, stops) {
            (true, true) => "stop".to_owned(),
            (true, false) => "[]".to_owned(),
            _ => format!("[{}]", list(&node.ways[0])),
        };
        if node.is_question {
            let second = list(&node.ways[1]);
            let _ = writeln!(
                out,
                "    question: Which way?\n    choices: {{ c0: {first}, c1: [{second}] }}"
            );
        } else {
            let failure = list(&node.on_failure);
            let _ = writeln!(
                out,
                "    action: Do it\n    effect: read\n    run: [it]\n    next: {first}"
            );
            if !failure.is_empty() {
                let _ = writeln!(out, "    on_failure: [{failure}]");
            }
        }
        if node.join_all {
            let _ = writeln!(out, "    join: all");
        }
        match node.guard {
            None => {}
            Some(Guard::Known(is)) => drop(writeln!(out, "    when: 1 == {}", u8::from(is))),
            Some(Guard::Open) => drop(writeln!(out, "    when: run.id == 'r'")),
        }
        if !node.needs.is_empty() {
            let _ = writeln!(out, "    needs: [{}]", list(&node.needs));
        }
    }
    let whole = format!("switchback: 1\nname: random\ntitle: Random\n{out}");
    let source = switchback::source::Source::new("random.yaml", &whole);
    let parsed = switchback::parse::runbook(&source, &|_| Err(String::new()));
    assert!(parsed.diagnostics.is_empty(), "{whole}\n{:?}", parsed.diagnostics);
    Arc::new(parsed.value.expect("it has no findings"))
}

fn routes(runbook: &Arc<Runbook>, nodes: &[Node]) -> Routes {
    let given = nodes.iter().enumerate().filter(|(_, node)| node.is_question);
    let given = given.filter_map(|(index, node)| Some((index, node.given?)));
    let words = given.map(|(index, choice)| {
        let word = Word::Answer {
            question: format!("n{index}").as_str().into(),
            text: format!("c{choice}"),
            source: Source::Given,
        };
        (word, ana())
    });
    let plan = plan(runbook, Map::new(), words.collect::<Vec<(Word, Person)>>());
    plan.expect("the words fit").routes
}

fn apply(run: &mut Traversal, event: Event) {
    let record = Record::unkept(event);
    run.apply(&record).expect("it is of this run");
}

/// The model: a run is taken apart at every question and open guard, and what was answered at its end is noted.
fn walk(
    mut run: Traversal,
    nodes: &[Node],
    answers: &BTreeMap<usize, usize>,
    all: &mut BTreeSet<BTreeMap<usize, usize>>,
) {
    let index = |node: &NodeId| node.as_str()[1..].parse::<usize>().expect("n0, n1, …");
    while let Some(step) = run.next(&BTreeSet::new()) {
        match step {
            Step::Record(Event::Guarded { node, .. }) if nodes[index(&node)].guard == Some(Guard::Open) => {
                if nodes[index(&node)].is_question {
                    let mut other = run.clone();
                    let node = node.clone();
                    apply(&mut other, Event::Guarded { node, needed: false });
                    walk(other, nodes, answers, all);
                }
                apply(&mut run, Event::Guarded { node, needed: true });
            }
            Step::Record(event) => apply(&mut run, event),
            Step::Ask(ask) => {
                let asked = index(&ask.question);
                for choice in 0..2 {
                    if nodes[asked].given.is_some_and(|given| given != choice) {
                        continue;
                    }
                    let mut answers = answers.clone();
                    answers.insert(asked, choice);
                    let mut run = run.clone();
                    let event = Event::Answered {
                        question: ask.question.clone(),
                        value: Value::from(format!("c{choice}")),
                        by: ana(),
                        source: Source::Given,
                    };
                    apply(&mut run, event);
                    walk(run, nodes, &answers, all);
                }
                return;
            }
            Step::Execute { node, attempt, .. } => {
                let event = Event::Finished {
                    node,
                    attempt,
                    outcome: Outcome::Exited(0),
                    captures: Map::new(),
                    took: Duration::ZERO,
                };
                apply(&mut run, event);
            }
            step => assert!(matches!(step.owner(), Some(Owner::Gate(_))), "{step:?}"),
        }
    }
    all.insert(answers.clone());
}

fn model(runbook: &Arc<Runbook>, nodes: &[Node]) -> BTreeSet<BTreeMap<usize, usize>> {
    let mut run = Traversal::new(Arc::clone(runbook));
    let start = Event::RunStarted {
        run: RunId("r".to_owned()),
        runbook: "random".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: Map::new(),
        by: ana(),
    };
    apply(&mut run, start);
    let mut all = BTreeSet::new();
    walk(run, nodes, &BTreeMap::new(), &mut all);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_routes_are_those_of_the_model(nodes in nodes()) {
        let routes = routes(&book(&nodes, true), &nodes);
        let all = model(&book(&nodes, false), &nodes);
        prop_assert!(routes.count.exact);
        prop_assert_eq!(routes.count.number, all.len() as u128, "{:?}", routes);
    }

    /// What several answers come to is listed once, and an answer that a route gives is listed.
    #[test]
    fn each_part_is_listed_once(nodes in nodes()) {
        let routes = routes(&book(&nodes, true), &nodes);
        let stretches: Vec<_> = routes.groups.iter().flat_map(|group| &group.ways).collect();
        let listed: Vec<&NodeId> = stretches.iter().flat_map(|stretch| &stretch.nodes).collect();
        let distinct: BTreeSet<&NodeId> = listed.iter().copied().collect();
        prop_assert_eq!(listed.len(), distinct.len(), "{:?}", routes);
        for stretch in &stretches {
            if let Then::AsAbove(node) = &stretch.then {
                prop_assert!(distinct.contains(node), "{:?}", routes);
            }
        }
        let answers: BTreeSet<(String, String)> = stretches
            .iter()
            .filter_map(|stretch| stretch.answer.as_ref())
            .filter_map(|answer| Some((answer.question.to_string(), answer.choice.as_ref()?.to_string())))
            .collect();
        let all = model(&book(&nodes, false), &nodes);
        for (question, choice) in all.iter().flatten() {
            let is_sure = nodes[*question].given.is_some();
            let answer = (format!("n{question}"), format!("c{choice}"));
            prop_assert!(is_sure || answers.contains(&answer), "{answer:?} of {routes:?}");
        }
    }
}

fn counted(yaml: &str) -> (u128, bool, usize) {
    let routes = plan(&runbook(yaml), Map::new(), Vec::new())
        .expect("no words")
        .routes;
    (routes.count.number, routes.count.exact, routes.groups.len())
}

/// A part of a runbook for each number.
fn each(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

#[test]
fn questions_that_do_not_bear_on_each_other_multiply() {
    let questions = |count| {
        let part = |n| format!("  q{n}: {{ question: Q, choices: {{ \"yes\": done, \"no\": done }} }}\n");
        format!("nodes:\n{}  done: {{ action: Done }}\n", each(count, part))
    };
    assert_eq!(counted(&questions(100)), (1 << 100, true, 100));
    assert_eq!(
        counted(&questions(128)),
        (u128::MAX, false, 128),
        "there are two to the power of 128"
    );
}

#[test]
fn questions_one_after_another_are_counted_without_a_look_at_each_route() {
    let part = |n| {
        format!(
            "  q{n}: {{ question: Q, choices: {{ a: a{n}, b: b{n} }} }}\n  a{n}: {{ action: A, next: q{0} }}\n  b{n}: {{ action: B, next: q{0} }}\n",
            n + 1
        )
    };
    let yaml = format!("nodes:\n{}  q60: {{ action: Done }}\n", each(60, part));
    assert_eq!(counted(&yaml), (1 << 60, true, 1));
}

#[test]
fn a_question_that_waits_for_all_of_many_is_no_trouble() {
    let part = |n| format!("  q{n}: {{ question: Q, choices: {{ \"yes\": a{n}, \"no\": [] }} }}\n");
    let action = |n| format!("  a{n}: {{ action: A, next: last }}\n");
    let last = "  last: { join: all, question: Q, choices: { a: [], b: [], c: [] } }\n";
    let yaml = format!("nodes:\n{}{}{last}", each(30, part), each(30, action));
    assert_eq!(counted(&yaml), ((1 << 30) + 2, true, 1));
}

#[test]
fn a_tangle_is_counted_as_far_as_that_goes() {
    // Which of the second sixty are asked depends on answers all over the first.
    let mut yaml = String::from("nodes:\n");
    for n in 0..60 {
        let to = |first: usize| {
            [0, 13, 29]
                .map(|more| format!("t{}", (n + first + more) % 60))
                .join(", ")
        };
        let _ = writeln!(
            yaml,
            "  q{n}: {{ question: Q, choices: {{ a: [{}], b: [{}] }} }}",
            to(0),
            to(7)
        );
    }
    yaml += &each(60, |n| {
        format!("  t{n}: {{ question: T, choices: {{ a: [], b: [] }} }}\n")
    });
    let (number, exact, groups) = counted(&yaml);
    assert!(!exact && number > 1_000, "{number}");
    assert_eq!(groups, 1);
}
