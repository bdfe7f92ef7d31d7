//! What people say in a case of a test, and the runbook does not hear.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Case, CheckId, GateId, Node, NodeId, OutcomeId, Runbook, Work};
use crate::source::Path;

use super::expected::unknown;

/// Every word that is of nothing in the runbook, or of something that does not ask for it.
///
/// A case that expects the exit code 2 is left alone: it shows that the program refuses a word.
pub(super) fn said(case: &Case, at: &Path, runbook: &Runbook) -> Vec<Diagnostic> {
    if case.expect.exit == Some(2) {
        return Vec::new();
    }
    let said = &case.said;
    let mut found = Vec::new();
    for (id, text) in &said.answers {
        found.extend(answer(id, text, at.join("answers").join(id.as_str()), runbook));
    }
    for id in said.attest.keys() {
        found.extend(attested(id, at.join("attest").join(id.as_str()), runbook));
    }
    for (id, outcome) in &said.decide {
        found.extend(decided(id, outcome, at.join("decide").join(id.as_str()), runbook));
    }
    for (index, id) in said.confirm.iter().enumerate() {
        let path = at.join("confirm").join(index);
        let actions = runbook.nodes.values().filter(|node| node.action().is_some());
        found.extend(match runbook.nodes.get(id.as_str()) {
            Some(node) if node.action().is_some() => None,
            Some(_) => Some(misplaced(
                path,
                format!("`{id}` is a question, and nothing to confirm"),
                format!("answer it: `answers: {{ {id}: … }}`"),
            )),
            None => Some(unknown(Code::UnknownNode, path, "action", id, ids(actions))),
        });
    }
    for id in said.waive.keys() {
        let is_known = runbook.gates.contains_key(id.as_str());
        found.extend((!is_known).then(|| no_gate(id, at.join("waive").join(id.as_str()), runbook)));
    }
    found
}

fn answer(id: &str, text: &str, path: Path, runbook: &Runbook) -> Option<Diagnostic> {
    let Some(node) = runbook.nodes.get(id) else {
        let questions = runbook.nodes.values().filter(|node| node.question().is_some());
        return Some(unknown(Code::UnknownNode, path, "question", id, ids(questions)).at_key());
    };
    let Some(question) = node.question() else {
        let message = format!("`{id}` is an action, and has no answer");
        let help = format!(
            "to say that it may be done: `confirm: [{id}]`; that it was done: `attest: {{ {id}: WHO }}`"
        );
        return Some(misplaced(path, message, help).at_key());
    };
    let why = question.read(text).err()?;
    Some(misplaced(
        path,
        format!("the answer to `{id}` {why}, but is `{text}`"),
        "write an answer that the question takes, or expect that it is refused: `exit: 2`".to_owned(),
    ))
}

/// A gate, a step by hand, or a check that a person answers: `OWNER.CHECK`.
fn attested(id: &str, path: Path, runbook: &Runbook) -> Option<Diagnostic> {
    let (owner, check) = match id.split_once('.') {
        Some((owner, check)) => (owner, Some(check)),
        None => (id, None),
    };
    let node = runbook.nodes.get(owner);
    let gate = runbook.gates.get(owner);
    if node.is_none() && gate.is_none() {
        let owners = ids(runbook.nodes.values()).chain(runbook.gates.keys().map(GateId::as_str));
        return Some(unknown(Code::UnknownName, path, "action or gate", owner, owners).at_key());
    }
    let action = node.and_then(Node::action);
    let is_asked = match check {
        None => {
            gate.is_some_and(|gate| gate.attest.is_some())
                || action.is_some_and(|action| matches!(action.work, Work::Manual(_)))
        }
        Some(check) => {
            let checks = action
                .map(|action| &action.verify)
                .or(gate.map(|gate| &gate.verify));
            checks
                .into_iter()
                .flatten()
                .any(|known| known.is_a_persons() && known.id.as_ref().map(CheckId::as_str) == Some(check))
        }
    };
    let help =
        "name a gate with `attest`, a step with `manual`, or a check with `confirm` by its id: `OWNER.CHECK`";
    (!is_asked)
        .then(|| misplaced(path, format!("nobody is asked to attest `{id}`"), help.to_owned()).at_key())
}

fn decided(id: &str, said: &str, path: Path, runbook: &Runbook) -> Option<Diagnostic> {
    let Some(gate) = runbook.gates.get(id) else {
        return Some(no_gate(id, path, runbook));
    };
    if gate.decide.is_empty() {
        let help = format!("to state that it holds: `attest: {{ {id}: WHO }}`");
        return Some(misplaced(path, format!("there is nothing to decide at `{id}`"), help).at_key());
    }
    let outcome = said.split(':').next().unwrap_or(said);
    let is_known = gate.decide.iter().any(|known| known.as_str() == outcome);
    (!is_known).then(|| {
        let outcomes = gate.decide.iter().map(OutcomeId::as_str);
        Diagnostic {
            message: format!("`{id}` has no outcome `{outcome}`"),
            ..unknown(Code::UnknownName, path, "outcome", outcome, outcomes)
        }
    })
}

fn no_gate(id: &str, path: Path, runbook: &Runbook) -> Diagnostic {
    let gates = runbook.gates.keys().map(GateId::as_str);
    unknown(Code::UnknownName, path, "gate", id, gates).at_key()
}

fn misplaced(path: Path, message: String, help: String) -> Diagnostic {
    Diagnostic::new(Code::InvalidValue, path, message)
        .label("not heard")
        .help(help)
}

fn ids<'r>(nodes: impl Iterator<Item = &'r Node>) -> impl Iterator<Item = &'r str> {
    nodes.map(|node| NodeId::as_str(&node.id))
}
