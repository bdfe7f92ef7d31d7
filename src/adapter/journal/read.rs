use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

use crate::traverse::{LetterId, RECORD_VERSION, Record};

use super::Tail;
use super::chain::Chain;

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
    /// A record is not as it was written.
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
    /// What its records add up to.
    pub(super) chain: Chain,
    /// Whether something was torn off at its end.
    pub(super) is_torn: bool,
}

/// A journal of which every record is as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Its records.
    pub records: Vec<Record>,
    /// The sum of the last, which is over all of them.
    pub sum: String,
    /// Whether a record that was only half written stands after them.
    pub is_torn: bool,
}

/// The records of a journal. A last one that was only half written, as the machine went down, never happened.
///
/// # Errors
///
/// When it cannot be read, or is damaged anywhere else.
pub fn read(path: &Path) -> Result<Vec<Record>, JournalError> {
    contents(path).map(|contents| contents.records)
}

/// Checks every record of a journal against the hash chain.
///
/// # Errors
///
/// When it cannot be read, or is damaged: the first record that is.
pub fn verify(path: &Path) -> Result<Sound, JournalError> {
    contents(path).map(|contents| Sound {
        records: contents.records,
        sum: contents.chain.sum(),
        is_torn: contents.is_torn,
    })
}

pub(super) fn contents(path: &Path) -> Result<Contents, JournalError> {
    let mut tail = Tail::open(path)?;
    let mut records = Vec::new();
    while let Some(record) = tail.record()? {
        records.push(record);
    }
    Ok(Contents {
        records,
        length: tail.length(),
        is_torn: tail.is_torn()?,
        chain: tail.into_chain(),
    })
}

/// What is wrong with a line.
pub(super) enum Fault {
    Version(u32),
    Gap(u64),
    Damaged(String),
}

impl Fault {
    pub(super) fn at(self, path: &Path, line: usize) -> JournalError {
        let path = path.to_owned();
        match self {
            Self::Version(version) => JournalError::Version { path, line, version },
            Self::Gap(found) => JournalError::Gap { path, line, found },
            Self::Damaged(problem) => JournalError::Damaged { path, line, problem },
        }
    }
}

/// What every record begins with, whatever its version.
#[derive(Deserialize)]
struct Head {
    v: u32,
    seq: u64,
    at: Option<Timestamp>,
    letter: Option<LetterId>,
}

/// The record of a line, which is the one of this number.
pub(super) fn parse(line: &[u8], number: usize, chain: &mut Chain) -> Result<Record, Fault> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let follows = chain.follows(line);
    let damaged = |error: serde_json::Error| Fault::Damaged(error.to_string());
    let line = str::from_utf8(line).map_err(|error| Fault::Damaged(error.to_string()))?;
    let Head { v, seq, at, letter } = serde_json::from_str(line).map_err(damaged)?;
    if v != RECORD_VERSION {
        return Err(Fault::Version(v));
    }
    if seq != number as u64 {
        return Err(Fault::Gap(seq));
    }
    // Apart from the head: what serde flattens it reads into a tree of its own first.
    let event = serde_json::from_str(line).map_err(damaged)?;
    match at {
        Some(at) if follows => Ok(Record {
            v,
            seq,
            at,
            letter,
            event,
        }),
        Some(_) => Err(Fault::Damaged(
            "its sum does not follow from it and the record before it".to_owned(),
        )),
        None => Err(Fault::Damaged("it has no time".to_owned())),
    }
}
