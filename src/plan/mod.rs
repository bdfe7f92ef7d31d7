//! What would run, on every route that is still possible.
//!
//! A preview drives the same [`Traversal`](crate::traverse::Traversal) as a run does. It holds no port, so there is nothing it could start,
//! write, ask or lock. Where a run would ask, it takes the answer that was given, or supposes every way out; what only a run can know reads
//! `‹name›`. What its [`Probe`]s find is given to it as values.

mod checks;
mod difference;
mod digest;
mod gates;
mod notify;
mod parts;
mod preview;
mod probe;
mod routes;
mod said;
mod step;
mod steps;
mod ways;

use std::sync::Arc;

use serde::Serialize;
use serde_json::Map;

use crate::model::{NodeId, ParameterId, Runbook, Value};
use crate::traverse::{Person, Rejected, Word};

pub use difference::{Change, Kept, NotKept};
pub use digest::{Differs, Digest, NoDigest};
pub use notify::PlannedNotify;
pub use parts::{Of, Reviewed};
pub use probe::{Found, Probe, Probed};
pub use routes::{Answer, Count, Group, Routes, Stretch, Then};
pub use said::{Decided, Said};
pub use step::{Planned, PlannedCheck, PlannedCommand, PlannedConsent, PlannedGate, PlannedStep};

use preview::Preview;

/// A preview of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Plan {
    /// The runbook's name.
    pub runbook: String,
    /// The format of what the digest is of: another version of Switchback may have another one.
    pub format: u16,
    /// The digest of what is reviewed with this plan: every route, with these parameters. Answers and probes do not change it.
    pub digest: Digest,
    /// The parameters that have no value yet.
    pub open_parameters: Vec<ParameterId>,
    /// The questions that are not answered: each opens more than one route.
    pub open_questions: Vec<NodeId>,
    /// The routes that the answers given leave.
    pub routes: Routes,
    /// What would be asked and done, in order.
    pub steps: Vec<PlannedStep>,
    /// What would decide whether the run is complete.
    pub gates: Vec<PlannedGate>,
    /// Who would be told how it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notify: Vec<PlannedNotify>,
    /// What the digest is of.
    pub reviewed: Reviewed,
}

/// Previews a run with these parameters and with what people say up front. A parameter that is not given is open.
///
/// # Errors
///
/// The first word that cannot be taken.
pub fn plan(
    runbook: &Arc<Runbook>,
    parameters: Map<String, Value>,
    words: Vec<(Word, Person)>,
) -> Result<Plan, Rejected> {
    plan_with(runbook, parameters, words, &Probed::new())
}

/// The same, with what came of the plan's probes so far.
///
/// # Errors
///
/// The first word that cannot be taken.
pub fn plan_with(
    runbook: &Arc<Runbook>,
    parameters: Map<String, Value>,
    words: Vec<(Word, Person)>,
    probed: &Probed,
) -> Result<Plan, Rejected> {
    let preview = Preview::of(runbook, parameters.clone(), words, probed)?;
    let reviewed = Reviewed {
        parameters,
        runbook: Arc::clone(runbook),
    };
    let ways = preview.ways();
    Ok(Plan {
        runbook: runbook.name.clone(),
        format: digest::FORMAT,
        digest: reviewed.digest(),
        open_parameters: preview.open_parameters.iter().cloned().collect(),
        open_questions: preview.open_questions(),
        routes: routes::routes(&preview.chart(), runbook),
        steps: preview.steps(&ways),
        gates: preview.gates(),
        notify: preview.notify(),
        reviewed,
    })
}

/// The next command that could be probed, after what came of those before it. It may use what they found, so that there is no list of all.
///
/// # Errors
///
/// The first word that cannot be taken.
pub fn next_probe(
    runbook: &Arc<Runbook>,
    parameters: Map<String, Value>,
    words: Vec<(Word, Person)>,
    probed: &Probed,
) -> Result<Option<Probe>, Rejected> {
    let preview = Preview::of(runbook, parameters, words, probed)?;
    Ok(preview.next_probe(&preview.ways()))
}
