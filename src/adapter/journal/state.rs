use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::adapter::process::Environment;
use crate::traverse::RunId;

use super::RunFolder;

/// What the name of a folder begins with that is no run, or not any more.
pub(super) const IS_HIDDEN: &str = ".";

/// The folder that holds every run's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDir {
    path: PathBuf,
}

/// Why there is no such run.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// There is no run at all.
    #[error("there is no run in `{}` yet", .0.display())]
    Empty(PathBuf),
    /// None begins like this.
    #[error("no run in `{}` begins with `{prefix}`", folder.display())]
    NoMatch {
        /// Where was looked.
        folder: PathBuf,
        /// What was asked for.
        prefix: String,
    },
    /// Several begin like this.
    #[error("`{prefix}` can be any of {}: write more of it", list(runs))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// The runs, newest first.
        runs: Vec<RunId>,
    },
    /// The folder cannot be read.
    #[error("`{}` cannot be read: {error}", folder.display())]
    Io {
        /// Which folder.
        folder: PathBuf,
        /// Why.
        #[source]
        error: io::Error,
    },
}

fn list(runs: &[RunId]) -> String {
    let runs: Vec<String> = runs.iter().map(|run| format!("`{run}`")).collect();
    runs.join(", ")
}

impl StateDir {
    /// The folder at this path; it need not be there yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where an environment says that it is: `$XDG_STATE_HOME/switchback`, else `~/.local/state/switchback`; none without a home.
    pub fn of(environment: &Environment) -> Option<Self> {
        let folder = |name: &str| {
            let value = environment.iter().find(|(key, _)| *key == name)?.1;
            // The XDG specification has relative paths ignored.
            Some(PathBuf::from(value)).filter(|path| path.is_absolute())
        };
        let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")))?;
        Some(Self::at(state.join("switchback")))
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the runs are.
    pub(super) fn runs_path(&self) -> PathBuf {
        self.path.join("runs")
    }

    /// The folder of a run, whether it is there or not.
    pub fn run(&self, id: &RunId) -> RunFolder {
        RunFolder::at(self.runs_path().join(&id.0))
    }

    /// Every run, newest first: ids begin with their time.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read; that it is not there is no error.
    pub fn runs(&self) -> io::Result<Vec<RunId>> {
        let entries = match fs::read_dir(self.runs_path()) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut runs = Vec::new();
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().into_string();
            // A folder without a journal, or with nothing in it, was being made when the program or the machine went down.
            let journal = RunFolder::at(entry.path()).journal();
            if let Ok(id) = name
                && !id.starts_with(IS_HIDDEN)
                && fs::metadata(journal).is_ok_and(|journal| journal.is_file() && journal.len() > 0)
            {
                runs.push(RunId(id));
            }
        }
        runs.sort_by(|one, other| other.cmp(one));
        Ok(runs)
    }

    /// The run that is meant: by its id, by any part that only it begins with, or by `last`.
    ///
    /// # Errors
    ///
    /// When there is none, or more than one.
    pub fn find(&self, wanted: &str) -> Result<RunId, FindError> {
        let folder = self.runs_path();
        let mut runs = self.runs().map_err(|error| FindError::Io {
            folder: folder.clone(),
            error,
        })?;
        if wanted == "last" {
            runs.truncate(1);
        } else if !runs.is_empty() {
            // A variable that is empty means no run, and not the only one. A whole id is meant even when another begins with it.
            match runs.iter().position(|run| run.0 == wanted) {
                Some(whole) => runs = vec![runs.swap_remove(whole)],
                None => runs.retain(|run| !wanted.is_empty() && run.0.starts_with(wanted)),
            }
            if runs.is_empty() {
                return Err(FindError::NoMatch {
                    folder,
                    prefix: wanted.to_owned(),
                });
            }
        }
        match (runs.pop(), runs.is_empty()) {
            (None, _) => Err(FindError::Empty(folder)),
            (Some(run), true) => Ok(run),
            (Some(oldest), false) => Err(FindError::Ambiguous {
                prefix: wanted.to_owned(),
                runs: runs.into_iter().chain([oldest]).collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_runs(ids: &[&str]) -> (tempfile::TempDir, StateDir) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path().join("state"));
        for id in ids {
            let run = RunFolder::create(&state, &RunId((*id).to_owned()), "switchback: 1", &[]).unwrap();
            fs::write(run.journal(), "{").unwrap();
        }
        (folder, state)
    }

    #[test]
    fn it_is_where_the_environment_says() {
        let at = |pairs: &[(&str, &str)]| {
            let environment = pairs
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect();
            StateDir::of(&environment).map(|state| state.path().to_owned())
        };
        let home = ("HOME", "/home/me");
        assert_eq!(at(&[home]), Some("/home/me/.local/state/switchback".into()));
        assert_eq!(
            at(&[home, ("XDG_STATE_HOME", "/state")]),
            Some("/state/switchback".into())
        );
        assert_eq!(at(&[home, ("XDG_STATE_HOME", "relative")]), at(&[home]));
        assert_eq!(at(&[]), None);
    }

    #[test]
    fn runs_are_listed_newest_first() {
        let (_folder, state) = with_runs(&["0199-a", "0199-c", "0198-b"]);
        fs::create_dir(state.runs_path().join("0200-half-made")).unwrap();
        fs::create_dir(state.runs_path().join("0201-empty")).unwrap();
        fs::write(state.runs_path().join("0201-empty/journal.jsonl"), "").unwrap();
        let runs: Vec<String> = state.runs().unwrap().into_iter().map(|run| run.0).collect();
        assert_eq!(runs, ["0199-c", "0199-a", "0198-b"]);
        assert_eq!(state.find("last").unwrap().0, "0199-c");
    }

    #[test]
    fn a_run_is_found_by_what_only_it_begins_with() {
        let (_folder, state) = with_runs(&["0199-a", "0199-ab", "0198-b"]);
        assert_eq!(state.find("0198").unwrap().0, "0198-b");
        assert_eq!(state.find("0199-a").unwrap().0, "0199-a");
        assert_eq!(
            state.find("0199").unwrap_err().to_string(),
            "`0199` can be any of `0199-ab`, `0199-a`: write more of it"
        );
        assert!(matches!(state.find("7"), Err(FindError::NoMatch { .. })));
    }

    #[test]
    fn without_runs_it_says_so() {
        let (_folder, state) = with_runs(&[]);
        assert!(matches!(state.find("last"), Err(FindError::Empty(_))));
        assert!(matches!(state.find("0199"), Err(FindError::Empty(_))));
    }
}
