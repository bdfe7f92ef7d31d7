//! Nodes that wait for ways of which one excludes another.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Edge, Position, Way};
use crate::model::{Form, Join, NodeKind};
use crate::source::Path;

use super::chart::Chart;

/// Every node with `join: all` whose edges can never all be taken.
///
/// Of each question and each action whose failure leads somewhere, it is followed on which of its ways a node can still be come to: one
/// bit a way, as many of them at once as there is room for, and only as far as they make a difference.
pub(super) fn joins(chart: &Chart<'_>) -> Vec<Diagnostic> {
    let order = chart.ranks.order();
    let is_join = |node: Position| joins_all(chart, node);
    let last = order.iter().rposition(|node| is_join(*node));
    let mut found = BTreeMap::new();
    let Some(last) = last else {
        return Vec::new();
    };
    let mut pass = Pass::new(chart);
    let mut deciders = order[..last]
        .iter()
        .copied()
        .filter(|node| ways(chart, *node) > 1)
        .peekable();
    while deciders.peek().is_some() {
        pass.clear();
        while let Some(node) = deciders.next_if(|node| pass.has_room_for(ways(chart, *node))) {
            pass.add(node, ways(chart, node));
        }
        if pass.followed.is_empty() {
            // More ways than bits: nothing is said of it.
            deciders.next();
            continue;
        }
        for (node, decider) in pass.follow(last) {
            found.entry(node).or_insert_with(|| finding(chart, node, decider));
        }
    }
    found.into_values().collect()
}

fn joins_all(chart: &Chart<'_>, node: Position) -> bool {
    chart.runbook.nodes[node].links.join == Join::All
}

/// How many ways lead out of a node.
fn ways(chart: &Chart<'_>, node: Position) -> usize {
    match &chart.runbook.nodes[node].kind {
        NodeKind::Question(question) => match &question.form {
            Form::Choices(choices) => choices.len(),
            Form::Input { .. } => 1,
        },
        NodeKind::Action(action) => 1 + usize::from(!action.on_failure.is_empty()),
    }
}

/// A node whose ways are followed, and their bits.
struct Followed {
    node: Position,
    mask: u64,
    shift: u32,
}

/// Some nodes that are followed at once.
struct Pass<'c> {
    chart: &'c Chart<'c>,
    followed: Vec<Followed>,
    used: u32,
    /// By place in the order, the ways on which a node can be come to.
    open: Vec<u64>,
}

impl<'c> Pass<'c> {
    fn new(chart: &'c Chart<'c>) -> Self {
        Self {
            chart,
            followed: Vec::new(),
            used: 0,
            open: vec![0; chart.ranks.order().len()],
        }
    }

    fn clear(&mut self) {
        self.followed.clear();
        self.used = 0;
    }

    fn has_room_for(&self, ways: usize) -> bool {
        self.used as usize + ways <= u64::BITS as usize
    }

    fn add(&mut self, node: Position, ways: usize) {
        let mask = (u64::MAX >> (u64::BITS as usize - ways)) << self.used;
        self.followed.push(Followed {
            node,
            mask,
            shift: self.used,
        });
        self.used += u32::try_from(ways).unwrap_or(u64::BITS);
    }

    /// The nodes that can never be come to, each with one on whose ways that depends.
    fn follow(&mut self, last: usize) -> Vec<(Position, Position)> {
        let chart = self.chart;
        let order = chart.ranks.order();
        let mut found = Vec::new();
        let place_of = |node: Position| chart.ranks.of(node).unwrap_or(0);
        let start = self
            .followed
            .first()
            .map_or(0, |followed| place_of(followed.node));
        // The last place to which anything leads that is not open on all ways.
        let mut end = self.followed.last().map_or(0, |followed| place_of(followed.node));
        let mut place = start;
        while place <= end.min(last) && chart.effort.spend(1) {
            let node = order[place];
            let all = joins_all(chart, node);
            let mut open = if all || chart.starts_at(node) { u64::MAX } else { 0 };
            let mut each = u64::MAX;
            for edge in chart.graph.incoming(node) {
                let ways = self.on_edge(&chart.graph.edges()[edge], start);
                open = if all { open & ways } else { open | ways };
                each &= spread(&self.followed, ways);
            }
            if all {
                // Each edge can be taken, and not all of them together.
                let dead = each & !spread(&self.followed, open);
                let decider = self.followed.iter().find(|followed| dead & followed.mask != 0);
                found.extend(decider.map(|decider| (node, decider.node)));
            }
            self.open[place] = open;
            let leads = chart.graph.outgoing(node).map(|edge| &chart.graph.edges()[edge]);
            for edge in leads {
                if self.on_edge(edge, start) != u64::MAX {
                    end = end.max(place_of(edge.to));
                }
            }
            place += 1;
        }
        found
    }

    /// The ways on which an edge can be taken.
    fn on_edge(&self, edge: &Edge, start: usize) -> u64 {
        let open = match self.chart.ranks.of(edge.from) {
            Some(place) if place >= start => self.open[place],
            _ => u64::MAX,
        };
        let place = self.chart.ranks.of(edge.from);
        let followed = self
            .followed
            .binary_search_by_key(&place, |followed| self.chart.ranks.of(followed.node));
        let Ok(followed) = followed.map(|index| &self.followed[index]) else {
            return open;
        };
        let way = match &edge.way {
            Way::Next => 0,
            Way::OnFailure => 1,
            Way::Choice(choice) => {
                let question = self.chart.runbook.nodes[edge.from].question();
                match question.map(|question| &question.form) {
                    Some(Form::Choices(choices)) => choices.get_index_of(choice).unwrap_or(0),
                    _ => 0,
                }
            }
        };
        open & (!followed.mask | (1 << way) << followed.shift)
    }
}

/// For each that is followed all its bits, if any of them is set.
fn spread(followed: &[Followed], ways: u64) -> u64 {
    let set = followed.iter().filter(|followed| ways & followed.mask != 0);
    set.fold(0, |all, followed| all | followed.mask)
}

fn finding(chart: &Chart<'_>, node: Position, decider: Position) -> Diagnostic {
    let (id, of) = (&chart.runbook.nodes[node].id, &chart.runbook.nodes[decider]);
    let why = match &of.kind {
        NodeKind::Question(_) => format!("they need different answers to `{}`", of.id),
        NodeKind::Action(_) => format!("`{}` would have to work out and to fail", of.id),
    };
    Diagnostic::new(
        Code::DeadJoin,
        Path::from(["nodes", id.as_str(), "join"]),
        format!("the edges into `{id}` are never all taken: {why}"),
    )
    .label("never run")
    .help("leave `join: all` away, so that one of them is enough; or let one of them come from another node")
}
