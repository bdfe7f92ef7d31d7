//! A command line that is not right: exit 2, what is wrong with it, and what to write instead. Nothing is started.

mod support;

use support::World;

const BOOK: &str = r#"
parameters:
  host: { type: string, pattern: '^web\d+$', description: Which server }
  port: { type: integer, min: 1, max: 65535 }
  colour: { type: string, enum: [blue, green], default: blue }
nodes:
  way:
    question: Which way?
    choices: { fast: quick, slow: name }
  name:
    question: What is it called?
    input: { type: string, pattern: '^[a-z]+$' }
    next: quick
  quick:
    action: Do it
    run: [touch, done]
    verify:
      - { id: seen, confirm: Is it there? }
gates:
  fine: { title: All is fine, attest: It is fine. }
  settled: { title: It is settled, decide: [kept, thrown_away] }
"#;

/// What the program says to `run book.yaml` with these arguments; nothing may be left behind.
#[track_caller]
fn refused(args: &str) -> String {
    let world = World::with(BOOK);
    let before = world.tree();
    let seen = world.call(&format!("run book.yaml --headless {args}")).exits(2);
    assert_eq!(seen.stdout, "");
    assert_eq!(world.tree(), before, "something was left behind");
    seen.stderr
}

/// The same, with the parameters given.
#[track_caller]
fn refused_word(args: &str) -> String {
    refused(&format!("-p host=web1 -p port=80 {args}"))
}

