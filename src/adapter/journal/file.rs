use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::engine::Journal;
use crate::traverse::{Event, Record};

use super::JournalError;
use super::chain::Chain;
use super::read::contents;

/// How much room on the disk there is for what comes of a step, before the step starts.
const ROOM: u64 = 64 * 1024;

/// A journal in a file: one record a line, as JSON, each with a sum over itself and all before it. While it is open no other process
/// can open it: the lock is the sign of a run that is going on, and goes with its process.
#[derive(Debug)]
pub struct FileJournal {
    file: File,
    chain: Chain,
    /// How long the file is.
    length: u64,
    /// How long it can become on a disk that is full.
    reserved: u64,
    /// Lines that were appended and not written yet.
    pending: Vec<u8>,
    /// A write or sync went wrong. What is on disk since then nobody can tell, so nothing may follow it.
    is_broken: bool,
}

impl FileJournal {
    /// A new journal; its name is durable when it returns.
    ///
    /// # Errors
    ///
    /// When it is there already or cannot be made.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let made = || {
            let file = OpenOptions::new()
                .append(true)
                .create_new(true)
                .mode(0o600)
                .open(path)?;
            File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
            Ok(file)
        };
        Self::locked(made().map_err(|error| at(path, error))?, path)
    }

    /// Opens a journal to go on with it, and reads it. A record that was only half written is cut off.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, is damaged, or another process has it open.
    pub fn open(path: &Path) -> Result<(Self, Vec<Record>), JournalError> {
        let file = OpenOptions::new()
            .append(true)
            .open(path)
            .map_err(|error| at(path, error))?;
        let mut journal = Self::locked(file, path)?;
        let contents = contents(path)?;
        journal.cut(contents.length).map_err(|error| at(path, error))?;
        journal.chain = contents.chain;
        Ok((journal, contents.records))
    }

    fn locked(file: File, path: &Path) -> Result<Self, JournalError> {
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Err(rustix::io::Errno::WOULDBLOCK) => Err(JournalError::Locked(path.to_owned())),
            Err(error) => Err(at(path, error.into())),
            Ok(()) => Ok(Self {
                file,
                chain: Chain::default(),
                length: 0,
                reserved: 0,
                pending: Vec::new(),
                is_broken: false,
            }),
        }
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        if self.file.seek(SeekFrom::End(0))? > length {
            self.file.set_len(length)?;
            self.file.sync_data()?;
        }
        self.length = length;
        Ok(())
    }

    /// Makes sure that what comes of a step finds room on the disk, whatever else fills it.
    fn reserve(&mut self) -> io::Result<()> {
        let end = self.length + self.pending.len() as u64;
        if end + ROOM > self.reserved {
            // Several steps' worth, so that this is rare.
            let wanted = end + 4 * ROOM;
            allocate(&self.file, wanted)?;
            self.reserved = wanted;
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        self.file.write_all(&self.pending)?;
        self.length += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }
}

/// Has the disk set room aside for a file of this length, without making it longer. Where that is not known, nothing is set aside.
#[cfg(target_os = "linux")]
fn allocate(file: &File, length: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;

    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, length) {
        Err(error @ (Errno::NOSPC | Errno::DQUOT)) => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(_file: &File, _length: u64) -> io::Result<()> {
    Ok(())
}

impl Journal for FileJournal {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        if matches!(record.event, Event::Started { .. } | Event::UndoStarted { .. }) {
            self.reserve()?;
        }
        let start = self.pending.len();
        serde_json::to_writer(&mut self.pending, record)?;
        self.chain.seal(&mut self.pending, start);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.is_broken {
            return Err(io::Error::other("an earlier record could not be written"));
        }
        let written = self.write();
        self.is_broken = written.is_err();
        written
    }

    fn sync(&mut self) -> io::Result<()> {
        self.flush()?;
        let synced = self.file.sync_data();
        self.is_broken = synced.is_err();
        synced
    }
}

