//! Drives the program as its users do: by its arguments, in an environment that is known to the last name.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::SystemTime;

use regex::Regex;
use tempfile::TempDir;

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_switchback");

/// What differs from one run to the next, and what stands for it in a snapshot.
const FILTERS: &[(&str, &str)] = &[
    (r"\d{8}-\d{6}-[0-9a-f]{6}", "‹run›"),
    (r"[\w/.-]*/switchback-test-\w+", "‹home›"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC", "‹time›"),
    (r"\b\d+\.\d+s\b", "‹took›"),
    (r"\buid \d+", "uid ‹n›"),
    (r"sha256:[0-9a-f]{12,64}(:[\w-]+)?", "sha256:‹digest›"),
];

/// A home of its own: a folder for runbooks, the state folder, and nothing else. Gone with the value.
pub(crate) struct World {
    home: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let home = tempfile::Builder::new()
            .prefix("switchback-test-")
            .tempdir()
            .expect("there is room for it");
        fs::create_dir(home.path().join("work")).expect("the home is empty");
        Self { home }
    }

    /// A home with `book.yaml` in its folder; the text goes without the three lines that every runbook starts with.
    pub(crate) fn with(yaml: &str) -> Self {
        let world = Self::new();
        world.book(yaml);
        world
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the program is called.
    pub(crate) fn folder(&self) -> PathBuf {
        self.home().join("work")
    }

    /// Writes `book.yaml` anew.
    pub(crate) fn book(&self, yaml: &str) {
        let yaml = format!("switchback: 1\nname: book\ntitle: A book\n{yaml}");
        self.write("book.yaml", &yaml);
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder().join(name);
        fs::write(&path, text).expect("the folder is ours");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder().join(name).exists()
    }

    /// The folders of the runs, the oldest first.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let mut runs: Vec<PathBuf> = fs::read_dir(self.home().join("state/switchback/runs"))
            .map(|entries| {
                entries
                    .map(|entry| entry.expect("it can be listed").path())
                    .collect()
            })
            .unwrap_or_default();
        runs.sort();
        runs
    }

    /// The id of the only run.
    pub(crate) fn run(&self) -> String {
        let runs = self.runs();
        let [run] = runs.as_slice() else {
            panic!("there is not one run but {runs:?}")
        };
        run.file_name()
            .and_then(OsStr::to_str)
            .expect("ids are text")
            .to_owned()
    }

    /// Every file, folder and link below the home, with its size and the time of its last change.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, (u64, SystemTime)> {
        let mut found = BTreeMap::new();
        note(self.home(), &mut found);
        found
    }

    /// What is in every file below the home.
    pub(crate) fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let files = self.tree().into_keys().filter(|path| path.is_file());
        files
            .map(|path| (path.clone(), fs::read(&path).expect("it is ours")))
            .collect()
    }

    /// A call of the program with these arguments, cut at spaces.
    pub(crate) fn call(&self, args: &str) -> Call {
        let mut call = self.command(Path::new(PROGRAM));
        call.command.args(args.split_whitespace());
        call
    }

    /// A call of the shell, in which `switchback` is the program.
    pub(crate) fn shell(&self, script: &str) -> Call {
        let folder = Path::new(PROGRAM).parent().expect("it is in a folder");
        let own = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&own));
        let path = std::env::join_paths(all).expect("the folders were on PATH before");
        let mut call = self.command(Path::new("sh")).env("PATH", path);
        call.command.args(["-c", script]);
        call
    }

    /// A call of any command, in this home.
    pub(crate) fn command(&self, program: &Path) -> Call {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("XDG_STATE_HOME", self.home().join("state"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        Call { command, input: None }
    }
}

fn note(path: &Path, found: &mut BTreeMap<PathBuf, (u64, SystemTime)>) {
    let about = fs::symlink_metadata(path).expect("it was listed a moment ago");
    let changed = about.modified().expect("the system keeps the time");
    found.insert(path.to_owned(), (about.len(), changed));
    if about.is_dir() {
        for entry in fs::read_dir(path).expect("it is ours") {
            note(&entry.expect("it can be listed").path(), found);
        }
    }
}

/// A call that is being made up.
pub(crate) struct Call {
    command: Command,
    input: Option<String>,
}

impl Call {
    /// One more argument, spaces and all.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn in_folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// What stands on standard input; nothing, unless said.
    pub(crate) fn input(mut self, text: &str) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(text.to_owned());
        self
    }

    /// The command itself, for a terminal to start. What it prints goes where the terminal has it.
    pub(crate) fn into_command(mut self) -> Command {
        self.command
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        self.command
    }

    /// Starts it, for tests that do something meanwhile.
    pub(crate) fn start(mut self) -> Child {
        self.command
            .spawn()
            .unwrap_or_else(|error| panic!("{:?}: {error}", self.command))
    }

    /// Makes it, to its end.
    pub(crate) fn seen(mut self) -> Seen {
        let input = self.input.take();
        let mut child = self.start();
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            // A program that does not read it to the end is free to.
            let _ = stdin.write_all(input.as_bytes());
        }
        Seen::of(child.wait_with_output().expect("it was started"))
    }

    /// Makes it, and wants this exit status.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Seen {
        let seen = self.seen();
        assert_eq!(seen.code, Some(code), "{seen}");
        seen
    }
}

