//! How nodes are joined.

use crate::model::{Join, Links, Next, NodeId};

use super::decode::{Cursor, Fields, distinct, expression, list, one_or_many, text_in_place, word};
use super::tree::Tree;

/// Words that stand where a node could, and so cannot name one.
pub(crate) const ENDS: [&str; 2] = ["end", "stop"];

const JOINS: [(&str, Join); 2] = [("any", Join::Any), ("all", Join::All)];

/// The edges and the guard of a node.
pub(crate) fn links_of(fields: &mut Fields<'_>) -> Links {
    Links {
        next: fields.optional("next", next).unwrap_or_default(),
        when: fields.optional("when", expression),
        join: fields.optional("join", word(&JOINS)).unwrap_or_default(),
        after: fields.optional("after", nodes).unwrap_or_default(),
        needs: fields.optional("needs", nodes).unwrap_or_default(),
    }
}

/// Where a way goes on: an id, a list of them, `end` or `stop`.
pub(crate) fn next(at: Cursor<'_>) -> Option<Next> {
    match at.tree {
        Tree::Text(word) if word == "end" => Some(Next::default()),
        Tree::Text(word) if word == "stop" => Some(Next::Stop),
        _ => nodes(at).map(Next::Nodes),
    }
}

/// One node or several.
pub(crate) fn nodes(at: Cursor<'_>) -> Option<Vec<NodeId>> {
    distinct(at, one_or_many(at, node)?)
}

/// A list of nodes.
pub(crate) fn node_list(at: Cursor<'_>) -> Option<Vec<NodeId>> {
    distinct(at, list(at, node)?)
}

fn node(at: Cursor<'_>) -> Option<NodeId> {
    let id = text_in_place(at)?;
    if ENDS.contains(&id) {
        let message = format!("`{id}` cannot stand here");
        at.invalid(
            message,
            format!("`{id}` stands alone, as in `next: {id}`; here write the id of a node"),
        );
        return None;
    }
    Some(NodeId::from(id))
}