impl Drop for FileJournal {
    /// What need not be durable is still to be found in the file when the program ends orderly; room that was set aside is given back.
    fn drop(&mut self) {
        if !self.is_broken && self.write().is_ok() && self.reserved > 0 {
            let _ = self.file.set_len(self.length);
        }
        // A process that is just being started may have the file open for a moment still, and the lock with it.
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

fn at(path: &Path, error: io::Error) -> JournalError {
    JournalError::Io {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use jiff::Timestamp;

    use crate::model::NodeId;
    use crate::traverse::{Event, RECORD_VERSION};

    use super::super::{read, verify};
    use super::*;

    fn record(seq: u64) -> Record {
        Record {
            v: RECORD_VERSION,
            seq,
            at: Timestamp::UNIX_EPOCH,
            letter: None,
            event: Event::Failed {
                node: NodeId::from("deploy"),
                reason: format!("reason {seq}, “quoted”\nand long"),
            },
        }
    }

    fn journal_of(count: u64) -> (tempfile::TempDir, PathBuf, Vec<Record>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let records: Vec<Record> = (1..=count).map(record).collect();
        let mut journal = FileJournal::create(&path).unwrap();
        for record in &records {
            journal.append(record).unwrap();
        }
        journal.sync().unwrap();
        (folder, path, records)
    }

    #[test]
    fn what_is_synced_is_read_again() {
        let (_folder, path, records) = journal_of(3);
        assert_eq!(read(&path).unwrap(), records);
        assert!(FileJournal::create(&path).is_err());
    }

    #[test]
    fn a_journal_torn_at_any_byte_goes_on_after_its_last_whole_record() {
        let (folder, path, records) = journal_of(3);
        let bytes = fs::read(&path).unwrap();
        for length in 0..=bytes.len() {
            // A file for each: a process that another test starts just then holds the lock of the last one for a moment.
            let torn = folder.path().join(format!("torn-{length}.jsonl"));
            fs::write(&torn, &bytes[..length]).unwrap();
            let whole = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(
                read(&torn).unwrap(),
                records[..whole],
                "torn after {length} bytes"
            );

            let (mut journal, seen) = FileJournal::open(&torn).unwrap();
            assert_eq!(seen.len(), whole);
            journal.append(&record(whole as u64 + 1)).unwrap();
            journal.sync().unwrap();
            assert_eq!(read(&torn).unwrap().len(), whole + 1, "torn after {length} bytes");
        }
    }

    #[test]
    fn a_last_block_that_never_reached_the_disk_is_cut() {
        let (_folder, path, records) = journal_of(2);
        let mut bytes = fs::read(&path).unwrap();
        bytes.extend_from_slice(b"\0\0\0\0\n");
        fs::write(&path, bytes).unwrap();
        assert_eq!(read(&path).unwrap(), records);
    }

    #[test]
    fn damage_anywhere_else_is_an_error_that_names_the_record() {
        let (_folder, path, _) = journal_of(3);
        let text = fs::read_to_string(&path).unwrap();
        let with = |text: String| {
            fs::write(&path, text).unwrap();
            read(&path).unwrap_err().to_string()
        };
        let damaged = with(text.replacen("\"seq\":2", "\"seq\":2,,", 1));
        assert!(
            damaged.starts_with(&format!("record 2 of `{}` is damaged", path.display())),
            "{damaged}"
        );
        let gap = with(
            text.lines()
                .filter(|line| !line.contains("\"seq\":2"))
                .fold(String::new(), |all, l| all + l + "\n"),
        );
        assert!(
            gap.contains("has number 3: records are missing before it"),
            "{gap}"
        );
        let changed = with(text.replacen("reason 2", "reason 9", 1));
        assert!(
            changed.contains("record 2") && changed.contains("its sum does not follow"),
            "{changed}"
        );
        let last = with(text.replacen("reason 3", "reason 9", 1));
        assert!(last.contains("record 3"), "{last}");
        let newer = with(text.replacen("\"v\":1,\"seq\":3", "\"v\":9,\"seq\":3", 1));
        assert!(
            newer.contains("record 3") && newer.contains("go on with the version that wrote it"),
            "{newer}"
        );
    }

    #[test]
    fn a_byte_that_is_changed_anywhere_is_noticed() {
        let (_folder, path, records) = journal_of(3);
        let whole = verify(&path).unwrap();
        assert_eq!(
            (whole.records.len(), whole.sum.len(), whole.is_torn),
            (3, 64, false)
        );
        let bytes = fs::read(&path).unwrap();
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 1;
            fs::write(&path, changed).unwrap();
            match verify(&path) {
                Err(_) => {}
                // Without its end, the last record was only half written.
                Ok(sound) => assert!(sound.is_torn && sound.records == records[..2], "byte {index}"),
            }
        }
    }

    #[test]
    fn a_full_disk_is_an_error_and_nothing_follows_it() {
        let full = OpenOptions::new().append(true).open("/dev/full");
        let Ok(full) = full else { return };
        let mut journal = FileJournal::locked(full, Path::new("/dev/full")).unwrap();
        journal.append(&record(1)).unwrap();
        let error = journal.sync().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        assert!(journal.sync().is_err());
    }

    #[test]
    fn only_one_can_write_it() {
        let (_folder, path, _) = journal_of(1);
        let first = FileJournal::open(&path).unwrap();
        assert!(matches!(FileJournal::open(&path), Err(JournalError::Locked(_))));
        drop(first);
        assert!(FileJournal::open(&path).is_ok());
    }

    #[test]
    fn what_was_not_synced_is_written_at_the_end() {
        let (_folder, path, _) = journal_of(1);
        let (mut journal, _) = FileJournal::open(&path).unwrap();
        journal.append(&record(2)).unwrap();
        drop(journal);
        assert_eq!(read(&path).unwrap().len(), 2);
    }
}
