//! `switchback test`: cases that are played without anything real.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{Seen, World, call_of, can_trace};

/// A question, a command with a value, a check that takes its time, a retry, a file, a failure that is handled, and gates of each kind.
const BOOK: &str = "
parameters:
  host: { type: string, default: web1 }
secrets:
  token: { env: NO_SUCH_TOKEN }
lock: 'restart/{{ host }}'
requires: { commands: [no-such-command] }
nodes:
  full:
    question: Is the disk full?
    detect: { run: [is-full, '{{ host }}'] }
    choices: { 'yes': clean, 'no': restart, unclear: stop }
  clean:
    action: Clean it
    effect: destroy
    run: [clean, '{{ host }}', a b]
    env: { TOKEN: { secret: token } }
    capture: { freed: { stdout: { regex: 'freed (\\d+)' } } }
    idempotent: true
    retry: { times: 1, backoff: 10s }
    timeout: 1m
    verify: [ { run: [df, '{{ host }}'], stdout: { contains: free } } ]
    next: restart
    on_failure: by_hand
  by_hand:
    action: Clean it by hand
    manual: 'Log in to {{ host }}.'
    next: restart
  restart:
    action: Restart it
    run: |
      touch started
      echo {{ host }}
    verify:
      - { id: up, http: { url: 'http://{{ host }}/', body: { equals: up } }, within: 30s, every: 5s }
    next: note
  note:
    action: Write a note
    write: { path: notes/now.md, content: \"At {{ run.started }} on {{ host }}, {{ outputs.clean.freed | default('nothing') }} freed\" }
gates:
  up: { title: It is up, verify: [ { http: { url: 'http://{{ host }}/' } } ] }
  cleaned: { title: It was cleaned, when: answers.full == 'yes', decide: [all, part] }
  told: { title: Somebody was told, attest: They know., required: false }
";

const TEST: &str = "switchback_test: 1
simulate:
  - { detect: full, stdout: 'no' }
cases:
  not_full:
    about: It was not full.
    attest: { told: ana }
    expect:
      state: complete
      route: [full, restart, note]
      gates: { up: met, cleaned: not_applicable, told: met }
      commands:
        restart: |
          touch started
          echo web1
        note: { path: notes/now.md, content: 'At 2026-01-01T00:00:00Z on web1, nothing freed' }
  full:
    about: It was full, and the first attempt was too slow.
    parameters: { host: web2 }
    answers: { full: 'yes' }
    confirm: [clean]
    decide: { cleaned: all:ana }
    simulate:
      - { node: clean, attempt: 1, delay: 2m }
      - { node: clean, stdout: 'freed 7', delay: 5s }
      - { command: ^df, stdout: '7 free' }
      - { check: restart.up, body: up, delay: 20s }
    expect:
      state: complete
      nodes: { by_hand: not_taken }
      gates: { told: waiting }
      commands:
        clean: [clean, web2, a b]
      captures: { clean: { freed: '7' } }
  by_hand:
    about: It cannot be cleaned, and somebody does it by hand.
    answers: { full: 'yes' }
    confirm: [clean]
    attest: { by_hand: ana }
    decide: { cleaned: part:ana }
    simulate:
      - { command: ^clean, exit: 3 }
    expect:
      state: recovered
      nodes: { clean: failed, by_hand: succeeded }
      commands: { by_hand: Log in to web1. }
  slow:
    about: It takes too long to be up, and nothing is decided.
    answers: { full: 'yes' }
    confirm: [clean]
    simulate:
      - { node: clean, stdout: freed 1 }
      - { command: ^df, stdout: free }
      - { check: restart.up, body: up, delay: 40s }
      - { check: up.0, verdict: unknown }
    expect:
      exit: 1
      nodes: { restart: failed }
      gates: { up: unknown, cleaned: waiting }
  unclear:
    about: Nobody knows.
    answers: { full: unclear }
    expect: { exit: 8, state: stopped }
";

/// A world with the runbook and tests of this text.
fn world(test: &str) -> World {
    let world = World::with(BOOK);
    world.write("book.test.yaml", test);
    world
}

fn runbooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks")
}

