//! How what is known of a step stands below it: its name, and beside that what it is.

use std::fmt::Write;

use crate::adapter::reporter::harmless;

/// A fact of one line or more.
pub(in crate::cli) fn fact(out: &mut String, name: &str, what: &str) {
    facts(out, 5, name, what);
}

/// More of the fact above it.
pub(super) fn more(out: &mut String, what: &str) {
    facts(out, 7, "", what);
}

fn facts(out: &mut String, indent: usize, name: &str, what: &str) {
    for (number, part) in what.split('\n').enumerate() {
        let name = if number == 0 { name } else { "" };
        line(out, indent, &format!("{name:<10}{}", harmless(part)));
    }
}

pub(in crate::cli) fn line(out: &mut String, indent: usize, text: &str) {
    let text = text.trim_end();
    let indent = if text.is_empty() { 0 } else { indent };
    // Writing to a String cannot fail; the result is only there because the trait is shared.
    let _ = writeln!(out, "{:indent$}{text}", "");
}
