use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::model::{Command, Content, Form, Invocation, Look, Next, Work};

const FORMAT: &str = include_str!("../../docs/format.md");
const DRILLS: &str = include_str!("../../docs/drills.md");

fn notes(path: &str) -> Result<String, String> {
    match path {
        "note.md" => Ok("{{ run.id }}\n".to_owned()),
        _ => Err("there is no such file".to_owned()),
    }
}

fn read(text: &str) -> Parsed<Runbook> {
    runbook(&Source::new("test.yaml", text), &notes)
}

/// A runbook with these keys, which must be without a fault.
fn faultless(keys: &str) -> Runbook {
    let text = format!("switchback: 1\nname: test\ntitle: A test\n{keys}");
    let parsed = read(&text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    parsed.value.expect("a runbook without findings")
}

fn work(runbook: &Runbook, node: &str) -> Work {
    let action = runbook.nodes[node].action().expect("an action");
    action.work.clone()
}

fn command(runbook: &Runbook, node: &str) -> Command {
    let Work::Run { command, .. } = work(runbook, node) else {
        panic!("`{node}` runs nothing");
    };
    command
}

fn blocks(page: &str) -> impl Iterator<Item = &str> {
    let blocks = page.split("```yaml\n").skip(1);
    blocks.filter_map(|rest| rest.split("```").next())
}

#[test]
fn the_example_of_the_reference_is_a_runbook() {
    let example = blocks(FORMAT).find(|block| block.starts_with("switchback: 1"));
    let parsed = read(example.expect("a complete example"));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.value.expect("a runbook").nodes.len(), 2);
}

#[test]
fn the_other_examples_of_the_reference_fit_into_one() {
    for block in blocks(FORMAT).filter(|block| !block.starts_with("switchback: 1")) {
        let nodes = if block.starts_with("nodes:") {
            ""
        } else {
            "nodes: { a: { action: A } }\n"
        };
        faultless(&format!("{block}{nodes}"));
    }
}

#[test]
fn the_example_of_a_drill_is_a_drill() {
    let example = blocks(DRILLS).next().expect("an example");
    let parsed = drill(&Source::new("test.drill.yaml", example));
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.value.expect("a drill").scenarios.len(), 1);
}

#[test]
fn defaults_are_folded_into_each_command() {
    let runbook = faultless(
        "secrets: { token: { command: print } }\n\
         defaults: { cwd: /srv, env: { A: '1', B: '2' }, timeout: 1m, shell: [bash, -c] }\n\
         nodes: { a: { action: A, run: echo, env: { B: '3' }, grace: 5s } }\n",
    );
    let command = command(&runbook, "a");
    let Invocation::Shell { shell, .. } = &command.run else {
        panic!("a text is the shell form");
    };
    assert_eq!(shell, &["bash", "-c"]);
    assert_eq!(command.cwd, Some("/srv".into()));
    assert_eq!(command.env["A"], crate::model::Feed::Text("1".into()));
    assert_eq!(command.env["B"], crate::model::Feed::Text("3".into()));
    assert_eq!(command.timeout, Some(Duration::from_secs(60)));
    assert_eq!(command.grace, Duration::from_secs(5));
}

#[test]
fn a_person_at_the_terminal_has_the_time_that_it_takes() {
    let timeout = |more: &str| {
        let runbook = faultless(&format!(
            "defaults: {{ timeout: 1m }}\n\
             nodes: {{ a: {{ action: A, run: [vi], terminal: true{more} }} }}\n",
        ));
        assert!(command(&runbook, "a").terminal);
        command(&runbook, "a").timeout
    };
    assert_eq!(timeout(""), None);
    assert_eq!(timeout(", timeout: 1h"), Some(Duration::from_secs(60 * 60)));
}

#[test]
fn a_command_that_fetches_a_secret_has_no_default_environment() {
    let runbook = faultless(
        "secrets: { a: { command: [print, a] }, b: { env: B } }\n\
         defaults: { env: { B: { secret: b } } }\n\
         nodes: { a: { action: A } }\n",
    );
    let crate::model::SecretSource::Command(command) = &runbook.secrets["a"] else {
        panic!("`a` comes from a command");
    };
    assert!(command.env.is_empty());
}