#[test]
fn the_runbooks_that_ship_are_covered() {
    let seen = World::new()
        .call("test --min-coverage 100")
        .arg(runbooks())
        .exits(0);
    assert!(seen.stderr.ends_with(" passed, 0 failed\n"), "{seen}");
}

#[test]
fn every_case_goes_as_it_says_and_everything_is_covered() {
    insta::assert_snapshot!(world(TEST).call("test --min-coverage 100").exits(0));
}

#[test]
fn what_is_not_as_expected_is_shown_with_its_cause() {
    let test = TEST
        .replace("route: [full, restart, note]", "route: [full, note, restart]")
        .replace("told: met", "told: waived")
        .replace("echo web1", "echo web2")
        .replace("on web1, nothing", "on web1, all")
        .replace("[clean, web2, a b]", "[clean, web2, a, b]")
        .replace("freed: '7'", "freed: '8'")
        .replace(
            "commands: { by_hand: Log in to web1. }",
            "commands: { by_hand: Log in., restart: [restart] }",
        )
        .replace(
            "nodes: { restart: failed }",
            "nodes: { restart: succeeded, note: succeeded }",
        )
        .replace(
            "expect: { exit: 8, state: stopped }",
            "expect: { state: stopped, commands: { restart: x } }",
        );
    insta::assert_snapshot!(world(&test).call("test book.yaml").exits(1));
}

#[test]
fn a_case_that_cannot_begin_says_why() {
    let test = TEST.replace(
        "answers: { full: unclear }",
        "answers: { full: unclear }\n    waive: { cleaned: '' }",
    );
    let seen = world(&test).call("test --case unclear").exits(1);
    assert!(seen.stdout.contains("exit: expected 8, got 2: "), "{seen}");
    assert!(seen.stdout.contains("needs a reason"), "{seen}");
    let test = TEST.replace("answers: { full: unclear }", "answers: { ful: unclear }");
    let seen = world(&test).call("test").exits(3);
    assert!(seen.stderr.contains("did you mean `full`?"), "{seen}");
    let test = TEST.replace("answers: { full: unclear }", "answers: { full: perhaps }");
    let test = test.replace("{ exit: 8, state: stopped }", "{ exit: 2 }");
    world(&test).call("test --case unclear").exits(0);
}

#[test]
fn what_no_case_has_seen_is_listed() {
    let cases = TEST.find("  full:\n    about").expect("the second case");
    let world = world(&TEST[..cases]);
    insta::assert_snapshot!(world.call("test --min-coverage 50").exits(1));
    world.call("test --min-coverage 10").exits(0);
    world.call("test").exits(0);
}

#[test]
fn what_has_no_tests_is_said() {
    let world = World::with(BOOK);
    let seen = world.call("test").exits(0);
    assert_eq!(seen.stdout, "– book.yaml: it has no tests\n");
    world.call("test --min-coverage 0").exits(0);
    let seen = world.call("test book.yaml --min-coverage 1").exits(1);
    assert!(
        seen.stderr
            .contains("book.yaml: covered less than 1 %: it has no tests"),
        "{seen}"
    );
}

#[test]
fn tests_are_found_by_their_runbook_by_their_name_and_by_their_folder() {
    let world = world(TEST);
    for call in [
        "test",
        "test book.yaml",
        "test book.test.yaml",
        "test . book.yaml book.test.yaml",
    ] {
        assert!(
            world.call(call).exits(0).stderr.contains("5 passed, 0 failed"),
            "{call}"
        );
    }
    world.write("alone.test.yaml", TEST);
    let seen = world.call("test").exits(2);
    assert!(
        seen.stderr.contains("the runbook `alone.yaml` cannot be read"),
        "{seen}"
    );
}

