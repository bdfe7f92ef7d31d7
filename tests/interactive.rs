//! The program at a terminal: a person answers, agrees, looks, and states.

mod support;

use std::fs;
use std::path::Path;

use support::{DOWN, ENTER, INTERRUPT, Terminal, World, can_drill};

const CHOOSE: &str = "Esc leaves it open]";
const LINES: &str = "several lines, an empty one ends it; Esc leaves it open]";

/// Answers a question of several lines with one.
#[track_caller]
fn types_a_text(terminal: &mut Terminal, question: &str, text: &str) {
    terminal.is_asked(question, LINES);
    terminal.types(text);
    terminal.types(ENTER);
    // The line stands now as it was typed, and the next one is open.
    terminal.sees(&format!("› {question} {text}"));
    terminal.sees(LINES);
    terminal.types(ENTER);
}

/// Says that something is as it should be, with a note.
#[track_caller]
fn states(terminal: &mut Terminal, note: &str) {
    terminal.is_asked("Is it so?", "❯");
    terminal.types("yes");
    terminal.types(ENTER);
    terminal.sees("? Note:");
    terminal.types(note);
    terminal.types(ENTER);
    terminal.sees(&format!("› Note: {note}"));
}

#[track_caller]
fn agrees(terminal: &mut Terminal, question: &str) {
    terminal.sees(&format!("? {question} [yes/no]"));
    terminal.types("yes");
    terminal.types(ENTER);
    terminal.sees(&format!("› {question} [yes/no] yes"));
}

#[test]
fn the_last_deploy_is_rolled_back_by_hand() {
    if !can_drill() {
        return;
    }
    let world = World::new();
    let temporary = world.home().join("tmp");
    fs::create_dir(&temporary).expect("the home is ours");
    let runbook = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks/rollback.yaml");
    let drill = world.call("drill").arg(runbook).env("TMPDIR", &temporary);
    let mut terminal = Terminal::of(drill);

    terminal.is_asked("Was it the last deploy that broke production?", CHOOSE);
    terminal.types(ENTER);
    terminal.sees("› Was it the last deploy that broke production? yes");
    terminal.is_asked("Is it a database migration issue?", CHOOSE);
    terminal.types(DOWN);
    terminal.sees("❯ No: the schema is fine");
    terminal.types(ENTER);
    terminal.sees("› Is it a database migration issue? no");
    terminal.is_asked("Go on with these answers?", "Esc leaves all open]");
    terminal.types(ENTER);
    terminal.sees("› Go on with these answers? go on");

    // What only reads is not asked for.
    terminal.sees("✓ Look at the release that would come back  candidate · ");
    terminal.sees(" · 1 check held");
    terminal.sees("$ dep rollback production");
    terminal.sees("! it changes the world");
    agrees(&mut terminal, "Run it?");
    // What held is shown to whoever is asked for more.
    terminal.sees("✓ the site answers with that version");
    states(&mut terminal, "the shop is open");
    terminal.sees("✓ Point the site back at the previous release  rollback · ");
    terminal.sees(" · 4 checks held");

    types_a_text(&mut terminal, "What broke?", "The front page.");
    types_a_text(&mut terminal, "Why did it break?", "A misspelt name.");
    types_a_text(
        &mut terminal,
        "What has to be done so that it cannot come back?",
        "Correct it.",
    );
    terminal.sees("✓ Write the incident note  incident_note · ");
    terminal.sees("$ git fetch --quiet origin develop");
    agrees(&mut terminal, "Run it?");

    terminal.sees("✓ A known-good release is live  gate code_restored · 2 checks held");
    terminal.sees("✓ no unresolved issues");
    states(&mut terminal, "paid for an order");
    terminal.sees("✓ the note is there");
    states(&mut terminal, "read it");
    terminal.sees("✓ Complete: every required gate is closed");
    assert_eq!(terminal.ends(), 0);
    let left = fs::read_dir(temporary).expect("it was made above").count();
    assert_eq!(left, 0, "the sandbox is gone");
}

const BOOK: &str = r#"
nodes:
  first: { question: What first?, choices: { this: act, that: act } }
  act: { action: Do it, effect: destroy, run: [touch, done] }
"#;

#[test]
fn an_interrupt_at_a_question_leaves_a_run_to_go_on_with() {
    let world = World::with(BOOK);
    let mut terminal = Terminal::of(world.call("run book.yaml"));
    terminal.is_asked("What first?", CHOOSE);
    terminal.types(INTERRUPT);
    terminal.sees("switchback resume");
    assert_eq!(terminal.ends(), 130);
    assert!(!world.has("done"));

    world
        .call("resume last --answer first=this --confirm act")
        .exits(0);
    assert!(world.has("done"));
}

#[test]
fn a_signal_at_a_question_is_heard_and_leaves_a_run_to_go_on_with() {
    for (signal, code) in [
        (rustix::process::Signal::TERM, 143),
        (rustix::process::Signal::HUP, 129),
    ] {
        let world = World::with(BOOK);
        let mut terminal = Terminal::of(world.call("run book.yaml"));
        terminal.is_asked("What first?", CHOOSE);
        terminal.is_sent(signal);
        terminal.sees("switchback resume");
        assert_eq!(terminal.ends(), code);
        world
            .call("resume last --answer first=this --confirm act")
            .exits(0);
        assert!(world.has("done"));
    }
}

