//! What is wrong, for people.

use std::collections::BTreeSet;

use crate::adapter::reporter::one_line;
use crate::cli::console::Console;
use crate::cli::diagnose;

use super::Counts;
use super::gather::Checked;

/// Shows the findings of each file, each in the text it is about, and says of each file without an error what is in it.
pub(super) fn findings(checked: &[Checked], console: &Console) {
    for file in checked {
        diagnose::show(&file.source, &file.diagnostics, console);
        if !file.has_errors() {
            let parts: Vec<String> = file
                .parts
                .iter()
                .map(|(count, what)| counted(*count, what))
                .collect();
            let name = one_line(&file.source.name);
            console.say(&format!("{name}: {}, no errors", parts.join(", ")));
        }
    }
}

/// Says how much was found in all, and where there is more about it.
pub(super) fn summary(checked: &[Checked], counts: Counts, console: &Console) {
    let findings = checked.iter().flat_map(|file| &file.diagnostics);
    let codes: BTreeSet<&str> = findings.map(|finding| finding.code.as_str()).collect();
    match codes.first() {
        None => {}
        Some(code) if codes.len() == 1 => console.say(&format!("`switchback explain {code}` says more")),
        Some(_) => console.say("`switchback explain CODE` says more about each"),
    }
    let unreadable = match counts.unreadable {
        0 => String::new(),
        count => format!(", {count} unreadable"),
    };
    console.say(&format!(
        "{}, {}, {}{unreadable}",
        plural(counts.files, "file"),
        plural(counts.errors, "error"),
        plural(counts.warnings, "warning"),
    ));
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        _ => plural(count, what),
    }
}

fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
