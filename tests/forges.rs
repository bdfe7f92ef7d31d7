//! What a job log of GitHub Actions or of GitLab CI has of a run: folded steps, annotations, and nothing that a command smuggled in.

mod support;

use regex::Regex;
use support::{Seen, World, steady};

/// Titles and output that would like to be commands of the forge.
const HOSTILE: &str = r#"
nodes:
  way:
    question: Which way?
    choices: { fast: [quick, soft], slow: by_hand }
  quick:
    action: "::add-mask::Do it 100% quickly ##[error]now"
    effect: read
    run: |
      echo '::add-mask::secret'
      printf '  ::error::x\r::stop-commands::y\r\n'
      printf '\033[0Ksection_end:1:x\r\033[0K\n\t::warning::z'
      printf ' a ##[add-mask]b'
    next: bad
  soft: { action: It may fail, effect: read, run: ["false"], on_failure: quick }
  bad:
    action: Look at what is not there
    effect: read
    run: [echo, almost]
    verify: [ { title: the file is there, file: nothing } ]
  by_hand: { action: Do it by hand, manual: Do it., next: told }
  told: { action: It is told, effect: read, run: ["true"] }
gates:
  fine: { title: All is fine, verify: [ { file: gone } ] }
  old: { title: "Errors, all, are clean", verify: [ { file: nothing } ] }
  said: { title: Somebody said so, attest: So it is. }
"#;

/// Standard error, with what cannot be seen made visible, without what differs between runs.
fn log(seen: &Seen) -> String {
    let seconds = Regex::new(r"section_(start|end):\d+:").expect("it is one");
    let text = seconds.replace_all(&seen.stderr, "section_$1:‹seconds›:");
    steady(&text).replace('\x1b', "^[").replace('\r', "^M")
}

fn github(args: &str, code: i32) -> (World, Seen) {
    let world = World::with(HOSTILE);
    let call = world.call(&format!("run book.yaml --headless {args}"));
    let call = call.arg("--waive").arg("old=older, and\n::error::known");
    let seen = call.env("GITHUB_ACTIONS", "true").exits(code);
    (world, seen)
}

#[test]
fn github_folds_steps_and_shows_beside_the_log_what_went_wrong() {
    let (_world, seen) = github("--answer way=fast", 1);
    assert_eq!(seen.stdout, "");
    insta::assert_snapshot!(log(&seen));
}

#[test]
fn github_is_told_who_is_waited_for() {
    let (world, seen) = github("--answer way=slow", 4);
    insta::assert_snapshot!(log(&seen));
    // The steps are done: now it is the gates that people are waited for.
    world.write("gone", "");
    let resumed = world.call("resume last --attest by_hand=ana");
    insta::assert_snapshot!(log(&resumed.env("GITHUB_ACTIONS", "true").exits(4)));
}

/// The runner takes `::` for a command at the beginning of a line, and `##[` anywhere: none may be but ours.
#[test]
fn github_is_given_no_commands_but_ours() {
    let ours = Regex::new("^::(group|endgroup|error|warning|notice)( title=[^:,]*)?::").expect("it is one");
    for args in [
        "--answer way=fast",
        "--answer way=fast --output jsonl",
        "--answer way=fast --jobs 2",
    ] {
        let (_world, seen) = github(args, 1);
        let mut commands = 0;
        for line in seen.stdout.lines().chain(seen.stderr.lines()) {
            if ours.is_match(line) {
                commands += 1;
            } else {
                assert!(!line.trim_start().starts_with("::"), "{line}");
                assert!(!line.contains("##["), "{line}");
            }
            assert!(!line.contains('\r'), "{line}");
        }
        assert_eq!(commands > 0, !args.contains("jsonl"), "{seen}");
    }
}

/// What is told in JSON is the same for whoever reads it.
#[test]
fn json_lines_say_the_same_to_a_forge() {
    let (_world, seen) = github("--answer way=fast --output jsonl", 1);
    let texts: Vec<String> = seen
        .stdout
        .lines()
        .map(|line| {
            let record: serde_json::Value = serde_json::from_str(line).expect("it is JSON");
            record.to_string()
        })
        .collect();
    assert!(
        texts.iter().any(|text| text.contains("##[add-mask]b")),
        "{texts:?}"
    );
}

#[test]
fn side_by_side_nothing_is_folded() {
    let (_world, seen) = github("--answer way=fast --jobs 2", 1);
    assert!(!seen.stderr.contains("::group::"), "{seen}");
    assert!(
        seen.stderr
            .contains("::error title=Failed%3A Look at what is not there (bad)::"),
        "{seen}"
    );
}

#[test]
fn gitlab_has_a_section_for_each_attempt() {
    let yaml = r#"
nodes:
  twice:
    action: Do it twice
    run: |
      test -e once && echo done || { touch once; printf '\033[0Ksection_end:1:x\r\033[0Ksmuggled\n'; exit 1; }
    idempotent: true
    retry: { times: 1, backoff: 10ms }
    verify: [ { file: once } ]
    undo: { run: [rm, once] }
"#;
    let world = World::with(yaml);
    let seen = world
        .call("run book.yaml --headless")
        .env("GITLAB_CI", "true")
        .exits(0);
    insta::assert_snapshot!(log(&seen));
    let undone = world
        .call("undo last --headless")
        .env("GITLAB_CI", "true")
        .exits(0);
    insta::assert_snapshot!(log(&undone));
    // As many begin as end, each under a name of its own.
    let markers = Regex::new(r"\x1b\[0Ksection_(start|end):\d+:([\w.-]+)").expect("it is one");
    let names = |which: &str| -> Vec<String> {
        let found = markers
            .captures_iter(&seen.stderr)
            .filter(|found| &found[1] == which);
        found.map(|found| found[2].to_owned()).collect()
    };
    assert_eq!(names("start"), names("end"));
    assert_eq!(names("start").len(), 2);
    assert_ne!(names("start")[0], names("start")[1]);
}

#[test]
fn an_undo_that_does_not_work_out_is_an_error() {
    let world = World::with(
        "nodes:\n  a: { action: Do it, run: [touch, a], verify: [ { file: a } ], undo: { run: [\"false\"] } }\n",
    );
    world.call("run book.yaml --headless").exits(0);
    let undone = world
        .call("undo last --headless")
        .env("GITHUB_ACTIONS", "true")
        .exits(1);
    insta::assert_snapshot!(log(&undone));
}

/// Where a job says that it is none of theirs, the lines are plain.
#[test]
fn elsewhere_the_lines_are_plain() {
    let world = World::with("nodes:\n  a: { action: Do it, effect: read, run: [echo, hello] }\n");
    let plain = world.call("run book.yaml --headless").exits(0);
    for (name, value) in [("GITHUB_ACTIONS", "false"), ("GITLAB_CI", ""), ("CI", "true")] {
        let seen = world.call("run book.yaml --headless").env(name, value).exits(0);
        assert_eq!(log(&seen), log(&plain), "{name}={value}");
    }
}
