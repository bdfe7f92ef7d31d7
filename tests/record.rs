//! What is kept of a run: its journal, its snapshot, its output, and what `runs`, `show` and `resume` make of it.

mod support;

use std::fs;

use support::World;

const BOOK: &str = r#"
parameters:
  word: { type: string, default: hello }
nodes:
  say:
    action: Say it
    run: [echo, "{{ word }}"]
    capture: { said: stdout }
    next: go_on
  go_on:
    question: Go on?
    choices: { "yes": finish, "no": stop }
  finish:
    action: Finish
    write: { path: out, content: "{{ outputs.say.said }}" }
gates:
  written: { title: It is written, verify: [{ file: out }] }
"#;

#[test]
fn runs_are_listed_the_newest_first() {
    let world = World::with(BOOK);
    insta::assert_snapshot!(world.call("runs").exits(0), @"
    exit 0
    --- stderr
    no runs yet: `switchback run FILE` starts one
    ");
    assert_eq!(
        world.call("runs --output json").exits(0).json(),
        serde_json::json!({ "v": 1, "runs": [] })
    );

    world.call("run book.yaml").exits(4);
    let listed = world.call("runs").exits(0).stdout;
    assert!(
        listed.starts_with("run  ") && listed.contains(&world.run()),
        "{listed}"
    );
    let runs = world.call("runs --output json").exits(0).json();
    let run = &runs["runs"][0];
    assert_eq!(run["run"], world.run());
    assert_eq!(run["state"], "waiting");
    assert_eq!(run["runbook"], "book");

    world.call("run book.yaml --answer go_on=no").exits(8);
    let runs = world.call("runs --output json").exits(0).json();
    let runs = &runs["runs"];
    assert_eq!(runs.as_array().map(Vec::len), Some(2));
    // Of two runs of one second, which came first is not in their ids.
    let mut states: Vec<&str> = (0..2).filter_map(|at| runs[at]["state"].as_str()).collect();
    states.sort_unstable();
    assert_eq!(states, ["stopped", "waiting"]);
}

#[test]
fn a_run_is_shown_as_it_stands() {
    let world = World::with(BOOK);
    world.call("run book.yaml --answer go_on=yes").exits(0);
    let shown = world.call("show last").exits(0).stdout;
    for part in [
        "A book\n",
        "Complete: every required gate is closed",
        "✓ Say it  say · ",
        "→ said = hello",
        "› Go on? yes  given by ",
        "✓ Finish  finish · ",
        "✓ It is written  written",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }

    let run = world.call("show last --output json").exits(0).json();
    assert_eq!(run["run"], world.run());
    assert_eq!(run["state"], "complete");
    assert_eq!(run["route"], serde_json::json!(["say", "go_on", "finish"]));
    assert_eq!(run["nodes"][0]["captures"]["said"], "hello");
    assert_eq!(run["nodes"][1]["answer"], "yes");
    assert_eq!(run["gates"][0]["is"]["verdict"], "met");
}

#[test]
fn a_run_is_named_by_the_start_of_its_id() {
    let world = World::with(BOOK);
    world.call("run book.yaml").exits(4);
    let id = world.run();
    world.call("resume").arg(&id[..6]).exits(4);
    world.call("show").arg(&id).exits(0);
    world
        .call("resume")
        .arg(&id[..9])
        .arg("--answer")
        .arg("go_on=yes")
        .exits(0);
    assert_eq!(world.read("out"), "hello");
}

#[test]
fn the_record_can_stand_elsewhere() {
    let world = World::with(BOOK);
    let seen = world.call("run book.yaml --state-dir kept").exits(4);
    assert_eq!(world.runs().len(), 0);
    let offered = seen.offered("Go on with:");
    assert!(offered.contains("--state-dir"), "{seen}");
    world.shell(&offered.replace("yes|no", "yes")).exits(0);
    world.call("show last --state-dir kept").exits(0);
    world.call("show last").exits(2);
}

#[test]
fn a_started_run_keeps_to_the_runbook_as_it_was() {
    let world = World::with(
        "nodes: { q: { question: Q?, choices: { a: w, b: w } }, w: { action: W, write: { path: out, template: note.md } } }\n",
    );
    world.write("note.md", "as it was");
    world.call("run book.yaml").exits(4);
    world.book("nodes: { another: { action: Another } }\n");
    world.write("note.md", "changed");
    world.call("resume last --answer q=a").exits(0);
    assert_eq!(world.read("out"), "as it was");

    fs::remove_file(world.folder().join("book.yaml")).expect("it is there");
    world.call("show last").exits(0);
}

#[test]
fn what_was_changed_after_the_start_is_not_run() {
    let world = World::with(BOOK);
    world.call("run book.yaml").exits(4);
    let kept = world.runs()[0].join("runbook.yaml");
    let text = fs::read_to_string(&kept).expect("it was kept");
    fs::write(&kept, text.replace("path: out", "path: elsewhere")).expect("it is ours");
    let said = world.call("resume last --answer go_on=yes").exits(70).stderr;
    assert!(said.contains("is not as it was"), "{said}");
    assert!(!world.has("elsewhere"));
    world.call("verify last").exits(1);
}

#[test]
fn a_run_that_never_began_is_none() {
    let world = World::with(BOOK);
    world.call("run book.yaml").exits(4);
    let journal = world.runs()[0].join("journal.jsonl");
    // The program went away between the first byte and the first record; and then before the first byte.
    let begun = || fs::write(&journal, "{\"v\":1").expect("it is ours");
    for verb in ["resume", "undo", "cancel --reason x", "show"] {
        begun();
        let said = world.call(&format!("{verb} last")).exits(2).stderr;
        assert!(said.contains("the run never began"), "{verb}: {said}");
    }
    begun();
    world.call("verify last").exits(1);
    fs::write(&journal, "").expect("it is ours");
    let said = world.call("resume last").exits(2).stderr;
    assert!(said.contains("there is no run in"), "{said}");
    assert_eq!(world.call("runs").exits(0).stdout, "");
}

#[test]
fn each_line_for_programs_is_a_record() {
    let world = World::with(BOOK);
    let seen = world
        .call("run book.yaml --output jsonl --answer go_on=yes")
        .exits(0);
    assert!(
        seen.stderr.contains("Complete"),
        "people are told how it ended: {seen}"
    );
    let journal = fs::read_to_string(world.runs()[0].join("journal.jsonl")).expect("it is kept");
    let without_sum = |line: &str| {
        let (record, _) = line.rsplit_once(r#","sum":""#).expect("each record has its sum");
        format!("{record}}}\n")
    };
    let kept: String = journal.lines().map(without_sum).collect();
    assert_eq!(seen.stdout, kept, "what is shown is what is kept");

    let mut events = Vec::new();
    for (index, line) in seen.stdout.lines().enumerate() {
        let record: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        assert_eq!(record["v"], 1, "{line}");
        assert_eq!(record["seq"], index + 1, "{line}");
        assert!(
            record["at"].as_str().is_some_and(|at| at.ends_with('Z')),
            "{line}"
        );
        events.push(record["event"].as_str().expect("it has a name").to_owned());
    }
    insta::assert_snapshot!(events.join(" "), @"run_started answered prepared confirmed started spawned finished prepared started finished checked run_ended");

    let journal = fs::read(world.runs()[0].join("journal.jsonl")).expect("it is kept");
    world.call("resume last --output jsonl").exits(2);
    assert_eq!(
        fs::read(world.runs()[0].join("journal.jsonl")).expect("it is kept"),
        journal
    );
}

#[test]
fn a_resumed_run_goes_on_counting() {
    let world = World::with(BOOK);
    world.call("run book.yaml").exits(4);
    world
        .call("resume last --output jsonl --answer go_on=yes")
        .exits(0);
    let journal = fs::read_to_string(world.runs()[0].join("journal.jsonl")).expect("it is kept");
    for (index, line) in journal.lines().enumerate() {
        let record: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
        assert_eq!(record["seq"], index + 1);
    }
    assert_eq!(
        journal.matches("\"event\":\"started\"").count(),
        2,
        "nothing ran twice"
    );
}

#[test]
fn what_a_step_printed_is_kept_and_nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::with(BOOK);
    world.call("run book.yaml --answer go_on=yes").exits(0);
    let kept = world.contents();
    assert!(
        kept.iter()
            .any(|(path, text)| path.starts_with(&world.runs()[0]) && text == b"hello\n")
    );
    let mode = fs::metadata(world.home().join("state/switchback"))
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o700);
}

