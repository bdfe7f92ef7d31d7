use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::engine::Journal;
use crate::traverse::{Event, Record};

use super::JournalError;
use super::chain::Chain;
use super::read::contents;

/// How much room on the disk there is for what comes of a step, before the step starts.
const ROOM: u64 = 64 * 1024;
/// How long those who look whether a journal is locked are waited for: one of them may have been stopped.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long lies between two tries.
const MOMENT: Duration = Duration::from_millis(1);

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
        if !lock(&file).map_err(|error| at(path, error))? {
            return Err(JournalError::Locked(path.to_owned()));
        }
        Ok(Self {
            file,
            chain: Chain::default(),
            length: 0,
            reserved: 0,
            pending: Vec::new(),
            is_broken: false,
        })
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

/// Whether a process has a journal open to write it. Who looks disturbs nobody: the lock that is tried is one that many can hold, it is given back
/// at once, and who opens the journal just then tries again.
///
/// # Errors
///
/// When the journal cannot be opened.
pub fn is_held(path: &Path) -> io::Result<bool> {
    let file = File::open(path)?;
    let is_free = try_lock(&file, FlockOperation::NonBlockingLockShared)?;
    if is_free {
        flock(&file, FlockOperation::Unlock)?;
    }
    Ok(!is_free)
}

/// Locks a journal for its one writer; whether that could be done. Those who merely look whether it is locked hold it for a moment, together:
/// that is waited for.
fn lock(file: &File) -> io::Result<bool> {
    let begun = Instant::now();
    loop {
        if try_lock(file, FlockOperation::NonBlockingLockExclusive)? {
            return Ok(true);
        }
        if !try_lock(file, FlockOperation::NonBlockingLockShared)? || begun.elapsed() > PATIENCE {
            return Ok(false);
        }
        flock(file, FlockOperation::Unlock)?;
        std::thread::sleep(MOMENT);
    }
}

fn try_lock(file: &File, how: FlockOperation) -> io::Result<bool> {
    match flock(file, how) {
        Err(Errno::WOULDBLOCK) => Ok(false),
        tried => Ok(tried.map(|()| true)?),
    }
}

/// Has the disk set room aside for a file of this length, without making it longer. Where that is not known, nothing is set aside.
#[cfg(target_os = "linux")]
fn allocate(file: &File, length: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};

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
    use std::sync::atomic::{AtomicBool, Ordering};

    use jiff::Timestamp;

    use crate::model::NodeId;
    use crate::traverse::{Event, RECORD_VERSION};

    use super::super::{Tail, read, verify};
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
    fn who_looks_whether_it_is_held_disturbs_nobody() {
        let (_folder, path, _) = journal_of(1);
        let held = FileJournal::open(&path).unwrap();
        assert!(is_held(&path).unwrap());
        drop(held);
        assert!(!is_held(&path).unwrap());

        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let look = || {
                while !stop.load(Ordering::Relaxed) {
                    is_held(&path).unwrap();
                }
            };
            (0..3).for_each(|_| drop(scope.spawn(look)));
            // Whatever comes of it, those who look have to end.
            let opened: Vec<_> = (0..500).map(|_| FileJournal::open(&path).map(drop)).collect();
            stop.store(true, Ordering::Relaxed);
            for opened in opened {
                opened.unwrap();
            }
        });
    }

    #[test]
    fn a_journal_is_read_as_it_grows() {
        let (folder, path, records) = journal_of(3);
        let bytes = fs::read(&path).unwrap();
        let growing = folder.path().join("growing.jsonl");
        fs::write(&growing, "").unwrap();
        let mut tail = Tail::open(&growing).unwrap();
        let mut read = Vec::new();
        for length in 1..=bytes.len() {
            fs::write(&growing, &bytes[..length]).unwrap();
            read.extend(tail.record().unwrap());
            let whole = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
            assert_eq!(read, records[..whole], "after {length} bytes");
        }
        // Half a record, which is cut when somebody takes the run up again.
        fs::write(&growing, [&bytes[..], b"{\"v\":1,\"seq\":4,\"at\":"].concat()).unwrap();
        assert_eq!(tail.record().unwrap(), None);
        let (mut journal, _) = FileJournal::open(&growing).unwrap();
        journal.append(&record(4)).unwrap();
        journal.sync().unwrap();
        assert_eq!(tail.record().unwrap(), Some(record(4)));
        // What follows is not what was written.
        fs::write(&growing, [&fs::read(&growing).unwrap()[..], b"{}\n"].concat()).unwrap();
        assert!(matches!(
            tail.record(),
            Err(JournalError::Damaged { line: 5, .. })
        ));
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