#[test]
fn missing_parameters_are_all_named() {
    insta::assert_snapshot!(refused(""), @"
    error: `book` needs the parameters `host` and `port`
      help: add
        -p host=VALUE  Which server
        -p port=VALUE
    ");
}

#[test]
fn an_unknown_parameter_brings_the_nearest() {
    insta::assert_snapshot!(refused("-p hots=web1"), @"
    error: `book` has no parameter `hots`
      help: did you mean `host`?
    ");
    insta::assert_snapshot!(refused("-p tremendous=web1"), @"
    error: `book` has no parameter `tremendous`
      help: its parameters are `host`, `port` and `colour`
    ");
}

#[test]
fn a_parameter_must_be_allowed() {
    insta::assert_snapshot!(refused("-p host=db1 -p port=80"), @r"
    error: the parameter `host` must match `^web\d+$`, but is `db1`
      help: Which server: write `-p host=VALUE`
    ");
    insta::assert_snapshot!(refused("-p host=web1 -p port=none"), @"
    error: the parameter `port` must be an integer, but is `none`
      help: write `-p port=VALUE`
    ");
    insta::assert_snapshot!(refused("-p host=web1 -p port=80 -p colour=red"), @"
    error: the parameter `colour` must be one of `blue`, `green`, but is `red`
      help: write `-p colour=VALUE`
    ");
}

#[test]
fn a_flag_must_be_of_its_form() {
    insta::assert_snapshot!(refused("-p host"), @"
    error: `-p host` is not of the form `NAME=VALUE`
      help: write `-p NAME=VALUE`
    ");
    insta::assert_snapshot!(refused_word("--answer way"), @"
    error: `--answer way` is not of the form `QUESTION=VALUE`
      help: write `--answer QUESTION=VALUE`
    ");
    insta::assert_snapshot!(refused_word("--attest fine"), @"
    error: `--attest fine` is not of the form `ID=WHO[:NOTE]`
      help: write `--attest ID=WHO[:NOTE]`
    ");
    insta::assert_snapshot!(refused_word("--attest fine="), @"
    error: `--attest fine=` is not of the form `ID=WHO[:NOTE]`
      help: write `--attest ID=WHO[:NOTE]`
    ");
    insta::assert_snapshot!(refused_word("--decide settled=kept"), @"
    error: `--decide settled=kept` is not of the form `GATE=OUTCOME:WHO[:NOTE]`
      help: write `--decide GATE=OUTCOME:WHO[:NOTE]`
    ");
    insta::assert_snapshot!(refused_word("--waive fine"), @"
    error: `--waive fine` is not of the form `GATE=REASON`
      help: write `--waive GATE=REASON`
    ");
}

#[test]
fn an_answer_must_be_one_of_the_question() {
    insta::assert_snapshot!(refused_word("--answer way=fats"), @"
    error: the answer to `way` must be one of `fast`, `slow`, but is `fats`
      help: `way` asks: Which way?
    ");
    insta::assert_snapshot!(refused_word("--answer name=UPPER"), @"
    error: the answer to `name` must match `^[a-z]+$`, but is `UPPER`
      help: `name` asks: What is it called?
    ");
    insta::assert_snapshot!(refused_word("--answer wya=fast"), @"
    error: there is no question `wya`
      help: did you mean `way`?
    ");
    insta::assert_snapshot!(refused_word("--answer quick=fast"), @"
    error: `quick` is an action, and has no answer
      help: to say that it may be done: `--confirm quick`; that it was done: `--attest quick=WHO`
    ");
}

#[test]
fn what_is_spoken_of_must_be_there() {
    insta::assert_snapshot!(refused_word("--attest finer=ana"), @"
    error: there is nothing to attest called `finer`
      help: did you mean `fine`?
    ");
    insta::assert_snapshot!(refused_word("--attest quick.sene=ana"), @"
    error: there is no check `quick.sene` that a person answers
      help: did you mean `quick.seen`?
    ");
    insta::assert_snapshot!(refused_word("--decide settld=kept:ana"), @"
    error: there is no gate `settld`
      help: did you mean `settled`?
    ");
    insta::assert_snapshot!(refused_word("--decide settled=gone:ana"), @"
    error: `settled` has no outcome `gone`
      help: its outcomes are `kept`, `thrown_away`
    ");
    insta::assert_snapshot!(refused_word("--waive fin=because"), @"
    error: there is no gate `fin`
      help: did you mean `fine`?
    ");
    insta::assert_snapshot!(refused_word("--confirm quik"), @"
    error: there is no action `quik`
      help: did you mean `quick`?
    ");
}

#[test]
fn a_required_command_must_be_there() {
    let world = World::with(
        "requires: { commands: [sh, no_such_command, nor_this_one] }\nnodes: { a: { action: A, run: ['true'] } }\n",
    );
    insta::assert_snapshot!(world.call("run book.yaml --headless").exits(2), @"
    exit 2
    --- stderr
    error: not found on `PATH`: `no_such_command`, `nor_this_one`
      help: install what is missing, or put its folder on `PATH`; nothing was started
    ");
    assert_eq!(world.runs().len(), 0);

    world.book(
        "parameters: { tool: { type: string, default: sh } }\nrequires: { commands: ['{{ tool }}'] }\n\
         nodes: { a: { action: A, effect: read, run: ['true'] } }\n",
    );
    world.call("run book.yaml --headless").exits(0);
    let seen = world
        .call("run book.yaml --headless -p tool=no_such_tool")
        .exits(2);
    assert!(
        seen.stderr.contains("not found on `PATH`: `no_such_tool`"),
        "{seen}"
    );
}

#[test]
fn a_file_must_be_there() {
    let world = World::new();
    for command in ["run", "plan", "check", "graph", "drill"] {
        let seen = world.call(command).arg("none.yaml").exits(2);
        assert!(seen.stderr.contains("none.yaml"), "{seen}");
        assert!(seen.stderr.contains("help:"), "{seen}");
    }
}

#[test]
fn a_run_must_be_there() {
    let world = World::with("nodes: { a: { action: A, run: ['true'] } }\n");
    insta::assert_snapshot!(world.call("resume last").exits(2), @"
    exit 2
    --- stderr
    error: there is no run in `‹home›/state/switchback/runs` yet
      help: `switchback run FILE` starts one; `--state-dir DIR` looks elsewhere
    ");
    world.call("run book.yaml --headless").exits(0);
    insta::assert_snapshot!(world.call("resume 1999").exits(2), @"
    exit 2
    --- stderr
    error: no run in `‹home›/state/switchback/runs` begins with `1999`
      help: `switchback runs` lists them
    ");
    insta::assert_snapshot!(world.call("show 1999").exits(2), @"
    exit 2
    --- stderr
    error: no run in `‹home›/state/switchback/runs` begins with `1999`
      help: `switchback runs` lists them
    ");
    insta::assert_snapshot!(world.call("resume last").exits(2), @"
    exit 2
    --- stderr
    error: the run `‹run›` is complete: there is nothing to resume
      help: `switchback show ‹run›` has its record
    ");
}

#[test]
fn an_unknown_flag_or_command_is_answered_with_help() {
    let world = World::new();
    for args in [
        "",
        "rnu",
        "run --hedless book.yaml",
        "new",
        "resume last --resolve a=done",
    ] {
        let seen = world.call(args).exits(2);
        assert_eq!(seen.stdout, "", "{seen}");
        assert!(seen.stderr.contains("Usage: switchback"), "{seen}");
    }
}

#[test]
fn asking_for_help_is_no_error() {
    let world = World::new();
    for args in ["--help", "run --help", "help resume", "--version"] {
        let seen = world.call(args).exits(0);
        assert!(seen.stdout.contains("switchback"), "{seen}");
        assert_eq!(seen.stderr, "");
    }
}