/// The first process is held by a step that reads a pipe: it goes on only when the test writes to it.
#[test]
fn a_run_is_in_one_process_at_a_time() {
    let world = World::with(
        "nodes: { a: { action: A, run: [sh, -c, 'echo here > there; read word < hold; touch done'] } }\n",
    );
    for pipe in ["there", "hold"] {
        world.command("mkfifo".as_ref()).arg(pipe).exits(0);
    }
    let first = world.call("run book.yaml").start();
    assert_eq!(world.read("there"), "here\n", "it has come to the step");

    insta::assert_snapshot!(world.call("resume last").exits(6), @"
    exit 6
    --- stderr
    error: another process has the run `last`
      help: wait for it, or end it; nothing was started here
    ");
    let shown = world.call("show last --output json").exits(0).json();
    assert_eq!(shown["state"], "running", "looking is allowed");

    fs::write(world.folder().join("hold"), "go\n").expect("the step reads it");
    let ended = first.wait_with_output().expect("it was started");
    assert_eq!(ended.status.code(), Some(0));
    assert!(world.has("done"));
}

/// A secret may be in the environment that the test gives, and nowhere else.
#[test]
fn a_secret_is_nowhere_to_be_found() {
    const SECRET: &str = "hush-4711-nobody";
    let yaml = r#"
secrets: { token: { env: TOKEN }, key: { file: key }, spoken: { command: [sh, -c, "echo from-a-command-0815"] } }
nodes:
  leak:
    action: Print it in every way
    run: [sh, -c, 'echo "out $T"; echo "err $T" >&2; cat; echo "$K $S"; printf "%s" "$T" | sed "s/./&/g"; exit 3']
    env: { T: { secret: token }, K: { secret: key }, S: { secret: spoken } }
    stdin: { secret: token }
    capture: { said: stdout }
    verify:
      - run: [sh, -c, 'echo "seen $T"; exit 1']
        env: { T: { secret: token } }
gates:
  fine:
    title: Fine
    verify:
      - run: [sh, -c, 'echo "$T"']
        env: { T: { secret: token } }
        stdout: { equals: "never" }
"#;
    let world = World::with(yaml);
    let key = world.write("key", "from-a-file-2342\n");
    let mut texts = Vec::new();
    for output in ["text", "jsonl"] {
        let call = world
            .call(&format!("run book.yaml --output {output}"))
            .env("TOKEN", SECRET);
        let seen = call.exits(1);
        texts.push(seen.to_string());
    }
    texts.push(world.call("show last --output json").exits(0).to_string());
    texts.push(
        world
            .call("resume last --resolve leak=skip --reason x")
            .env("TOKEN", SECRET)
            .exits(5)
            .to_string(),
    );
    assert!(
        texts[0].contains("out ‹secret:token›"),
        "it was not even printed: {}",
        texts[0]
    );

    for secret in [SECRET, "from-a-file-2342", "from-a-command-0815"] {
        for text in &texts {
            assert!(!text.contains(secret), "`{secret}` was printed:\n{text}");
        }
        for (path, bytes) in world.contents() {
            let text = String::from_utf8_lossy(&bytes);
            let is_the_test_s =
                path == key || path == world.folder().join("book.yaml") || path.ends_with("runbook.yaml");
            assert!(
                is_the_test_s || !text.contains(secret),
                "`{secret}` is in {}",
                path.display()
            );
        }
    }
}

#[test]
fn a_secret_that_is_not_there_fails_the_step_that_needs_it() {
    let world = World::with(
        "secrets: { token: { env: TOKEN } }\nnodes: { a: { action: A, run: [touch, a], env: { T: { secret: token } } } }\n",
    );
    let seen = world.call("run book.yaml").exits(1);
    assert!(seen.stderr.contains("TOKEN"), "{seen}");
    assert!(!world.has("a"));
}
