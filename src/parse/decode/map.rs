//! Readers of mappings whose keys are the author's.

use std::collections::HashSet;
use std::hash::Hash;

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::model::is_id;

use super::super::tree::Tree;
use super::text::id_help;
use super::{Cursor, shown};

/// The entries of a mapping whose key is text and stands there for the first time; the others are reported.
pub(crate) fn entries<'c>(at: Cursor<'c>) -> Option<Vec<(&'c str, &'c Tree<'c>)>> {
    let Tree::Map(all) = at.tree else {
        at.wrong_type("a mapping");
        return None;
    };
    let mut seen = HashSet::new();
    let mut kept: Vec<(&str, &Tree<'_>)> = Vec::with_capacity(all.len());
    for (position, (key, value)) in all.iter().enumerate() {
        let entry = at.entry(position, value);
        let Tree::Text(key) = key else {
            report_key(entry, key);
            continue;
        };
        let is_new = if all.len() < 16 {
            // Most mappings are small, and then this is faster than a set.
            kept.iter().all(|(other, _)| other != key)
        } else {
            seen.insert(key.as_ref())
        };
        if is_new {
            kept.push((key, value));
        } else {
            let message = format!("the key {} stands here twice", shown(key));
            let finding = entry.finding(Code::DuplicateKey, message).at_key();
            entry.report(
                finding
                    .label("the second time")
                    .help("remove or rename one of them"),
            );
        }
    }
    Some(kept)
}

fn report_key(entry: Cursor<'_>, key: &Tree<'_>) {
    let (code, help) = match key {
        Tree::Bool(_) | Tree::Number(_) | Tree::OddNumber => {
            (Code::UnquotedString, "put the key into quotes")
        }
        _ => (Code::WrongType, "write a text before the `:`"),
    };
    let message = format!("a key must be text, not {}", key.describe());
    let finding = entry.finding(code, message).at_key();
    entry.report(finding.label("not text").help(help));
}

/// A mapping: `key` makes an id of a key, or reports at the cursor of its value that it may not stand there.
pub(crate) fn map<K: Hash + Eq, V>(
    at: Cursor<'_>,
    key: impl Fn(Cursor<'_>, &str) -> Option<K>,
    read: impl Fn(&str, Cursor<'_>) -> Option<V>,
) -> Option<IndexMap<K, V>> {
    let entries = entries(at)?;
    let mut out = IndexMap::with_capacity(entries.len());
    for (name, tree) in entries {
        let at = at.key(name, tree);
        // A value is read whatever its key is: it may have faults of its own.
        if let (Some(key), Some(value)) = (key(at, name), read(name, at)) {
            out.insert(key, value);
        }
    }
    Some(out)
}

/// A mapping from ids that are declared here.
pub(crate) fn id_map<K: Hash + Eq + for<'a> From<&'a str>, V>(
    at: Cursor<'_>,
    read: impl Fn(&str, Cursor<'_>) -> Option<V>,
) -> Option<IndexMap<K, V>> {
    map(at, declared, read)
}

/// The id that a key declares.
pub(crate) fn declared<K: for<'a> From<&'a str>>(at: Cursor<'_>, key: &str) -> Option<K> {
    if is_id(key) {
        return Some(K::from(key));
    }
    let finding = at.finding(Code::InvalidId, format!("{} is not an id", shown(key)));
    at.report(finding.at_key().label("not an id").help(id_help(key)));
    None
}

/// A key that is declared elsewhere.
pub(crate) fn mentioned<K: for<'a> From<&'a str>>(_: Cursor<'_>, key: &str) -> Option<K> {
    Some(K::from(key))
}
