//! Tags have no meaning here: each is reported, and the value is taken as if it had none.

use std::mem;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Path, Segment};

use super::decode::shown;
use super::tree::Tree;

/// Takes the tags off a tree, with a finding for each.
pub(crate) fn strip(tree: &mut Tree<'_>, path: &Path, findings: &mut Vec<Diagnostic>) {
    while let Tree::Tagged(tag, value) = tree {
        let message = format!("the tag {} has no meaning here", shown(&format!("!{tag}")));
        let finding = Diagnostic::new(Code::Tag, path.clone(), message);
        findings.push(
            finding
                .label("a YAML tag")
                .help("remove the tag; quote the text if it begins with `!`"),
        );
        *tree = mem::take(value);
    }
    match tree {
        Tree::List(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                strip(item, &path.join(index), findings);
            }
        }
        Tree::Map(entries) => {
            for (index, (key, value)) in entries.iter_mut().enumerate() {
                let path = path.join(Segment::Entry(index));
                strip(key, &path, findings);
                strip(value, &path, findings);
            }
        }
        _ => {}
    }
}
