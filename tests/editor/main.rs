//! What an author sees: the schemas in a real yaml-language-server, the one that the editors of `docs/editors.md` start.
//!
//! `.ci/run` puts it into `target/tools`. Where it is missing nothing is tried, and the test says so; but not on a machine for continuous
//! integration.

mod client;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use client::Client;
use support::in_ci;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The server, if it is here.
fn program() -> Option<PathBuf> {
    let program = root().join("target/tools/node_modules/.bin/yaml-language-server");
    if program.exists() {
        return Some(program);
    }
    let message = "yaml-language-server is not in target/tools, where .ci/run puts it";
    assert!(!in_ci(), "{message}");
    let note = format!("{message}: no editor is tried here\n");
    let _ = std::io::stderr().write_all(note.as_bytes());
    None
}

/// The settings that `docs/editors.md` gives for VS Code, for those below `yaml`; and nothing is fetched from anywhere.
fn settings() -> Value {
    let written: Value = serde_json::from_str(block("json")).expect("it is JSON");
    assert_eq!(written["yaml.schemaStore.enable"], false);
    json!({
        "schemaStore": { "enable": false },
        "kubernetesCRDStore": { "enable": false },
        "hoverSchemaSource": false,
        "schemas": written["yaml.schemas"],
    })
}

/// The block of this language in `docs/editors.md`.
fn block(language: &str) -> &'static str {
    let page = include_str!("../../docs/editors.md");
    let (_, rest) = page
        .split_once(&format!("\n```{language}\n"))
        .expect("it is there");
    rest.split("\n```").next().unwrap_or(rest)
}

#[test]
fn every_editor_is_given_the_same_settings() {
    let settings = settings();
    let schemas = settings["schemas"].as_object().expect("there are some");
    let names = schemas.iter().flat_map(|(schema, files)| {
        let files = files.as_array().cloned().unwrap_or_else(|| vec![files.clone()]);
        let files = files
            .into_iter()
            .map(|file| file.as_str().unwrap_or_default().to_owned());
        files.chain([schema.clone()]).collect::<Vec<_>>()
    });
    let names: Vec<String> = names.collect();
    assert_eq!(names.len(), 8, "{names:?}");
    for language in ["lua", "toml"] {
        for name in &names {
            assert!(
                block(language).contains(&format!("\"{name}\"")),
                "{language}: `{name}`"
            );
        }
    }
}

fn client() -> Option<Client> {
    program().map(|program| Client::start(&program, root(), settings()))
}

/// A runbook with `|` where the cursor stands: its text, and the line and column of that.
fn at_cursor(body: &str) -> (String, usize, usize) {
    let text = format!("switchback: 1\nname: test\n{body}");
    let cursor = text.find('|').expect("a cursor");
    let before = &text[..cursor];
    let line = before.matches('\n').count();
    let column = cursor - before.rfind('\n').map_or(0, |newline| newline + 1);
    (text.replacen('|', "", 1), line, column)
}

#[track_caller]
fn completes(client: &mut Client, body: &str, wanted: &[&str], unwanted: &[&str]) {
    let (text, line, column) = at_cursor(body);
    let uri = client.open("runbooks", "new.yaml", &text);
    let labels = client.completions(&uri, line, column);
    let has = |label: &&&str| labels.iter().any(|known| known == **label);
    let missing: Vec<_> = wanted.iter().filter(|label| !has(label)).collect();
    let strange: Vec<_> = unwanted.iter().filter(has).collect();
    assert!(
        missing.is_empty() && strange.is_empty(),
        "missing {missing:?}, strange {strange:?} in {labels:?} for\n{body}"
    );
}

#[test]
fn keys_and_words_are_completed() {
    let Some(mut client) = client() else { return };
    completes(
        &mut client,
        "|\n",
        &[
            "nodes",
            "gates",
            "parameters",
            "secrets",
            "defaults",
            "lock",
            "start",
            "title",
        ],
        &["run", "name", "switchback"],
    );
    completes(
        &mut client,
        "nodes:\n  a:\n    |\n",
        &["question", "action"],
        &["run", "choices"],
    );
    completes(
        &mut client,
        "nodes:\n  a:\n    action: A\n    |\n",
        &[
            "run",
            "manual",
            "write",
            "verify",
            "capture",
            "timeout",
            "on_failure",
            "next",
            "undo",
        ],
        &["choices", "input", "detect", "action", "question"],
    );
    completes(
        &mut client,
        "nodes:\n  a:\n    question: Q\n    |\n",
        &["choices", "input", "detect", "help", "next", "needs"],
        &["run", "verify", "effect"],
    );
    completes(
        &mut client,
        "nodes:\n  a:\n    action: A\n    verify:\n      - |\n",
        &["http", "file", "link", "expr", "confirm", "within", "not"],
        &["attest", "choices"],
    );
    completes(
        &mut client,
        "nodes:\n  a:\n    action: A\n    verify:\n      - http:\n          |\n",
        &["url", "status", "headers", "body", "method"],
        &["run"],
    );
    completes(
        &mut client,
        "gates:\n  g:\n    |\n",
        &["title", "attest", "decide", "verify", "by"],
        &["run"],
    );
    completes(
        &mut client,
        "nodes:\n  a:\n    action: A\n    effect: |\n",
        &["read", "change", "destroy"],
        &["run"],
    );
    completes(
        &mut client,
        "nodes:\n  a:\n    action: A\n    next: |\n",
        &["end", "stop"],
        &[],
    );
    completes(
        &mut client,
        "allow:\n  |\n",
        &["unverified-change"],
        &["unknown-node"],
    );
}

