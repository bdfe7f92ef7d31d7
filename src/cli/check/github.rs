//! What is wrong, as GitHub Actions shows it: a line of standard output for each finding is a note beside the line that it is about.

use std::fmt::Write;
use std::path::PathBuf;

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
            // Writing to a string does not fail.
            let _ = writeln!(
                out,
                "::{} file={},line={},col={},endLine={},endColumn={},title={}::{}",
                finding.severity.as_str(),
                property(&name),
                start.line,
                start.column,
                end.line,
                end.column,
                property(finding.code.as_str()),
                data(&text),
            );
        }
    }
    out
}

/// A text as it stands after the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A text as it stands as the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_property_or_the_line_before_its_time() {
        assert_eq!(data("100%\r\n::error::a,b"), "100%25%0D%0A::error::a,b");
        assert_eq!(property("a,b:c%\n"), "a%2Cb%3Ac%25%0A");
    }
}
