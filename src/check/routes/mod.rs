//! What happens on each way through a part of the flowchart, as far as it can be known without a run: every answer that can be chosen, every
//! failure that leads somewhere, and guards as they come out then.

mod follow;
mod told;
mod values;

use std::collections::{HashMap, HashSet};

use crate::graph::{Graph, Position};
use crate::model::Runbook;
use crate::template::Scope;

use super::chart::Chart;

/// How many routes are followed for one question about them. Where there are more, it stays open.
const ROUTES: usize = 256;

/// How a node ended on a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Succeeded,
    Failed,
    NotTaken,
    NotNeeded,
    Blocked,
}

impl State {
    fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::NotTaken => "not_taken",
            Self::NotNeeded => "not_needed",
            Self::Blocked => "blocked",
        }
    }
}

/// Something on which it depends how a route goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Matter<'r> {
    Answer(Position),
    Outcome(Position),
    Parameter(&'r str),
    /// A guard of which it is not known how it comes out; where it stands twice, it comes out alike.
    Guard(&'r str),
}

/// A matter, and which of its ways is taken.
#[derive(Debug)]
struct Decision<'r> {
    matter: Matter<'r>,
    way: usize,
    of: usize,
}

/// Every route through a part of the flowchart, one after the other.
pub(super) struct Routes<'r> {
    chart: &'r Chart<'r>,
    runbook: &'r Runbook,
    graph: &'r Graph,
    /// The nodes of the part, in order.
    part: Vec<Position>,
    is_too_large: bool,
    /// The place of each in it.
    place: HashMap<Position, usize>,
    /// Nodes that may fail although nothing handles it.
    fragile: HashSet<Position>,
    decisions: Vec<Decision<'r>>,
    /// How many of them were come to on this route.
    made: usize,
    /// Those, and which way each goes.
    ways: HashMap<Matter<'r>, usize>,
    followed: usize,
    is_complete: bool,
    states: Vec<State>,
    /// Which guard could not be evaluated, and so failed its node.
    broken: Option<Position>,
    is_stopped: bool,
    scope: Scope,
}

impl<'r> Routes<'r> {
    /// The routes to some nodes.
    pub(super) fn to(chart: &'r Chart<'r>, targets: impl IntoIterator<Item = Position>) -> Self {
        // To find the part is an effort too, also where it turns out to be too large.
        let most = chart.effort.for_one();
        let part = chart.graph.before(targets, most);
        chart.effort.spend(part.as_ref().map_or(most, Vec::len));
        let is_too_large = part.is_none();
        let mut part = part.unwrap_or_default();
        part.sort_unstable_by_key(|node| chart.ranks.of(*node));
        let place = part
            .iter()
            .enumerate()
            .map(|(place, node)| (*node, place))
            .collect();
        Self {
            chart,
            runbook: chart.runbook,
            graph: &chart.graph,
            part,
            is_too_large,
            place,
            fragile: HashSet::new(),
            decisions: Vec::new(),
            made: 0,
            ways: HashMap::new(),
            followed: 0,
            is_complete: false,
            states: Vec::new(),
            broken: None,
            is_stopped: false,
            scope: Scope::default(),
        }
    }

    /// The same, with routes on which some of its nodes fail and nothing handles that.
    pub(super) fn with_failures_of(mut self, nodes: HashSet<Position>) -> Self {
        self.fragile = nodes;
        self
    }

    /// Follows the next route, if there is one and it can be followed.
    pub(super) fn next(&mut self) -> bool {
        if self.followed > 0 {
            self.decisions.truncate(self.made);
            while self.decisions.last().is_some_and(|last| last.way + 1 == last.of) {
                self.decisions.pop();
            }
            let Some(last) = self.decisions.last_mut() else {
                self.is_complete = true;
                return false;
            };
            last.way += 1;
        }
        if self.is_too_large || self.followed == ROUTES || !self.chart.effort.spend(self.part.len() + 1) {
            return false;
        }
        self.followed += 1;
        self.follow();
        true
    }

    /// Whether every route there is was followed.
    pub(super) fn were_all(&self) -> bool {
        self.is_complete
    }

    /// Whether the route ends before its time: it is stopped, or a guard cannot be evaluated.
    pub(super) fn ends_early(&self) -> bool {
        self.is_stopped || self.broken.is_some()
    }

    /// Whether the route does not come to a node, or to all of it, as something before ends it.
    pub(super) fn ends_before(&self, node: Position) -> bool {
        self.is_stopped || self.broken.is_some_and(|broken| broken != node)
    }

    /// How a node ended; none where it is not in the part.
    pub(super) fn state(&self, node: Position) -> Option<State> {
        self.states.get(*self.place.get(&node)?).copied()
    }

    /// Whether the way leads into a node, so that its guard is looked at.
    pub(super) fn comes_to(&self, node: Position) -> bool {
        matches!(
            self.state(node),
            Some(State::Succeeded | State::Failed | State::NotNeeded)
        )
    }

    /// Which way a matter goes on this route.
    fn decide(&mut self, matter: Matter<'r>, of: usize) -> usize {
        if of < 2 {
            return 0;
        }
        if let Some(known) = self.ways.get(&matter) {
            return *known;
        }
        if self
            .decisions
            .get(self.made)
            .is_none_or(|next| next.matter != matter)
        {
            self.decisions.truncate(self.made);
            self.decisions.push(Decision { matter, way: 0, of });
        }
        let way = self.decisions[self.made].way;
        self.made += 1;
        self.ways.insert(matter, way);
        way
    }
}
