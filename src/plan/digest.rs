use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use serde::Serialize;
use serde_json::Map;
use sha2::{Digest, Sha256};

use crate::model::{Runbook, Value};

/// What somebody who reviews a plan has reviewed: every route of a runbook with these parameters. Everything that a run would do follows from
/// it, from what people answer, and from what the world is like.
///
/// It is the runbook as it was understood: comments, the order of keys and the folder it lies in are not part of it.
#[derive(Clone, Debug, Serialize)]
pub struct Reviewed {
    /// The parameters as given and by default; those that were left open are missing.
    pub parameters: Map<String, Value>,
    /// The runbook, and what is in the files that it names.
    pub runbook: Arc<Runbook>,
}

impl Reviewed {
    /// The digest: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hasher = Hasher(Sha256::new());
        // JSON is written in crumbs.
        let mut writer = BufWriter::new(&mut hasher);
        let written =
            serde_json::to_writer(&mut writer, self).and(writer.flush().map_err(serde_json::Error::io));
        drop(writer);
        debug_assert!(written.is_ok(), "every value has a form in JSON: {written:?}");
        let hex: Vec<String> = hasher
            .0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        format!("{PREFIX}{}", hex.concat())
    }

    /// A parameter with another value, or left open, with which the digest would be this one. It tells what is wrong with a run of which only
    /// the digest was kept; a value that is not among a few is not found.
    pub fn parameter_with(&self, typed: &str) -> Option<(String, Option<Value>)> {
        self.runbook.parameters.values().find_map(|parameter| {
            let domain = &parameter.domain;
            let few = domain.one_of.iter().chain(&parameter.default).cloned();
            let mut values = few.map(Some).chain([None]);
            values.find_map(|value| {
                let mut other = self.clone();
                let name = parameter.id.to_string();
                match &value {
                    Some(value) => other.parameters.insert(name.clone(), value.clone()),
                    None => other.parameters.remove(&name),
                };
                is_short_for(typed, &other.digest()).then_some((name, value))
            })
        })
    }
}

const PREFIX: &str = "sha256:";
/// How many digits of a digest are enough to mean it.
const LEAST: usize = 12;

/// Whether a text is a digest, or the beginning of one that is long enough to mean it.
pub fn is_digest(typed: &str) -> bool {
    let digits = typed.strip_prefix(PREFIX).unwrap_or(typed);
    (LEAST..=64).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a digest as it was typed, with or without `sha256:` and perhaps cut short, means this one.
pub fn is_short_for(typed: &str, digest: &str) -> bool {
    let digits = |digest: &str| digest.strip_prefix(PREFIX).unwrap_or(digest).to_ascii_lowercase();
    is_digest(typed) && digits(digest).starts_with(&digits(typed))
}

/// Everything that is written goes into the sum.
struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_may_be_cut_short_but_not_too_short() {
        let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
        for typed in [digest.as_str(), "sha256:0123456789ab", "0123456789ABCDEF"] {
            assert!(is_short_for(typed, &digest), "{typed}");
        }
        for typed in [
            "sha256:0123456789a",
            "0123456789ac",
            "reviewed.json",
            "",
            "sha256:",
        ] {
            assert!(!is_short_for(typed, &digest), "{typed}");
        }
    }
}
