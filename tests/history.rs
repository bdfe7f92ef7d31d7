//! The runs on this machine, looked at from outside: `runs`, `show`, `logs`, `prune`.

mod support;

use std::fs;
use std::path::Path;

use regex::Regex;
use serde_json::{Value, json};
use support::{Live, Seen, World};

/// One question leads to a step that ends well, or to one that does not; the gate wants a word.
const BOOK: &str = r#"
nodes:
  which:
    question: Which way?
    choices: { well: greet, badly: fail, nowhere: stop }
  greet:
    action: Greet
    run: [sh, -c, 'printf "one\\rtwo\\033[31m\\n"; echo aside >&2']
    verify: [ { title: it is there, run: [test, -d, .] } ]
    capture: { said: stdout }
  fail:
    action: Fail
    run: "echo trying; exit 3"
gates:
  told: { title: People know, attest: People know. }
"#;

fn run(world: &World, flags: &str, code: i32) -> String {
    let before = ids(world);
    let call = world.call(&format!("run book.yaml --headless {flags}"));
    call.env("SWITCHBACK_OPERATOR", "ana").exits(code);
    let mut new = ids(world);
    new.retain(|id| !before.contains(id));
    new.remove(0)
}

fn ids(world: &World) -> Vec<String> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    world.runs().iter().filter_map(|path| name(path)).collect()
}

/// A text in which nothing depends on the time, and the columns are as narrow as they come.
fn steady(seen: &Seen) -> String {
    let text = seen.to_string();
    [
        (r"\d{4}-\d\d-\d\d \d\d:\d\d", "‹time›"),
        (r"\d\d:\d\d:\d\d", "‹time›"),
        (r"\b\d+(\.\d+)? [KM]iB", "‹room›"),
        ("(?m)([^ \n]) {2,}", "$1  "),
    ]
    .into_iter()
    .fold(text, |text, (pattern, instead)| {
        let pattern = Regex::new(pattern).expect("it is one");
        pattern.replace_all(&text, instead).into_owned()
    })
}

fn states(seen: &Seen) -> Vec<(String, String)> {
    let rows = seen.json()["runs"].as_array().cloned().expect("a list");
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| (text(row, "run"), text(row, "state")))
        .collect()
}