/// A text without what differs from one run to the next.
pub(crate) fn steady(text: &str) -> String {
    FILTERS.iter().fold(text.to_owned(), |text, (pattern, instead)| {
        let pattern = Regex::new(pattern).expect("it is one");
        pattern.replace_all(&text, *instead).into_owned()
    })
}

/// What came of a call. It is displayed as [`steady`] text.
#[derive(Debug)]
pub(crate) struct Seen {
    /// None if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Seen {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("the program prints UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("the program prints UTF-8"),
        }
    }

    /// Standard output, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// The command that standard error offers after this line: as it is printed, to the last line that it goes on to.
    #[track_caller]
    pub(crate) fn offered(&self, after: &str) -> String {
        let mut lines = self
            .stderr
            .lines()
            .skip_while(|line| *line != after)
            .skip(1)
            .peekable();
        assert!(lines.peek().is_some(), "no line `{after}` and a command\n{self}");
        let mut command = String::new();
        for line in lines {
            command.push_str(line);
            command.push('\n');
            if !line.ends_with('\\') {
                break;
            }
        }
        command
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => writeln!(f, "exit {code}")?,
            None => writeln!(f, "ended by a signal")?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "--- {name}\n{}", steady(text))?;
            }
        }
        Ok(())
    }
}

/// Whether this is a machine for continuous integration, which has all that a test may need.
pub(crate) fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "false" | "0"))
}

/// Whether drills can be played here. A developer's machine may lack what they need, a machine for continuous integration may not.
pub(crate) fn can_drill() -> bool {
    let missing: Vec<&str> = ["bash", "git", "python3", "tar"]
        .into_iter()
        .filter(|name| Command::new(name).arg("--version").output().is_err())
        .collect();
    if missing.is_empty() {
        return true;
    }
    let message = format!("drills need {}", missing.join(", "));
    assert!(!in_ci(), "{message}");
    let note = format!("{message}: none is played here\n");
    let _ = std::io::stderr().write_all(note.as_bytes());
    false
}

/// Which call a line of `strace` tells of. The rest of the line has paths in it, which may be called anything.
pub(crate) fn call_of(line: &str) -> &str {
    let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    call.split('(').next().unwrap_or(call)
}

/// Whether the system tells here what a program asks it for, by `strace` with these arguments.
pub(crate) fn can_trace(traced: &[&str]) -> bool {
    let works = Command::new("strace")
        .args(traced)
        .args(["-o", "/dev/null", "true"])
        .status();
    if works.is_ok_and(|status| status.success()) {
        return true;
    }
    let message = "`strace` is not here, or may not trace";
    assert!(!in_ci(), "{message}: install it");
    let note = format!("{message}: nothing is traced\n");
    let _ = std::io::stderr().write_all(note.as_bytes());
    false
}
