use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::traverse::{RECORD_VERSION, Record};

/// Why a journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file cannot be read or opened.
    #[error("`{}`: {error}", path.display())]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// Another process has it open.
    #[error("`{}` is being written by another process: that run is still going on", .0.display())]
    Locked(PathBuf),
    /// A record is not readable, and it is not the last.
    #[error("record {line} of `{}` is damaged: {problem}; restore the file from a copy", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The record's line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A record is of another version.
    #[error(
        "record {line} of `{}` has version {version}, and this program reads {RECORD_VERSION}: go on with the version that wrote it",
        path.display()
    )]
    Version {
        /// The journal.
        path: PathBuf,
        /// The record's line, from 1.
        line: usize,
        /// Its version.
        version: u32,
    },
    /// A record is missing.
    #[error("record {line} of `{}` has number {found}: records are missing before it; restore the file from a copy", path.display())]
    Gap {
        /// The journal.
        path: PathBuf,
        /// The record's line, from 1.
        line: usize,
        /// Its number.
        found: u64,
    },
}

/// What a journal holds.
pub(super) struct Contents {
    pub(super) records: Vec<Record>,
    /// How long it is without what was torn off at its end.
    pub(super) length: u64,
}

/// The records of a journal. A last one that was only half written, as the machine went down, never happened.
///
/// # Errors
///
/// When it cannot be read, or is damaged anywhere else.
pub fn read(path: &Path) -> Result<Vec<Record>, JournalError> {
    contents(path).map(|contents| contents.records)
}

pub(super) fn contents(path: &Path) -> Result<Contents, JournalError> {
    let bytes = fs::read(path).map_err(|error| JournalError::Io {
        path: path.to_owned(),
        error,
    })?;
    let mut records = Vec::new();
    let mut length = 0;
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for (index, line) in lines.iter().enumerate() {
        let record = match parse(path, index + 1, line) {
            Ok(record) => record,
            Err(Fault::Torn(_)) if index + 1 == lines.len() => break,
            Err(Fault::Torn(problem)) => {
                return Err(JournalError::Damaged {
                    path: path.to_owned(),
                    line: index + 1,
                    problem,
                });
            }
            Err(Fault::Other(error)) => return Err(error),
        };
        records.push(record);
        length += line.len() as u64;
    }
    Ok(Contents { records, length })
}

/// What is wrong with a line.
enum Fault {
    /// It is not whole; at the end of a journal that is no harm.
    Torn(String),
    /// It is whole, and wrong.
    Other(JournalError),
}

/// What is read of a record before anything is asked of its shape.
#[derive(Deserialize)]
struct Head {
    v: u32,
    seq: u64,
}

fn parse(path: &Path, number: usize, line: &[u8]) -> Result<Record, Fault> {
    let Some(line) = line.strip_suffix(b"\n") else {
        return Err(Fault::Torn("it has no end".to_owned()));
    };
    match serde_json::from_slice::<Record>(line) {
        Ok(record) if record.v == RECORD_VERSION && record.seq == number as u64 => Ok(record),
        other => Err(fault(path, number, line, other.err())),
    }
}

/// What is wrong with a line that is no record, or not this one.
fn fault(path: &Path, line: usize, text: &[u8], error: Option<serde_json::Error>) -> Fault {
    let path = path.to_owned();
    // A block that never reached the disk can be anything, so what is no JSON at all counts as torn.
    let value: serde_json::Value = match serde_json::from_slice(text) {
        Ok(value) => value,
        Err(error) => return Fault::Torn(error.to_string()),
    };
    Fault::Other(match (Head::deserialize(&value), error) {
        (Ok(Head { v: version, .. }), _) if version != RECORD_VERSION => {
            JournalError::Version { path, line, version }
        }
        (Ok(Head { seq: found, .. }), _) if found != line as u64 => JournalError::Gap { path, line, found },
        (head, error) => JournalError::Damaged {
            path,
            line,
            problem: error
                .or(head.err())
                .map_or_else(String::new, |error| error.to_string()),
        },
    })
}
