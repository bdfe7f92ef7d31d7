//! Readers of lists.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::Hash;

use super::super::tree::Tree;
use super::Cursor;

/// A list.
pub(crate) fn list<T>(at: Cursor<'_>, mut read: impl FnMut(Cursor<'_>) -> Option<T>) -> Option<Vec<T>> {
    let Tree::List(items) = at.tree else {
        at.wrong_type("a list");
        return None;
    };
    let items = items.iter().enumerate();
    Some(
        items
            .filter_map(|(index, item)| read(at.index(index, item)))
            .collect(),
    )
}

/// A list with at least one item.
pub(crate) fn non_empty<T>(at: Cursor<'_>, read: impl FnMut(Cursor<'_>) -> Option<T>) -> Option<Vec<T>> {
    filled(at)?;
    list(at, read)
}

/// Reports a list or mapping that is empty and must not be.
pub(crate) fn filled(at: Cursor<'_>) -> Option<()> {
    let (is_empty, part) = match at.tree {
        Tree::List(items) => (items.is_empty(), "an item"),
        Tree::Map(entries) => (entries.is_empty(), "an entry"),
        _ => (false, ""),
    };
    if is_empty {
        let help = format!("give it {part}, or remove it");
        at.invalid(format!("{} is empty", at.name()), help);
    }
    (!is_empty).then_some(())
}

/// A list, or its only item.
pub(crate) fn one_or_many<T>(
    at: Cursor<'_>,
    mut read: impl FnMut(Cursor<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    match at.tree {
        Tree::List(_) => list(at, read),
        _ => read(at).map(|item| vec![item]),
    }
}

/// The same items, unless one stands there twice.
pub(crate) fn distinct<T: Eq + Hash + Borrow<str>>(at: Cursor<'_>, items: Vec<T>) -> Option<Vec<T>> {
    let mut seen = HashSet::new();
    let twice = items.iter().find(|item| !seen.insert(*item));
    if let Some(item) = twice {
        let item = super::shown(item.borrow());
        at.invalid(format!("{} has {item} twice", at.name()), "remove one of them");
        return None;
    }
    Some(items)
}
