use crate::diagnostic::Diagnostic;
use crate::model::{Drill, Runbook};
use crate::source::Path;

use super::expected;

/// What the scenarios of a drill expect of nodes and gates that do not exist.
///
/// What people say in a scenario is not looked at: the program refuses it as it would anybody's, and a scenario may be there to show that.
pub(super) fn drill(drill: &Drill, runbook: &Runbook) -> Vec<Diagnostic> {
    let found = drill.scenarios.iter().flat_map(|(scenario, story)| {
        let at = Path::from(["scenarios", scenario.as_str(), "expect"]);
        expected::unknowns(&story.expect, &at, runbook)
    });
    found.collect()
}