#[test]
fn a_case_is_played_alone() {
    let world = world(TEST);
    let seen = world.call("test --case slow").exits(0);
    assert_eq!(seen.stdout, "book.yaml\n  ✓ slow\n");
    assert_eq!(seen.stderr, "1 passed, 0 failed\n");
    let seen = world.call("test --case slwo").exits(2);
    assert!(
        seen.stderr
            .contains("there is no case `slwo`\n  help: did you mean `slow`?"),
        "{seen}"
    );
    world.call("test --case slow --min-coverage 1").exits(2);
    world.call("test --min-coverage 101").exits(2);
}

#[test]
fn a_file_with_errors_hides_no_other() {
    let world = world(TEST);
    world.write(
        "other.yaml",
        "switchback: 1\nname: other\ntitle: Other\nnodes: { a: { action: A } }\n",
    );
    let wrong = "switchback_test: 1\ncases: { one: { about: One, expect: { route: [b] } } }\n";
    world.write("other.test.yaml", wrong);
    let seen = world.call("test").exits(3);
    assert!(seen.stderr.contains("the runbook has no node `b`"), "{seen}");
    assert!(
        seen.stderr.ends_with("5 passed, 0 failed, 1 not valid\n"),
        "{seen}"
    );
    let junit = world.call("test --output junit").exits(3).stdout;
    assert!(
        junit.contains("<testsuite name=\"other.yaml\" tests=\"1\" skipped=\"0\" errors=\"1\""),
        "{junit}"
    );
    let seen = world.call("test other.yaml --case one").exits(3);
    assert!(
        seen.stderr.ends_with("0 passed, 0 failed, 1 not valid\n"),
        "{seen}"
    );
    world.write("other.test.yaml", "switchback_drill: 1\n");
    let seen = world.call("test other.yaml").exits(3);
    assert!(seen.stderr.contains("this is a drill, and not a test"), "{seen}");
    world.write("book.drill.yaml", "switchback_drill: 1\n");
    let seen = world.call("test book.drill.yaml").exits(3);
    assert!(
        seen.stderr.contains("this is a drill, and not a runbook"),
        "{seen}"
    );
    let seen = world.call("test no_such.yaml book.yaml").exits(2);
    assert!(
        seen.stderr.contains("the runbook `no_such.yaml` cannot be read"),
        "{seen}"
    );
    assert!(seen.stdout.contains("✓ not_full"), "{seen}");
}

#[test]
fn programs_read_it_as_json() {
    let json = world(TEST).call("test --output json").exits(0).json();
    let suite = &json["suites"][0];
    assert_eq!(suite["test"], "book.test.yaml");
    assert_eq!(suite["cases"][0]["case"], "not_full");
    assert_eq!(suite["cases"][0]["differences"], serde_json::json!([]));
    assert_eq!(suite["coverage"]["edges"]["percent"], 100);
    assert_eq!(suite["coverage"]["edges"]["missing"], serde_json::json!([]));
    assert_eq!(json["untested"], serde_json::json!([]));

    let test = TEST.replace("told: met", "told: waived");
    let json = world(&test).call("test --output json").exits(1).json();
    insta::assert_snapshot!(json["suites"][0]["cases"][0]["differences"]);
}

