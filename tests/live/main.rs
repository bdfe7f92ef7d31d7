//! What a person sees while a run goes on: the screen of a real terminal, read back.
//!
//! No command here takes time: each waits at a fifo until the test has seen what it wanted to see.

#[path = "../support/mod.rs"]
mod support;
mod watched;

use std::fs::OpenOptions;
use std::process::Command;

use support::{Call, ENTER, World};
use watched::Watched;

/// A runbook with its start given, and fifos at which its commands wait.
fn world(yaml: &str, fifos: &[&str]) -> World {
    let world = World::with(yaml);
    for fifo in fifos {
        let made = Command::new("mkfifo").arg(world.folder().join(fifo)).status();
        assert!(made.expect("mkfifo is there").success());
    }
    world
}

/// Lets the command go on that waits at this fifo.
fn goes_on(world: &World, fifo: &str) {
    let opened = OpenOptions::new().write(true).open(world.folder().join(fifo));
    drop(opened.expect("a command waits there"));
}

/// A call as somebody makes it at a good terminal.
fn at_a_terminal(world: &World, args: &str) -> Call {
    good(world.call(args))
}

fn good(call: Call) -> Call {
    call.env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("USER", "ana")
}

const DEPLOY: &str = r#"
start: [release]
nodes:
  release:
    action: Find the release that is live
    effect: read
    run: [echo, "release 42"]
    capture: { release: { stdout: { regex: '(\d+)' } } }
    next: deploy
  deploy:
    action: Deploy the new release
    effect: read
    timeout: 2m
    run: |
      for file in index.php about.php contact.php; do echo "copied $file"; done
      printf 'uploading 10%%'; cat first
      printf '\ruploading 45%%'; cat second
      echo ' and done'
    next: restart
  restart: { action: Restart the workers, effect: read, run: ["true"] }
gates:
  loads: { title: The site loads, verify: [ { title: it answers, run: ["true"] } ] }
  told: { title: The channel knows, required: false, attest: Everybody was told. }
"#;

/// As far as the second wait of that.
fn deploying(world: &World, call: Call, columns: u16, rows: u16) -> Watched {
    let mut watched = Watched::new(call, columns, rows);
    watched.shows("10%");
    goes_on(world, "first");
    watched.shows("45%");
    watched
}

#[test]
fn a_step_that_runs_shows_its_last_lines_its_time_and_what_comes_next() {
    let world = world(DEPLOY, &["first", "second"]);
    let call = at_a_terminal(&world, "run book.yaml --yes");
    let mut watched = deploying(&world, call, 80, 24);
    insta::assert_snapshot!("running", watched.screen());
    assert!(watched.broken_rows().is_empty());

    goes_on(&world, "second");
    watched.shows("[on record as ana]");
    insta::assert_snapshot!("asked", watched.screen());
    watched.types(ENTER);
    assert_eq!(watched.ends(), 0);
    insta::assert_snapshot!("over", watched.screen());
}

#[test]
fn a_terminal_of_40_columns_shows_what_counts() {
    let world = world(DEPLOY, &["first", "second"]);
    let call = at_a_terminal(&world, "run book.yaml --yes");
    let mut watched = deploying(&world, call, 40, 24);
    insta::assert_snapshot!("narrow", watched.screen());
    goes_on(&world, "second");
    watched.shows("Is it so?");
}

#[test]
fn a_tiny_terminal_shows_the_step_and_its_time() {
    let world = world(DEPLOY, &["first", "second"]);
    let call = at_a_terminal(&world, "run book.yaml --yes");
    let mut watched = Watched::new(call, 20, 10);
    watched.shows("10%");
    insta::assert_snapshot!("tiny", watched.screen());
    goes_on(&world, "first");
    goes_on(&world, "second");
    watched.shows("Is it so?");
}

#[test]
fn everything_still_fits_when_the_terminal_is_resized() {
    let world = world(DEPLOY, &["first", "second"]);
    let call = at_a_terminal(&world, "run book.yaml --yes");
    let mut watched = deploying(&world, call, 80, 24);
    watched.resizes(45, 12);
    // Both are cut off, until they are drawn anew.
    watched.shows("of 2m");
    watched.shows("\n  gates 0 of 2 closed");
    insta::assert_snapshot!("smaller", watched.screen());
    watched.resizes(100, 30);
    watched.shows("next: Restart the workers · gates 0 of 2 closed");
    insta::assert_snapshot!("larger", watched.screen());
    goes_on(&world, "second");
    watched.shows("Is it so?");
}

