use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::traverse::Record;

use super::JournalError;
use super::chain::Chain;
use super::read::{Fault, parse};

/// How long a record may be: more than what is kept of a command's two streams, however it is escaped.
const RECORD_AT_MOST: u64 = 128 * 1024 * 1024;
/// How much of an output is passed on at once.
const BLOCK: usize = 64 * 1024;

/// Reads a journal from its beginning, as far as it goes and on as it grows. It writes nothing and holds no lock.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    file: BufReader<File>,
    /// How many records were read.
    count: usize,
    /// Where the last of them ends.
    length: u64,
    /// What they add up to.
    chain: Chain,
    line: Vec<u8>,
}

impl Tail {
    /// The tail of a journal, before its first record.
    ///
    /// # Errors
    ///
    /// When it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let file = File::open(path).map_err(|error| failed(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufReader::new(file),
            count: 0,
            length: 0,
            chain: Chain::default(),
            line: Vec::new(),
        })
    }

    /// The next record, as soon as it is there as a whole. A last line that is only half written is looked at anew each time: it may grow, and
    /// it may be cut by who takes the run up again.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is damaged.
    pub fn record(&mut self) -> Result<Option<Record>, JournalError> {
        if !self.line()? {
            return Ok(None);
        }
        let number = self.count + 1;
        let mut chain = self.chain.clone();
        let mut record = parse(&self.line, number, &mut chain);
        if record.is_err() {
            // A torn line may be cut, and another begun in its place, while we read it.
            let seen = std::mem::take(&mut self.line);
            self.file
                .seek(SeekFrom::Start(self.length))
                .map_err(|error| failed(&self.path, error))?;
            if !self.line()? {
                return Ok(None);
            }
            if self.line != seen {
                chain = self.chain.clone();
                record = parse(&self.line, number, &mut chain);
            }
        }
        let record = record.map_err(|fault| fault.at(&self.path, number))?;
        self.chain = chain;
        self.count = number;
        self.length += self.line.len() as u64;
        Ok(Some(record))
    }

    /// Reads the next line; whether it is there as a whole. If not, the file stands at its beginning again.
    fn line(&mut self) -> Result<bool, JournalError> {
        let failed = |error| failed(&self.path, error);
        self.line.clear();
        let mut part = (&mut self.file).take(RECORD_AT_MOST + 1);
        if part.read_until(b'\n', &mut self.line).map_err(failed)? == 0 {
            return Ok(false);
        }
        if self.line.len() as u64 > RECORD_AT_MOST {
            let problem = format!("it is longer than {} MiB", RECORD_AT_MOST >> 20);
            return Err(Fault::Damaged(problem).at(&self.path, self.count + 1));
        }
        let is_whole = self.line.ends_with(b"\n") && !self.line.contains(&0);
        if !is_whole && self.file.fill_buf().map_err(failed)?.is_empty() {
            self.file.seek(SeekFrom::Start(self.length)).map_err(failed)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// How long the journal is without what is torn at its end, as far as it was read.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// What the records that were read add up to.
    pub(super) fn into_chain(self) -> Chain {
        self.chain
    }

    /// Whether something stands after the last record that was read: one that was only half written.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(super) fn is_torn(&mut self) -> Result<bool, JournalError> {
        let rest = self.file.fill_buf().map_err(|error| failed(&self.path, error))?;
        Ok(!rest.is_empty())
    }
}

/// What a step prints on a stream, from its beginning and on as it grows.
#[derive(Debug)]
pub struct Printed {
    path: PathBuf,
    /// None until the step has printed something.
    file: Option<File>,
}

impl Printed {
    /// The file of a stream, which need not be there yet.
    pub fn at(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Passes on what has come since it was asked last, block by block, as long as `each` wants more; whether there was anything.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn more(&mut self, mut each: impl FnMut(&[u8]) -> bool) -> io::Result<bool> {
        let file = match &mut self.file {
            Some(file) => file,
            none => match File::open(&self.path) {
                Ok(file) => none.insert(file),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error),
            },
        };
        let mut block = vec![0; BLOCK];
        let mut any = false;
        loop {
            let read = match file.read(&mut block) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read?,
            };
            any |= read > 0;
            if read == 0 || !each(&block[..read]) {
                return Ok(any);
            }
        }
    }
}

fn failed(path: &Path, error: io::Error) -> JournalError {
    JournalError::Io {
        path: path.to_owned(),
        error,
    }
}
