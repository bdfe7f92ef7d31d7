//! What is wrong, for programs: `docs/checking.md` describes the document.

use serde::Serialize;

use super::Counts;
use super::gather::Checked;
use super::place::{Place, placed};

#[derive(Serialize)]
struct Document<'a> {
    files: Vec<File<'a>>,
    counts: Counts,
}

#[derive(Serialize)]
struct File<'a> {
    file: &'a str,
    findings: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    label: &'a str,
    help: &'a str,
    path: String,
    start: Place,
    end: Place,
}

/// One document of all files, also of those without a finding.
pub(super) fn document(checked: &[Checked], counts: Counts) -> serde_json::Result<String> {
    let document = Document {
        files: checked.iter().map(file).collect(),
        counts,
    };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}

fn file(file: &Checked) -> File<'_> {
    let findings = placed(file).into_iter().map(|(finding, start, end)| Finding {
        code: finding.code.as_str(),
        severity: finding.severity.as_str(),
        message: &finding.message,
        label: &finding.label,
        help: &finding.help,
        path: finding.path.to_string(),
        start,
        end,
    });
    File {
        file: &file.source.name,
        findings: findings.collect(),
    }
}
