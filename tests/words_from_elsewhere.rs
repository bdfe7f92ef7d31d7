//! What is said of a run from another terminal: while a process drives it, and while none does.

mod support;

use std::time::{Duration, Instant};

use support::{DOWN, ENTER, Seen, Terminal, World};

const CHOOSE: &str = "Esc leaves it open]";
const BACK: &str = "\x02";

/// Waits until something is so.
#[track_caller]
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < Duration::from_secs(60), "waited for {what}");
        std::thread::yield_now();
    }
}

/// The record of the only run.
fn journal(world: &World) -> String {
    let run = world.runs().pop().expect("there is a run");
    std::fs::read_to_string(run.join("journal.jsonl")).unwrap_or_default()
}

/// How often an event is on record.
fn count(world: &World, event: &str) -> usize {
    journal(world).matches(&format!("\"event\":\"{event}\"")).count()
}

/// What lies in the inbox of the only run.
fn inbox(world: &World) -> Vec<String> {
    let run = world.runs().pop().expect("there is a run");
    let Ok(entries) = std::fs::read_dir(run.join("inbox")) else {
        return Vec::new();
    };
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("it can be listed").file_name();
    entries
        .map(|entry| name(entry).to_string_lossy().into_owned())
        .collect()
}

fn said_by(world: &World, who: &str, args: &str) -> Seen {
    world.call(args).env("SWITCHBACK_OPERATOR", who).seen()
}

#[track_caller]
fn says(world: &World, who: &str, args: &str, text: &str) {
    let seen = said_by(world, who, args);
    assert_eq!(seen.code, Some(0), "{seen}");
    assert!(seen.stderr.contains(text), "{text}\n{seen}");
    assert!(seen.stdout.is_empty(), "{seen}");
}

#[track_caller]
fn is_rejected(world: &World, who: &str, args: &str, texts: &[&str]) {
    let seen = said_by(world, who, args);
    assert_eq!(seen.code, Some(2), "{seen}");
    for text in texts {
        assert!(seen.stderr.contains(text), "{text}\n{seen}");
    }
}

const BOOK: &str = r#"
nodes:
  full: { question: Is the disk full?, choices: { "yes": make_room, "no": look } }
  make_room: { action: Make room, run: [touch, room], next: watch }
  look: { action: Look, run: [touch, looked] }
  watch: { action: Watch it, manual: Watch the graph., verify: [ { id: seen, title: somebody looked, confirm: Is it flat? } ] }
gates:
  told: { title: They know, attest: They were told. }
  settled: { title: It is settled, decide: [cleaned, moved] }
"#;

