//! What is wrong, as GitHub Actions shows it: a line of standard output for each finding is a note beside the line that it is about.

use std::path::PathBuf;

use crate::adapter::reporter::workflow_command;

use super::gather::Checked;
use super::place::{placed, relative};

/// A workflow command for each finding.
pub(super) fn annotations(checked: &[Checked]) -> String {
    // Files are known there by their paths in the repository, wherever in it the command was typed.
    let workspace = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let mut out = String::new();
    for file in checked {
        let name = &file.source.name;
        let name = workspace
            .as_deref()
            .map_or_else(|| name.clone(), |folder| relative(name, folder));
        for (finding, start, end) in placed(file) {
            let text = format!("{}\nhelp: {}", finding.message, finding.help);
            let properties = [
                ("file", name.as_str()),
                ("line", &start.line.to_string()),
                ("col", &start.column.to_string()),
                ("endLine", &end.line.to_string()),
                ("endColumn", &end.column.to_string()),
                ("title", finding.code.as_str()),
            ];
            out.push_str(&workflow_command(finding.severity.as_str(), &properties, &text));
        }
    }
    out
}
