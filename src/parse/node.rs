use crate::diagnostic::Code;
use crate::model::{Links, Node, NodeId, NodeKind};

use super::ReadFile;
use super::action::action_of;
use super::allow::allow;
use super::command::Defaults;
use super::decode::{Cursor, Fields, declared};
use super::links::{ENDS, links_of};
use super::question::question_of;

/// What a node takes from outside itself.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    /// What the file says of all commands.
    pub(crate) defaults: &'a Defaults,
    /// Reads the files that it names.
    pub(crate) files: ReadFile<'a>,
}

/// The id of a node.
pub(crate) fn node_id(at: Cursor<'_>, key: &str) -> Option<NodeId> {
    if ENDS.contains(&key) {
        let message = format!("a node must not be called `{key}`");
        let finding = at.finding(Code::InvalidId, message).at_key();
        let help = format!("`next: {key}` means something else already: choose another name");
        at.report(finding.label("a reserved name").help(help));
        return None;
    }
    declared(at, key)
}

/// What stands for a node that could not be read, so that what refers to it is not reported as well.
pub(crate) fn hole(id: &str) -> Node {
    Node {
        id: id.into(),
        links: Links::default(),
        kind: NodeKind::Action(Box::default()),
        allow: Vec::new(),
    }
}

/// A question or an action.
pub(crate) fn node(id: &str, at: Cursor<'_>, around: Around<'_>) -> Option<Node> {
    let mut fields = Fields::of(at, "a node")?;
    let is_question = fields.exactly_one(&["question", "action"])? == "question";
    fields.turns_out_as(if is_question { "a question" } else { "an action" });
    let links = links_of(&mut fields);
    let kind = if is_question {
        question_of(&mut fields, &links.next, around.defaults).map(NodeKind::Question)
    } else {
        let action = action_of(&mut fields, around);
        action.map(|action| NodeKind::Action(Box::new(action)))
    };
    let allow = allow(&mut fields);
    fields.finish();
    Some(Node {
        id: id.into(),
        links,
        kind: kind?,
        allow,
    })
}
