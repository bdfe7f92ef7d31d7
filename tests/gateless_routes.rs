//! Whether a route ends without a gate: said of random runbooks, and held against the runs there are of them.

mod support;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Map;
use switchback::check;
use switchback::diagnostic::{Code, Severity};
use switchback::model::{NodeId, Runbook, Value};
use switchback::source::Source as Text;
use switchback::traverse::{Event, GateVerdict, Outcome, Record, RunId, RunState, Source, Step, Traversal};

use support::ana;

/// A node, drawn at random. Edges, waits and guards lead from a lower number to a higher one.
#[derive(Clone, Debug)]
struct Node {
    is_question: bool,
    /// Where its choices lead, if it is a question.
    choices: [Way; 2],
    /// Its own `next`, which a question may have too.
    next: Way,
    on_failure: BTreeSet<usize>,
    join_all: bool,
    when: Option<Condition>,
    needs: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
enum Way {
    /// Not written.
    Unsaid,
    To(BTreeSet<usize>),
    Stop,
}

#[derive(Clone, Debug)]
enum Condition {
    Parameter(bool),
    State(usize, &'static str),
    Answer(usize),
}

fn some_of(numbers: std::ops::Range<usize>) -> BoxedStrategy<BTreeSet<usize>> {
    if numbers.is_empty() {
        return Just(BTreeSet::new()).boxed();
    }
    proptest::collection::btree_set(numbers, 0..3).boxed()
}

fn way(above: std::ops::Range<usize>) -> impl Strategy<Value = Way> {
    prop_oneof![
        2 => Just(Way::Unsaid),
        4 => some_of(above).prop_map(Way::To),
        2 => Just(Way::Stop),
    ]
}

/// Of a parameter, or of one of so many nodes.
fn condition(nodes: usize) -> BoxedStrategy<Condition> {
    let parameter = any::<bool>().prop_map(Condition::Parameter);
    if nodes == 0 {
        return parameter.boxed();
    }
    let states = prop::sample::select(vec!["succeeded", "failed", "not_needed", "not_taken", "blocked"]);
    let state = (0..nodes, states).prop_map(|(node, state)| Condition::State(node, state));
    prop_oneof![parameter, state].boxed()
}

fn node(index: usize, of: usize) -> impl Strategy<Value = Node> {
    let above = index + 1..of;
    (
        (
            any::<bool>(),
            way(above.clone()),
            way(above.clone()),
            way(above.clone()),
        ),
        (
            prop_oneof![2 => Just(BTreeSet::new()), 1 => some_of(above)],
            prop::bool::weighted(0.3),
            proptest::option::weighted(0.4, condition(index)),
            prop_oneof![2 => Just(BTreeSet::new()), 1 => some_of(0..index)],
        ),
    )
        .prop_map(
            |((is_question, first, second, next), (on_failure, join_all, when, needs))| Node {
                is_question,
                choices: [first, second],
                next,
                on_failure,
                join_all,
                when,
                needs,
            },
        )
}

/// Some nodes, and when each gate applies.
fn book() -> impl Strategy<Value = (Vec<Node>, Vec<Condition>)> {
    (1_usize..7).prop_flat_map(|size| {
        let nodes: Vec<_> = (0..size).map(|index| node(index, size)).collect();
        let answer = (0..size).prop_map(Condition::Answer);
        let gate = prop_oneof![3 => condition(size), 1 => answer];
        (nodes, proptest::collection::vec(gate, 1..3))
    })
}

fn list(nodes: &BTreeSet<usize>) -> String {
    let ids: Vec<String> = nodes.iter().map(|n| format!("n{n}")).collect();
    format!("[{}]", ids.join(", "))
}

fn line(key: &str, way: &Way) -> String {
    match way {
        Way::Unsaid => String::new(),
        Way::To(nodes) => format!("{key}: {}", list(nodes)),
        Way::Stop => format!("{key}: stop"),
    }
}

fn expression(condition: &Condition) -> String {
    match condition {
        Condition::Parameter(true) => "p".to_owned(),
        Condition::Parameter(false) => "not p".to_owned(),
        Condition::State(node, state) => format!("nodes.n{node}.state == '{state}'"),
        Condition::Answer(node) => format!("answers.n{node} == 'c0'"),
    }
}

fn written(nodes: &[Node], gates: &[Condition]) -> String {
    let mut out =
        "switchback: 1\nname: random\ntitle: Random\nparameters: { p: { type: boolean } }\n".to_owned();
    out += "nodes:\n";
    for (index, node) in nodes.iter().enumerate() {
        let _ = writeln!(out, "  n{index}:");
        if node.is_question {
            let [first, second] = node.choices.each_ref().map(|way| line("next", way));
            let _ = writeln!(
                out,
                "    question: Which way?\n    choices: {{ c0: {{ {first} }}, c1: {{ {second} }} }}"
            );
        } else {
            let _ = writeln!(out, "    action: Do it\n    effect: read\n    run: [it]");
            if !node.on_failure.is_empty() {
                let _ = writeln!(out, "    on_failure: {}", list(&node.on_failure));
            }
        }
        let _ = writeln!(out, "    {}", line("next", &node.next));
        if node.join_all {
            let _ = writeln!(out, "    join: all");
        }
        if let Some(when) = &node.when {
            let _ = writeln!(out, "    when: \"{}\"", expression(when));
            if let Condition::State(before, _) = when {
                let _ = writeln!(out, "    after: [n{before}]");
            }
        }
        if !node.needs.is_empty() {
            let _ = writeln!(out, "    needs: {}", list(&node.needs));
        }
    }
    out += "gates:\n";
    for (index, when) in gates.iter().enumerate() {
        let when = expression(when);
        let _ = writeln!(
            out,
            "  g{index}: {{ title: G, when: \"{when}\", attest: It is so. }}"
        );
    }
    out
}

fn apply(run: &mut Traversal, event: Event) {
    let record = Record::unkept(event);
    run.apply(&record).expect("it is of this run");
}

fn begun(runbook: &Arc<Runbook>, p: bool) -> Traversal {
    let mut run = Traversal::new(Arc::clone(runbook));
    let start = Event::RunStarted {
        run: RunId("r".to_owned()),
        runbook: "random".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: Map::from_iter([("p".to_owned(), Value::from(p))]),
        by: ana(),
    };
    apply(&mut run, start);
    run
}

/// The model: whether there is a way to answer, and to fail where that is handled, on which a run goes through and no gate applies.
fn goes_through_without_a_gate(mut run: Traversal) -> bool {
    while let Some(step) = run.next(&BTreeSet::new()) {
        let ways: Vec<Event> = match step {
            Step::Record(event) => vec![event],
            Step::Ask(ask) => ["c0", "c1"]
                .map(|choice| Event::Answered {
                    question: ask.question.clone(),
                    value: Value::from(choice),
                    by: ana(),
                    source: Source::Given,
                })
                .to_vec(),
            Step::Execute { node, attempt, .. } => {
                let codes: &[i32] = if is_handled(&run, &node) { &[0, 1] } else { &[0] };
                let finished = |code: &i32| Event::Finished {
                    node: node.clone(),
                    attempt,
                    outcome: Outcome::Exited(*code),
                    captures: Map::new(),
                    took: Duration::ZERO,
                };
                codes.iter().map(finished).collect()
            }
            // A gate that applies wants a person.
            Step::Attest(_) => return false,
            step => panic!("{step:?}"),
        };
        let [event] = &ways[..] else {
            return ways.into_iter().any(|event| {
                let mut run = run.clone();
                apply(&mut run, event);
                goes_through_without_a_gate(run)
            });
        };
        apply(&mut run, event.clone());
    }
    let went_through = matches!(run.run_state(), RunState::Complete | RunState::Recovered);
    let applies = |verdict| !matches!(verdict, GateVerdict::NotApplicable { .. });
    went_through && !run.gates().any(|(_, verdict)| applies(verdict))
}

fn is_handled(run: &Traversal, node: &NodeId) -> bool {
    let action = run.runbook().nodes[node].action();
    action.is_some_and(|action| !action.on_failure.is_empty())
}

/// What `check` says and what the model says; none of a runbook with errors, of which nothing is said.
fn both(yaml: &str) -> Option<(Vec<String>, bool)> {
    let parsed = switchback::parse::runbook(&Text::new("random.yaml", yaml), &|_| Err(String::new()));
    assert!(parsed.diagnostics.is_empty(), "{yaml}\n{:?}", parsed.diagnostics);
    let runbook = Arc::new(parsed.value.expect("it has no findings"));
    let findings = check::runbook(&runbook);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return None;
    }
    let said = findings
        .into_iter()
        .filter(|finding| finding.code == Code::GatelessRoute);
    let is_so = [false, true]
        .into_iter()
        .any(|p| goes_through_without_a_gate(begun(&runbook, p)));
    Some((said.map(|finding| finding.message).collect(), is_so))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn a_route_without_a_gate_is_found_where_there_is_one((nodes, gates) in book()) {
        let yaml = written(&nodes, &gates);
        let both = both(&yaml);
        prop_assume!(both.is_some());
        let (said, is_so) = both.expect("it is assumed");
        prop_assert_eq!(!said.is_empty(), is_so, "{:?} of\n{}", said, yaml);
    }
}

#[test]
fn a_question_that_is_not_needed_stops_nothing() {
    for (choices, next) in [("{}", "stop"), ("stop", "end")] {
        let yaml = format!(
            "switchback: 1\nname: x\ntitle: X\nparameters: {{ p: {{ type: boolean }} }}\nnodes:\n\
             \x20 q: {{ question: Q, when: p, choices: {{ \"yes\": {choices}, \"no\": {choices} }}, next: {next} }}\n\
             gates: {{ g: {{ title: G, when: p, attest: It is so. }} }}\n"
        );
        let (said, _) = both(&yaml).expect("it has no errors");
        assert_eq!(said, ["no gate applies where `p` is `false`"], "{yaml}");
    }
}