#[test]
fn runs_are_found_by_state_runbook_and_time() {
    let world = World::with(BOOK);
    let complete = run(&world, "--answer which=well --attest told=bo", 0);
    let failed = run(&world, "--answer which=badly", 1);
    let waiting = run(&world, "", 4);
    world.write(
        "other.yaml",
        "switchback: 1\nname: another\ntitle: Another\nnodes: { a: { action: A } }\n",
    );
    world
        .call("run other.yaml")
        .env("SWITCHBACK_OPERATOR", "bo")
        .exits(0);
    insta::assert_snapshot!(steady(&world.call("runs --runbook book").exits(0)), @"
    exit 0
    --- stdout
    run  state  runbook  started (UTC)  took  by
    ‹run›  waiting  book  ‹time›  ‹took›  ana
    ‹run›  failed  book  ‹time›  ‹took›  ana
    ‹run›  complete  book  ‹time›  ‹took›  ana
    ");

    let found = |flags: &str| {
        let seen = world.call(&format!("runs --output json {flags}")).exits(0);
        states(&seen).into_iter().map(|(run, _)| run).collect::<Vec<_>>()
    };
    assert_eq!(found("").len(), 4);
    assert_eq!(found("--state failed"), [failed.as_str()]);
    let mut both = vec![waiting.as_str(), failed.as_str()];
    both.sort_unstable_by(|one, other| other.cmp(one));
    assert_eq!(found("--state waiting --state failed --since 1h"), both);
    assert_eq!(found("--runbook another").len(), 1);
    assert_eq!(found("--limit 2"), found("")[..2]);
    assert_eq!(found("--since 2099-01-01"), Vec::<String>::new());
    assert_eq!(found("--runbook book --state complete"), [complete.as_str()]);

    let rows = world
        .call("runs --output json --state complete --runbook book")
        .exits(0)
        .json();
    assert_eq!(rows["v"], 1);
    let row = &rows["runs"][0];
    assert_eq!(row["runbook"], "book");
    assert_eq!(row["operator"], json!({ "name": "ana", "identity": "asserted" }));
    assert!(
        row["took_seconds"].as_f64().is_some_and(|took| took >= 0.0),
        "{row}"
    );
    for time in ["started", "last_seen"] {
        assert!(
            row[time].as_str().is_some_and(|time| time.ends_with('Z')),
            "{row}"
        );
    }
}

#[test]
fn that_nothing_matches_is_said_with_what_was_looked_for() {
    let world = World::with(BOOK);
    run(&world, "", 4);
    insta::assert_snapshot!(world.call("runs --runbook boko --state in_doubt").exits(0), @"
    exit 0
    --- stderr
    no run matches `--runbook boko --state in_doubt`
      help: did you mean `--runbook book`?
    ");
    assert_eq!(
        world.call("runs --state failed --output json").exits(0).json(),
        json!({ "v": 1, "runs": [] })
    );
    insta::assert_snapshot!(world.call("runs --state wating").exits(2), @"
    exit 2
    --- stderr
    error: invalid value 'wating' for '--state <STATE>'
      [possible values: running, cut_short, waiting, complete, recovered, failed, gates_unmet, in_doubt, stopped, cancelled, unreadable]

      tip: a similar value exists: 'waiting'

    For more information, try '--help'.
    ");
    insta::assert_snapshot!(world.call("runs --since yesterday-ish").exits(2), @"
    exit 2
    --- stderr
    error: invalid value 'yesterday-ish' for '--since <WHEN>': write how long ago, `2h`, `3d` or `2w`; a day or a time of UTC, `2026-11-22` or `2026-11-22T13:50`; or a time with its zone, `2026-11-22T13:50:00+01:00`

    For more information, try '--help'.
    ");
}

#[test]
fn a_damaged_record_does_not_hide_the_others() {
    let world = World::with(BOOK);
    let damaged = run(&world, "--answer which=nowhere", 8);
    run(&world, "", 4);
    let journal = world
        .home()
        .join("state/switchback/runs")
        .join(&damaged)
        .join("journal.jsonl");
    let record = fs::read_to_string(&journal).expect("it is ours");
    fs::write(&journal, record.replacen("ana", "eve", 1)).expect("it is ours");

    let seen = world.call("runs").exits(0);
    assert!(
        seen.stderr.contains(&format!("{damaged}: record 1 of ")),
        "{seen}"
    );
    let mut lines: Vec<&str> = seen.stdout.lines().skip(1).collect();
    lines.sort_by_key(|line| !line.contains("unreadable"));
    assert_eq!(lines.len(), 2, "{seen}");
    assert!(
        lines[0].starts_with(&damaged) && lines[1].contains("waiting"),
        "{seen}"
    );
    let seen = world.call("runs --state unreadable --output json").exits(0);
    assert_eq!(states(&seen), [(damaged, "unreadable".to_owned())]);
    let problem = &seen.json()["runs"][0]["problem"];
    assert!(
        problem
            .as_str()
            .is_some_and(|problem| problem.contains("is damaged")),
        "{problem}"
    );
}

/// The step holds one pipe open until the test writes to another.
const HELD: &str = r#"
nodes:
  hold:
    action: Hold
    run: [sh, -c, 'echo one; echo here > there; read word < hold; echo two']
"#;

fn held(world: &World) -> std::process::Child {
    for pipe in ["there", "hold"] {
        world.command("mkfifo".as_ref()).arg(pipe).exits(0);
    }
    let driver = world.call("run book.yaml --headless").start();
    assert_eq!(world.read("there"), "here\n", "it has come to the step");
    driver
}

fn let_go(world: &World) {
    fs::write(world.folder().join("hold"), "go\n").expect("the step reads it");
}

#[test]
fn a_run_is_running_as_long_as_a_process_drives_it_and_then_was_cut_short() {
    let world = World::with(HELD);
    let mut driver = held(&world);
    let id = world.run();
    let state = |wanted: &str| {
        let seen = world.call("runs --output json").exits(0);
        assert_eq!(states(&seen), [(id.clone(), wanted.to_owned())]);
        let seen = world
            .call(&format!("runs --output json --state {wanted}"))
            .exits(0);
        assert_eq!(states(&seen).len(), 1, "it is found by that");
        assert_eq!(
            world.call("show last --output json").exits(0).json()["state"],
            wanted
        );
        let drawn = world.call("graph --run last").exits(0);
        let caption = format!("run {id}: {}\n", wanted.replace('_', " "));
        assert!(drawn.stdout.contains(&caption), "{drawn}");
    };
    state("running");
    let shown = world.call("show last").exits(0);
    assert!(
        shown.stdout.contains("Running: a process drives it now"),
        "{shown}"
    );
    assert!(
        shown.stdout.contains(&format!("switchback watch {id}\n")),
        "{shown}"
    );

    driver.kill().expect("it runs");
    driver.wait().expect("it was killed");
    state("cut_short");
    let listed = world.call("runs").exits(0);
    assert!(listed.stdout.contains("  cut short  "), "{listed}");
    let shown = world.call("show last").exits(0);
    for part in [
        "Cut short: the program that drove it went away",
        "the command of `hold` runs, as process group ",
        &format!("switchback resume {id}\n"),
    ] {
        assert!(shown.stdout.contains(part), "{part}: {shown}");
    }
    let busy = world.call("prune --keep 0").exits(0);
    assert!(busy.stderr.contains("left as they are: 1 cut short"), "{busy}");
    let_go(&world);
}

#[test]
fn a_run_is_shown_with_who_said_what_and_what_was_seen() {
    let world = World::with(BOOK);
    run(&world, "--answer which=well", 4);
    insta::assert_snapshot!(steady(&world.call("show last").exits(0)), @"
    exit 0
    --- stdout
    A book
    book · run ‹run›
    started ‹time› by ana

    … Waiting for a person  took ‹took›
      … People know
    Go on with:
      switchback resume ‹run› --attest told=WHO

    The way
      ‹time›  › Which way? well  given by ana
      ‹time›  ✓ Greet  greet · ‹took›
                  → said = one^Mtwo

    Not on the way
      not taken: fail

    Gates
      … People know  told
        waiting: somebody has to attest it
    ");
    let call = world
        .call("resume last --headless")
        .arg("--waive")
        .arg("told=the room was there");
    call.env("SWITCHBACK_OPERATOR", "bo").exits(0);
    insta::assert_snapshot!(steady(&world.call("show last").exits(0)), @"
    exit 0
    --- stdout
    A book
    book · run ‹run›
    started ‹time› by ana

    ✓ Complete: every required gate is closed  took ‹took›

    The way
      ‹time›  › Which way? well  given by ana
      ‹time›  ✓ Greet  greet · ‹took›
                  → said = one^Mtwo

    Not on the way
      not taken: fail

    Gates
      ! People know  told
        ! waived by bo: the room was there  ‹time›
    ");

    let data = world.call("show last --output json").exits(0).json();
    assert_eq!(data["v"], 1);
    let answered = &data["nodes"][0]["said"][0];
    assert_eq!(answered["said"], "answered");
    assert_eq!(answered["what"], "well");
    assert_eq!(answered["by"]["name"], "ana");
    assert_eq!(data["nodes"][1]["tries"][0]["outcome"], json!({ "exited": 0 }));
    let waived = &data["gates"][0]["said"][0];
    assert_eq!(waived["said"], "waived");
    assert_eq!(waived["note"], "the room was there");
}

#[test]
fn what_failed_is_shown_with_what_to_do_and_all_of_it_if_wanted() {
    let world = World::with(BOOK);
    run(&world, "--answer which=badly", 1);
    insta::assert_snapshot!(steady(&world.call("show last").exits(0)), @r"
    exit 0
    --- stdout
    A book
    book · run ‹run›
    started ‹time› by ana

    ✗ A step failed  took ‹took›
      ✗ Fail: it exited with 3  fail
        │ trying
    When it is mended (done), may run again (rerun) or can be passed over (skip):
      switchback resume ‹run› \
        --resolve 'fail=done|rerun|skip' \
        --reason TEXT

    The way
      ‹time›  › Which way? badly  given by ana
      ‹time›  ✗ Fail: it exited with 3  fail · ‹took›

    Not on the way
      not taken: greet

    Gates
      … People know  told
        waiting: somebody has to attest it
    ");
    let shown = world.call("show last --all").exits(0);
    assert!(
        shown
            .stdout
            .contains("Greet: not taken, `which` was answered `badly`  greet"),
        "{shown}"
    );
    for line in shown.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn what_a_step_printed_is_printed_as_it_was_kept() {
    let world = World::with(BOOK);
    run(&world, "--answer which=well --attest told=bo", 0);
    insta::assert_snapshot!(steady(&world.call("logs last").exits(0)), @"
    exit 0
    --- stdout
    node  attempt  stdout  stderr
    greet  1  13 B  6 B
    ");
    let both = world.call("logs last greet").exits(0);
    assert_eq!(both.stdout, "one\rtwo\x1b[31m\naside\n");
    assert_eq!(both.stderr, "");
    let stream = |name: &str| {
        world
            .call(&format!("logs last greet --stream {name}"))
            .exits(0)
            .stdout
    };
    assert_eq!(stream("stdout"), "one\rtwo\x1b[31m\n");
    assert_eq!(stream("stderr"), "aside\n");
}

#[test]
fn at_a_terminal_it_is_harmless_and_says_which_is_which() {
    let world = World::with(BOOK);
    run(&world, "--answer which=well --attest told=bo", 0);
    let mut terminal = support::Terminal::of(world.call("logs last greet"));
    terminal.sees("standard output:\r\ntwo\r\nstandard error:\r\naside\r\n");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn where_nothing_was_printed_that_is_said() {
    let world = World::with(
        r#"
nodes:
  q: { question: Sure?, choices: { "yes": quiet, "no": never } }
  quiet: { action: Quiet, run: [sh, -c, "echo try >> tries; test $(wc -l < tries) -gt 1"], idempotent: true, retry: { times: 1, backoff: 1ms } }
  never: { action: Never, run: [echo, never] }
  note: { action: Note, write: { path: out, content: x } }
"#,
    );
    run(&world, "--answer q=yes", 0);
    let mut told = String::new();
    for (args, code) in [
        ("logs last quiet", 0),
        ("logs last quiet --attempt 1 --stream stderr", 0),
        ("logs last", 0),
        ("logs last quiet --attempt 7", 2),
        ("logs last never", 2),
        ("logs last never --follow", 0),
        ("logs last q", 2),
        ("logs last note", 2),
        ("logs last quiet --undo", 2),
        ("logs last quit", 2),
        ("logs last --follow", 2),
    ] {
        let seen = world.call(args).exits(code);
        told.push_str(&format!("$ {args}\n{seen}\n"));
    }
    // The lines of clap are its own.
    let told = told
        .split("error: the following required arguments")
        .next()
        .unwrap_or_default();
    insta::assert_snapshot!(told, @"
    $ logs last quiet
    exit 0
    --- stderr
    `quiet` printed nothing

    $ logs last quiet --attempt 1 --stream stderr
    exit 0
    --- stderr
    `quiet` printed nothing on standard error

    $ logs last
    exit 0
    --- stderr
    no step of this run has printed anything

    $ logs last quiet --attempt 7
    exit 2
    --- stderr
    error: `quiet` was tried 2 times: there is no attempt 7
      help: without `--attempt` it is the last

    $ logs last never
    exit 2
    --- stderr
    error: `never` has not run: `q` was answered `yes`
      help: `switchback logs ‹run›` lists the steps that printed something

    $ logs last never --follow
    exit 0
    --- stderr
    `never` does not come to that: `q` was answered `yes`

    $ logs last q
    exit 2
    --- stderr
    error: `q` is a question, and prints nothing
      help: `switchback show ‹run›` has what became of it

    $ logs last note
    exit 2
    --- stderr
    error: `note` runs no command, and prints nothing
      help: `switchback show ‹run›` has what became of it

    $ logs last quiet --undo
    exit 2
    --- stderr
    error: `quiet` has no `undo`, and prints nothing
      help: `switchback show ‹run›` has what became of it

    $ logs last quit
    exit 2
    --- stderr
    error: the runbook of the run has no node `quit`
      help: did you mean `quiet`?

    $ logs last --follow
    exit 2
    --- stderr
    ");
}

#[test]
fn each_attempt_has_its_own() {
    let world = World::with(
        r#"
nodes:
  a: { action: A, run: [sh, -c, "echo try >> tries; wc -l < tries; test $(wc -l < tries) -gt 2"], idempotent: true, retry: { times: 2, backoff: 1ms } }
"#,
    );
    run(&world, "", 0);
    let printed = |flags: &str| world.call(&format!("logs last a {flags}")).exits(0).stdout;
    assert_eq!(printed("").trim(), "3");
    assert_eq!(printed("--attempt 1").trim(), "1");
    assert_eq!(printed("--attempt 2").trim(), "2");
    assert_eq!(printed("--follow").trim(), "3");
    let listed = world.call("logs last").exits(0).stdout;
    assert_eq!(listed.lines().count(), 4, "{listed}");
}

#[test]
fn what_a_step_prints_is_followed_until_it_has_ended() {
    let world = World::with(HELD);
    let driver = held(&world);
    let mut follows = Live::of(world.call("logs last hold -f"));
    follows.sees("one");
    let_go(&world);
    follows.sees("two");
    follows.sees("`hold` has ended");
    assert_eq!(follows.ends(), 0);
    let driver = driver.wait_with_output().expect("it was started");
    assert_eq!(driver.status.code(), Some(0));
}

#[test]
fn following_ends_when_nobody_drives_the_run_any_more() {
    let world = World::with(HELD);
    let mut driver = held(&world);
    let mut follows = Live::of(world.call("logs last hold -f"));
    follows.sees("one");
    driver.kill().expect("it runs");
    driver.wait().expect("it was killed");
    follows.sees(&format!("nothing more comes: run {} is cut short", world.run()));
    assert_eq!(follows.ends(), 0);
    let_go(&world);
}

#[test]
fn a_step_that_has_not_begun_is_waited_for() {
    let world = World::with(&format!(
        "{HELD}    next: then\n  then: {{ action: Then, run: [echo, three] }}\n"
    ));
    let driver = held(&world);
    let mut follows = Live::of(world.call("logs last then -f"));
    follows.sees("`then` has not come to that yet: waiting for it");
    let_go(&world);
    follows.sees("three");
    assert_eq!(follows.ends(), 0);
    driver.wait_with_output().expect("it was started");
}

const LOCKED: &str = r#"
lock: deploy
nodes:
  q: { question: Sure?, choices: { "yes": act, "no": act } }
  act: { action: Act, run: [echo, acted], undo: { run: [sh, -c, "test -e mended"] } }
"#;

#[test]
fn of_the_runs_that_are_over_the_newest_are_kept() {
    let world = World::with(BOOK);
    for _ in 0..2 {
        run(&world, "--answer which=well --attest told=bo", 0);
    }
    let waiting = run(&world, "", 4);
    let failed = run(&world, "--answer which=badly", 1);
    run(&world, "--answer which=well --attest told=bo", 0);
    let all = ids(&world);
    let tree = world.tree();

    let dry = world.call("prune --keep 1 --dry-run").exits(0);
    assert!(dry.stderr.contains("runs would be removed, "), "{dry}");
    assert_eq!(world.tree(), tree, "nothing was");
    let kept = world.call("prune --keep 1 --keep 1h").exits(0);
    assert!(
        kept.stderr.starts_with("nothing to remove\nkept 5 runs\n"),
        "{kept}"
    );
    assert_eq!(ids(&world), all);

    let pruned = world.call("prune --keep 0s").exits(0);
    insta::assert_snapshot!(steady(&pruned), @"
    exit 0
    --- stdout
    run  room  state  runbook  ended (UTC)
    ‹run›  ‹room›  complete  book  ‹time›
    ‹run›  ‹room›  complete  book  ‹time›
    ‹run›  ‹room›  complete  book  ‹time›
    --- stderr
    removed 3 runs, ‹room›
    left as they are: 1 failed, 1 waiting; `switchback runs` lists them
    ");
    for id in ids(&world) {
        assert!([&waiting, &failed].contains(&&id), "{id}");
        assert!(!pruned.stdout.contains(&id), "{pruned}");
    }
    assert_eq!(ids(&world).len(), 2);
    let listed = world.call("runs --output json").exits(0);
    assert_eq!(states(&listed).len(), 2);

    // What is given up is over.
    world.call("cancel").arg(&waiting).exits(0);
    world.call("prune --keep 0 --runbook another").exits(0);
    assert_eq!(ids(&world).len(), 2);
    world.call("prune --keep 0 --runbook book").exits(0);
    assert_eq!(ids(&world), [failed]);
}

#[test]
fn what_is_half_undone_holds_a_lock_or_cannot_be_read_stays() {
    let world = World::with(LOCKED);
    let half = run(&world, "--answer q=yes", 0);
    world.call("undo last --headless").exits(1);
    let listed = world.call("prune --keep 0").exits(0);
    assert!(listed.stderr.contains("1 half undone"), "{listed}");

    world.write("mended", "");
    world
        .call("undo last --headless --yes --resolve act=rerun --reason mended")
        .exits(0);
    // As if the program had gone away between the end of the run and the giving back of its key.
    let locks = world.home().join("state/switchback/locks");
    let holder = json!({
        "key": "deploy", "run": half, "by": { "name": "ana", "identity": "asserted" },
        "host": "here", "since": "2026-11-22T13:50:00Z",
    });
    fs::write(locks.join("deploy.json"), holder.to_string()).expect("it is ours");
    let listed = world.call("prune --keep 0").exits(0);
    assert!(listed.stderr.contains("1 holding a lock"), "{listed}");
    fs::remove_file(locks.join("deploy.json")).expect("it is ours");

    let journal = world.runs()[0].join("journal.jsonl");
    let record = fs::read_to_string(&journal).expect("it is ours");
    fs::write(&journal, record.replacen("ana", "eve", 1)).expect("it is ours");
    let listed = world.call("prune --keep 0").exits(0);
    assert!(listed.stderr.contains("1 unreadable"), "{listed}");

    fs::write(&journal, record).expect("it is ours");
    world.call("prune --keep 0").exits(0);
    assert_eq!(ids(&world), Vec::<String>::new());
    let nothing = world.call("prune --keep 0").exits(0);
    assert_eq!(nothing.stderr, "nothing to remove\n");
}

#[test]
fn a_run_that_is_driven_is_not_removed() {
    let world = World::with(HELD);
    let driver = held(&world);
    let left = world.call("prune --keep 0").exits(0);
    assert!(left.stderr.contains("left as they are: 1 running"), "{left}");
    let_go(&world);
    let driver = driver.wait_with_output().expect("it was started");
    assert_eq!(driver.status.code(), Some(0));
    world.call("prune --keep 0").exits(0);
    assert_eq!(world.runs().len(), 0);
}

#[test]
fn a_removing_that_was_cut_short_is_ended_by_the_next() {
    let world = World::with(BOOK);
    run(&world, "--answer which=well --attest told=bo", 0);
    let runs = world.home().join("state/switchback/runs");
    fs::rename(&world.runs()[0], runs.join(".pruned-20261122-135000-3f9abc")).expect("it is ours");
    let listed = world.call("runs").exits(0);
    assert_eq!(listed.stdout, "", "it is no run any more");
    world.call("show last").exits(2);
    world.call("prune --keep 9").exits(0);
    assert_eq!(world.runs().len(), 0);
}

#[test]
fn without_a_word_on_what_to_keep_nothing_is_removed() {
    let world = World::with(BOOK);
    insta::assert_snapshot!(world.call("prune").exits(2), @"
    exit 2
    --- stderr
    error: nothing says which runs to keep
      help: say how many, or how young:
          switchback prune --keep 50
          switchback prune --keep 90d
          switchback prune --keep 50 --keep 90d --dry-run
    ");
    insta::assert_snapshot!(world.call("prune --keep all").exits(2), @"
    exit 2
    --- stderr
    error: invalid value 'all' for '--keep <NUMBER|AGE>': write a number of runs, `50`; or an age, `12h`, `90d` or `8w`

    For more information, try '--help'.
    ");
    let none = world.call("prune --keep 3").exits(0);
    assert_eq!(none.stderr, "nothing to remove\n");
}
