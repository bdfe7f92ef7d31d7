//! Steps that take the terminal: a person uses them, Ctrl-C is theirs, and without a person they wait.

mod support;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use support::{ENTER, INTERRUPT, Seen, Terminal, World};

/// How often is looked again at what is still on its way.
const PATIENCE: usize = 1000;

/// A step that has the terminal for the script `talk`, and one after it.
fn world(script: &str) -> World {
    with("", script)
}

fn with(keys: &str, script: &str) -> World {
    let world = World::with(&format!(
        "
nodes:
  talk: {{ action: Talk, run: [sh, ./talk], terminal: true, {keys} next: after }}
  after: {{ action: After, effect: read, run: [touch, after] }}
"
    ));
    world.write("talk", script);
    world
}

/// The run, at a terminal, where the step is agreed to.
fn at_a_terminal(world: &World) -> Terminal {
    let mut terminal = Terminal::of(world.call("run book.yaml"));
    terminal.sees("it takes the terminal until it ends; what it prints is not kept");
    terminal.is_asked("Run it? [yes/no]", "Esc leaves it open]");
    terminal.types("yes");
    terminal.types(ENTER);
    terminal
}

/// Exits with 130 or another sign of a signal, and then a person says that the step is done.
#[track_caller]
fn ends_and_goes_on(world: &World, terminal: Terminal, code: i32) {
    assert_eq!(terminal.ends(), code);
    assert!(!world.has("after"), "nothing starts after it");
    world.call("resume last").exits(7);
    world
        .call("resume last --resolve talk=done --reason looked")
        .exits(0);
    assert!(world.has("after"));
}

#[test]
fn a_person_uses_it_in_our_process_group() {
    let world = world(
        r#"
group_of() { ps -o pgid= -p "$1" | tr -d ' '; }
test "$(group_of $$)" = "$(group_of $PPID)" && echo in one group
test -t 0 && test -t 1 && test -t 2 && echo at a terminal
read word
echo "heard <$word> for $SWITCHBACK_NODE"
"#,
    );
    let mut terminal = at_a_terminal(&world);
    terminal.sees("in one group");
    terminal.sees("at a terminal");
    terminal.types("hello");
    terminal.types(ENTER);
    terminal.sees("heard <hello> for talk");
    terminal.sees("Complete");
    assert_eq!(terminal.ends(), 0);
    assert!(world.has("after"));

    for (path, content) in world.contents() {
        let is_ours = path.starts_with(world.home().join("state"));
        let kept = String::from_utf8_lossy(&content).contains("hello");
        assert!(!(is_ours && kept), "{} keeps what was said", path.display());
    }
    let shown = world.call("show last").exits(0);
    assert!(
        shown
            .stdout
            .contains("it had the terminal: what it printed is not kept"),
        "{shown}"
    );
}

