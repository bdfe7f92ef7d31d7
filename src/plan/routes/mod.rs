//! The routes: the ways to answer every question that is reached, when nothing fails.

mod chart;
mod count;
mod listing;

pub(super) use chart::{Chart, Passage};
pub use listing::{Answer, Stretch, Then};

use serde::{Serialize, Serializer};

use crate::model::{NodeId, Runbook};

/// The routes that are still possible. What is typed, and whether an action turns out not to be needed, makes no other route.
#[derive(Clone, Debug, Serialize)]
pub struct Routes {
    /// How many there are.
    #[serde(flatten)]
    pub count: Count,
    /// Questions whose answers bear on each other. No group bears on another, so that their numbers multiply.
    pub groups: Vec<Group>,
}

/// Questions whose answers bear on each other.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// In how many ways they can be answered.
    #[serde(flatten)]
    pub count: Count,
    /// The questions.
    pub questions: Vec<NodeId>,
    /// Where the answers lead. A part that several of them come to is there once.
    pub ways: Vec<Stretch>,
}

/// A number, of which perhaps only that is known that it is not smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The number. It is written as a text: JSON's numbers end before it does.
    #[serde(rename = "count", serialize_with = "as_text")]
    pub number: u128,
    /// Whether there are just as many, and not more.
    pub exact: bool,
}

impl Count {
    const ONE: Self = Self {
        number: 1,
        exact: true,
    };

    /// Both numbers multiplied.
    fn times(self, other: Self) -> Self {
        let product = self.number.checked_mul(other.number);
        Self {
            number: product.unwrap_or(u128::MAX),
            exact: product.is_some() && self.exact && other.exact,
        }
    }
}

fn as_text<S: Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(number)
}

/// Counts and lists the routes of a chart.
pub(super) fn routes(chart: &Chart<'_>, runbook: &Runbook) -> Routes {
    let mut budget = count::BUDGET;
    let mut listing = listing::Listing::of(chart, runbook);
    let groups: Vec<Group> = chart
        .components()
        .iter()
        .map(|component| {
            let asked: Vec<_> = component
                .iter()
                .copied()
                .filter(|node| chart.is_asked(*node))
                .collect();
            Group {
                count: count::count(chart, component, &mut budget),
                ways: listing.ways(&asked),
                questions: asked
                    .into_iter()
                    .map(|node| runbook.nodes[node].id.clone())
                    .collect(),
            }
        })
        .collect();
    Routes {
        count: groups
            .iter()
            .fold(Count::ONE, |all, group| all.times(group.count)),
        groups,
    }
}
