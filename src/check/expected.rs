//! What drills and tests expect of nodes and gates that do not exist.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::model::{Expectation, GateId, NodeId, Runbook};
use crate::source::Path;

/// What an expectation at this place names and the runbook does not have.
pub(super) fn unknowns(expect: &Expectation, at: &Path, runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, id) in expect.route.iter().flatten().enumerate() {
        found.extend(node(id, at.join("route").join(index), runbook));
    }
    for id in expect.nodes.keys() {
        let finding = node(id, at.join("nodes").join(id.as_str()), runbook);
        found.extend(finding.map(Diagnostic::at_key));
    }
    for id in expect.gates.keys() {
        if !runbook.gates.contains_key(id) {
            let path = at.join("gates").join(id.as_str());
            let gates = runbook.gates.keys().map(GateId::as_str);
            found.push(unknown(Code::UnknownName, path, "gate", id.as_str(), gates).at_key());
        }
    }
    found
}

/// A node that the runbook does not have.
pub(super) fn node(id: &NodeId, path: Path, runbook: &Runbook) -> Option<Diagnostic> {
    let nodes = runbook.nodes.keys().map(NodeId::as_str);
    let is_known = runbook.nodes.contains_key(id);
    (!is_known).then(|| unknown(Code::UnknownNode, path, "node", id.as_str(), nodes))
}

/// A name that the runbook does not have.
pub(super) fn unknown<'a>(
    code: Code,
    path: Path,
    what: &str,
    id: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let article = if what.starts_with(['a', 'o']) { "an" } else { "a" };
    let help = nearest(id, known).map_or_else(
        || format!("name {article} {what} of the runbook, or take this out"),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::new(code, path, format!("the runbook has no {what} `{id}`"))
        .label("not declared")
        .help(help)
}
