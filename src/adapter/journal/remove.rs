use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::traverse::RunId;

use super::state::IS_HIDDEN;
use super::{FileJournal, RunFolder, StateDir};

/// How large the blocks are in which the system counts the room that a file takes.
const BLOCK: u64 = 512;

/// The removing of runs, by one process at a time. A run is first given a name under which nobody looks for it, so that none is ever there in
/// part; only then are its files removed. What is cut short in between, the next removing ends.
#[derive(Debug)]
pub struct Pruning {
    runs: PathBuf,
    /// The folder itself, locked.
    guard: File,
}

impl Pruning {
    /// Begins it, and ends what an earlier one has left; none if another process is at it.
    ///
    /// # Errors
    ///
    /// When the folder is not there, or what was left cannot be removed.
    pub fn begin(state: &StateDir) -> io::Result<Option<Self>> {
        let runs = state.runs_path();
        let guard = File::open(&runs)?;
        match flock(&guard, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => return Ok(None),
            locked => locked?,
        }
        let pruning = Self { runs, guard };
        pruning.sweep()?;
        Ok(Some(pruning))
    }

    /// Takes a run away. Its journal is held meanwhile, so that nobody goes on with it.
    ///
    /// # Errors
    ///
    /// When it cannot be renamed; it is then as it was.
    pub fn take(&self, run: &RunId, held: FileJournal) -> io::Result<()> {
        let hidden = format!("{IS_HIDDEN}pruned-{run}");
        fs::rename(self.runs.join(&run.0), self.runs.join(hidden))?;
        drop(held);
        Ok(())
    }

    /// Removes the files of the runs that were taken away.
    ///
    /// # Errors
    ///
    /// When one cannot be removed; no list shows it, and the next removing tries again.
    pub fn end(self) -> io::Result<()> {
        self.sweep()
    }

    fn sweep(&self) -> io::Result<()> {
        // The new names first: a machine that goes down now must not come up with half a run under its own.
        self.guard.sync_all()?;
        for entry in fs::read_dir(&self.runs)? {
            let entry = entry?;
            if entry
                .file_name()
                .as_encoded_bytes()
                .starts_with(IS_HIDDEN.as_bytes())
            {
                fs::remove_dir_all(entry.path())?;
            }
        }
        Ok(())
    }
}

impl RunFolder {
    /// How much room it takes on the disk, in bytes.
    ///
    /// # Errors
    ///
    /// When it cannot be looked through.
    pub fn room(&self) -> io::Result<u64> {
        let mut blocks = 0;
        for entry in walkdir::WalkDir::new(self.path()) {
            blocks += entry?.metadata()?.blocks();
        }
        Ok(blocks * BLOCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_with(ids: &[&str]) -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path().join("state"));
        for id in ids {
            let run = RunFolder::create(&state, &RunId((*id).to_owned()), "switchback: 1", &[]).unwrap();
            fs::write(run.journal(), "\n").unwrap();
        }
        (folder, state)
    }

    fn names(state: &StateDir) -> Vec<String> {
        let entries = fs::read_dir(state.runs_path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_cut_short_no_list_shows_and_the_next_ends_it() {
        let (_folder, state) = state_with(&["1", "2"]);
        let one = RunId("1".to_owned());
        let pruning = Pruning::begin(&state).unwrap().unwrap();
        fs::write(state.run(&one).journal(), "").unwrap();
        let (held, _) = FileJournal::open(&state.run(&one).journal()).unwrap();
        pruning.take(&one, held).unwrap();
        // Here the program goes away.
        drop(pruning);
        assert_eq!(names(&state), [".pruned-1", "2"]);
        assert_eq!(state.runs().unwrap(), [RunId("2".to_owned())]);
        assert!(state.find("1").is_err() && state.find(".pruned").is_err());

        drop(Pruning::begin(&state).unwrap().unwrap());
        assert_eq!(names(&state), ["2"]);
    }

    #[test]
    fn one_process_at_a_time_does_it() {
        let (_folder, state) = state_with(&["1"]);
        let pruning = Pruning::begin(&state).unwrap().unwrap();
        assert!(Pruning::begin(&state).unwrap().is_none());
        pruning.end().unwrap();
        assert!(Pruning::begin(&state).unwrap().is_some());
        assert_eq!(names(&state), ["1"]);
    }
}