#[test]
fn without_unicode_marks_and_bars_are_ascii() {
    let world = world(DEPLOY, &["first", "second"]);
    let call = at_a_terminal(&world, "run book.yaml --yes").env("LANG", "C");
    let mut watched = deploying(&world, call, 80, 24);
    insta::assert_snapshot!("ascii", watched.screen());
    goes_on(&world, "second");
    watched.shows("Is it so?");
    assert!(
        watched.bytes.is_ascii(),
        "{}",
        String::from_utf8_lossy(&watched.bytes)
    );
}

/// Whether there are colours or other looks among what came.
fn is_painted(bytes: &[u8]) -> bool {
    let looks = regex::bytes::Regex::new(r"\x1b\[[0-9;:]*m").expect("it is one");
    looks.is_match(bytes)
}

#[test]
fn there_are_colours_unless_somebody_wants_none() {
    for (no_color, painted) in [("", true), ("1", false)] {
        let world = world(DEPLOY, &["first", "second"]);
        let call = at_a_terminal(&world, "run book.yaml --yes").env("NO_COLOR", no_color);
        let mut watched = deploying(&world, call, 80, 24);
        goes_on(&world, "second");
        watched.shows("Is it so?");
        watched.types(ENTER);
        assert_eq!(watched.ends(), 0);
        assert_eq!(is_painted(&watched.bytes), painted);
    }
}

#[test]
fn a_check_ticks_towards_its_end_and_says_what_it_saw() {
    let world = world(
        r#"
nodes:
  switch:
    action: Point the site back
    effect: read
    run: ["true"]
    verify:
      - { title: the link points at a release, run: ["true"] }
      - { title: the site answers, run: 'cat answer', stdout: { contains: good }, within: 90s, every: 100ms }
"#,
        &[],
    );
    world.write("answer", "bad gateway");
    let mut watched = Watched::new(at_a_terminal(&world, "run book.yaml"), 80, 24);
    watched.shows("bad gateway");
    insta::assert_snapshot!("ticking", watched.screen());
    world.write("answer", "a good page");
    assert_eq!(watched.ends(), 0);
    insta::assert_snapshot!("ticked", watched.screen());
}

#[test]
fn steps_side_by_side_share_the_screen() {
    let world = world(
        r#"
nodes:
  east: { action: Drain the east, effect: read, run: 'seq 1 30; cat go', next: done }
  west: { action: Drain the west, effect: read, timeout: 30s, run: 'seq 101 130; cat on', next: done }
  done: { action: All is drained, join: all }
"#,
        &["go", "on"],
    );
    let mut watched = Watched::new(at_a_terminal(&world, "run book.yaml --jobs 2"), 80, 24);
    watched.shows("│ 30");
    watched.shows("│ 130");
    insta::assert_snapshot!("side_by_side", watched.screen());
    goes_on(&world, "go");
    watched.shows("✓ Drain the east");
    watched.hides("│ 30");
    insta::assert_snapshot!("one_is_left", watched.screen());
    goes_on(&world, "on");
    assert_eq!(watched.ends(), 0);
}

#[test]
fn what_is_done_folds_to_one_line_a_step() {
    let world = world(
        r#"
nodes:
  one: { action: Do one thing, run: ["true"], next: two }
  two: { action: Do another, run: [echo, "v1.2.3"], capture: { version: stdout }, next: three }
  three:
    action: Check it all
    effect: read
    run: ["true"]
    verify: [ { title: first, run: ["true"] }, { title: second, run: ["true"] } ]
    next: four
  four: { action: Come to the end, verify: [ { title: it is, run: ["true"] } ], next: five }
  five: { action: Wait, effect: read, run: [cat, go] }
"#,
        &["go"],
    );
    // Terminals show what is typed; this one does not by itself.
    let call = world.shell("stty echo; exec switchback run book.yaml --yes");
    let mut watched = Watched::new(good(call), 80, 24);
    watched.shows("Wait");
    insta::assert_snapshot!("folded", watched.screen());

    // An impatient Enter leaves nothing behind but an empty line.
    watched.types(ENTER);
    watched.shows("1 check held\n\n\n");
    goes_on(&world, "go");
    assert_eq!(watched.ends(), 0);
    insta::assert_snapshot!("folded_to_the_end", watched.screen());
}

#[test]
fn what_failed_stays_unfolded() {
    let world = world(
        r#"
nodes:
  switch:
    action: Point the site back
    effect: read
    run: 'echo switching; echo no such release >&2'
    verify:
      - { title: the link points at a release, run: ["true"] }
      - { title: the site answers, run: 'echo HTTP 502; exit 1' }
    next: after
  after: { action: Tell everybody, effect: read, run: ["true"] }
"#,
        &[],
    );
    let mut watched = Watched::new(at_a_terminal(&world, "run book.yaml"), 80, 40);
    assert_eq!(watched.ends(), 1);
    insta::assert_snapshot!("failed", watched.screen());
}

