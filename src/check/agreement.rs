//! What is concluded about all routes at once is held against the routes themselves, on random flowcharts.

use indexmap::IndexMap;
use proptest::prelude::*;

use super::chart::Chart;
use super::joins::joins;
use super::routes::{Routes, State};
use super::undefined::uncertain;
use crate::model::*;

/// A node: what kind it is, whether it joins all, and where it leads, as steps onward.
type Plan = (u8, bool, Vec<u8>, Vec<u8>);

fn id(number: usize) -> NodeId {
    NodeId::from(format!("n{number}").as_str())
}

/// Edges lead onwards only, so that there is no circle.
fn runbook(plans: &[Plan]) -> Runbook {
    let to = |from: usize, steps: &[u8]| -> Vec<NodeId> {
        let mut to: Vec<usize> = steps.iter().map(|step| from + 1 + usize::from(*step)).collect();
        to.retain(|to| *to < plans.len());
        to.sort_unstable();
        to.dedup();
        to.into_iter().map(id).collect()
    };
    let node = |(place, (kind, joins_all, one, other)): (usize, &Plan)| {
        let (one, other) = (to(place, one), to(place, other));
        let action = |on_failure| {
            NodeKind::Action(Box::new(Action {
                on_failure,
                ..Action::default()
            }))
        };
        let choice = |next: &[NodeId]| Choice {
            label: None,
            next: Next::Nodes(next.to_vec()),
            decides: IndexMap::new(),
        };
        let form = Form::Choices(IndexMap::from([
            ("one".into(), choice(&one)),
            ("other".into(), choice(&other)),
        ]));
        let question = Question {
            title: String::new(),
            help: None,
            form,
            detect: None,
            default: None,
        };
        let is_question = kind % 3 == 0;
        Node {
            id: id(place),
            links: Links {
                next: Next::Nodes(if is_question { Vec::new() } else { one }),
                join: if *joins_all { Join::All } else { Join::Any },
                when: (kind % 5 == 0).then(|| Expression::from("run.id == 'y'")),
                ..Links::default()
            },
            kind: match kind % 3 {
                0 => NodeKind::Question(question),
                1 => action(Vec::new()),
                _ => action(other),
            },
            allow: Vec::new(),
        }
    };
    let nodes = plans.iter().enumerate().map(node);
    Runbook {
        name: String::new(),
        title: String::new(),
        description: None,
        parameters: IndexMap::new(),
        secrets: IndexMap::new(),
        requires: Vec::new(),
        lock: None,
        start: None,
        nodes: nodes.map(|node| (node.id.clone(), node)).collect(),
        gates: IndexMap::new(),
        notify: Vec::new(),
        allow: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn all_routes_at_once_say_what_each_says(
        plans in prop::collection::vec(
            (any::<u8>(), any::<bool>(), prop::collection::vec(0..4_u8, 0..3), prop::collection::vec(0..4_u8, 0..3)),
            2..9,
        ),
    ) {
        let runbook = runbook(&plans);
        let chart = Chart::of(&runbook);
        let pairs: Vec<_> = (0..plans.len()).flat_map(|second| (0..second).map(move |first| (first, second))).collect();
        let uncertain = uncertain(&chart, &pairs);
        let dead: Vec<String> = joins(&chart).iter().map(|finding| finding.path.to_string()).collect();
        for node in 0..plans.len() {
            let is_dead = dead.contains(&format!("nodes.n{node}.join"));
            let mut routes = Routes::to(&chart, 0..=node);
            while routes.next() {
                if !routes.comes_to(node) {
                    continue;
                }
                prop_assert!(!is_dead, "n{node} is come to where {}", routes.told());
                for first in (0..node).filter(|first| routes.state(*first) != Some(State::Succeeded)) {
                    prop_assert!(uncertain.contains(&(first, node)), "n{first} before n{node} where {}", routes.told());
                }
            }
        }
    }
}
