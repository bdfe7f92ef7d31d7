//! `switchback check` as a command: many files, its outputs, and whether a machine has what a runbook needs.

mod support;

use serde_json::Value;
use support::World;
use switchback::diagnostic::Code;

/// A warning, an error on a line with characters of more than one byte, and a file without a fault.
fn three_files() -> World {
    let world = World::with(
        "nodes:\n  a: { action: A, run: [ls] }\ngates: { done: { title: It is done, attest: It is. } }\n",
    );
    world.write(
        "bad.yaml",
        "switchback: 1\nname: bad\ntitle: Bad\nnodes: { a: { action: \"Ä, 日\", rnu: [ls] } }\n",
    );
    world.write(
        "fine.yaml",
        "switchback: 1\nname: fine\ntitle: Fine\nnodes: { a: { action: A } }\ngates: { done: { title: It is done, attest: It is. } }\n",
    );
    world
}

#[test]
fn without_a_path_everything_below_the_folder_is_checked_in_the_order_of_names() {
    let world = three_files();
    std::fs::create_dir(world.folder().join("more")).expect("the folder is ours");
    world.write(
        "more/other.yaml",
        "switchback: 1\nname: other\ntitle: Other\nnodes: { a: { action: A } }\ngates: { done: { title: It is done, attest: It is. } }\n",
    );
    world.write("not_ours.yaml", "services: {}\n");
    insta::assert_snapshot!(world.call("check").exits(3), @r#"
    exit 3
    --- stderr
    unknown-field

      × `rnu` is not a key of an action
       ╭─[bad.yaml:4:34]
     3 │ title: Bad
     4 │ nodes: { a: { action: "Ä, 日", rnu: [ls] } }
       ·                                ─┬─
       ·                                 ╰── unknown key
       ╰────
      help: did you mean `run`?

    unverified-change

      ⚠ nothing looks whether `a` has worked
       ╭─[book.yaml:5:3]
     4 │ nodes:
     5 │   a: { action: A, run: [ls] }
       ·   ┬
       ·   ╰── an exit code proves nothing
     6 │ gates: { done: { title: It is done, attest: It is. } }
       ╰────
      help: add a check of the world to `verify`; if it only looks, say `effect:
            read`

    book.yaml: 1 node, 1 gate, no errors
    fine.yaml: 1 node, 1 gate, no errors
    more/other.yaml: 1 node, 1 gate, no errors
    `switchback explain CODE` says more about each
    4 files, 1 error, 1 warning
    "#);
    // A file that is named twice is checked once.
    let seen = world.call("check fine.yaml fine.yaml .").exits(3);
    assert!(seen.stderr.ends_with("4 files, 1 error, 1 warning\n"), "{seen}");
}

#[test]
fn many_files_come_in_their_order() {
    let world = World::new();
    let names: Vec<String> = (0..60).map(|number| format!("r{number:02}.yaml")).collect();
    for name in &names {
        world.write(
            name,
            "switchback: 1\nname: r\ntitle: R\nnodes: { a: { action: A } }\ngates: { done: { title: It is done, attest: It is. } }\n",
        );
    }
    let seen = world.call("check --output json").exits(0).json();
    let files = seen["files"].as_array().expect("a list");
    let shown: Vec<&str> = files.iter().filter_map(|file| file["file"].as_str()).collect();
    assert_eq!(shown, names);
}

#[test]
fn warnings_can_be_denied() {
    let world = three_files();
    assert_eq!(world.call("check book.yaml").exits(0).stdout, "");
    world.call("check book.yaml --deny-warnings").exits(3);
    world.call("check fine.yaml --deny-warnings").exits(0);
}

#[test]
fn a_file_that_cannot_be_read_hides_nothing() {
    let world = three_files();
    let seen = world.call("check gone.yaml fine.yaml").exits(2);
    insta::assert_snapshot!(seen, @"
    exit 2
    --- stderr
    fine.yaml: 1 node, 1 gate, no errors
    error: the runbook `gone.yaml` cannot be read: No such file or directory (os error 2)
      help: give the path of a runbook, such as `runbooks/rollback.yaml`
    1 file, 0 errors, 0 warnings, 1 unreadable
    ");
    let seen = world.call("check gone.yaml bad.yaml --output json").exits(2);
    assert_eq!(
        seen.json()["counts"],
        serde_json::json!({ "files": 1, "unreadable": 1, "errors": 1, "warnings": 0 })
    );
    assert!(seen.stderr.contains("`gone.yaml` cannot be read"), "{seen}");
}

#[test]
fn json_has_every_place_in_every_unit() {
    let world = three_files();
    let seen = world.call("check bad.yaml fine.yaml --output json").exits(3);
    assert_eq!(seen.stderr, "");
    insta::assert_snapshot!(seen.stdout, @r#"
    {
      "files": [
        {
          "file": "bad.yaml",
          "findings": [
            {
              "code": "unknown-field",
              "severity": "error",
              "message": "`rnu` is not a key of an action",
              "label": "unknown key",
              "help": "did you mean `run`?",
              "path": "nodes.a.rnu",
              "start": {
                "line": 4,
                "column": 31,
                "byte": 68
              },
              "end": {
                "line": 4,
                "column": 34,
                "byte": 71
              }
            }
          ]
        },
        {
          "file": "fine.yaml",
          "findings": []
        }
      ],
      "counts": {
        "files": 2,
        "unreadable": 0,
        "errors": 1,
        "warnings": 0
      }
    }
    "#);
}

#[test]
fn annotations_are_what_github_reads() {
    let world = three_files();
    let seen = world.call("check . --output github").exits(3);
    assert_eq!(seen.stderr, "");
    insta::assert_snapshot!(seen.stdout, @"
    ::error file=bad.yaml,line=4,col=31,endLine=4,endColumn=34,title=unknown-field::`rnu` is not a key of an action%0Ahelp: did you mean `run`?
    ::warning file=book.yaml,line=5,col=3,endLine=5,endColumn=4,title=unverified-change::nothing looks whether `a` has worked%0Ahelp: add a check of the world to `verify`; if it only looks, say `effect: read`
    ");
}

#[test]
fn on_github_text_comes_with_annotations() {
    let world = three_files();
    let plain = world.call("check .").exits(3);
    let called = || world.call("check .").env("GITHUB_ACTIONS", "true");
    let seen = called().exits(3);
    assert_eq!(seen.stderr, plain.stderr);
    assert_eq!(seen.stdout, world.call("check . --output github").exits(3).stdout);
    // In the repository, wherever in it the command is called.
    let seen = called().env("GITHUB_WORKSPACE", world.home()).exits(3);
    assert!(
        seen.stdout.contains("::error file=work/bad.yaml,line=4,"),
        "{seen}"
    );
    let elsewhere = called().env("GITHUB_ACTIONS", "false").exits(3);
    assert_eq!(elsewhere.stdout, "");
}

#[test]
fn sarif_is_what_code_scanning_reads() {
    let world = three_files();
    let seen = world.call("check . --output sarif").exits(3);
    assert_eq!(seen.stderr, "");
    let log = seen.json();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);

    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let ids: Vec<&str> = rules.iter().filter_map(|rule| rule["id"].as_str()).collect();
    let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(ids, all);
    for rule in rules {
        for text in ["/shortDescription/text", "/help/text", "/help/markdown"] {
            let said = rule.pointer(text).and_then(Value::as_str);
            assert!(said.is_some_and(|said| said.len() > 10), "{text}: {rule}");
        }
        let markdown = rule["help"]["markdown"].as_str().unwrap_or_default();
        assert!(
            !markdown.contains("\n### "),
            "it goes on into the next section: {markdown}"
        );
    }

    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 2);
    for result in results {
        let index = result["ruleIndex"]
            .as_u64()
            .and_then(|index| usize::try_from(index).ok());
        assert_eq!(result["ruleId"], ids[index.expect("a number")]);
    }
    let first = serde_json::to_string_pretty(&results[0]).expect("it was read");
    insta::assert_snapshot!(first, @r#"
    {
      "level": "error",
      "locations": [
        {
          "physicalLocation": {
            "artifactLocation": {
              "uri": "bad.yaml",
              "uriBaseId": "%SRCROOT%"
            },
            "region": {
              "endColumn": 34,
              "endLine": 4,
              "startColumn": 31,
              "startLine": 4
            }
          }
        }
      ],
      "message": {
        "text": "`rnu` is not a key of an action\nhelp: did you mean `run`?"
      },
      "ruleId": "unknown-field",
      "ruleIndex": 6
    }
    "#);
}

#[test]
fn a_place_outside_of_the_working_directory_is_whole_in_sarif() {
    let world = World::new();
    let elsewhere = world.home().join("a b.yaml");
    std::fs::write(&elsewhere, "switchback: 2\n").expect("the home is ours");
    let log = world.call("check --output sarif").arg(&elsewhere).exits(3).json();
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    let uri = place["uri"].as_str().expect("a text");
    assert!(
        uri.starts_with("file:///") && uri.ends_with("/a%20b.yaml"),
        "{uri}"
    );
    assert_eq!(place.get("uriBaseId"), None);
}

/// Commands at every place that can have one; each that is not there says so by its name.
const COMMANDS: &str = r#"
requires: { commands: [sh, gone_required, ./bin/gone_beside] }
parameters: { tool: { type: string, default: gone_by_parameter } }
secrets: { token: { command: [gone_secret] } }
nodes:
  way:
    question: Which way?
    input: { type: string }
    detect: { run: [gone_detect] }
    suggest: { run: [gone_suggest] }
    next: [here, there, known_later]
  here:
    action: Here
    run: [./tool, "{{ answers.way }}"]
    env: { TOKEN: { secret: token } }
    verify:
      - run: [./tool]
        cwd: bin
      - { run: "true", shell: [gone_shell, -c] }
    undo: { run: [gone_undo] }
  there:
    action: There
    effect: read
    run: [only_there]
    env: { PATH: bin }
  known_later:
    action: What only a run knows the name of
    effect: read
    run: ["{{ tool }}"]
    verify:
      - { run: [./gone_in_a_folder], cwd: "{{ tool }}" }
      - { run: [gone_on_a_path], env: { PATH: "{{ tool }}" } }
gates:
  open: { title: Open, verify: [{ run: [gone_gate] }] }
"#;

#[test]
fn preflight_names_each_command_that_is_not_there_at_its_place() {
    let world = World::with(COMMANDS);
    let bin = world.folder().join("bin");
    std::fs::create_dir(&bin).expect("the folder is ours");
    for name in ["tool", "only_there"] {
        std::fs::copy("/bin/sh", bin.join(name)).expect("there is a shell");
    }
    assert!(
        !world
            .call("check book.yaml")
            .exits(0)
            .stderr
            .contains("command-not-found")
    );

    let before = world.tree();
    let seen = world
        .call("check book.yaml --preflight --output json")
        .exits(3)
        .json();
    assert_eq!(world.tree(), before, "a preflight only looks");
    let findings = seen["files"][0]["findings"].as_array().expect("a list");
    let missing = findings
        .iter()
        .filter(|finding| finding["code"] == "command-not-found");
    let missing: Vec<String> = missing
        .map(|finding| format!("{} {}", finding["path"], finding["message"]).replace('"', ""))
        .collect();
    insta::assert_snapshot!(missing.join("\n"), @"
    requires.commands[1] `gone_required` is not found on this machine
    requires.commands[2] `./bin/gone_beside` is not found on this machine
    secrets.token.command[0] `gone_secret` is not found on this machine
    nodes.way.detect.run[0] `gone_detect` is not found on this machine
    nodes.way.suggest.run[0] `gone_suggest` is not found on this machine
    nodes.here.run[0] `./tool` is not found on this machine
    nodes.here.verify[1].run `gone_shell` is not found on this machine
    nodes.here.undo.run[0] `gone_undo` is not found on this machine
    gates.open.verify[0].run[0] `gone_gate` is not found on this machine
    ");
    let help = findings
        .iter()
        .find(|finding| finding["path"] == "nodes.here.run[0]");
    let help = help
        .and_then(|finding| finding["help"].as_str())
        .unwrap_or_default();
    assert!(
        help.ends_with(&format!("which starts at `{}`", world.folder().display())),
        "{help}"
    );
}

#[test]
fn preflight_is_content_where_all_is_there() {
    let world = World::with(
        "requires: { commands: [sh] }\nnodes: { a: { action: A, effect: read, run: [sh, -c, ls] } }\n\
         gates: { done: { title: It is done, attest: It is. } }\n",
    );
    insta::assert_snapshot!(world.call("check book.yaml --preflight").exits(0), @"
    exit 0
    --- stderr
    book.yaml: 1 node, 1 gate, no errors
    1 file, 0 errors, 0 warnings
    ");
}

#[test]
fn a_file_with_a_byte_order_mark_is_a_file_like_others() {
    let world = World::new();
    world.write(
        "marked.yaml",
        "\u{feff}switchback: 1\nname: marked\ntitle: Marked\nnodes: { a: { action: A, next: b } }\n",
    );
    let seen = world.call("check --output json").exits(3).json();
    let finding = &seen["files"][0]["findings"][0];
    assert_eq!(finding["code"], "unknown-node");
    assert_eq!(finding["start"]["line"], 4);
}

#[test]
fn what_a_file_says_moves_no_cursor_and_begins_no_line() {
    let world = World::with("nodes: { a: { action: A, next: \"zz\\n::error::x\\e[31m\" } }\n");
    let seen = world.call("check book.yaml").exits(3);
    assert!(!seen.stderr.contains('\u{1b}'), "{seen}");
    assert!(
        seen.stderr
            .lines()
            .all(|line| !line.trim_start().starts_with("::error")),
        "{seen}"
    );
}

#[test]
fn data_that_cannot_be_printed_is_no_success() {
    let world = World::with("nodes: { a: { action: A } }\ngates: { g: { title: G, attest: It is. } }\n");
    let seen = world.shell("switchback check --output json >/dev/full").exits(70);
    assert!(
        seen.stderr.contains("standard output cannot be written"),
        "{seen}"
    );
}