#[test]
fn what_it_prints_is_none_of_the_data_on_standard_output() {
    let world = world("test -t 1 && echo to a person");
    let mut terminal = Terminal::of(world.shell("switchback run book.yaml --yes --output jsonl > out.jsonl"));
    terminal.sees("to a person");
    assert_eq!(terminal.ends(), 0);
    for line in world.read("out.jsonl").lines() {
        assert!(line.starts_with(r#"{"v":1,"#), "{line}");
    }
}

#[test]
fn it_leaves_the_terminal_as_it_was() {
    let world = World::with(
        "
nodes:
  spoil: { action: Spoil, effect: read, run: [stty, -isig, -icanon], terminal: true, next: look }
  look: { action: Look, effect: read, run: 'stty -a > modes', terminal: true }
",
    );
    let mut terminal = Terminal::of(world.call("run book.yaml"));
    terminal.sees("Complete");
    assert_eq!(terminal.ends(), 0);
    let modes = world.read("modes");
    assert!(modes.contains("isig icanon"), "{modes}");
}

#[test]
fn a_program_that_takes_ctrl_c_goes_on_and_so_does_the_run() {
    let world = world("trap 'echo caught' INT; echo ready; until read word; do :; done; echo heard $word");
    let mut terminal = at_a_terminal(&world);
    terminal.sees("ready");
    terminal.types(INTERRUPT);
    terminal.sees("caught");
    terminal.types("hello");
    terminal.types(ENTER);
    terminal.sees("heard hello");
    terminal.sees("Complete");
    assert_eq!(terminal.ends(), 0);
    assert!(world.has("after"));
}

#[test]
fn a_program_that_dies_of_ctrl_c_ends_the_run() {
    let world = world("echo ready; exec sleep 1000");
    let mut terminal = at_a_terminal(&world);
    terminal.sees("ready");
    terminal.types(INTERRUPT);
    terminal.sees("switchback resume");
    ends_and_goes_on(&world, terminal, 130);
}

#[test]
fn a_signal_to_us_ends_the_program_and_nobody_else() {
    for script in [
        "echo ready; exec sleep 1000",
        // Only KILL ends this one.
        "trap '' TERM; echo ready; while :; do sleep 0.01; done",
    ] {
        let world = with("grace: 100ms,", script);
        let mut terminal = at_a_terminal(&world);
        terminal.sees("ready");
        terminal.is_sent(Signal::TERM);
        terminal.sees("switchback resume");
        ends_and_goes_on(&world, terminal, 143);
    }
}

#[test]
fn it_has_only_the_time_that_it_is_given() {
    let world = with("timeout: 100ms,", "echo ready; exec sleep 1000");
    let mut terminal = at_a_terminal(&world);
    terminal.sees("it took longer than 100ms and was ended");
    assert_eq!(terminal.ends(), 1);
}

#[test]
fn without_a_person_it_waits_whatever_was_agreed_to() {
    let world = world("touch talked");
    let seen = world.call("run book.yaml").exits(4);
    insta::assert_snapshot!(seen, @r"
    exit 4
    --- stderr
    A book
    book · run ‹run› · started by uid ‹n› · ‹time›
    [talk] ▸ Talk
    [talk] $ sh ./talk
    [talk] it takes the terminal until it ends; what it prints is not kept

    … Waiting for a person  run ‹run› · ‹took›
      … Talk: it takes a terminal
    Go on at a terminal with:
      switchback resume ‹run›
    ");
    for args in ["--yes", "--yes --confirm talk", "--headless --confirm talk"] {
        world.call(&format!("resume last {args}")).exits(4);
    }
    let mut ci = Terminal::of(world.call("resume last --yes").env("CI", "true"));
    ci.sees("Go on at a terminal with:");
    assert_eq!(ci.ends(), 4);
    assert!(!world.has("talked") && !world.has("after"));

    let mut terminal = Terminal::of(world.call("resume last"));
    terminal.sees("Complete");
    assert_eq!(terminal.ends(), 0);
    assert!(world.has("talked") && world.has("after"));
}

#[test]
fn a_preview_says_that_it_takes_the_terminal() {
    let plan = world("").call("plan book.yaml").exits(0);
    let says = "     changes   $ sh ./talk\n";
    let wanted = "     terminal  its own until it ends; what it prints is not kept\n";
    assert!(
        plan.stdout.contains(says) && plan.stdout.contains(wanted),
        "{plan}"
    );
}

#[test]
fn killed_beside_it_the_run_is_not_resumed_while_it_lives() {
    // The terminal goes away with the program that leads its session.
    let world = world("trap '' HUP; echo ready; exec > /dev/null 2>&1; read on < on");
    let made = Command::new("mkfifo").arg(world.folder().join("on")).status();
    assert!(made.expect("mkfifo is there").success());
    let mut terminal = at_a_terminal(&world);
    terminal.sees("ready");
    let journal = world.runs()[0].join("journal.jsonl");
    until("it is known", || {
        let record = fs::read_to_string(&journal).expect("it is there");
        record.contains(r#""event":"spawned""#)
    });
    terminal.is_sent(Signal::KILL);
    drop(terminal);

    let refused = resumed(&world, |seen| {
        !seen.stderr.contains("another process has the run")
    });
    assert_eq!(refused.code, Some(6), "{refused}");
    assert!(
        refused
            .stderr
            .contains("the command of `talk` still runs, as process "),
        "{refused}"
    );
    assert!(!refused.stderr.contains("process group"), "{refused}");

    let mut on = OpenOptions::new()
        .write(true)
        .open(world.folder().join("on"))
        .expect("it is there");
    on.write_all(b"on\n").expect("it is read");
    let doubt = resumed(&world, |seen| seen.code != Some(6));
    assert_eq!(doubt.code, Some(7), "{doubt}");
    assert!(!world.has("after"));
}

/// Resumes the run until that says something else than that it has to wait.
fn resumed(world: &World, is_it: impl Fn(&Seen) -> bool) -> Seen {
    let mut seen = world.call("resume last").seen();
    until("it can be resumed", || {
        seen = world.call("resume last").seen();
        is_it(&seen)
    });
    seen
}

#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..PATIENCE {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("not so: {what}");
}