#[test]
fn what_a_command_prints_cannot_draw() {
    let world = world(
        r#"
nodes:
  loud: { action: Be loud, effect: read, run: 'printf "\033[2J\033[31mred\033[0m\007 \033]0;title\007end\n"; cat go' }
"#,
        &["go"],
    );
    let mut watched = Watched::new(
        at_a_terminal(&world, "run book.yaml").env("NO_COLOR", "1"),
        80,
        24,
    );
    watched.shows("│ red^G end");
    goes_on(&world, "go");
    assert_eq!(watched.ends(), 0);
    assert!(!is_painted(&watched.bytes));
    assert!(!watched.bytes.contains(&7));
}

const PLAIN: &str = r#"
start: [which]
nodes:
  which:
    question: Which release?
    help: The list is on the wall.
    choices: { old: { label: The one before, next: name }, new: { label: The next one, next: name } }
  name: { question: What is its name?, input: { type: string, pattern: '^v\d+$' }, next: switch }
  switch:
    action: Point the site back
    run: [echo, "switched to {{ answers.name }}"]
    verify: [ { title: the site answers, run: ["true"] } ]
    next: tell
  tell: { action: Tell the channel, manual: Write to everybody. }
gates:
  loads: { title: The site loads, verify: [ { title: it answers, run: ["true"] } ], attest: Users reach it. }
"#;

/// Walks that to its end by typing lines.
fn is_walked_by_lines(call: Call) {
    let mut watched = Watched::new(call, 80, 90);
    let mut hears = |prompt: &str, line: &str| {
        watched.shows(prompt);
        watched.types(&format!("{line}\n"));
    };
    hears("question: Which release?", "the oldest");
    hears("note: `the oldest` is none of `old`, `new`: type it again", "1");
    hears("question: What is its name?", "release 7");
    hears("type it again\n", "v7");
    hears("question: Run it?", "perhaps");
    hears("type `yes` or `no`: type it again", "yes");
    hears("question: Is it done?", "yes");
    hears("question: Note:", "in #ops");
    hears("question: Is it so?", "y");
    hears("said: Is it so? yes\n  question: Note:", "");
    assert_eq!(watched.ends(), 0);
    let text = String::from_utf8(watched.bytes.clone()).expect("it is text");
    assert!(!text.contains('\x1b'), "{text:?}");
    assert!(!text.replace("\r\n", "\n").contains('\r'), "{text:?}");
    assert!(!text.contains(['│', '✓', '▸', '─', '⠋']), "{text}");
    insta::assert_snapshot!("plain", watched.screen());
}

#[test]
fn a_plain_run_is_said_in_words_and_answered_by_lines() {
    let world = world(PLAIN, &[]);
    is_walked_by_lines(at_a_terminal(&world, "run book.yaml --plain"));
}

#[test]
fn a_dumb_terminal_is_plain() {
    let world = world(PLAIN, &[]);
    is_walked_by_lines(at_a_terminal(&world, "run book.yaml").env("TERM", "dumb"));
}

#[test]
fn a_plain_run_without_a_person_has_no_colours_and_no_signs() {
    let world = world("nodes: { one: { action: Do it, run: [echo, done] } }", &[]);
    let call = at_a_terminal(&world, "run book.yaml --plain --headless --color always");
    let mut watched = Watched::new(call, 80, 24);
    assert_eq!(watched.ends(), 0);
    assert!(
        watched.screen().contains("[one] | done\n[one] ok #s"),
        "{}",
        watched.screen()
    );
    assert!(!watched.bytes.contains(&0x1b));
}

#[test]
fn the_end_of_input_an_empty_line_and_later_leave_a_plain_prompt_open() {
    for typed in ["\x04", "\n", "later\n"] {
        let world = world(PLAIN, &[]);
        let mut watched = Watched::new(at_a_terminal(&world, "run book.yaml --plain"), 80, 60);
        watched.shows("leaves it open.");
        watched.types(typed);
        watched.shows("waiting: Waiting for a person");
        assert_eq!(watched.ends(), 4);
    }
}

#[test]
fn ctrl_c_at_a_plain_prompt_leaves_a_run_to_go_on_with() {
    let world = world(PLAIN, &[]);
    let mut watched = Watched::new(at_a_terminal(&world, "run book.yaml --plain"), 80, 60);
    watched.shows("leaves it open.");
    watched.types("\x03");
    watched.shows("switchback resume");
    assert_eq!(watched.ends(), 130);
    assert!(!watched.bytes.contains(&0x1b));
}

