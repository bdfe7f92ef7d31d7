use std::collections::{HashMap, HashSet};

use crate::graph::{Edge, Position, Way};

use super::Count;
use super::chart::{Chart, Comes, Passage};

/// How many looks at a node are taken, for all that is counted together: enough for any flowchart that people draw.
pub(super) const BUDGET: usize = 500_000;

/// What is known of the nodes ahead: of one that an edge is enough for, that one is taken; of one that needs them all, that one is not.
/// Sorted, so that ways that come to the same are the same.
type Ahead = Vec<Position>;

/// In how many ways the questions of a component can be answered.
///
/// The nodes are taken one after another, and ways to answer those behind are told apart only as far as that makes a difference ahead. Where
/// too many do, the count ends with those that were told apart: each leads on to at least one route.
pub(super) fn count(chart: &Chart<'_>, component: &[Position], budget: &mut usize) -> Count {
    let inside: HashSet<Position> = component.iter().copied().collect();
    let mut exact = true;
    let mut ways = HashMap::<Ahead, u128>::from([(Ahead::new(), 1)]);
    for node in order(chart, component, &inside) {
        let edges: Vec<&Edge> = chart
            .edges_out_of(node)
            .filter(|edge| inside.contains(&edge.to) && chart.comes(edge.to) == Comes::Varies)
            .collect();
        let mut after = HashMap::<Ahead, u128>::with_capacity(ways.len());
        for (ahead, number) in &ways {
            let mut ahead = ahead.clone();
            let found = ahead.binary_search(&node);
            if let Ok(at) = found {
                ahead.remove(at);
            }
            let comes = chart.comes(node) == Comes::Always || found.is_ok() != chart.joins_all(node);
            for taken in ways_out(chart.passage(node), comes) {
                let Some(left) = budget.checked_sub(1) else {
                    return Count {
                        number: ways.values().fold(0, |all, number| all.saturating_add(*number)),
                        exact: false,
                    };
                };
                *budget = left;
                let mut ahead = ahead.clone();
                for edge in &edges {
                    if (taken.as_ref() == Some(&edge.way)) != chart.joins_all(edge.to)
                        && let Err(at) = ahead.binary_search(&edge.to)
                    {
                        ahead.insert(at, edge.to);
                    }
                }
                let all = after.entry(ahead).or_default();
                let sum = all.checked_add(*number);
                exact &= sum.is_some();
                *all = sum.unwrap_or(u128::MAX);
            }
        }
        ways = after;
    }
    // Every node is behind now, and nothing is left to tell ways apart by.
    Count {
        number: ways.values().fold(0, |all, number| all.saturating_add(*number)),
        exact,
    }
}

/// The edges that may be taken out of a node, by their ways: one for each way to leave it. None leads nowhere.
fn ways_out(passage: &Passage, comes: bool) -> Vec<Option<Way>> {
    match passage {
        Passage::Straight if comes => vec![Some(Way::Next)],
        Passage::Asked { choices, passed_over } if comes => {
            let chosen = choices.iter().map(|choice| Some(Way::Choice(choice.clone())));
            chosen.chain(passed_over.then_some(None)).collect()
        }
        _ => vec![None],
    }
}

/// The nodes of a component, each after those that lead to it, and otherwise as soon as can be: so little is ahead at once.
fn order(chart: &Chart<'_>, component: &[Position], inside: &HashSet<Position>) -> Vec<Position> {
    let on = |node| {
        let targets = chart.edges_out_of(node).map(|edge| edge.to);
        targets.filter(|to| inside.contains(to))
    };
    let mut before = HashMap::<Position, usize>::new();
    for node in component {
        on(*node).for_each(|to| *before.entry(to).or_default() += 1);
    }
    let free = component.iter().rev().filter(|node| !before.contains_key(node));
    let mut ready: Vec<Position> = free.copied().collect();
    let mut order = Vec::with_capacity(component.len());
    while let Some(node) = ready.pop() {
        order.push(node);
        for to in on(node) {
            if let Some(left) = before.get_mut(&to) {
                *left -= 1;
                if *left == 0 {
                    ready.push(to);
                }
            }
        }
    }
    order
}
