//! From the paths that a person names to the files that are meant.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;
use walkdir::{DirEntry, WalkDir};

use super::error::{OrUsage, Refusal};

/// How much of a file is read to find out what it is.
const LOOKED_AT: u64 = 64 << 10;

/// The files below `paths` that have `key` at the top, as `switchback` in a runbook, sorted. A file that is named is taken as it is;
/// a folder is searched for YAML files, hidden folders and links left out.
///
/// # Errors
///
/// A path that is not there, and a folder without such a file, which is hardly what was meant.
pub(super) fn files(paths: &[PathBuf], key: &str, what: &str) -> Result<Vec<PathBuf>, Refusal> {
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        let yaml = below(path, &["yaml", "yml"])?.into_iter();
        found.extend(yaml.filter(|file| begins_a_line(file, key)));
        if found.len() == before {
            return Err(Refusal::usage(
                format!("there is no {what} in `{}`", path.display()),
                format!("a {what} has `{key}: 1` at the start of a line"),
            ));
        }
    }
    Ok(found)
}

/// The Markdown pages below `paths`, sorted. A file that is named is taken as it is; a folder is searched as for runbooks.
///
/// # Errors
///
/// A folder that cannot be searched.
pub(super) fn pages(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Refusal> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(below(path, &["md", "markdown"])?);
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// The files below a folder with one of these extensions, hidden folders and links left out.
fn below(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, Refusal> {
    let mut found = Vec::new();
    for entry in WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(is_seen)
    {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => match error.path().filter(|path| *path != folder) {
                // It is said to be unreadable where it is read, and hides nothing of the others.
                Some(path) => {
                    found.push(path.to_owned());
                    continue;
                }
                None => {
                    return Err(error)
                        .with_context(|| format!("the folder `{}` cannot be searched", folder.display()))
                        .or_usage("name the files, or a folder that can be read");
                }
            },
        };
        let extension = entry.path().extension().and_then(OsStr::to_str);
        if entry.file_type().is_file() && extension.is_some_and(|own| extensions.contains(&own)) {
            let path = entry.path();
            found.push(path.strip_prefix(".").unwrap_or(path).to_owned());
        }
    }
    Ok(found)
}

/// Whether an entry is the folder that was named, or neither hidden nor a folder of what a program can make again
/// (<https://bford.info/cachedir>), such as a build's.
fn is_seen(entry: &DirEntry) -> bool {
    let is_hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
    entry.depth() == 0 || !is_hidden && !entry.path().join("CACHEDIR.TAG").is_file()
}

/// Whether a line of a file begins with a key, in any way that YAML has of writing one at the top: `key:`, `"key" :`, `{ key: …`. A file that cannot
/// be opened may be one: who reads it says what is wrong.
pub(super) fn begins_a_line(file: &Path, key: &str) -> bool {
    let Ok(file) = File::open(file) else {
        return true;
    };
    let lines = BufReader::new(file.take(LOOKED_AT)).split(b'\n');
    lines.map_while(Result::ok).any(|line| begins_with(&line, key))
}

fn begins_with(line: &[u8], key: &str) -> bool {
    const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
    let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
    let line = line.strip_prefix(b"{").map_or(line, <[u8]>::trim_ascii_start);
    let (quote, line) = match line {
        [quote @ (b'"' | b'\''), rest @ ..] => (std::slice::from_ref(quote), rest),
        _ => (&[][..], line),
    };
    let rest = line
        .strip_prefix(key.as_bytes())
        .and_then(|rest| rest.strip_prefix(quote));
    rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_seen_however_it_is_written() {
        for line in [
            "switchback: 1",
            "switchback : 1",
            "\"switchback\": 1",
            "'switchback': 1",
            "{ switchback: 1, name: a }",
            "{\"switchback\":1}",
            "\u{feff}switchback: 1",
        ] {
            assert!(begins_with(line.as_bytes(), "switchback"), "{line}");
        }
        for line in [
            "  switchback: 1",
            "# switchback: 1",
            "switchback_drill: 1",
            "switchback",
            "'switchback: 1",
        ] {
            assert!(!begins_with(line.as_bytes(), "switchback"), "{line}");
        }
    }
}
