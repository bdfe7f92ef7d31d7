//! What came of all tests: the words of the JSON that `--output json` prints.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde_yaml::{Mapping, Value};

use crate::model::{Case, CaseId};
use crate::traverse::State;

use super::compare::{self, Difference};
use super::coverage::Coverage;
use super::play::{Played, Unused};

/// What came of all tests.
#[derive(Default, Serialize)]
pub(super) struct Report {
    /// By runbook.
    pub(super) suites: Vec<Suite>,
    /// The runbooks without tests.
    pub(super) untested: Vec<PathBuf>,
    /// The runbooks that were left out, as they or their tests have errors.
    pub(super) invalid: Vec<PathBuf>,
}

/// What came of the tests of a runbook.
#[derive(Serialize)]
pub(super) struct Suite {
    /// The runbook.
    pub(super) runbook: PathBuf,
    /// Its tests.
    pub(super) test: PathBuf,
    /// Its cases.
    pub(super) cases: Vec<Tried>,
    /// What they have seen of it; none when only one was played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) coverage: Option<Coverage>,
}

/// What came of a case.
#[derive(Serialize)]
pub(super) struct Tried {
    /// Its id.
    pub(super) case: CaseId,
    /// What it is about.
    pub(super) about: String,
    /// What is not as expected; nothing if it passed.
    pub(super) differences: Vec<Difference>,
    /// What it simulates and nothing came of; nothing if it passed.
    pub(super) unused: Vec<Unused>,
    /// How the run stood, and why, in words.
    pub(super) stood: Vec<String>,
    /// What of its expectation was written anew.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) updated: Vec<String>,
    /// Whether the run could begin.
    #[serde(skip)]
    pub(super) began: bool,
    /// All that can be expected of it; only where nothing is yet.
    #[serde(skip)]
    pub(super) came: Option<Mapping>,
    /// How long it took for real.
    #[serde(skip)]
    pub(super) took: Duration,
}

impl Tried {
    pub(super) fn of(id: &CaseId, case: &Case, played: &Played) -> Self {
        let began = played.refused.is_none();
        Self {
            case: id.clone(),
            about: case.about.trim().to_owned(),
            differences: compare::differences(&case.expect, played),
            unused: played.unused.clone(),
            stood: stood(played),
            updated: Vec::new(),
            began,
            came: (began && !case.expect.is_written).then(|| came(played)),
            took: played.took,
        }
    }

    /// Whether everything is as expected, and everything that is simulated took part in that.
    pub(super) fn has_passed(&self) -> bool {
        self.is_as_expected() && self.unused.is_empty()
    }

    /// Whether everything is as expected.
    pub(super) fn is_as_expected(&self) -> bool {
        self.differences.is_empty()
    }
}

/// How a run stood in the end: its state, what failed and why, and for whom it waits.
fn stood(played: &Played) -> Vec<String> {
    if let Some(why) = &played.refused {
        return vec![format!("the run did not begin: {why}")];
    }
    let run = &played.run;
    let mut lines = vec![format!(
        "the run ended {}, with exit code {}",
        run.recorded_state(),
        played.exit.code()
    )];
    for node in run.runbook().nodes.keys() {
        let why = run.why(node).map_or_else(String::new, |why| format!(": {why}"));
        match run.state(node) {
            State::Failed => lines.push(format!("`{node}` failed{why}")),
            State::Waiting => lines.push(format!("`{node}` waits for a person")),
            _ => {}
        }
    }
    lines
}

/// All that is written of a case of which nothing is expected yet.
fn came(played: &Played) -> Mapping {
    let run = &played.run;
    let mut all = Mapping::new();
    all.insert("exit".into(), played.exit.code().into());
    all.insert("state".into(), run.recorded_state().as_str().into());
    let route: Vec<Value> = run.route().map(|node| node.as_str().into()).collect();
    all.insert("route".into(), route.into());
    let gates = run.gates();
    let gates: Mapping = gates
        .map(|(gate, verdict)| (gate.id.as_str().into(), verdict.as_str().into()))
        .collect();
    if !gates.is_empty() {
        all.insert("gates".into(), gates.into());
    }
    all
}

impl Report {
    fn tried(&self) -> impl Iterator<Item = &Tried> {
        self.suites.iter().flat_map(|suite| &suite.cases)
    }

    /// How many cases did not go as expected.
    pub(super) fn failed(&self) -> usize {
        self.tried().filter(|tried| !tried.has_passed()).count()
    }

    /// Where the coverage is below so many percent, in words. What has no tests is covered by nothing.
    pub(super) fn below(&self, percent: u8) -> Vec<String> {
        let mut lines = Vec::new();
        for suite in &self.suites {
            let below = suite
                .coverage
                .as_ref()
                .map(|coverage| coverage.below(percent))
                .unwrap_or_default();
            if !below.is_empty() {
                let file = suite.runbook.display();
                lines.push(format!(
                    "{file}: covered less than {percent} %: {}",
                    below.join(", ")
                ));
            }
        }
        if percent > 0 {
            let untested = self.untested.iter().map(|file| file.display());
            lines.extend(
                untested.map(|file| format!("{file}: covered less than {percent} %: it has no tests")),
            );
        }
        lines
    }

    /// The last line: how many cases went which way.
    pub(super) fn closing(&self) -> String {
        let failed = self.failed();
        let updated = self.tried().filter(|tried| !tried.updated.is_empty()).count();
        let passed = self.tried().count() - failed;
        let mut line = format!("{passed} passed, {failed} failed");
        for (count, what) in [(updated, "updated"), (self.invalid.len(), "not valid")] {
            if count > 0 {
                line.push_str(&format!(", {count} {what}"));
            }
        }
        line
    }
}
