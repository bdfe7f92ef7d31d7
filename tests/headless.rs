//! Runs without a terminal: what ends them, with which exit code, and how they go on.

mod support;

use support::{Seen, World, steady};

/// A question, a check that a person makes, a step that destroys, and a gate.
const BOOK: &str = r#"
nodes:
  way:
    question: Which way?
    choices: { fast: quick, slow: name, neither: stop }
  quick:
    action: Do it quickly
    run: [touch, quick]
    verify:
      - file: quick
      - { id: seen, confirm: Is it there? }
    next: done
  name:
    question: What is it called?
    input: { type: string, pattern: '^[a-z]+$' }
    next: slowly
  slowly:
    action: Do it slowly
    effect: destroy
    run: |
      echo "{{ answers.name }}" > slow
    next: done
  done: { action: All is done }
gates:
  fine: { title: All is fine, attest: It is fine. }
"#;

#[track_caller]
fn started(yaml: &str, args: &str, code: i32) -> (World, Seen) {
    let world = World::with(yaml);
    let seen = world.call(&format!("run book.yaml {args}")).exits(code);
    (world, seen)
}

/// The command that a waiting run prints, with what it leaves open filled in, is all it takes.
#[test]
fn the_command_that_is_printed_goes_on_to_the_end() {
    let (world, first) = started(BOOK, "", 4);
    insta::assert_snapshot!(first, @"
    exit 4
    --- stderr
    A book
    book · run ‹run› · started by uid ‹n› · ‹time›

    Gates
      … All is fine  fine
          waiting: somebody has to attest it

    … Waiting for a person  run ‹run› · ‹took›
      … Which way?
    Go on with:
      switchback resume ‹run› --answer 'way=fast|slow|neither'
    Depending on the way, also:
      --attest quick.seen=WHO  Is it there?
      --answer name=VALUE      What is it called?
      --confirm slowly         Do it slowly
      --attest fine=WHO        All is fine
    ");

    let offered = first.offered("Go on with:").replace("fast|slow|neither", "slow");
    let second = world.shell(&offered).exits(4);
    let offered = second.offered("Go on with:").replace("VALUE", "hood");
    let third = world.shell(&offered).exits(4);
    assert!(!world.has("slow"), "it destroys, and nobody confirmed it");
    insta::assert_snapshot!(third, @r#"
    exit 4
    --- stderr
    A book
    book · run ‹run› · resumed by uid ‹n› · ‹time›
    [name] › What is it called? hood  given by uid ‹n›
    [slowly] ▸ Do it slowly
    [slowly] $ echo "hood" > slow
    [slowly] by sh -eu -c

    Gates
      … All is fine  fine
          waiting: somebody has to attest it

    … Waiting for a person  run ‹run› · ‹took›
      … Do it slowly
    Go on with:
      switchback resume ‹run› --confirm slowly
    Depending on the way, also:
      --attest fine=WHO  All is fine
    "#);

    let fourth = world.shell(&third.offered("Go on with:")).exits(4);
    assert_eq!(world.read("slow"), "hood\n");
    let offered = fourth.offered("Go on with:").replace("WHO", "ana");
    insta::assert_snapshot!(world.shell(&offered).exits(0), @"
    exit 0
    --- stderr
    A book
    book · run ‹run› · resumed by uid ‹n› · ‹time›
    [fine] › All is fine  stated by ana

    Gates
      ✓ All is fine  fine · ana

    ✓ Complete: every required gate is closed  run ‹run› · 2 steps done · ‹took›
    ");
}

/// What is a placeholder is refused when it is pasted as it is, where a choice could be mistaken for an answer.
#[test]
fn a_placeholder_answers_nothing() {
    let (world, first) = started(BOOK, "", 4);
    world.shell(&first.offered("Go on with:")).exits(2);
    let waiting = world.call("show last --output json").exits(0).json();
    assert_eq!(waiting["state"], "waiting");
}

#[test]
fn all_that_is_said_up_front_is_enough() {
    let args = "--answer way=fast --attest quick.seen=ana --attest fine=bo:looked";
    let (_, seen) = started(BOOK, args, 0);
    insta::assert_snapshot!(seen, @"
    exit 0
    --- stderr
    A book
    book · run ‹run› · started by uid ‹n› · ‹time›
    [way] › Which way? fast  given by uid ‹n›
    [quick] › Is it there?  stated in advance by ana
    [fine] › All is fine  stated in advance by bo: looked
    [quick] ▸ Do it quickly
    [quick] $ touch quick
    [quick] ✓ ‹took›
    [quick] ✓ file quick
    [quick] ✓ Is it there?  ana: said so (in advance)
    [done] ✓ All is done  done

    Gates
      ✓ All is fine  fine · bo

    ✓ Complete: every required gate is closed  run ‹run› · 2 steps done · ‹took›
    ");
}

#[test]
fn a_failing_step_exits_1_and_says_how_to_go_on() {
    let (world, seen) = started(
        "nodes: { a: { action: Try it, run: [sh, -c, 'echo oh no >&2; test -e mended'], next: b }, b: { action: After it } }\n",
        "",
        1,
    );
    insta::assert_snapshot!(seen, @r"
    exit 1
    --- stderr
    A book
    book · run ‹run› · started by uid ‹n› · ‹time›
    [a] ▸ Try it
    [a] $ sh -c 'echo oh no >&2; test -e mended'
    [a] │ oh no
    [a] ✗ it exited with 1  after ‹took›

    Not run
      – After it: `a` failed  b

    ✗ A step failed  run ‹run› · ‹took›
      ✗ Try it: it exited with 1  a
        │ oh no
    When it is mended (done), may run again (rerun) or can be passed over (skip):
      switchback resume ‹run› \
        --resolve 'a=done|rerun|skip' \
        --reason TEXT
    ");

    let offered = seen
        .offered("When it is mended (done), may run again (rerun) or can be passed over (skip):")
        .replace("TEXT", "'it was mended'");
    world.shell(&offered).exits(2);
    world.shell(&offered.replace("done|rerun|skip", "rerun")).exits(1);
    world.write("mended", "");
    world.shell(&offered.replace("done|rerun|skip", "rerun")).exits(0);
}

#[test]
fn each_resolution_ends_as_it_should() {
    let yaml = "nodes: { a: { action: A, run: ['false'], verify: [{ file: mended }], next: b }, b: { action: B, run: [touch, b] } }\n";
    let resolve = |how: &str, mended: bool| {
        let (world, _) = started(yaml, "", 1);
        if mended {
            world.write("mended", "");
        }
        let call = world.call(&format!("resume last --resolve a={how} --reason mended"));
        let code = call.seen().code;
        (code, world.has("b"))
    };
    assert_eq!(resolve("done", true), (Some(0), true));
    assert_eq!(
        resolve("done", false),
        (Some(1), false),
        "its checks look once more"
    );
    assert_eq!(resolve("skip", false), (Some(0), true));
    assert_eq!(resolve("rerun", false), (Some(1), false));
}

#[test]
fn an_open_gate_exits_5_until_it_is_closed_or_waived() {
    let yaml =
        "nodes: { a: { action: A } }\ngates: { there: { title: It is there, verify: [{ file: there }] } }\n";
    let (world, seen) = started(yaml, "", 5);
    insta::assert_snapshot!(seen, @"
    exit 5
    --- stderr
    A book
    book · run ‹run› · started by uid ‹n› · ‹time›
    [a] ✓ A  a
    [there] ✗ file there: `there` is not there

    Gates
      ✗ It is there  there
          unmet: `there` is not there
          ✗ file there: `there` is not there

    ✗ Everything is done, and a required gate is open  run ‹run› · 1 step done · ‹took›
    Mend what is open, and have the gates looked at again:
      switchback resume ‹run›
    Or let it go, with a reason that stays on record:
      switchback resume ‹run› --waive there=REASON
    ");
    let offered = seen.offered("Mend what is open, and have the gates looked at again:");
    world.shell(&offered).exits(5);
    world.write("there", "");
    world.shell(&offered).exits(0);

    let (world, seen) = started(yaml, "--yes", 5);
    let offered = seen.offered("Or let it go, with a reason that stays on record:");
    let waived = world
        .shell(&offered.replace("REASON", "'nobody needs it'"))
        .exits(0);
    assert!(waived.stderr.contains("waived by uid "), "{waived}");
    assert!(waived.stderr.contains("nobody needs it"), "{waived}");
}

#[test]
fn a_stop_exits_8_and_starts_nothing_more() {
    let (world, seen) = started(BOOK, "--answer way=neither", 8);
    insta::assert_snapshot!(seen, @"
    exit 8
    --- stderr
    A book
    book · run ‹run› · started by uid ‹n› · ‹time›
    [way] › Which way? neither  given by uid ‹n›

    Gates
      … All is fine  fine
          waiting: somebody has to attest it

    ! Stopped by a person  run ‹run› · ‹took›
    Nothing new was started. What was done:
      switchback show ‹run›
    ");
    assert!(!world.has("quick"));
    let shown = world
        .shell(&seen.offered("Nothing new was started. What was done:"))
        .exits(0);
    assert!(shown.stdout.contains("! Stopped by a person"), "{shown}");
}

#[test]
fn what_destroys_is_confirmed_by_name_alone() {
    let yaml = "nodes: { drop: { action: Drop it, effect: destroy, run: [touch, dropped] } }\n";
    let (world, seen) = started(yaml, "--yes", 4);
    assert!(!world.has("dropped"), "{seen}");
    world.call("resume last --yes").exits(4);
    world.call("resume last --confirm drop").exits(0);
    assert!(world.has("dropped"));
}

#[test]
fn yes_confirms_what_the_author_wants_asked_if_it_only_changes() {
    let yaml = "nodes: { a: { action: A, confirm: Is everybody out?, run: [touch, a] } }\n";
    let (world, seen) = started(yaml, "", 4);
    assert!(seen.stderr.contains("--confirm a"), "{seen}");
    world.call("resume last --yes").exits(0);
    assert!(world.has("a"));
    started(yaml, "--confirm a", 0);
}

#[test]
fn a_default_and_what_is_detected_answer_headless() {
    let yaml = r#"
nodes:
  one: { question: One?, choices: { a: end, b: end }, default: b, next: two }
  two: { question: Two?, input: { type: string }, detect: { run: [echo, found] }, next: three }
  three: { action: Three, after: one, write: { path: out, content: "{{ answers.one }} {{ answers.two }}" } }
start: [one, two]
"#;
    let (world, seen) = started(yaml, "", 0);
    assert_eq!(world.read("out"), "b found");
    assert!(seen.stderr.contains("One? b  the default"), "{seen}");
    started(yaml, "--answer one=a --answer two=given", 0);
}

#[test]
fn what_is_detected_must_be_a_choice() {
    let yaml = "nodes: { q: { question: Q?, choices: { a: end, b: end }, detect: { run: [echo, c] } } }\n";
    let (_, seen) = started(yaml, "", 4);
    assert!(seen.stderr.contains("no answer was found"), "{seen}");
}

#[test]
fn answers_come_from_a_file_and_a_flag_has_the_last_word() {
    let yaml = r#"
nodes:
  tag: { question: Which tag?, input: { type: string }, next: count }
  count: { question: How many?, input: { type: integer, min: 1 }, next: out }
  out: { action: Out, write: { path: out, content: "{{ answers.tag }} {{ answers.count }}" } }
"#;
    let world = World::with(yaml);
    world.write("answers.yaml", "tag: 1.10\ncount: 2\n");
    insta::assert_snapshot!(world.call("run book.yaml --answers answers.yaml").exits(2), @r#"
    exit 2
    --- stderr
    error: the answer to `tag` in `answers.yaml` is not text
      help: put it in quotes: `tag: "…"`
    "#);
    assert_eq!(world.runs().len(), 0);

    world.write("answers.yaml", "tag: \"1.10\"\ncount: 2\n");
    world
        .call("run book.yaml --answers answers.yaml --answer count=3")
        .exits(0);
    assert_eq!(world.read("out"), "1.10 3");

    world.write("answers.json", r#"{ "tag": "x" }"#);
    world.call("run book.yaml --answers answers.json").exits(4);
    insta::assert_snapshot!(world.call("run book.yaml --answers none.yaml").exits(2), @"
    exit 2
    --- stderr
    error: the answers file `none.yaml` cannot be read: No such file or directory (os error 2)
      help: give a file of lines `question: value`
    ");
}

#[test]
fn a_step_is_tried_again_as_often_as_it_says() {
    let yaml = |times: u32| {
        format!(
            "nodes: {{ a: {{ action: A, idempotent: true, retry: {{ times: {times}, backoff: 10ms }},
      run: [sh, -c, 'echo x >> tries; test $(wc -l < tries) -ge 3'] }} }}\n"
        )
    };
    let (world, seen) = started(&yaml(2), "", 0);
    assert_eq!(world.read("tries"), "x\nx\nx\n");
    assert!(seen.stderr.contains("[a] attempt 3"), "{seen}");
    let (world, _) = started(&yaml(1), "", 1);
    assert_eq!(world.read("tries"), "x\nx\n");
}

#[test]
fn a_step_that_takes_too_long_is_ended_with_all_its_children() {
    // The pipe is open as long as anybody of the step lives: reading it to its end is knowing that they are gone.
    let yaml = "nodes: { a: { action: A, timeout: 100ms, grace: 100ms, run: [sh, -c, 'exec 3> pipe; sleep 600 & sleep 600'] } }\n";
    let world = World::with(yaml);
    world.command("mkfifo".as_ref()).arg("pipe").exits(0);
    let reader = world.command("cat".as_ref()).arg("pipe").start();
    let seen = world.call("run book.yaml").exits(1);
    assert!(reader.wait_with_output().expect("it reads").status.success());
    assert!(
        seen.stderr.contains("100ms") || seen.stderr.contains("0.1s"),
        "{seen}"
    );
}

#[test]
fn a_file_is_written_over_only_where_that_is_said() {
    let yaml =
        |how: &str| format!("nodes: {{ a: {{ action: A, write: {{ path: out, content: new{how} }} }} }}\n");
    let (world, _) = started(&yaml(""), "", 0);
    assert_eq!(world.read("out"), "new");
    world.call("run book.yaml").exits(0);

    world.write("out", "old");
    let seen = world.call("run book.yaml").exits(1);
    assert_eq!(world.read("out"), "old");
    assert!(seen.stderr.contains("out"), "{seen}");

    world.book(&yaml(", if_exists: overwrite"));
    world.call("run book.yaml").exits(0);
    assert_eq!(world.read("out"), "new");
}

#[test]
fn a_failure_that_is_handled_ends_recovered() {
    let yaml =
        "nodes: { a: { action: A, run: ['false'], on_failure: b }, b: { action: B, run: [touch, b] } }\n";
    let (world, seen) = started(yaml, "", 0);
    assert!(seen.stderr.contains("Recovered: "), "{seen}");
    let run = world.call("show last --output json").exits(0).json();
    assert_eq!(run["state"], "recovered");
}

#[test]
fn the_end_of_input_and_ci_are_nobody() {
    for (name, value) in [("CI", "true"), ("NOTHING", "")] {
        let world = World::with(BOOK);
        let call = world.call("run book.yaml --answer way=fast").env(name, value);
        let seen = call.input("yes\nyes\nana\n").exits(4);
        assert!(seen.stderr.contains("--attest quick.seen=WHO"), "{seen}");
    }
}

#[test]
fn work_by_hand_is_asked_for_before_what_is_seen_of_it() {
    let yaml = "nodes: { a: { action: A, manual: Do it., verify: [{ id: seen, confirm: Is it so? }] } }\n";
    let (world, first) = started(yaml, "", 4);
    assert!(first.offered("Go on with:").contains("--attest a=WHO"), "{first}");
    let second = world.call("resume last --attest a=ana").exits(4);
    insta::assert_snapshot!(steady(&second.offered("Go on with:")), @"  switchback resume ‹run› --attest a.seen=WHO");
    world
        .shell(&second.offered("Go on with:").replace("WHO", "ana"))
        .exits(0);
}

#[test]
fn what_was_said_in_advance_is_not_asked_for_again() {
    let yaml = r#"
nodes:
  way: { question: Which way?, choices: { a: what, b: what } }
  what: { question: What?, input: { type: string }, next: by_hand }
  by_hand: { action: By hand, manual: Do it., verify: [{ id: seen, confirm: Is it so? }], next: drop }
  drop: { action: Drop it, effect: destroy, run: ['true'] }
gates:
  fine: { title: Fine, attest: It is., decide: [kept, gone], verify: [{ id: look, confirm: Is it? }] }
"#;
    let args = "--answer what=it --attest by_hand=ana --attest by_hand.seen=ana --confirm drop
        --attest fine=ana --decide fine=kept:ana --attest fine.look=ana";
    let (world, seen) = started(yaml, args, 4);
    let offered = seen.offered("Go on with:");
    assert!(seen.stderr.ends_with(&offered), "nothing more to say\n{seen}");
    world.shell(&offered.replace("a|b", "a")).exits(0);
}

/// Each of the two waits for the other, so that neither ends alone.
#[test]
fn with_two_jobs_two_steps_run_side_by_side() {
    let yaml = "
nodes:
  a: { action: A, timeout: 60s, run: 'echo a > to_b; read word < to_a; echo got $word' }
  b: { action: B, timeout: 60s, run: 'read word < to_b; echo b > to_a; echo got $word' }
";
    let world = World::with(yaml);
    world.command("mkfifo".as_ref()).arg("to_a").exits(0);
    world.command("mkfifo".as_ref()).arg("to_b").exits(0);
    let seen = world.call("run book.yaml --jobs 2").exits(0);
    assert!(seen.stderr.contains("[a] │ got b"), "{}", seen.stderr);
    assert!(seen.stderr.contains("[b] │ got a"), "{}", seen.stderr);
}