/// What is marked in a runbook: the line, from 0, the text that is underlined, and the message.
fn marked(client: &mut Client, name: &str, text: &str) -> Vec<(usize, String, String)> {
    let uri = client.open("runbooks", name, text);
    let lines: Vec<&str> = text.lines().collect();
    let number = |value: &Value| usize::try_from(value.as_u64().unwrap_or_default()).unwrap_or_default();
    let findings = client.findings(&uri).iter().map(|finding| {
        let (start, end) = (&finding["range"]["start"], &finding["range"]["end"]);
        let line = number(&start["line"]);
        let text = lines[line].get(number(&start["character"])..number(&end["character"]));
        let message = finding["message"].as_str().unwrap_or_default();
        (line, text.unwrap_or_default().to_owned(), message.to_owned())
    });
    let mut findings: Vec<_> = findings.collect();
    findings.sort();
    findings
}

#[test]
fn what_is_wrong_is_marked_where_it_stands_and_in_words() {
    let Some(mut client) = client() else { return };
    let text = "\
switchback: 1
name: test
nodes:
  misspelt:
    action: A
    run: [a]
    verfy: [{ file: /x }]
  wrong_word:
    action: A
    run: [a]
    effect: destory
  needs_more:
    action: A
    run: [a]
    retry: { times: 3 }
  two_at_once:
    action: A
    run: [a]
    manual: Do it.
  nothing_to_capture:
    action: A
    capture: { a: stdout }
  number:
    action: A
    run: [deploy, 1.10]
    timeout: 30
  neither:
    title: A
  choice:
    question: Q
    choices: { here: { nxt: end } }
gates:
  open:
    title: G
";
    let found = marked(&mut client, "wrong.yaml", text);
    let found: Vec<(usize, &str, &str)> = found
        .iter()
        .map(|(line, text, message)| (*line, text.as_str(), message.as_str()))
        .collect();
    let wanted = [
        (0, "s", "Missing property \"title\"."),
        (6, "verfy", "Property verfy is not allowed."),
        (
            10,
            "destory",
            "Value is not accepted. Valid values: \"read\", \"change\", \"destroy\".",
        ),
        (
            11,
            "needs_more",
            "what is repeated by itself needs `idempotent: true`: add it if running it twice is the same as once",
        ),
        (18, "manual", "this cannot stand beside `run`: remove one of them"),
        (21, "capture", "this has no meaning without `run`"),
        (24, "1.10", "this takes text: put it into quotes"),
        (
            25,
            "30",
            "write a number and a unit, more than nothing: `500ms`, `30s`, `5m` or `2h`",
        ),
        (26, "neither", "a node needs `question` or `action`"),
        (30, "nxt", "Property nxt is not allowed."),
        (
            32,
            "open",
            "nothing closes this gate: add `verify`, `attest` or `decide`",
        ),
    ];
    assert_eq!(found, wanted);
    for line in block("text").lines() {
        let is_seen = wanted.iter().any(|(_, _, message)| line.ends_with(message));
        assert!(is_seen, "docs/editors.md: {line}");
    }
}

#[test]
fn keys_are_explained() {
    let Some(mut client) = client() else { return };
    let mut explained = |body: &str| {
        let (text, line, column) = at_cursor(body);
        let uri = client.open("runbooks", "new.yaml", &text);
        client.hover(&uri, line, column)
    };
    let effect = explained("nodes:\n  a:\n    action: A\n    run: [a]\n    eff|ect: read\n");
    assert!(effect.starts_with("#### Action\n"), "{effect}");
    assert!(
        effect.contains("What it does to the world (`change`)."),
        "{effect}"
    );
    assert!(effect.contains("* `destroy`: It destroys something"), "{effect}");
    let within =
        explained("nodes:\n  a:\n    action: A\n    verify:\n      - file: /x\n        wit|hin: 30s\n");
    assert!(within.starts_with("#### Check\n"), "{within}");
    assert!(within.contains("tried again until it holds"), "{within}");
}

#[test]
fn the_runbooks_of_this_repository_have_nothing_marked() {
    let Some(mut client) = client() else { return };
    let entries = fs::read_dir(root().join("runbooks")).expect("the folder is there");
    let mut seen = 0;
    for path in entries.map(|entry| entry.expect("an entry").path()) {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if !name.ends_with(".yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("it is text");
        let first = text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("# yaml-language-server: $schema=../schemas/"),
            "{name}: {first}"
        );
        assert_eq!(marked(&mut client, &name, &text), [], "{name}");
        // It is that schema, and not any, that finds nothing: what it does not know is marked.
        let wrong = marked(&mut client, &name, &format!("{text}\nno_such_key: 1\n"));
        let [(_, key, _)] = wrong.as_slice() else {
            panic!("{name}: {wrong:?}")
        };
        assert_eq!(key, "no_such_key", "{name}");
        seen += 1;
    }
    assert!(seen >= 2, "{seen}");
}

#[test]
fn each_kind_of_file_has_its_own_schema_by_its_name() {
    let Some(mut client) = client() else { return };
    let cases = [
        (
            "a.yaml",
            "switchback: 1\nname: a\ntitle: A\nnodes: { a: { action: A } }\n",
        ),
        (
            "a.drill.yaml",
            "switchback_drill: 1\nsetup: { run: [s] }\nscenarios: { a: { about: A } }\n",
        ),
        ("a.test.yaml", "switchback_test: 1\ncases: { a: { about: A } }\n"),
    ];
    for (name, text) in cases {
        assert_eq!(marked(&mut client, name, text), [], "{name}");
        let wrong = marked(&mut client, name, &format!("{text}no_such_key: 1\n"));
        assert_eq!(wrong.len(), 1, "{name}: {wrong:?}");
    }
}
