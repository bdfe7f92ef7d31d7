//! What is asked for or kept, and then used by nothing.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Form, Node, NodeKind, Question, Runbook};
use crate::source::Path;

use super::uses::Uses;

/// Every parameter, answer and capture that nothing uses.
pub(super) fn unused(runbook: &Runbook, uses: &Uses<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (position, id) in runbook.parameters.keys().enumerate() {
        if !uses.parameter(position) {
            let path = Path::from(["parameters", id.as_str()]);
            found.push(finding(
                Code::UnusedParameter,
                path,
                format!("nothing uses the parameter `{id}`"),
                format!("use it, as in `{{{{ {id} }}}}`, or remove it: whoever starts the run thinks that it matters"),
            ));
        }
    }
    for (position, node) in runbook.nodes.values().enumerate() {
        match &node.kind {
            NodeKind::Question(question) if !uses.answer(position) => {
                found.extend(unused_answer(node, question))
            }
            NodeKind::Question(_) => {}
            NodeKind::Action(action) => {
                let captures = action.work.captures().filter(|id| !uses.capture(position, id));
                found.extend(captures.map(|capture| {
                    let id = node.id.as_str();
                    finding(
                        Code::UnusedCapture,
                        Path::from(["nodes", id, "capture", capture.as_str()]),
                        format!("nothing uses the capture `{capture}`"),
                        format!("use it, as in `{{{{ outputs.{id}.{capture} }}}}`, or remove it: what it does not find fails the step"),
                    )
                }));
            }
        }
    }
    found
}

fn unused_answer(node: &Node, question: &Question) -> Option<Diagnostic> {
    let id = node.id.as_str();
    let path = Path::from(["nodes", id]);
    match &question.form {
        Form::Input { .. } => Some(finding(
            Code::UnusedAnswer,
            path,
            format!("nothing uses the answer to `{id}`"),
            format!("use it, as in `{{{{ answers.{id} }}}}`, or do not ask"),
        )),
        Form::Choices(choices) => {
            let mut all = choices.values();
            let first = all.next()?;
            let is_alike = |choice| {
                let choice: &crate::model::Choice = choice;
                choice.next == first.next && choice.decides.is_empty()
            };
            (choices.len() > 1 && is_alike(first) && all.all(is_alike)).then(|| {
                finding(
                    Code::UnusedAnswer,
                    path,
                    format!("whatever is answered to `{id}`, the same happens"),
                    format!("let its choices lead to different nodes, use `answers.{id}`, or do not ask"),
                )
            })
        }
    }
}

fn finding(code: Code, path: Path, message: String, help: String) -> Diagnostic {
    Diagnostic::new(code, path, message)
        .at_key()
        .label("makes no difference")
        .help(help)
}
