//! The program itself is killed while a command, or a check, stands at a known place: it holds a pipe open that the test reads from and
//! writes to, so that nothing here has to wait for time to pass.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// How often a call is made again while what it waits for is still on its way.
const PATIENCE: usize = 1000;

struct World {
    folder: tempfile::TempDir,
}

impl World {
    /// A runbook of these nodes. Commands write what they do to `log`; `here` says that they are at the place where they are killed, and
    /// waits until `on` is written to.
    fn of(nodes: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room");
        let world = Self { folder };
        for pipe in ["here", "on"] {
            let made = Command::new("mkfifo").arg(world.path(pipe)).status();
            assert!(made.expect("mkfifo is there").success());
        }
        let runbook = format!("switchback: 1\nname: test\ntitle: Test\nnodes:\n{nodes}");
        fs::write(world.path("test.yaml"), runbook).expect("there is room");
        fs::write(world.path("log"), "").expect("there is room");
        // A run that never starts would never come to the place.
        let mut check = Command::new(env!("CARGO_BIN_EXE_switchback"));
        let (code, said) = told(
            &check
                .arg("check")
                .arg(world.path("test.yaml"))
                .output()
                .expect("it is built"),
        );
        assert_eq!(code, 0, "{said}");
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn switchback(&self, args: &[&str]) -> Command {
        let mut command = self.call(args);
        command.arg("--headless");
        command
    }

    fn call(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchback"));
        command
            .args(args)
            .arg("--state-dir")
            .arg(self.path("state"))
            .current_dir(self.folder.path())
            .env_remove("CI")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts the run and kills it when it has come to the place.
    fn kill_there(&self) {
        self.kill(
            self.switchback(&["run", "test.yaml"])
                .spawn()
                .expect("it is built"),
        );
    }

    fn kill(&self, mut child: Child) {
        let mut at = String::new();
        let mut here = fs::File::open(self.path("here")).expect("it is there");
        here.read_to_string(&mut at).expect("it is read");
        assert_eq!(at, "here\n");
        // What the program has not seen yet when it is killed, it cannot know afterwards.
        assert!((0..PATIENCE).any(|_| self.has_seen_it()), "it sees nothing");
        child.kill().expect("it runs");
        child.wait().expect("it was killed");
    }

    /// Whether the program knows of the command that runs, and has kept what it has printed.
    fn has_seen_it(&self) -> bool {
        std::thread::sleep(Duration::from_millis(5));
        let journal = journal(&self.path("state"));
        let record = fs::read_to_string(&journal).expect("it is there");
        let is = |event: &str| record.matches(&format!(r#""event":"{event}""#)).count();
        let runbook = fs::read_to_string(self.path("test.yaml")).expect("it is there");
        let kept = fs::read_to_string(journal.with_file_name("output").join("deploy.1.stdout"));
        is("started") + is("undo_started") == is("spawned")
            && (!runbook.contains("echo release") || kept.is_ok_and(|kept| kept.contains("release 42\n")))
    }

    /// Lets what was left behind go on.
    fn go_on(&self) {
        let mut on = fs::OpenOptions::new()
            .write(true)
            .open(self.path("on"))
            .expect("it is there");
        on.write_all(b"on\n").expect("it is read");
    }

    fn resume(&self, flags: &[&str]) -> (i32, String) {
        self.said("resume", flags)
    }

    fn undo(&self, flags: &[&str]) -> (i32, String) {
        self.said("undo", flags)
    }

    fn said(&self, verb: &str, flags: &[&str]) -> (i32, String) {
        let args = [[verb, "last"].as_slice(), flags].concat();
        told(&self.switchback(&args).output().expect("it is built"))
    }

    fn cancel(&self) -> (i32, String) {
        told(&self.call(&["cancel", "last"]).output().expect("it is built"))
    }

    /// Resumes it as soon as what was left behind is gone.
    fn resume_alone(&self) -> (i32, String) {
        alone(|| self.resume(&[]))
    }

    fn log(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).expect("it is there");
        log.lines().map(str::to_owned).collect()
    }

    fn is_sound(&self) {
        let verify = self.call(&["verify", "last"]).output();
        let (code, said) = told(&verify.expect("it is built"));
        assert_eq!(code, 0, "{said}");
    }
}

/// What a call says when what was left behind is gone.
fn alone(call: impl Fn() -> (i32, String)) -> (i32, String) {
    for _ in 0..PATIENCE {
        let (code, said) = call();
        if code != 6 {
            return (code, said);
        }
    }
    panic!("what was left behind does not end");
}

fn told(output: &Output) -> (i32, String) {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (
        output.status.code().expect("it ended by itself"),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

fn journal(state: &Path) -> PathBuf {
    let mut runs = fs::read_dir(state.join("runs")).expect("it is there");
    let run = runs.next().expect("there is one").expect("it can be listed");
    run.path().join("journal.jsonl")
}

const IN_ITS_WORK: &str = r#"
  before: { action: Before, run: 'echo before >> log', next: deploy }
  deploy:
    action: Deploy
    run: 'echo deploy >> log; echo release 42; echo here > here; read on < on; echo deployed >> log'
    capture: { release: { stdout: { regex: 'release (\S+)' } } }
    next: after
  after: { action: After, run: 'echo "after {{ outputs.deploy.release }}" >> log' }
"#;

#[test]
fn killed_in_a_commands_work_it_waits_for_its_end_and_then_asks() {
    let world = World::of(IN_ITS_WORK);
    world.kill_there();

    let (code, said) = world.resume(&["--resolve", "deploy=rerun", "--reason", "hurry"]);
    assert_eq!(code, 6, "{said}");
    assert!(
        said.contains("the command of `deploy` still runs, as process group "),
        "{said}"
    );
    assert!(said.contains("kill -s TERM -- -"), "{said}");

    world.go_on();
    let (code, said) = world.resume_alone();
    assert_eq!(code, 7, "{said}");
    for known in [
        "$ echo deploy >> log;",
        "attempt 1 was started 2",
        " release 42\n",
        "--resolve deploy=done",
        "--set deploy.release=VALUE",
        "--resolve deploy=rerun",
        "--resolve deploy=skip",
    ] {
        assert!(said.contains(known), "`{known}` is not in\n{said}");
    }

    let (code, said) = world.resume(&["--resolve", "deploy=done", "--reason", "looked"]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("`--set deploy.release=VALUE`"), "{said}");
    let done = [
        "--resolve",
        "deploy=done",
        "--set",
        "deploy.release=42",
        "--reason",
        "looked",
    ];
    let (code, said) = world.resume(&done);
    assert_eq!(code, 0, "{said}");
    assert_eq!(world.log(), ["before", "deploy", "deployed", "after 42"]);
    world.is_sound();
    let record = fs::read_to_string(journal(&world.path("state"))).expect("it is there");
    assert!(
        record.contains(r#""event":"resolved","node":"deploy","how":"done""#),
        "{record}"
    );
}

#[test]
fn killed_in_a_commands_work_its_checks_can_tell_and_its_output_has_the_values() {
    let world = World::of(&IN_ITS_WORK.replace(
        "    next: after\n",
        "    on_interrupt: verify\n    verify: [ { file: log, content: { contains: deployed } } ]\n    next: after\n",
    ));
    world.kill_there();
    world.go_on();
    let (code, said) = world.resume_alone();
    assert_eq!(code, 0, "{said}");
    assert_eq!(world.log(), ["before", "deploy", "deployed", "after 42"]);
    world.is_sound();
}

#[test]
fn killed_in_a_check_only_the_check_is_made_again() {
    let world = World::of(
        "
  deploy:
    action: Deploy
    run: 'echo deploy >> log'
    verify: [ { run: 'echo check >> log; test -e seen && exit 0; touch seen; echo here > here; read on < on' } ]
    next: after
  after: { action: After, run: 'echo after >> log' }
",
    );
    world.kill_there();
    world.go_on();
    let (code, said) = world.resume(&[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(world.log(), ["deploy", "check", "check", "after"]);
    world.is_sound();
}

#[test]
fn killed_in_what_may_be_repeated_it_is_repeated_alone() {
    for may in ["idempotent: true, on_interrupt: retry", "effect: read"] {
        let world = World::of(&format!(
            "
  pull:
    {{ action: Pull, {may}, run: 'echo pull >> log; test -e seen && exit 0; touch seen; echo here > here; read on < on', next: after }}
  after: {{ action: After, run: 'echo after >> log' }}
"
        ));
        world.kill_there();
        assert_eq!(world.resume(&[]).0, 6, "not beside the first");
        world.go_on();
        let (code, said) = world.resume_alone();
        assert_eq!(code, 0, "{said}");
        assert_eq!(world.log(), ["pull", "pull", "after"], "{may}");
        world.is_sound();
    }
}

/// What undoes it stands at the place where it is killed, if it is asked for.
const UNDONE: &str = r#"
  first: { action: First, run: 'echo first >> log', undo: { run: 'echo first back >> log' }, next: deploy }
  deploy:
    action: Deploy
    run: 'echo deploy >> log'
    undo: { run: 'echo back >> log; echo here > here; read on < on; echo is back >> log' }
"#;

#[test]
fn neither_undone_nor_given_up_while_its_command_still_runs() {
    let with_undo = "    undo: { run: 'echo back >> log' }\n    next: after\n";
    let world = World::of(&IN_ITS_WORK.replace("    next: after\n", with_undo));
    world.kill_there();
    let resolved = ["--resolve", "deploy=done", "--reason", "hurry"];
    for (code, said) in [
        world.undo(&[]),
        world.undo(&["--only", "deploy"]),
        world.undo(&resolved),
        world.cancel(),
    ] {
        assert_eq!(code, 6, "{said}");
        assert!(
            said.contains("the command of `deploy` still runs, as process group "),
            "{said}"
        );
    }

    world.go_on();
    let (code, said) = alone(|| world.undo(&[]));
    assert_eq!(code, 7, "{said}");
    for known in [
        "Deploy: in doubt",
        "It is undone, or was never done:\n",
        "--resolve deploy=done \\\n",
        "--resolve deploy=rerun \\\n",
        "--resolve deploy=skip \\\n",
        "--reason TEXT\n",
    ] {
        assert!(said.contains(known), "`{known}` is not in\n{said}");
    }
    assert_eq!(
        world.log(),
        ["before", "deploy", "deployed"],
        "listed, and not undone"
    );
    let (code, said) = world.undo(&["--resolve", "deploy=rerun", "--reason", "it is deployed"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(world.log(), ["before", "deploy", "deployed", "back"]);
    let (code, said) = world.cancel();
    assert_eq!(code, 0, "{said}");
    world.is_sound();
}

#[test]
fn killed_in_an_undo_it_waits_for_its_end_and_then_for_somebodys_word() {
    for (how, after) in [
        ("done", "undone by hand, ana: looked"),
        ("skip", "left as it is, ana: looked"),
    ] {
        let world = World::of(UNDONE);
        let ran = world.switchback(&["run", "test.yaml"]).output();
        assert_eq!(told(&ran.expect("it is built")).0, 0);
        world.kill(world.switchback(&["undo", "last"]).spawn().expect("it is built"));
        for (code, said) in [
            world.undo(&[]),
            world.undo(&["--resolve", "deploy=done", "--reason", "hurry"]),
            world.cancel(),
        ] {
            assert_eq!(code, 6, "{said}");
            assert!(
                said.contains("the undo of `deploy` still runs, as process group "),
                "{said}"
            );
        }

        world.go_on();
        let (code, said) = alone(|| world.said("undo", &["--only", "first"]));
        assert_eq!(code, 0, "{said}");
        assert_eq!(world.log(), ["first", "deploy", "back", "is back", "first back"]);
        let (code, said) = world.undo(&[]);
        assert_eq!(code, 7, "{said}");
        let flags = [
            "undo",
            "last",
            "--resolve",
            &format!("deploy={how}"),
            "--reason",
            "looked",
        ];
        let mut undo = world.switchback(&flags);
        let undone = undo.env("SWITCHBACK_OPERATOR", "ana").output();
        let (code, said) = told(&undone.expect("it is built"));
        assert_eq!(code, 0, "{said}");
        assert!(said.contains(after), "{said}");
        assert_eq!(world.log().len(), 5, "nothing was run again");
        world.is_sound();
        let record = fs::read_to_string(journal(&world.path("state"))).expect("it is there");
        let resolved =
            format!(r#""event":"undo_resolved","node":"deploy","how":"{how}","by":{{"name":"ana""#);
        assert!(record.contains(&resolved), "{record}");
    }
}

#[test]
fn a_record_that_was_changed_is_noticed() {
    let world = World::of("\n  note: { action: Note, run: [echo, noted] }\n");
    let ran = world
        .switchback(&["run", "test.yaml"])
        .output()
        .expect("it is built");
    assert_eq!(told(&ran).0, 0);
    world.is_sound();
    let journal = journal(&world.path("state"));
    let text = fs::read_to_string(&journal).expect("it is there");
    fs::write(&journal, text.replacen("noted", "voted", 1)).expect("there is room");
    let mut verify = Command::new(env!("CARGO_BIN_EXE_switchback"));
    verify
        .args(["verify", "last", "--state-dir"])
        .arg(world.path("state"));
    let (code, said) = told(&verify.output().expect("it is built"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("record 2 of"), "{said}");
}