#[test]
fn a_choice_goes_where_its_question_goes_unless_it_says_otherwise() {
    let runbook = faultless(
        "nodes:\n  q: { question: Q?, choices: { a: {}, b: stop, c: end, d: [x, y] }, next: x }\n  \
         x: { action: X }\n  y: { action: Y }\n",
    );
    let Some(Form::Choices(choices)) = runbook.nodes["q"].question().map(|q| &q.form) else {
        panic!("`q` has choices");
    };
    assert_eq!(choices["a"].next, Next::Nodes(vec!["x".into()]));
    assert_eq!(choices["b"].next, Next::Stop);
    assert_eq!(choices["c"].next, Next::default());
    assert_eq!(choices["d"].next, Next::Nodes(vec!["x".into(), "y".into()]));
}

#[test]
fn a_written_template_is_read_with_the_runbook() {
    let runbook = faultless("nodes: { a: { action: A, write: { path: x, template: note.md } } }\n");
    let Work::Write(write) = work(&runbook, "a") else {
        panic!("`a` writes");
    };
    let Content::File { path, text } = write.content else {
        panic!("from a file");
    };
    assert_eq!((path.as_str(), text.0.as_str()), ("note.md", "{{ run.id }}\n"));
}

#[test]
fn a_check_may_have_all_its_keys() {
    let runbook = faultless(
        "nodes:\n  a:\n    action: A\n    verify:\n      \
         - { run: [x, ''], cwd: y, timeout: 1s, exit: 3, stdout: { equals: '' }, within: 2s, every: 10ms }\n      \
         - { http: { url: u, method: HEAD, status: [200, 204] }, not: true }\n      \
         - { confirm: Sure?, id: sure, title: It is sure }\n",
    );
    let checks = &runbook.nodes["a"].action().expect("an action").verify;
    assert!(matches!(&checks[0].look, Look::Run { exit: 3, .. }));
    assert!(checks[1].negated);
    assert!(checks[2].is_a_persons());
}

#[test]
fn anchors_and_aliases_are_as_in_yaml() {
    let runbook =
        faultless("nodes:\n  a: { action: A, run: &run [echo, a] }\n  b: { action: B, run: *run }\n");
    assert_eq!(command(&runbook, "a"), command(&runbook, "b"));
}

#[test]
fn a_file_with_nothing_in_it_is_not_a_runbook() {
    for text in ["", "# nothing\n", "[]", "text", "---\n..."] {
        let parsed = read(text);
        assert!(parsed.value.is_none());
        assert_eq!(parsed.diagnostics.len(), 1, "{text:?}");
    }
}

/// Pieces that YAML and runbooks are made of, and what may break them.
const PIECES: &[&str] = &[
    "switchback: 1\n",
    "nodes:\n",
    "  a:\n",
    "    action: A\n",
    "question: Q",
    "choices",
    "{",
    "}",
    "[",
    "]",
    ": ",
    ", ",
    "- ",
    "\n",
    "  ",
    "\t",
    "&a ",
    "*a",
    "!tag ",
    "!!int ",
    "|\n",
    ">-\n",
    "\"",
    "'",
    "# ",
    "---\n",
    "...\n",
    "? ",
    "%YAML 1.2\n",
    "<<: ",
    "{{ x }}",
    "1.10",
    "~",
    "true",
    ".inf",
    "0x",
    "é",
    "\u{feff}",
    "\u{0}",
    "\r\n",
    "\u{2028}",
    "run",
    "verify",
    "99999999999999999999999999999999999999999999",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,200}") {
        read(&text);
        drill(&Source::new("test.drill.yaml", text));
    }

    #[test]
    fn no_mixture_is_too_strange(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        read(&pieces.concat());
    }

    #[test]
    fn no_damage_is_too_strange(
        at in any::<prop::sample::Index>(),
        length in 0_usize..20,
        piece in prop::sample::select(PIECES),
    ) {
        let example = blocks(FORMAT).next().unwrap_or_default();
        let start = at.index(example.len());
        let end = (start + length).min(example.len());
        if let (Some(before), Some(after)) = (example.get(..start), example.get(end..)) {
            let parsed = read(&format!("{before}{piece}{after}"));
            for finding in &parsed.diagnostics {
                prop_assert!(finding.span.is_some());
                prop_assert!(!finding.message.is_empty() && !finding.help.is_empty());
                prop_assert!(!finding.message.ends_with('.'));
            }
        }
    }
}
