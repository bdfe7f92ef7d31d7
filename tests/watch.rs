//! A second terminal follows a run: from its beginning, live, and without being in the way of who drives it.

mod support;

use std::fs;
use std::process::Child;

use support::{ENTER, Live, Seen, Terminal, World, steady};

/// A step that stops until the test writes to a pipe, a gate that wants a word.
const BOOK: &str = r#"
nodes:
  go:
    question: Go on?
    choices: { "yes": hold, "no": stop }
  hold:
    action: Hold
    run: [sh, -c, 'echo one; echo here > there; read word < hold; echo two; test "$word" = go']
    capture: { said: stdout }
gates:
  told: { title: People know, attest: People know. }
"#;

fn world() -> World {
    let world = World::with(BOOK);
    for pipe in ["there", "hold"] {
        world.command("mkfifo".as_ref()).arg(pipe).exits(0);
    }
    world
}

/// Starts a run, and waits until it has come to the step.
fn started(world: &World, flags: &str) -> Child {
    let driver = world.call(&format!("run book.yaml --headless {flags}")).start();
    assert_eq!(world.read("there"), "here\n", "it has come to the step");
    driver
}

fn let_go(world: &World, word: &str) {
    fs::write(world.folder().join("hold"), format!("{word}\n")).expect("the step reads it");
}

fn ended(driver: Child) -> Seen {
    Seen::of(driver.wait_with_output().expect("it was started"))
}

#[test]
fn who_watches_sees_what_the_first_terminal_shows() {
    let world = world();
    let driver = started(&world, "--answer go=yes --attest told=bo");
    let mut watch = Live::of(world.call("watch last"));
    watch.sees("[hold] │ one");
    let_go(&world, "go");
    watch.sees("Complete: every required gate is closed");
    let (code, watched) = watch.told();
    let driver = ended(driver);
    assert_eq!((code, driver.code), (0, Some(0)), "{driver}");
    assert_eq!(steady(&watched), steady(&driver.stderr));

    // And the same once it is over.
    let seen = world.call("watch last").exits(0);
    assert_eq!(steady(&seen.stderr), steady(&driver.stderr));
    assert_eq!(seen.stdout, "");
}

#[test]
fn it_ends_with_the_exit_code_of_the_run_and_as_records_for_programs() {
    let world = world();
    let driver = started(&world, "--answer go=yes --output jsonl");
    let mut watch = Live::of(world.call("watch last --output jsonl"));
    watch.sees(r#""event":"spawned""#);
    let_go(&world, "no");
    watch.sees(r#""event":"run_ended","state":"failed""#);
    assert_eq!(watch.ends(), 1);
    let driver = ended(driver);
    assert_eq!(driver.code, Some(1));
    let seen = world.call("watch last --output jsonl").exits(1);
    assert_eq!(seen.stdout, driver.stdout);
    assert_eq!(steady(&seen.stderr), steady(&driver.stderr));
}

#[test]
fn a_run_that_waits_is_watched_on_until_it_is_over() {
    let world = world();
    world.call("run book.yaml --headless").exits(4);
    let mut watch = Live::of(world.call("watch last"));
    watch.sees("Waiting for a person");
    watch.sees("--answer 'go=yes|no'");
    watch.sees("still watched: it goes on here when somebody resumes it");
    // Who watches looks all the time whether somebody drives it: nobody who wants to meets that.
    for _ in 0..20 {
        world.call("resume last --headless").exits(4);
    }
    world.call("resume last --headless --answer go=no").exits(8);
    watch.sees("Stopped by a person");
    assert_eq!(watch.ends(), 8);
}

#[test]
fn what_somebody_is_asked_is_said_to_who_watches() {
    let world = world();
    let mut driver = Terminal::of(world.call("run book.yaml"));
    driver.is_asked("Go on?", "Esc leaves it open]");
    let mut watch = Live::of(world.call("watch last"));
    watch.sees("Go on?  waits for a person");
    driver.types("no");
    driver.types(ENTER);
    watch.sees("[go] › Go on? no");
    assert_eq!(driver.ends(), 8);
    watch.sees("Stopped by a person");
    assert_eq!(watch.ends(), 8);
}

#[test]
fn a_driver_that_dies_is_told_and_the_run_watched_on() {
    let world = world();
    let mut driver = started(&world, "--answer go=yes --attest told=bo");
    let mut watch = Live::of(world.call("watch last"));
    watch.sees("[hold] │ one");
    driver.kill().expect("it runs");
    driver.wait().expect("it was killed");
    watch.sees("cut short: the program that drove it went away after ");
    let_go(&world, "go");

    let resolve = "resume last --headless --resolve hold=skip --reason mended";
    // The command that was left behind may need a moment to be gone.
    let resumed = (0..1000)
        .map(|_| world.call(resolve).seen())
        .find(|seen| seen.code != Some(6));
    let resumed = resumed.expect("it goes away");
    watch.sees("resumed by");
    watch.sees("skip, says");
    assert_eq!(Some(watch.ends()), resumed.code, "{resumed}");
}

#[test]
fn ctrl_c_ends_the_watching_and_nothing_else() {
    let world = world();
    let driver = started(&world, "--answer go=yes --attest told=bo");
    let mut watch = Live::of(world.call("watch last"));
    watch.sees("[hold] │ one");
    let tree = world.tree();
    watch.is_sent(rustix::process::Signal::INT);
    watch.sees("not watched any more; the run is as it was");
    assert_eq!(watch.ends(), 130);
    assert_eq!(world.tree(), tree, "it has touched nothing");
    let_go(&world, "go");
    assert_eq!(ended(driver).code, Some(0));
}

#[test]
fn at_a_terminal_it_is_alive() {
    let world = world();
    let driver = started(&world, "--answer go=yes --attest told=bo");
    let mut watch = Terminal::of(world.call("watch last"));
    watch.sees("Hold");
    watch.sees("one");
    let_go(&world, "go");
    watch.sees("two");
    watch.sees("Complete");
    assert_eq!(watch.ends(), 0);
    assert_eq!(ended(driver).code, Some(0));
}

#[test]
fn an_undo_is_watched_like_the_run() {
    let world = World::with(
        "nodes: { act: { action: Act, run: [echo, acted], undo: { run: [echo, taken back] } } }\n",
    );
    world.call("run book.yaml --headless").exits(0);
    world.call("undo last --headless --yes").exits(0);
    let seen = world.call("watch last").exits(0);
    for part in ["[act] │ acted", "Complete", "[act] │ taken back"] {
        assert!(seen.stderr.contains(part), "{part}: {seen}");
    }
}
