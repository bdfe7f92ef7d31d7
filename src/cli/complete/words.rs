//! Bash takes a word apart at each `=` and `:` before it asks, and wants only the part after the last one back.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap_complete::engine;

/// The line up to the cursor, as it was typed.
const LINE: &str = "SWITCHBACK_COMPLETE_LINE";

/// The words of a line, up to the one that is completed.
pub(super) struct Words {
    pub(super) whole: Vec<OsString>,
    /// What of the last one the shell has already, and must not be given back.
    kept: String,
}

impl Words {
    /// As they were typed.
    pub(super) fn whole(whole: Vec<OsString>) -> Self {
        Self {
            whole,
            kept: String::new(),
        }
    }

    /// As bash has taken them apart.
    pub(super) fn parts(parts: &[OsString]) -> Self {
        let line = std::env::var(LINE).unwrap_or_default();
        let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
        let (whole, kept) = joined(&line, parts.iter().map(AsRef::as_ref));
        Self {
            whole: whole.into_iter().map(OsString::from).collect(),
            kept,
        }
    }

    /// Writes a candidate a line, and after a tab what it is.
    pub(super) fn write_candidates(
        self,
        command: &mut clap::Command,
        folder: Option<&Path>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let last = self.whole.len().saturating_sub(1);
        for candidate in engine::complete(command, self.whole, last, folder)? {
            let value = candidate.get_value().to_string_lossy();
            let value = value.strip_prefix(&self.kept).unwrap_or(&value);
            let about = candidate.get_help().map(ToString::to_string).unwrap_or_default();
            writeln!(out, "{value}\t{}", about.lines().next().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// Puts together what has nothing between it in the line. Also gives what stands before the last part within its word.
fn joined<'a>(line: &str, parts: impl Iterator<Item = &'a str>) -> (Vec<String>, String) {
    let mut words: Vec<String> = Vec::new();
    let mut kept = String::new();
    let mut rest = line;
    for part in parts {
        let text = rest.trim_start();
        let begins = text.len() < rest.len();
        // The line ends at the cursor, which may stand in the middle of a part.
        let part = if text.starts_with(part) { part } else { text };
        rest = &text[part.len()..];
        match words.last_mut() {
            Some(word) if !begins => {
                kept.clone_from(word);
                word.push_str(part);
                if part.chars().all(|c| "=:".contains(c)) {
                    kept.clone_from(word);
                }
            }
            _ => {
                kept.clear();
                words.push(part.to_owned());
            }
        }
    }
    (words, kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str, parts: &[&str]) -> (String, String) {
        let (words, kept) = joined(line, parts.iter().copied());
        (words.join("|"), kept)
    }

    #[test]
    fn what_was_taken_apart_is_put_together() {
        assert_eq!(
            of("s run a ", &["s", "run", "a", ""]),
            ("s|run|a|".into(), String::new())
        );
        assert_eq!(
            of("s -p ho", &["s", "-p", "ho"]),
            ("s|-p|ho".into(), String::new())
        );
        assert_eq!(
            of("s -p host=", &["s", "-p", "host", "="]),
            ("s|-p|host=".into(), "host=".into())
        );
        assert_eq!(
            of(
                "s -p a=b --decide g=o:",
                &["s", "-p", "a", "=", "b", "--decide", "g", "=", "o", ":"]
            ),
            ("s|-p|a=b|--decide|g=o:".into(), "g=o:".into())
        );
        assert_eq!(
            of("s -p host=we", &["s", "-p", "host", "=", "we"]),
            ("s|-p|host=we".into(), "host=".into())
        );
        assert_eq!(
            of("s -p ho", &["s", "-p", "host"]),
            ("s|-p|ho".into(), String::new())
        );
    }
}