const CHECKED: &str = "
nodes:
  look: { action: Look, effect: read, run: [\"true\"] }
gates:
  seen: { title: It was seen, verify: [ { run: [\"true\"] } ] }
";

/// A drill of that, whose sandbox is made and taken down by these commands.
fn drill_of(world: &World, setup: &str, teardown: &str) {
    let drill = format!(
        "switchback_drill: 1
setup: {{ run: '{setup}' }}
teardown: {{ run: '{teardown}' }}
scenarios:
  all_is_well:
    about: Nothing is wrong.
    steps: [ {{ run: {{ exit: 0 }} }} ]
    expect: {{ state: complete }}
"
    );
    world.write("book.drill.yaml", &drill);
}

#[test]
fn a_drill_shows_that_its_sandbox_is_made_and_taken_down() {
    let world = world(CHECKED, &["making", "ending"]);
    let wait = |fifo: &str| format!("cat \"{}\"", world.folder().join(fifo).display());
    let setup = wait("making") + "; echo not real here: the moon";
    drill_of(&world, &setup, &wait("ending"));
    for (locale, is_spinner) in [("C.UTF-8", "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"), ("C", "|/-\\")] {
        let call = at_a_terminal(&world, "drill book.yaml --scenario all_is_well").env("LC_ALL", locale);
        let mut watched = Watched::new(call, 100, 40);
        watched.shows(" making the sandbox  ");
        let rows = watched.rows();
        let spinner = rows.iter().find(|row| row.contains(" making the sandbox  "));
        assert!(
            spinner.is_some_and(|row| row.starts_with(|sign| is_spinner.contains(sign))),
            "{rows:#?}"
        );
        goes_on(&world, "making");
        watched.shows(" taking the sandbox down  ");
        goes_on(&world, "ending");
        assert_eq!(watched.ends(), 0);
        let rows = watched.rows();
        assert!(
            rows.iter().any(|row| row == "not real here: the moon"),
            "{rows:#?}"
        );
        assert!(rows.iter().all(|row| !row.contains("the sandbox ")), "{rows:#?}");
        assert_eq!(
            rows.last().map(String::as_str),
            Some("drill `all_is_well`: as expected")
        );
    }
}

#[test]
fn a_plain_drill_draws_nothing_and_runs_plain() {
    let world = world(CHECKED, &[]);
    drill_of(&world, "true", "true");
    let drilled = |args: &str, term: &str| {
        let call = at_a_terminal(&world, &format!("drill book.yaml --scenario all_is_well{args}"));
        let mut watched = Watched::new(call.env("TERM", term), 100, 40);
        assert_eq!(watched.ends(), 0);
        let bytes = String::from_utf8_lossy(&watched.bytes).into_owned();
        assert!(!bytes.contains("the sandbox"), "{bytes}");
        bytes
    };
    assert!(drilled(" --plain", "xterm-256color").contains("\n    --plain "));
    assert!(!drilled("", "dumb").contains("--plain"));
}

#[test]
fn a_test_shows_how_many_cases_are_played() {
    let world = world(CHECKED, &[]);
    world.write(
        "book.test.yaml",
        "switchback_test: 1
cases:
  it_works: { about: It works., expect: { state: complete } }
  it_fails: { about: It fails., simulate: [ { node: look, exit: 1 } ], expect: { exit: 1 } }
",
    );
    let mut watched = Watched::new(at_a_terminal(&world, "test book.yaml"), 80, 24);
    assert_eq!(watched.ends(), 0);
    let bytes = String::from_utf8_lossy(&watched.bytes).into_owned();
    assert!(bytes.contains("─ 0 of 2  it_"), "{bytes}");
    let rows = watched.rows();
    assert!(rows.iter().all(|row| !row.contains(" of 2  ")), "{rows:#?}");
}

#[test]
fn who_waits_for_a_lock_sees_that_it_goes_on() {
    let world = world(
        "
lock: deploy
nodes:
  which: { question: Which?, choices: { a: end, b: end } }
",
        &[],
    );
    world.call("run book.yaml --headless").exits(4);
    let call = at_a_terminal(&world, "run book.yaml --wait");
    let mut watched = Watched::new(call, 100, 24);
    watched.shows(" waiting for the lock  ");
    world.call("cancel last --reason over").exits(0);
    watched.shows("? Which?");
    let rows = watched.rows();
    assert!(
        rows[0].starts_with("waiting: `deploy` is held by run "),
        "{rows:#?}"
    );
    assert!(
        rows.iter().all(|row| !row.contains("waiting for the lock")),
        "{rows:#?}"
    );
}
