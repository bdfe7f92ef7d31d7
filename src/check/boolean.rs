use crate::model::{Expression, Form, Kind, NodeKind, Part, Work};
use crate::template::{Scope, TemplateError, evaluate};

use super::names::Names;

/// What an expression is, if it is known for certain that it is neither true nor false: a constant, or a single name whose
/// values are known not to be.
pub(super) fn plainly_not(
    names: &Names<'_>,
    expression: &Expression,
    used: &[Vec<String>],
) -> Option<String> {
    match used {
        [] => match evaluate(expression, &Scope::default()) {
            Err(TemplateError::NotABoolean { found }) => Some(found),
            _ => None,
        },
        [path] if path.join(".") == expression.0.trim() => named(names, path),
        _ => None,
    }
}

fn named(names: &Names<'_>, path: &[String]) -> Option<String> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    let nodes = &names.runbook.nodes;
    match path.as_slice() {
        ["answers", id] => match nodes.get(*id).map(|node| &node.kind)? {
            NodeKind::Question(question) => match &question.form {
                Form::Choices(_) => Some("the id of a choice".to_owned()),
                Form::Input { domain, .. } => of_kind(domain.kind),
            },
            NodeKind::Action(_) => None,
        },
        ["outputs", id, capture] => match &nodes.get(*id)?.action()?.work {
            Work::Run {
                capture: captures, ..
            } => match captures.get(*capture)?.part {
                Part::Whole | Part::Regex(_) => Some("a text".to_owned()),
                Part::Json(_) => None,
            },
            _ => None,
        },
        ["nodes", _, "state"] => Some("a state".to_owned()),
        ["answers" | "outputs" | "nodes"] => Some("a map".to_owned()),
        [parameter] => of_kind(names.runbook.parameters.get(*parameter)?.domain.kind),
        _ => None,
    }
}

fn of_kind(kind: Kind) -> Option<String> {
    match kind {
        Kind::Boolean => None,
        Kind::String | Kind::Text => Some("a text".to_owned()),
        Kind::Integer | Kind::Number => Some("a number".to_owned()),
    }
}
