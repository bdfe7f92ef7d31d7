//! What is wrong, for code scanning: SARIF 2.1.0, as far as it says something here.

use std::path::Path;

use serde::Serialize;

use crate::cli::explain;
use crate::diagnostic::{Code, Diagnostic};

use super::Counts;
use super::gather::Checked;
use super::place::{Place, placed, relative};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    default_configuration: Configuration,
    help: Message,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Message {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

/// One log with one run of all files. Paths are from the working directory on, columns are characters.
pub(super) fn log(checked: &[Checked], counts: Counts) -> anyhow::Result<String> {
    let folder = std::env::current_dir()?;
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    rules: Code::ALL.iter().copied().map(rule).collect(),
                },
            },
            invocations: [Invocation {
                execution_successful: counts.unreadable == 0,
            }],
            column_kind: "unicodeCodePoints",
            results: checked.iter().flat_map(|file| findings(file, &folder)).collect(),
        }],
    };
    Ok(serde_json::to_string_pretty(&log)? + "\n")
}

fn rule(code: Code) -> Rule {
    Rule {
        id: code.as_str(),
        short_description: text(code.about()),
        default_configuration: Configuration {
            level: code.severity().as_str(),
        },
        help: Message {
            text: explain::plain(code),
            markdown: Some(explain::section(code)),
        },
    }
}

fn findings(file: &Checked, folder: &Path) -> Vec<Finding> {
    let artifact = artifact(&relative(&file.source.name, folder));
    let finding = |(finding, start, end): (&Diagnostic, Place, Place)| Finding {
        rule_id: finding.code.as_str(),
        rule_index: Code::ALL
            .iter()
            .position(|code| *code == finding.code)
            .unwrap_or_default(),
        level: finding.severity.as_str(),
        message: text(&format!("{}\nhelp: {}", finding.message, finding.help)),
        locations: [Location {
            physical_location: Physical {
                artifact_location: artifact.clone(),
                region: Region {
                    start_line: start.line,
                    start_column: start.column,
                    end_line: end.line,
                    end_column: end.column,
                },
            },
        }],
    };
    placed(file).into_iter().map(finding).collect()
}

fn text(text: &str) -> Message {
    Message {
        text: text.to_owned(),
        markdown: None,
    }
}

/// A path as an address; of an absolute one, a whole one.
fn artifact(path: &str) -> Artifact {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let escaped = |byte: u8| match is_plain(byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    let uri: String = path.bytes().map(escaped).collect();
    if path.starts_with('/') {
        return Artifact {
            uri: format!("file://{uri}"),
            uri_base_id: None,
        };
    }
    Artifact {
        uri,
        uri_base_id: Some("%SRCROOT%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_an_address() {
        assert_eq!(artifact("a b/ü.yaml").uri, "a%20b/%C3%BC.yaml");
        assert_eq!(artifact("/tmp/a.yaml").uri, "file:///tmp/a.yaml");
    }
}