#[test]
fn a_question_can_be_left_open() {
    let world = World::with(BOOK);
    let mut terminal = Terminal::of(world.call("run book.yaml"));
    terminal.is_asked("What first?", CHOOSE);
    terminal.types("\x1b");
    terminal.sees("Waiting for a person");
    assert_eq!(terminal.ends(), 4);
}

#[test]
fn what_destroys_takes_its_name_and_not_a_yes() {
    let world = World::with(BOOK);
    let mut terminal = Terminal::of(world.call("run book.yaml --yes --answer first=that"));
    terminal.sees("it DESTROYS something that cannot be brought back");
    terminal.is_asked("Type `act` to go on, or no:", "Esc leaves it open]");
    terminal.types("yes");
    terminal.types(ENTER);
    terminal.sees("type `act` or `no`");
    assert!(!world.has("done"));
    terminal.types("\x7f\x7f\x7fact");
    terminal.types(ENTER);
    terminal.sees("Complete");
    assert_eq!(terminal.ends(), 0);
    assert!(world.has("done"));
}

#[test]
fn a_declined_step_ends_the_run() {
    let world = World::with(BOOK);
    let mut terminal = Terminal::of(world.call("run book.yaml --answer first=that"));
    terminal.is_asked("Type `act` to go on, or no:", "Esc leaves it open]");
    terminal.types("no");
    terminal.types(ENTER);
    terminal.sees("Stopped by a person");
    assert_eq!(terminal.ends(), 8);
    assert!(!world.has("done"));
}

const BESIDE: &str = "
nodes:
  first: { question: What first?, choices: { this: [], that: [] } }
  loud: { action: Be loud, effect: read, run: [echo, so loud], next: then }
  then: { action: Go on, effect: read, run: [touch, gone_on] }
";

#[test]
fn what_runs_beside_a_question_is_shown_when_that_is_answered() {
    let world = World::with(BESIDE);
    let mut terminal = Terminal::of(world.call("run book.yaml --jobs 2"));
    terminal.is_asked("What first?", CHOOSE);
    // The second step starts when all that the first has printed is taken up.
    while !world.has("gone_on") {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    terminal.types(DOWN);
    terminal.sees("❯ that");
    terminal.types(ENTER);
    terminal.sees("› What first? that");
    terminal.sees("✓ Be loud  loud · ");
    terminal.sees("✓ Complete");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_question_is_withdrawn_when_what_runs_beside_it_fails() {
    let world = World::with(
        "
nodes:
  first: { question: What first?, choices: { this: [], that: [] } }
  bad: { action: Go wrong, effect: read, run: 'until [ -e asked ]; do sleep 0.05; done; exit 3', next: first_too }
  first_too: { question: And then?, choices: { this: [], that: [] } }
",
    );
    let mut terminal =
        Terminal::of(world.shell("stty echo; switchback run book.yaml --jobs 2; echo ended $?; stty -a"));
    terminal.is_asked("What first?", CHOOSE);
    world.write("asked", "");
    terminal.sees("! not asked any more: `bad` failed, so nothing new starts");
    terminal.sees("✗ Go wrong: it exited with 3");
    terminal.sees("switchback resume");
    terminal.sees("ended 1");
    terminal.sees(" icanon ");
    terminal.sees(" echo ");
    terminal.ends();
}

#[test]
fn an_interrupt_ends_what_runs_beside_a_question() {
    let yaml = "
nodes:
  first: { question: What first?, choices: { this: [], that: [] } }
  long: { action: Take long, effect: read, run: '[ -e quick ] || sleep 600' }
";
    for (signal, code) in [(None, 130), (Some(rustix::process::Signal::TERM), 143)] {
        let world = World::with(yaml);
        let mut terminal = Terminal::of(world.call("run book.yaml --jobs 2"));
        // It is not drawn while somebody is asked, but said before.
        terminal.sees("▸ Take long  long · under way");
        terminal.is_asked("What first?", CHOOSE);
        match signal {
            Some(signal) => terminal.is_sent(signal),
            None => terminal.types(INTERRUPT),
        }
        terminal.sees("✗ Take long: it was interrupted");
        terminal.sees("switchback resume");
        assert_eq!(terminal.ends(), code);
        world.write("quick", "");
        world.call("resume last --answer first=this").exits(0);
    }
}

/// In a pipeline a terminal means nothing.
#[test]
fn nobody_is_asked_where_ci_is_set_or_it_is_to_be_headless() {
    for (args, ci) in [("run book.yaml", "true"), ("run book.yaml --headless", "")] {
        let world = World::with(BOOK);
        let mut terminal = Terminal::of(world.call(args).env("CI", ci));
        terminal.sees("Waiting for a person");
        assert_eq!(terminal.ends(), 4);
    }
}

/// Nobody agrees to what they have not seen yet.
#[test]
fn what_is_typed_before_a_prompt_stands_there_agrees_to_nothing() {
    let world = World::with(
        "
nodes:
  slow: { action: Take long, effect: read, run: 'touch began; until [ -e go ]; do sleep 0.05; done', next: wipe }
  wipe: { action: Wipe it, effect: destroy, run: [touch, wiped] }
",
    );
    let mut terminal = Terminal::of(world.shell("switchback run book.yaml"));
    while !world.has("began") {
        std::thread::yield_now();
    }
    terminal.types("wipe");
    terminal.types(ENTER);
    world.write("go", "");
    terminal.sees("to go on, or no");
    terminal.types("\x1b");
    assert_eq!(terminal.ends(), 4);
    assert!(!world.has("wiped"));
}
