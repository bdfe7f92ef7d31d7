//! Ways that leave out what may be the case.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Choice, ChoiceId, Form, Next, NodeId, NodeKind, Runbook};
use crate::source::Path;

use super::comparisons::{Values, only, values};

/// Every question and every parting of ways that leaves something out.
pub(super) fn choices(runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for node in runbook.nodes.values() {
        let at = || Path::from(["nodes", node.id.as_str()]);
        let question = node.question().map(|question| &question.form);
        match question {
            Some(Form::Choices(choices)) => {
                found.extend(too_few(&node.id, choices.keys().map(ChoiceId::as_str).collect()));
                for (id, Choice { next, .. }) in choices
                    .iter()
                    .filter(|(_, choice)| choice.next != node.links.next)
                {
                    let at = || at().join("choices").join(id.as_str()).join("next");
                    found.extend(parting(runbook, next, &at));
                }
            }
            Some(Form::Input { .. }) | None => {}
        }
        found.extend(parting(runbook, &node.links.next, &|| at().join("next")));
        if let NodeKind::Action(action) = &node.kind
            && action.on_failure.len() > 1
        {
            let next = Next::Nodes(action.on_failure.clone());
            found.extend(parting(runbook, &next, &|| at().join("on_failure")));
        }
    }
    found
}

/// A question with choices that cannot be all of them.
fn too_few(id: &NodeId, choices: Vec<&str>) -> Option<Diagnostic> {
    let (message, help) = match choices.as_slice() {
        [only] => (
            format!("`{id}` has one choice only, `{only}`"),
            "add what else may be the case; or, if a person is just to go on, make it an action with `manual`".to_owned(),
        ),
        choices => {
            let has = |choice| choices.contains(&choice);
            let (here, missing) = match (has("yes"), has("no")) {
                (true, false) => ("yes", "no"),
                (false, true) => ("no", "yes"),
                _ => return None,
            };
            (
                format!("`{id}` can be answered `{here}`, and not `{missing}`"),
                format!("add the choice `\"{missing}\"`; or name the choices by what they say, if that is not meant"),
            )
        }
    };
    let path = Path::from(["nodes", id.as_str(), "choices"]);
    let finding = Diagnostic::new(Code::NotExhaustive, path, message).at_key();
    Some(finding.label("leaves something out").help(help))
}

/// Nodes on the same way on, of which each is only for one value of the same name, and none for some value.
fn parting(runbook: &Runbook, next: &Next, at: &dyn Fn() -> Path) -> Option<Diagnostic> {
    let nodes = next.nodes();
    if nodes.len() < 2 {
        return None;
    }
    let guard =
        |id: &NodeId| only(runbook.nodes.get(id)?.links.when.as_ref()?).filter(|guard| guard.is_equal);
    let guards: Option<Vec<_>> = nodes.iter().map(guard).collect();
    let guards = guards?;
    let name = guards.first()?.name;
    if guards.iter().any(|guard| guard.name != name) || name.starts_with("nodes.") {
        return None;
    }
    let Values::Texts(all) = values(runbook, name)? else {
        return None;
    };
    let left_out: Vec<String> = all
        .into_iter()
        .filter(|value| guards.iter().all(|guard| guard.text != *value))
        .map(|value| format!("`{value}`"))
        .collect();
    if left_out.is_empty() {
        return None;
    }
    let left_out = left_out.join(" or ");
    let message = format!("where `{name}` is {left_out}, none of these nodes is needed");
    let help = format!("add a node for {left_out}, or give one of them no `when`");
    Some(
        Diagnostic::new(Code::NotExhaustive, at(), message)
            .label("leaves a value out")
            .help(help),
    )
}
