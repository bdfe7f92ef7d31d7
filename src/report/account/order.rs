use std::collections::BTreeMap;

use crate::graph::Position;
use crate::model::{Node, NodeId};
use crate::traverse::{Event, Record, State, Traversal};

/// The nodes that the run came to, in the order in which it did.
///
/// The route has those that succeeded. The others stand where something was first done about them.
pub(super) fn reached(run: &Traversal, records: &[Record]) -> Vec<Position> {
    let runbook = run.runbook();
    let mut first: BTreeMap<Position, u64> = BTreeMap::new();
    for record in records {
        let position = touched(&record.event).and_then(|node| runbook.nodes.get_index_of(node));
        if let Some(position) = position {
            first.entry(position).or_insert(record.seq);
        }
    }
    let mut order = Vec::new();
    let mut is_on_route = vec![false; runbook.nodes.len()];
    let mut last = 0;
    for node in run.route().filter_map(|node| runbook.nodes.get_index_of(node)) {
        // An answer may be on record long before its question is asked: a question stands after what led to it.
        if runbook.nodes[node].action().is_some() {
            last = first.get(&node).copied().unwrap_or(last).max(last);
        }
        is_on_route[node] = true;
        order.push((last, node));
    }
    for (position, node) in runbook.nodes.values().enumerate() {
        if !is_on_route[position] && is_come_to(run, node) {
            order.push((first.get(&position).copied().unwrap_or(u64::MAX), position));
        }
    }
    order.sort_by_key(|(seq, _)| *seq);
    order.into_iter().map(|(_, position)| position).collect()
}

/// Whether the run came to a node that did not succeed, as far as that can be told.
fn is_come_to(run: &Traversal, node: &Node) -> bool {
    match run.state(&node.id) {
        State::Failed | State::Running | State::InDoubt | State::Waiting | State::Succeeded => true,
        State::Cancelled | State::NotNeeded | State::Blocked => run.attempts(&node.id) > 0,
        State::Pending | State::Ready | State::NotTaken => false,
    }
}

/// The node about which an event does something.
fn touched(event: &Event) -> Option<&NodeId> {
    match event {
        Event::Detected { question: node, .. }
        | Event::Suggested { question: node, .. }
        | Event::Prepared { node, .. }
        | Event::Reached { node }
        | Event::Started { node, .. }
        | Event::Failed { node, .. }
        | Event::Declined { node, .. } => Some(node),
        _ => None,
    }
}
