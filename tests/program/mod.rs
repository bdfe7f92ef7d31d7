//! The program itself, with a state directory and runbooks of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with runbooks, in which the program is called.
pub(crate) struct Place {
    dir: TempDir,
}

/// How a call ended, and what it said.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) text: String,
}

impl Place {
    pub(crate) fn with(runbook: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let text = format!("switchback: 1\nname: test\ntitle: Test\n{runbook}");
        std::fs::write(dir.path().join("r.yaml"), text).expect("it can be written");
        Self { dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A call in the name of `who`, with nobody at the terminal.
    pub(crate) fn command(&self, who: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchback"));
        command
            .args(args)
            .current_dir(self.path())
            .env_remove("CI")
            .env("XDG_STATE_HOME", self.path().join("state"))
            .env("SWITCHBACK_OPERATOR", who)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn call(&self, who: &str, args: &[&str]) -> Said {
        said(self.command(who, args).output().expect("it is there"))
    }

    fn state(&self) -> PathBuf {
        self.path().join("state/switchback")
    }

    /// The runs, the oldest first: ids of one second are told apart by chance, so by when their folders were made.
    pub(crate) fn runs(&self) -> Vec<String> {
        let folder = std::fs::read_dir(self.state().join("runs")).expect("there are runs");
        let mut runs: Vec<_> = folder
            .map(|run| {
                let run = run.expect("it can be listed");
                let made = run.path().join("runbook.yaml").metadata();
                let made = made.and_then(|made| made.modified()).expect("it has its runbook");
                (made, run.file_name().into_string().expect("an id"))
            })
            .collect();
        runs.sort();
        runs.into_iter().map(|(_, id)| id).collect()
    }

    pub(crate) fn journal(&self, run: &str) -> String {
        let path = self.state().join("runs").join(run).join("journal.jsonl");
        std::fs::read_to_string(path).expect("it has a journal")
    }

    /// The lines of a file in the folder; none if it is not there.
    pub(crate) fn lines(&self, file: &str) -> Vec<String> {
        let text = std::fs::read_to_string(self.path().join(file)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

pub(crate) fn said(output: Output) -> Said {
    let text = [output.stdout, output.stderr].concat();
    Said {
        code: output.status.code(),
        text: String::from_utf8(text).expect("it speaks UTF-8"),
    }
}