#[test]
fn programs_read_it_as_junit() {
    let test = TEST.replace("told: met", "told: waived");
    let seen = world(&test).call("test --output junit").exits(1);
    let steady = regex::Regex::new(r#"time="[0-9.]+""#).expect("a pattern");
    insta::assert_snapshot!(steady.replace_all(&seen.stdout, "time=\"‹took›\""));
}

#[test]
fn a_file_that_cannot_be_written_and_a_command_that_takes_too_long_are_simulated() {
    let test = "switchback_test: 1
simulate:
  - { detect: full, delay: 6m, stdout: 'no' }
cases:
  undetected: { about: The answer is not found in time., expect: { exit: 4, nodes: { full: waiting } } }
  unwritten:
    about: The note cannot be written.
    answers: { full: 'no' }
    simulate: [ { node: note, exit: 1, stderr: the disk is full } ]
    expect: { exit: 1, nodes: { note: failed }, commands: { note: { path: notes/now.md } } }
  unchecked:
    about: The command of a check takes longer than it may.
    answers: { full: 'yes' }
    confirm: [clean]
    simulate: [ { node: clean, stdout: freed 1 }, { command: ^df, delay: 10m } ]
    expect: { exit: 4, nodes: { clean: failed, by_hand: waiting } }
";
    let world = world(test);
    world.call("test").exits(0);
    world.write(
        "book.test.yaml",
        &test
            .replace("note: failed", "note: succeeded")
            .replace("clean: failed", "clean: succeeded"),
    );
    let seen = world.call("test").exits(1);
    assert!(seen.stdout.contains("got `failed`: the disk is full"), "{seen}");
    assert!(
        seen.stdout
            .contains("the command took longer than 300s and was ended"),
        "{seen}"
    );
}

/// The tests with everything wrong that can be accepted, in every form in which it can be written.
fn outdated() -> String {
    TEST.replace(
        "route: [full, restart, note]",
        "route:  # the way\n        - full\n        - note",
    )
    .replace("told: met }", "told: waived } # for now")
    .replace("echo web1\n", "echo web2\n\n")
    .replace("on web1, nothing", "on web1, all")
    .replace("[clean, web2, a b]", "[clean]")
    .replace("freed: '7'", "freed: '8'")
    .replace("{ by_hand: Log in to web1. }", "{ by_hand: Log in. }")
    .replace(
        "    expect:\n      exit: 1\n      nodes: { restart",
        "    # said twice\n    expect:\n      # why\n      nodes: { restart",
    )
    .replace("\n    expect: { exit: 8, state: stopped }\n", " # the end\n")
}

#[test]
fn an_update_writes_what_came_of_it_and_nothing_else() {
    let world = world(&outdated());
    world.call("test").exits(1);
    let seen = world.call("test --update").exits(0);
    assert!(seen.stderr.ends_with("5 passed, 0 failed, 5 updated\n"), "{seen}");
    insta::assert_snapshot!(world.read("book.test.yaml"));
    let before = world.tree();
    world.call("test --update").exits(0);
    assert_eq!(world.tree(), before, "what passes is left alone");
}

#[test]
fn an_update_keeps_how_the_file_is_written() {
    let marked = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let world = world(&outdated());
    world.call("test --update").exits(0);
    let written = world.read("book.test.yaml");
    world.write("book.test.yaml", &marked(&outdated()));
    world.call("test --update").exits(0);
    assert_eq!(world.read("book.test.yaml"), marked(&written));
}

#[test]
fn an_update_of_one_case_leaves_the_others() {
    let world = world(&outdated());
    world.call("test --update --case full").exits(0);
    let text = world.read("book.test.yaml");
    assert!(text.contains(r#"[clean, web2, "a b"]"#), "{text}");
    assert!(text.contains("told: waived } # for now"), "{text}");
}

#[test]
fn an_update_that_would_not_pass_is_not_written() {
    // Two cases share one expectation, and only one of them meets it.
    let shared = "switchback_test: 1
cases:
  one: { about: One, answers: { full: unclear }, expect: &shared { exit: 8 } }
  two: { about: Two, answers: { full: 'no' }, expect: *shared }
";
    let world = world(shared);
    let seen = world.call("test --update").exits(2);
    assert!(seen.stderr.contains("cannot be updated"), "{seen}");
    assert_eq!(world.read("book.test.yaml"), shared);

    let alias = shared.replace(
        "expect: &shared { exit: 8 }",
        "expect: &shared { state: stopped, exit: 8 }",
    );
    world.write(
        "book.test.yaml",
        &alias.replace("answers: { full: 'no' }", "answers: {}"),
    );
    let seen = world.call("test --update").exits(2);
    assert!(
        seen.stderr
            .contains("what `two` expects of `exit` is written elsewhere"),
        "{seen}"
    );

    let nothing = "switchback_test: 1
cases:
  one: { about: One, answers: { full: unclear }, expect: { exit: 8, commands: { clean: [clean] } } }
";
    world.write("book.test.yaml", nothing);
    let seen = world.call("test --update").exits(2);
    assert!(
        seen.stderr
            .contains("`one` expects `commands.clean`, and there is nothing of it"),
        "{seen}"
    );
    assert_eq!(world.read("book.test.yaml"), nothing);
}

/// What is not simulated goes well, so that a name that is not spelt right would make a success of the failure that a case is about.
#[test]
fn what_a_case_simulates_and_never_comes_fails_it() {
    let test = "switchback_test: 1
simulate:
  - { detect: full, stdout: 'no' }
  - { command: never in any case }
cases:
  misspelt:
    about: It cannot be restarted.
    simulate:
      - { command: tuoch started, exit: 1 }
      - { check: restart.up, verdict: held }
      - { check: restart.up, verdict: failed }
      - { node: clean, attempt: 2, exit: 1 }
      - { check: up.0, body: fine }
      - { node: note, delay: 1s }
";
    let world = world(test);
    let seen = world.call("test --case misspelt").exits(1);
    insta::assert_snapshot!(seen.stdout, @"
    book.yaml
      ✗ misspelt  It cannot be restarted.
          simulate.0: the run never came to it, or an entry before it fitted: `command: tuoch started`
          simulate.2: the run never came to it, or an entry before it fitted: `check: restart.up`
          simulate.3: the run never came to it, or an entry before it fitted: `node: clean, attempt: 2`
          → the run ended complete, with exit code 0
    ");
    let json = world.call("test --output json").exits(1).json();
    assert_eq!(
        json["suites"][0]["cases"][0]["unused"][0],
        serde_json::json!({ "at": "simulate.0", "about": "command: tuoch started" })
    );
    let junit = world.call("test --output junit").exits(1);
    assert!(
        junit
            .stdout
            .contains("not as expected: simulate.0, simulate.2, simulate.3"),
        "{junit}"
    );
    // No other expectation mends that.
    world.call("test --update").exits(1);
}

/// No program can be found, no folder can be made, and each that could be started would leave a trace; the system is asked, too.
#[test]
fn nothing_is_started_and_nothing_is_written() {
    let world = world(TEST);
    let before = world.tree();
    world.call("test").env("PATH", "").exits(0);
    world.call("test --output junit").env("PATH", "").exits(0);
    assert_eq!(world.tree(), before);

    let traced = [
        "-f",
        "-qq",
        "-e",
        "trace=execve,execveat,fork,vfork,clone,clone3,socket,open,openat,creat",
    ];
    if !can_trace(&traced) {
        return;
    }
    let log = tempfile::NamedTempFile::new().expect("there is room for it");
    let mut call = world.command(Path::new("strace"));
    for arg in traced {
        call = call.arg(arg);
    }
    let call = call
        .arg("-o")
        .arg(log.path())
        .arg(env!("CARGO_BIN_EXE_switchback"));
    let seen: Seen = call.arg("test").arg(runbooks()).arg(".").exits(0);
    let text = fs::read_to_string(log.path()).expect("it was traced");
    assert_eq!(
        text.lines()
            .filter(|line| call_of(line).starts_with("exec"))
            .count(),
        1,
        "another program was started\n{seen}\n{text}"
    );
    // Threads play the cases; a process would not share what they share.
    let is_process = |line: &&str| match call_of(line) {
        "fork" | "vfork" => true,
        "clone" | "clone3" => !line.contains("CLONE_THREAD"),
        _ => false,
    };
    assert_eq!(text.lines().find(is_process), None);
    let writes = |line: &&str| {
        let flags = ["O_WRONLY", "O_RDWR", "O_CREAT"];
        ["creat", "socket"].contains(&call_of(line)) || flags.iter().any(|flag| line.contains(flag))
    };
    assert_eq!(text.lines().find(writes), None);
}