#[test]
fn a_run_that_nobody_drives_keeps_what_is_said_and_goes_on_when_it_is_resumed() {
    let world = World::with(BOOK);
    world.call("run book.yaml --headless").exits(4);
    let run = world.run();
    let goes_on = format!("no process drives run {run}; to go on: `switchback resume {run}`");
    says(
        &world,
        "bo",
        "answer last full yes",
        "`full` is answered `yes` by bo",
    );
    says(
        &world,
        "bo",
        "answer last full yes",
        "`full` was answered `yes` by bo, 2",
    );
    assert_eq!(count(&world, "answered"), 1, "the same once more is nothing new");
    says(&world, "cy", "attest last told --note ok", &goes_on);
    says(
        &world,
        "cy",
        "attest last watch.seen",
        "`watch.seen` is attested by cy, in advance: the run has not come to it",
    );
    says(
        &world,
        "cy",
        "attest last settled --outcome moved",
        "`settled` is decided by cy: moved, in advance",
    );
    let attested = journal(&world);
    assert!(attested.contains(r#""letter":""#), "{attested}");
    // The record is as sound as any, and the run stands as it did.
    world.call("verify last").exits(0);
    let listed = world.call("runs").exits(0);
    assert!(listed.stdout.contains("waiting"), "{listed}");
    world.call("show last").exits(0);
    assert_eq!(inbox(&world), Vec::<String>::new());

    let seen = world.call("resume last --headless").exits(4);
    assert!(world.has("room"), "{seen}");
    says(
        &world,
        "dee",
        "attest last watch --as ana",
        "`watch` is attested by ana",
    );
    world.call("resume last --headless").exits(0);
    is_rejected(
        &world,
        "bo",
        "attest last told",
        &["is complete: nothing more can be said of it", "switchback show "],
    );
}

#[test]
fn what_cannot_be_taken_says_why_and_leaves_nothing() {
    let world = World::with(BOOK);
    world.call("run book.yaml --headless").exits(4);
    let before = journal(&world);
    for (args, texts) in [
        (
            "answer last fall yes",
            ["there is no question `fall`", "did you mean `full`?"],
        ),
        (
            "answer last full maybe",
            ["must be one of `yes`, `no`", "`full` asks: Is the disk full?"],
        ),
        (
            "answer last full --take-back",
            ["`full` is not answered", "to answer it: `switchback answer "],
        ),
        (
            "attest last tolt",
            ["there is nothing to attest called `tolt`", "did you mean `told`?"],
        ),
        (
            "attest last settled",
            ["`settled` is decided, not attested", "--outcome cleaned|moved"],
        ),
        (
            "attest last settled --outcome gone",
            ["`settled` has no outcome `gone`", "cleaned"],
        ),
    ] {
        is_rejected(&world, "bo", args, &texts);
    }
    assert_eq!(journal(&world), before);
    assert_eq!(inbox(&world), Vec::<String>::new());
    world.call("answer last full").exits(2);
    world.call("answer last full yes --take-back").exits(2);
}

#[test]
fn a_second_answer_is_a_conflict_and_a_wrong_one_is_taken_back() {
    let world = World::with(BOOK);
    world.call("run book.yaml --headless").exits(4);
    says(&world, "bo", "answer last full yes", "`full` is answered");
    is_rejected(
        &world,
        "cy",
        "answer last full no",
        &[
            "`full` was answered `yes` by bo, 2",
            "to answer otherwise: `switchback answer ",
            " full VALUE --instead`",
        ],
    );
    says(
        &world,
        "cy",
        "answer last full no --instead",
        "`full` is answered `no` by cy",
    );
    assert_eq!(
        (count(&world, "answer_taken_back"), count(&world, "answered")),
        (1, 2)
    );
    says(
        &world,
        "cy",
        "answer last full --take-back",
        "the answer `no` to `full` is taken back by cy",
    );
    says(
        &world,
        "cy",
        "answer last full no",
        "`full` is answered `no` by cy",
    );
    world.call("resume last --headless").exits(4);
    assert!(world.has("looked") && !world.has("room"));
    is_rejected(
        &world,
        "bo",
        "answer last full yes --instead",
        &[
            "the answer to `full` cannot be taken back: `look` was started",
            "start a new run",
        ],
    );
}

/// A headless run that goes on as long as there is no file `go`.
const LONG: &str = r#"
nodes:
  long: { action: Take long, effect: read, run: "touch begun; until [ -e go ]; do sleep 0.05; done" }
  which: { question: Which?, choices: { a: act, b: end } }
  act: { action: Act, run: [touch, acted] }
"#;

#[test]
fn a_run_that_goes_on_hears_it_at_once() {
    let world = World::with(LONG);
    let run = world.call("run book.yaml --headless --jobs 2").start();
    until("the step", || world.has("begun"));
    says(&world, "bo", "answer last which b", "goes on with it");
    is_rejected(
        &world,
        "cy",
        "answer last which a",
        &["`which` was answered `b` by bo, 2"],
    );
    says(
        &world,
        "cy",
        "answer last which a --instead",
        "`which` is answered `a` by cy",
    );
    until("what follows from it", || world.has("acted"));
    world.write("go", "");
    let done = Seen::of(run.wait_with_output().expect("it was started"));
    assert_eq!(done.code, Some(0), "{done}");
    assert!(
        done.stderr
            .contains("Which? b  given by bo, from another terminal"),
        "{done}"
    );
    assert!(
        done.stderr
            .contains("Which? b: taken back  cy, from another terminal"),
        "{done}"
    );
    assert_eq!(inbox(&world), Vec::<String>::new());
}

#[test]
fn what_is_left_is_taken_up_once_when_the_process_went_away() {
    let world = World::with(LONG);
    let mut run = world.call("run book.yaml --headless --jobs 2").start();
    until("the step", || world.has("begun"));
    // It is stopped, so that it takes nothing up; then it goes away.
    let pid = rustix::process::Pid::from_child(&run);
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).expect("it is ours");
    let waits = world
        .call("answer last which a")
        .env("SWITCHBACK_OPERATOR", "bo")
        .start();
    until("the letter", || {
        inbox(&world).iter().any(|name| name.ends_with(".letter"))
    });
    let letter = std::fs::read_dir(world.runs()[0].join("inbox"))
        .expect("it is there")
        .map(|entry| entry.expect("it can be listed").path())
        .find(|path| path.extension().is_some_and(|kind| kind == "letter"))
        .expect("it was left");
    let text = std::fs::read(&letter).expect("it is ours");
    run.kill().expect("it is ours");
    run.wait().expect("it was started");
    let seen = Seen::of(waits.wait_with_output().expect("it was started"));
    assert_eq!(seen.code, Some(0), "{seen}");
    assert!(seen.stderr.contains("no process drives run"), "{seen}");
    assert_eq!(count(&world, "answered"), 1);

    // As if the process had gone away between the record and the removal of the letter.
    std::fs::write(&letter, text).expect("it is ours");
    world.write("go", "");
    // The command that was left behind must be gone first.
    until("the end of the command", || {
        world.call("resume last --headless").seen().code == Some(0)
    });
    assert_eq!(count(&world, "answered"), 1, "{}", journal(&world));
    assert!(world.has("acted"));
}

#[test]
fn somebody_who_is_being_asked_sees_that_it_is_answered_and_goes_on() {
    let world = World::with(BOOK);
    let mut terminal = Terminal::of(world.call("run book.yaml").env("SWITCHBACK_OPERATOR", "ana"));
    terminal.is_asked("Is the disk full?", CHOOSE);
    says(&world, "bo", "answer last full yes", "goes on with it");
    terminal.sees("is answered by bo from another terminal: yes");
    terminal.is_asked("Run it? [yes/no]", CHOOSE);
    terminal.types("yes");
    terminal.types(ENTER);
    terminal.is_asked("Is it done?", "❯ leave it open");
    says(&world, "bo", "attest last watch", "`watch` is attested by bo");
    terminal.sees("! not asked any more: attested by bo from another terminal");
    terminal.is_asked("Is it so?", "❯ leave it open");
    // A word that is not about what is asked leaves the prompt alone.
    says(&world, "bo", "attest last told", "in advance");
    says(
        &world,
        "bo",
        "attest last watch.seen",
        "`watch.seen` is attested by bo",
    );
    terminal.sees("! not asked any more: attested by bo from another terminal");
    terminal.is_asked("Which of these holds?", "❯ leave it open");
    says(
        &world,
        "bo",
        "attest last settled --outcome moved",
        "decided by bo: moved",
    );
    terminal.sees("! not asked any more: decided by bo from another terminal: moved");
    terminal.sees("✓ Complete");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_wrong_answer_is_taken_back_at_the_next_prompt() {
    let world = World::with(BOOK);
    let mut terminal = Terminal::of(world.call("run book.yaml").env("SWITCHBACK_OPERATOR", "ana"));
    terminal.is_asked("Is the disk full?", CHOOSE);
    terminal.types(ENTER);
    terminal.sees("› Is the disk full? yes");
    terminal.is_asked("Run it? [yes/no]", "[Ctrl-B goes back; ");
    terminal.types(BACK);
    terminal.sees("! Is the disk full? yes: taken back  ana");
    terminal.is_asked("Is the disk full?", CHOOSE);
    terminal.types(DOWN);
    terminal.sees("❯ no");
    terminal.types(ENTER);
    terminal.sees("› Is the disk full? no");
    terminal.sees("touch looked");
    terminal.is_asked("Run it? [yes/no]", CHOOSE);
    terminal.types("\x1b");
    terminal.sees("Waiting for a person");
    assert_eq!(terminal.ends(), 4);
}

const TWO: &str = r#"
nodes:
  last: { question: Was it the last deploy?, detect: { run: [echo, "no"] }, choices: { "yes": [], "no": [] } }
  tag: { question: Which tag?, input: { type: string } }
"#;

#[test]
fn questions_that_are_ready_together_are_one_form() {
    let world = World::with(TWO);
    let mut terminal = Terminal::of(world.call("run book.yaml").env("SWITCHBACK_OPERATOR", "ana"));
    terminal.sees("2 questions; nothing is sent before you have seen the answers together");
    terminal.is_asked("Was it the last deploy?", CHOOSE);
    terminal.types(ENTER);
    terminal.is_asked("Which tag?", CHOOSE);
    terminal.types("v1");
    terminal.types(ENTER);
    terminal.sees("› Which tag? v1");
    terminal.sees("? Go on with these answers?");
    terminal.sees("Esc leaves all open]");
    assert_eq!(count(&world, "answered"), 0, "nothing is sent yet");
    terminal.types("tag");
    terminal.sees("❯ Which tag? v1");
    terminal.types(ENTER);
    terminal.is_asked("Which tag?", "Enter takes `v1`, which is your answer");
    terminal.types("v2");
    terminal.types(ENTER);
    terminal.sees("› Which tag? v2");
    terminal.is_asked("Go on with these answers?", "Esc leaves all open]");
    terminal.types(ENTER);
    terminal.sees("✓ Complete");
    assert_eq!(terminal.ends(), 0);
    let journal = journal(&world);
    assert!(
        journal.contains(r#""value":"v2""#) && !journal.contains(r#""value":"v1""#),
        "{journal}"
    );
}

#[test]
fn a_question_of_a_form_that_is_answered_elsewhere_is_dropped() {
    let world = World::with(TWO);
    let mut terminal = Terminal::of(world.call("run book.yaml").env("SWITCHBACK_OPERATOR", "ana"));
    terminal.is_asked("Was it the last deploy?", CHOOSE);
    // What is not asked just now does not disturb what is.
    says(&world, "bo", "answer last tag v9", "goes on with it");
    terminal.types(ENTER);
    terminal.sees("› Was it the last deploy? no");
    terminal.sees("is answered by bo from another terminal: v9");
    // What is left is still looked at before it counts.
    terminal.is_asked("Go on with this answer?", "Esc leaves all open]");
    assert_eq!(count(&world, "answered"), 1);
    terminal.types(ENTER);
    terminal.sees("✓ Complete");
    assert_eq!(terminal.ends(), 0);
    assert_eq!(count(&world, "answered"), 2);
}

#[test]
fn a_step_that_has_the_terminal_does_not_keep_the_run_from_hearing() {
    let world = World::with(
        r#"
nodes:
  edit: { action: Edit, effect: read, terminal: true, run: "touch begun; until [ -e go ]; do sleep 0.05; done; printf bye" }
  which: { question: Which?, after: [edit], choices: { a: end, b: end } }
"#,
    );
    let mut terminal = Terminal::of(world.call("run book.yaml"));
    until("the step", || world.has("begun"));
    says(&world, "bo", "answer last which b", "goes on with it");
    world.write("go", "");
    terminal.sees("bye");
    terminal.sees("› Which? b  given by bo, from another terminal");
    terminal.sees("✓ Complete");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_prompt_of_lines_gives_way_too_and_one_goes_back_by_a_word() {
    let world = World::with(BOOK);
    let mut terminal = Terminal::of(world.call("run book.yaml --plain"));
    terminal.sees("question: Is the disk full?");
    terminal.sees("leaves it open.");
    says(&world, "bo", "answer last full yes", "goes on with it");
    terminal.sees("is answered by bo from another terminal: yes");
    terminal.sees("question: Run it? [yes/no]");
    terminal.sees("`later` leaves it open, `back` goes back.");
    terminal.types("back");
    terminal.types(ENTER);
    terminal.sees("Is the disk full? yes: taken back");
    terminal.sees("question: Is the disk full?");
    terminal.sees("leaves it open.");
    terminal.types("later");
    terminal.types(ENTER);
    terminal.sees("Waiting for a person");
    assert_eq!(terminal.ends(), 4);
}

#[test]
fn a_no_takes_the_earlier_yes_back_also_when_the_run_is_resumed() {
    let world = World::with(
        r#"
nodes: { a: { question: Which?, input: { type: string } } }
gates:
  told: { title: The owners know, attest: They know. }
  what: { title: It is settled, decide: [restored, untouched] }
"#,
    );
    let begun = world
        .call("run book.yaml --headless --answer a=1 --attest told=eve")
        .seen();
    assert_eq!(begun.code, Some(4), "{begun}");
    says(&world, "ada", "attest last told --refuse", "told");
    says(&world, "ada", "attest last what --outcome restored", "restored");
    let resumed = world.call("resume last --headless").seen();
    assert_eq!(resumed.code, Some(4), "{resumed}");
    assert!(resumed.stderr.contains("--attest told=WHO"), "{resumed}");
}

#[test]
fn an_empty_id_is_no_run_and_not_the_only_one() {
    let world = World::with(BOOK);
    world.call("run book.yaml --headless").exits(4);
    let seen = world.call("cancel").arg("").seen();
    assert_eq!(seen.code, Some(2), "{seen}");
}
