use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::model::{Drill, GateId, NodeId, Runbook};
use crate::source::Path;

/// What the scenarios of a drill expect of nodes and gates that do not exist.
///
/// What people say in a scenario is not looked at: the program refuses it as it would anybody's, and a scenario may be there to show that.
pub(super) fn drill(drill: &Drill, runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let nodes = || runbook.nodes.keys().map(NodeId::as_str);
    let gates = || runbook.gates.keys().map(GateId::as_str);
    for (scenario, story) in &drill.scenarios {
        let at = |key| Path::from(["scenarios", scenario.as_str(), "expect", key]);
        let expect = &story.expect;
        for (index, id) in expect.route.iter().flatten().enumerate() {
            if !runbook.nodes.contains_key(id) {
                let path = at("route").join(index);
                found.push(unknown(Code::UnknownNode, path, "node", id.as_str(), nodes()));
            }
        }
        for id in expect.nodes.keys() {
            if !runbook.nodes.contains_key(id) {
                let path = at("nodes").join(id.as_str());
                found.push(unknown(Code::UnknownNode, path, "node", id.as_str(), nodes()).at_key());
            }
        }
        for id in expect.gates.keys() {
            if !runbook.gates.contains_key(id) {
                let path = at("gates").join(id.as_str());
                found.push(unknown(Code::UnknownName, path, "gate", id.as_str(), gates()).at_key());
            }
        }
    }
    found
}

fn unknown<'a>(
    code: Code,
    path: Path,
    what: &str,
    id: &str,
    known: impl Iterator<Item = &'a str>,
) -> Diagnostic {
    let help = nearest(id, known).map_or_else(
        || format!("name a {what} of the runbook, or take this out"),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::new(code, path, format!("the runbook has no {what} `{id}`"))
        .label("not declared")
        .help(help)
}
