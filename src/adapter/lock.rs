//! The keys that runs hold, one run a key.
//!
//! A key is a record in the state directory, and not an operating-system lock of a process: a run that waits for a person keeps its
//! key without any process, and one that crashed keeps it until somebody resumes it or gives it up. Only the changing of a record
//! is guarded by an operating-system lock, which goes with its process.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use crate::adapter::journal::StateDir;
use crate::traverse::{Person, RunId};

/// Who holds a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The key.
    pub key: String,
    /// The run.
    pub run: RunId,
    /// Who took it.
    pub by: Person,
    /// On which machine.
    pub host: String,
    /// Since when.
    pub since: Timestamp,
}

impl Holder {
    /// A run that takes a key here and now.
    pub fn now(key: &str, run: &RunId, by: &Person) -> Self {
        Self {
            key: key.to_owned(),
            run: run.clone(),
            by: by.clone(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            since: Timestamp::now(),
        }
    }
}

/// Who holds any key now, in no order. No key is kept from others meanwhile: each record is whole at any time.
///
/// # Errors
///
/// When the records cannot be read; that there are none is no error.
pub fn holders(state: &StateDir) -> io::Result<Vec<Holder>> {
    let entries = match fs::read_dir(folder_of(state)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut holders = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            holders.extend(holder(&path)?);
        }
    }
    Ok(holders)
}

fn folder_of(state: &StateDir) -> PathBuf {
    state.path().join("locks")
}

fn holder(record: &Path) -> io::Result<Option<Holder>> {
    match fs::read(record) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The record of one key. No other process looks at it or changes it while this lives.
#[derive(Debug)]
pub struct Key {
    folder: PathBuf,
    record: PathBuf,
    _guard: File,
}

impl Key {
    /// Opens the record of a key, once no other process has it open; that is a matter of moments.
    ///
    /// # Errors
    ///
    /// When the state directory cannot be written.
    pub fn open(state: &StateDir, key: &str) -> io::Result<Self> {
        let folder = folder_of(state);
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        // A key can be any text. Its digest is a file name of bounded length, also where upper and lower case are the same.
        let digest = Sha256::digest(key);
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        // The guard is never removed: who waits for it would then hold the lock of a file that nobody else sees.
        let guard = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(folder.join(format!("{name}.lock")))?;
        flock(&guard, FlockOperation::LockExclusive)?;
        Ok(Self {
            record: folder.join(format!("{name}.json")),
            folder,
            _guard: guard,
        })
    }

    /// Who holds it, if anybody does.
    ///
    /// # Errors
    ///
    /// When its record cannot be read.
    pub fn holder(&self) -> io::Result<Option<Holder>> {
        holder(&self.record)
    }

    /// Gives it to a run, whoever had it before; durable when it returns.
    ///
    /// # Errors
    ///
    /// When its record cannot be written.
    pub fn give(&self, holder: &Holder) -> io::Result<()> {
        // Written beside and moved into place, so that it is whole at any time.
        let mut record = NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut record, holder)?;
        record.write_all(b"\n")?;
        record.as_file().sync_all()?;
        record.persist(&self.record)?;
        self.sync()
    }

    /// Takes it from a run, if that one holds it still; durable when it returns.
    ///
    /// # Errors
    ///
    /// When its record cannot be removed.
    pub fn free(&self, run: &RunId) -> io::Result<()> {
        if self.holder()?.is_some_and(|holder| holder.run == *run) {
            fs::remove_file(&self.record)?;
            self.sync()?;
        }
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traverse::Identity;

    fn holder(key: &str, run: &str) -> Holder {
        let by = Person {
            name: "ana".to_owned(),
            identity: Identity::Asserted,
        };
        Holder::now(key, &RunId(run.to_owned()), &by)
    }

    #[test]
    fn a_key_is_held_until_its_holder_frees_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path().join("state"));
        for key in ["deploy/production", "../up", "", "Ü\0\n", &"long".repeat(999)] {
            let one = holder(key, "1");
            let open = || Key::open(&state, key).unwrap();
            assert_eq!(open().holder().unwrap(), None);
            open().give(&one).unwrap();
            assert_eq!(open().holder().unwrap(), Some(one.clone()));
            assert_eq!(holders(&state).unwrap(), std::slice::from_ref(&one));
            open().free(&RunId("2".to_owned())).unwrap();
            assert_eq!(open().holder().unwrap(), Some(one), "it is not the key of run 2");
            open().free(&RunId("1".to_owned())).unwrap();
            assert_eq!(open().holder().unwrap(), None);
            assert_eq!(holders(&state).unwrap(), []);
        }
    }

    #[test]
    fn of_many_who_want_it_one_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        let got = |run: usize| {
            let key = Key::open(&state, "key").unwrap();
            let is_free = key.holder().unwrap().is_none();
            if is_free {
                key.give(&holder("key", &run.to_string())).unwrap();
            }
            is_free
        };
        let got = &got;
        let winners = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8).map(|run| scope.spawn(move || got(run))).collect();
            all.into_iter()
                .map(|one| one.join().unwrap())
                .filter(|got| *got)
                .count()
        });
        assert_eq!(winners, 1);
    }
}
