//! The gates of a run as a statement that can be signed: in-toto Statement v1 with the predicate Test Result v0.1. `docs/reports.md` says what
//! becomes of each verdict.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::traverse::RunState;

use super::{Account, Gate, GateState};

#[derive(Serialize)]
struct Statement<'a> {
    #[serde(rename = "_type")]
    kind: &'static str,
    subject: [Resource<'a>; 1],
    #[serde(rename = "predicateType")]
    predicate_type: &'static str,
    predicate: Predicate<'a>,
}

#[derive(Serialize)]
struct Resource<'a> {
    name: &'a str,
    digest: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Predicate<'a> {
    result: &'static str,
    configuration: Vec<Resource<'a>>,
    passed_tests: Vec<&'a str>,
    warned_tests: Vec<&'a str>,
    failed_tests: Vec<&'a str>,
}

/// What becomes of a gate in the statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tested {
    Passed,
    Warned,
    Failed,
    /// It does not apply to the run: nothing was tested.
    Not,
}

/// The statement, not signed. Its subject is the journal of the run; the runbook is what the run was configured by.
///
/// # Errors
///
/// When it has something that JSON cannot hold, which no record has.
pub fn in_toto(account: &Account) -> serde_json::Result<String> {
    let mut files = account.digests.files.iter().map(|file| Resource {
        name: &file.name,
        digest: BTreeMap::from([("sha256", file.sha256.as_str())]),
        annotations: BTreeMap::new(),
    });
    let mut journal = files.next().unwrap_or(Resource {
        name: "journal.jsonl",
        digest: BTreeMap::new(),
        annotations: BTreeMap::new(),
    });
    journal.annotations = BTreeMap::from([
        ("run", account.run.id.as_str()),
        ("state", account.run.state.as_str()),
        ("sum", account.digests.record.as_str()),
    ]);
    let mut configuration: Vec<Resource<'_>> = files.collect();
    if let Some(runbook) = configuration.first_mut() {
        runbook.annotations = BTreeMap::from([
            ("runbook", account.run.runbook.as_str()),
            ("digest", account.digests.runbook.as_str()),
        ]);
    }
    let of = |wanted: Tested| {
        let gates = account.gates.iter().filter(|gate| tested(gate) == wanted);
        gates.map(|gate| gate.id.as_str()).collect()
    };
    let statement = Statement {
        kind: "https://in-toto.io/Statement/v1",
        subject: [journal],
        predicate_type: "https://in-toto.io/attestation/test-result/v0.1",
        predicate: Predicate {
            result: result(account),
            configuration,
            passed_tests: of(Tested::Passed),
            warned_tests: of(Tested::Warned),
            failed_tests: of(Tested::Failed),
        },
    };
    Ok(format!("{}\n", serde_json::to_string_pretty(&statement)?))
}

fn tested(gate: &Gate) -> Tested {
    match gate.verdict {
        GateState::Met => Tested::Passed,
        GateState::NotApplicable => Tested::Not,
        GateState::Waived => Tested::Warned,
        GateState::Unmet | GateState::Unknown | GateState::Waiting if gate.required => Tested::Failed,
        GateState::Unmet | GateState::Unknown | GateState::Waiting => Tested::Warned,
    }
}

/// Passed is only a run that is complete: gates that are met in one that failed, or was undone since, prove nothing.
fn result(account: &Account) -> &'static str {
    let is_complete = matches!(account.run.state, RunState::Complete | RunState::Recovered);
    let warns = account.run.state == RunState::Recovered
        || account.gates.iter().any(|gate| tested(gate) == Tested::Warned);
    match (is_complete && !account.run.undone, warns) {
        (false, _) => "FAILED",
        (true, true) => "WARNED",
        (true, false) => "PASSED",
    }
}
