//! A preview starts no process and writes nothing: every program on `PATH` is a canary that would leave a file, and nothing may
//! have changed afterwards.

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use support::{Call, World, call_of, can_trace, load, shipped, values};

/// What a runbook, or Switchback itself, might think of starting.
const CANARIES: &[&str] = &[
    "canary", "sh", "bash", "dash", "git", "dep", "php", "ssh", "touch", "env", "readlink",
];

/// A runbook in a home of its own, the answers to all its questions, and canaries.
struct Cage {
    world: World,
    book: PathBuf,
    parameters: Vec<(String, String)>,
    answers: Vec<String>,
}

impl Cage {
    fn of(runbook: &Path) -> Self {
        let world = World::new();
        let from = runbook.parent().expect("it is in a folder");
        copy(from, &world.folder());
        let book = world.folder().join(runbook.file_name().expect("it is a file"));
        let canaries = world.home().join("bin");
        fs::create_dir(&canaries).expect("the home is ours");
        let song = world.home().join("song");
        for name in CANARIES {
            let canary = canaries.join(name);
            let text = format!("#!/bin/sh\n: > '{}'\n", song.display());
            fs::write(&canary, text).expect("the home is ours");
            fs::set_permissions(&canary, fs::Permissions::from_mode(0o755)).expect("it is ours");
        }
        let loaded = load(&book);
        let mut answers = Vec::new();
        for node in loaded.nodes.values() {
            if let Some(question) = node.question() {
                answers.push(format!("{}={}", node.id, values::answers(question)[0]));
            }
        }
        Self {
            world,
            book,
            parameters: values::parameters(&loaded),
            answers,
        }
    }

    /// The previews: of every route and of one, for people and for programs, and by both names. `program` is what is called.
    fn previews(&self, program: impl Fn() -> Call) -> Vec<Call> {
        let ways: [&[&str]; 3] = [&["plan"], &["run", "--dry-run"], &["plan", "--output", "json"]];
        let mut calls = Vec::new();
        for way in ways {
            for answered in [false, true] {
                let mut call = program().env("PATH", self.world.home().join("bin"));
                for arg in way {
                    call = call.arg(arg);
                }
                call = call.arg(&self.book);
                for (name, value) in &self.parameters {
                    call = call.arg("-p").arg(format!("{name}={value}"));
                }
                for answer in self.answers.iter().filter(|_| answered) {
                    call = call.arg("--answer").arg(answer);
                }
                calls.push(call);
            }
        }
        calls
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the home is ours");
    for entry in fs::read_dir(from).expect("it is a folder") {
        let entry = entry.expect("it can be listed").path();
        let to = to.join(entry.file_name().expect("it has a name"));
        if entry.is_dir() {
            copy(&entry, &to);
        } else {
            fs::copy(&entry, &to).expect("the home is ours");
        }
    }
}

fn hostile() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hostile.yaml")
}

fn all() -> Vec<PathBuf> {
    let mut all = shipped();
    all.push(hostile());
    all
}

#[test]
fn a_canary_sings_when_it_is_started() {
    let cage = Cage::of(&hostile());
    for name in CANARIES {
        let song = cage.world.home().join("song");
        cage.world
            .command(&cage.world.home().join("bin").join(name))
            .exits(0);
        assert!(song.exists(), "`{name}` is silent");
        fs::remove_file(song).expect("it is there");
    }
}

#[test]
fn a_preview_leaves_everything_as_it_was() {
    for runbook in all() {
        let cage = Cage::of(&runbook);
        let before = cage.world.tree();
        for call in cage.previews(|| cage.world.call("")) {
            let seen = call.exits(0);
            assert!(!seen.stdout.is_empty(), "{seen}");
            assert_eq!(seen.stderr, "");
            assert_eq!(cage.world.tree(), before, "{}", runbook.display());
        }
    }
}

/// The same canaries, and a run: without the promise of a preview they do sing.
#[test]
fn a_run_does_not() {
    let cage = Cage::of(&hostile());
    let text = fs::read_to_string(&cage.book).expect("it is text");
    fs::write(&cage.book, text.replace(", no_such_command", "")).expect("it is ours");
    let mut call = cage
        .world
        .call("run")
        .arg(&cage.book)
        .env("PATH", cage.world.home().join("bin"));
    for (name, value) in &cage.parameters {
        call = call.arg("-p").arg(format!("{name}={value}"));
    }
    call.seen();
    assert!(cage.world.home().join("song").exists());
    assert_eq!(cage.world.runs().len(), 1);
}

/// The system's own word for it, where `strace` is there to ask: no program is started, and no file is opened to be written.
#[test]
fn a_preview_asks_the_system_for_nothing_that_could_change_it() {
    let traced = [
        "-f",
        "-qq",
        "-e",
        "trace=execve,execveat,fork,vfork,open,openat,creat,socket,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat",
    ];
    if !can_trace(&traced) {
        return;
    }
    let strace = which("strace");
    for runbook in all() {
        let cage = Cage::of(&runbook);
        let log = tempfile::NamedTempFile::new().expect("there is room for it");
        let program = || {
            let mut call = cage.world.command(&strace);
            for arg in traced {
                call = call.arg(arg);
            }
            call.arg("-o")
                .arg(log.path())
                .arg(env!("CARGO_BIN_EXE_switchback"))
        };
        for call in cage.previews(program) {
            call.exits(0);
            let text = fs::read_to_string(log.path()).expect("it was traced");
            let mut started = text.lines().filter(|line| call_of(line).starts_with("exec"));
            assert!(
                started.next().is_some_and(|line| line.contains("switchback")),
                "{text}"
            );
            assert_eq!(started.next(), None, "another program");
            let changes = |line: &&str| {
                let calls = ["creat", "fork", "vfork", "socket", "unlink", "rename", "mkdir"];
                let flags = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"];
                calls.iter().any(|call| call_of(line).starts_with(call))
                    || flags.iter().any(|flag| line.contains(flag))
            };
            assert_eq!(text.lines().find(changes), None, "{}", runbook.display());
        }
    }
}

fn which(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = std::env::split_paths(&path).map(|folder| folder.join(name));
    all.find(|path| path.is_file())
        .expect("it was started a moment ago")
}
