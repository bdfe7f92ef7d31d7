//! A run for programs; `docs/history.md` has the shape.

use serde_json::{Value, json};

use crate::traverse::{Checked, Owner, State, Traversal};

use super::Shown;

/// The version of this shape.
const VERSION: u32 = 1;

pub(super) fn data(shown: &Shown) -> Value {
    let run = shown.following.run();
    let nodes: Vec<Value> = run
        .runbook()
        .nodes
        .values()
        .map(|node| {
            let told = shown.account.node(&node.id);
            json!({
                "node": node.id,
                "title": node.title(),
                "state": run.state(&node.id),
                "why": run.why(&node.id).map(|why| why.to_string()),
                "attempts": run.attempts(&node.id),
                "tries": told.tries,
                "answer": run.answer(&node.id),
                "said": told.said,
                "captures": run.captures(&node.id),
                "checks": checks(run, &Owner::Node(node.id.clone())),
            })
        })
        .collect();
    let gates: Vec<Value> = run
        .gates()
        .map(|(gate, verdict)| {
            let owner = Owner::Gate(gate.id.clone());
            json!({
                "gate": gate.id,
                "title": gate.title,
                "required": gate.required,
                "is": verdict,
                "said": shown.account.of(&owner).said,
                "checks": checks(run, &owner),
            })
        })
        .collect();
    json!({
        "v": VERSION,
        "run": run.id(),
        "runbook": run.runbook().name,
        "title": run.runbook().title,
        "digest": run.digest(),
        "parameters": shown.account.parameters,
        "state": shown.standing,
        "started": run.started(),
        "last_seen": run.last_seen(),
        "operator": run.operator(),
        "lock": run.key(),
        "waits_for": waits_for(run),
        "route": run.route().collect::<Vec<_>>(),
        "nodes": nodes,
        "gates": gates,
        "undo": run.undoables(),
    })
}

/// The questions, actions and gates that wait for a person.
fn waits_for(run: &Traversal) -> Vec<&str> {
    let nodes = run.runbook().nodes.keys();
    let nodes = nodes.filter(|node| run.state(node) == State::Waiting);
    let mut waits: Vec<&str> = nodes.map(|node| node.as_str()).collect();
    // Gates come when no node can go on.
    if waits.is_empty() {
        let open = run
            .gates()
            .filter(|(gate, verdict)| gate.required && verdict.as_str() == "waiting");
        waits.extend(open.map(|(gate, _)| gate.id.as_str()));
    }
    waits
}

fn checks(run: &Traversal, owner: &Owner) -> Vec<Value> {
    let described = run.described_checks(owner).into_iter();
    described
        .zip(run.checks(owner))
        .map(|(check, checked)| match checked {
            Some(Checked {
                verdict,
                evidence,
                by,
            }) => {
                json!({ "check": check, "verdict": verdict, "evidence": evidence, "by": by })
            }
            None => json!({ "check": check }),
        })
        .collect()
}
