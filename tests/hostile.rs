//! Hostile input: no panic, no hang, memory within bounds. `PROPTEST_CASES=100000 cargo test --test hostile` looks longer.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, json};
use switchback::adapter::journal;
use switchback::check;
use switchback::model::{Expression, Pattern, Template};
use switchback::parse;
use switchback::source::Source;
use switchback::template::{Scope, Text, evaluate, render, render_script};

/// How long one input may take: far more than any needs, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How much address space the program may have, in KiB: a file of the largest size has to do with it.
const MEMORY: u32 = 2_000_000;

/// Runs a case on a thread of its own, so that a hang is a failure too.
fn guarded(input: &str, case: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let worker = std::thread::spawn(move || {
        case();
        let _ = done.send(());
    });
    if is_done.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("it hangs on {input:?}");
    }
    assert!(worker.join().is_ok(), "it panics on {input:?}");
}

/// Everything of this repository that looks like YAML.
static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut seeds = Vec::new();
    for folder in ["runbooks", "tests/diagnostics", "tests/fixtures"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let mut paths: Vec<PathBuf> = fs::read_dir(folder)
            .expect("it is there")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
            .collect();
        paths.sort();
        seeds.extend(paths.iter().map(|path| fs::read(path).expect("it can be read")));
    }
    // Long ones take their time, and show nothing that short ones do not.
    seeds.retain(|seed| seed.len() < 20_000);
    seeds
});

/// Scraps that mean something to YAML, to templates, to a shell or to JSON.
const SCRAPS: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    "- ",
    "? ",
    ": ",
    ",",
    "&a ",
    "*a",
    "<<: *a",
    "!t ",
    "!<",
    "%TAG ! x\n",
    "---\n",
    "...\n",
    "|9\n",
    ">-\n",
    "|\n",
    "\"",
    "'",
    "\\x",
    "\\U0010ffff",
    "#",
    " #",
    "\n",
    "\r",
    "\t",
    " ",
    "\0",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "{{",
    "}}",
    "{{ ",
    " }}",
    "{%",
    "%}",
    "{% if a %}",
    "{% else %}",
    "{% endif %}",
    "{% for x in a %}",
    "{% endfor %}",
    "{% raw %}",
    "{% endraw %}",
    "{#",
    "#}",
    "{%-",
    "-%}",
    "{{-",
    "a",
    "b[0]",
    "a.b",
    "(",
    ")",
    "|",
    "| raw",
    "| default(1)",
    " if ",
    " else ",
    " not ",
    " is defined",
    "~",
    "+",
    "**",
    "//",
    "range(9999999)",
    "'x' * 99999999",
    "$(",
    "${",
    "`",
    "<<E\n",
    "case ",
    "[[ ",
    "99999999999999999999",
    "-1",
    "1e999",
    ".nan",
    "é",
    "☃",
    "\u{1f600}",
    "\"sum\":\"",
    "\"seq\":",
    "\u{e000}",
    "\u{10ffff}",
    "run: ",
    "verify: ",
    "name: x\n",
    "nodes:\n",
    "  a: { action: A, run: \"",
];

/// One way to spoil a text.
#[derive(Clone, Debug)]
enum Mutation {
    Byte(Index, u8),
    Insert(Index, usize, usize),
    Cut(Index, Index),
    Repeat(Index, Index, usize),
    Splice(Index, Index, Index),
    Truncate(Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Mutation::Byte(at, byte)),
        (at(), 0..SCRAPS.len(), 1..80_usize)
            .prop_map(|(at, scrap, times)| Mutation::Insert(at, scrap, times)),
        (at(), at()).prop_map(|(from, to)| Mutation::Cut(from, to)),
        (at(), at(), 2..20_usize).prop_map(|(from, to, times)| Mutation::Repeat(from, to, times)),
        (at(), at(), at()).prop_map(|(seed, from, at)| Mutation::Splice(seed, from, at)),
        at().prop_map(Mutation::Truncate),
    ]
}

impl Mutation {
    fn apply(&self, text: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let size = text.len() + 1;
        match self {
            Self::Byte(at, byte) if !text.is_empty() => {
                let at = at.index(text.len());
                text[at] = *byte;
            }
            Self::Byte(..) => {}
            Self::Insert(at, scrap, times) => {
                let at = at.index(size);
                text.splice(at..at, SCRAPS[*scrap].repeat(*times).into_bytes());
            }
            Self::Cut(from, to) => {
                let (from, to) = (from.index(size), to.index(size));
                text.drain(from.min(to)..from.max(to).min(from.min(to) + 200));
            }
            Self::Repeat(from, to, times) => {
                let (from, to) = (from.index(size), to.index(size));
                let part = text[from.min(to)..from.max(to)].to_vec();
                let part = part[..part.len().min(300)].repeat(*times);
                text.splice(from.max(to)..from.max(to), part);
            }
            Self::Splice(seed, from, at) => {
                let seed = &seeds[seed.index(seeds.len())];
                let from = from.index(seed.len() + 1);
                let at = at.index(size);
                let end = seed.len().min(from + 300);
                text.splice(at..at, seed[from..end].iter().copied());
            }
            Self::Truncate(at) => text.truncate(at.index(size)),
        }
    }
}

fn spoiled(seed: &Index, mutations: &[Mutation], seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut text = seeds[seed.index(seeds.len())].clone();
    for mutation in mutations {
        mutation.apply(&mut text, seeds);
    }
    text
}

fn try_runbook(text: String) {
    guarded(&text.clone(), move || {
        let source = Source::new("hostile.yaml", text);
        let parsed = parse::runbook(&source, &|_| Err("no files here".to_owned()));
        let mut findings = parsed.diagnostics;
        if let Some(runbook) = &parsed.value {
            findings.extend(check::beside(&findings, runbook));
        }
        findings.extend(parse::drill(&source).diagnostics);
        parse::locate(&source, &mut findings);
        for finding in &findings {
            let span = finding.span.expect("a place");
            assert!(source.text.get(span.start..span.end).is_some(), "{finding:?}");
        }
    });
}

fn try_template(text: String) {
    guarded(&text.clone(), move || {
        let parameters: Map<_, _> = [("a", json!("x'; y")), ("b", json!(["$(z)", ""])), ("c", json!(3))]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let scope = Scope {
            parameters: Arc::new(parameters),
            ..Scope::default()
        };
        let template = Template(text.clone());
        let _ = (Text::Plain(&template).examine(), render(&template, &scope));
        let _ = (
            Text::Script(&template).examine(),
            render_script(&template, &scope),
        );
        let expression = Expression(text);
        let _ = (
            Text::Expression(&expression).examine(),
            evaluate(&expression, &scope),
        );
    });
}

fn cases(few: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: cases.unwrap_or(few),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn scraps(most: usize) -> impl Strategy<Value = String> {
    let scrap = (
        0..SCRAPS.len(),
        prop_oneof![9 => Just(1_usize), 1 => 1..120_usize],
    );
    prop::collection::vec(scrap, 0..most).prop_map(|all| {
        all.iter()
            .map(|(scrap, times)| SCRAPS[*scrap].repeat(*times))
            .collect()
    })
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_spoiled_runbook_is_reported(seed in any::<Index>(), mutations in prop::collection::vec(mutation(), 1..8)) {
        try_runbook(String::from_utf8_lossy(&spoiled(&seed, &mutations, &SEEDS)).into_owned());
    }

    #[test]
    fn scraps_of_yaml_are_reported(text in scraps(40)) {
        try_runbook(text);
    }

    #[test]
    fn scraps_of_templates_end(text in scraps(20)) {
        try_template(text);
    }

    #[test]
    fn a_spoiled_journal_is_read_or_named(mutations in prop::collection::vec(mutation(), 1..5)) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal.jsonl");
        let mut bytes = JOURNAL.clone();
        for mutation in &mutations {
            mutation.apply(&mut bytes, std::slice::from_ref(&*JOURNAL));
        }
        fs::write(&path, &bytes).expect("it can be written");
        guarded(&String::from_utf8_lossy(&bytes), move || {
            let _ = journal::verify(&path).map_err(|error| error.to_string());
            let _ = journal::FileJournal::open(&path).map_err(|error| error.to_string());
        });
    }
}

/// The journal of a real run.
static JOURNAL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(
        folder.path().join("r.yaml"),
        "switchback: 1\nname: x\ntitle: T\nnodes:\n  a: { action: A, run: [echo, hello], verify: [ { run: [\"true\"] } ] }\n",
    )
    .expect("it can be written");
    let output = program(folder.path(), &["run", "r.yaml"]);
    assert!(output.status.success(), "{output:?}");
    let runs = folder.path().join("state/switchback/runs");
    let run = fs::read_dir(runs).expect("there are runs").next();
    let run = run.expect("a run").expect("it can be listed").path();
    fs::read(run.join("journal.jsonl")).expect("it can be read")
});

/// Calls the program with bounded memory and processor time.
fn program(folder: &Path, args: &[&str]) -> Output {
    Command::new("bash")
        .args([
            "-c",
            &format!("ulimit -v {MEMORY}; ulimit -t 60; exec \"$@\""),
            "bash",
        ])
        .arg(env!("CARGO_BIN_EXE_switchback"))
        .args(args)
        .current_dir(folder)
        .env("XDG_STATE_HOME", folder.join("state"))
        .env("SWITCHBACK_OPERATOR", "ana")
        .stdin(Stdio::null())
        .output()
        .expect("it can be started")
}

/// Checks a text as a file: what is said about it, which must not be long.
fn checked(text: &str) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("r.yaml"), text).expect("it can be written");
    let output = program(folder.path(), &["check", "r.yaml"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let start: String = text.chars().take(40).collect();
    let code = output.status.code();
    assert!(matches!(code, Some(0 | 2 | 3)), "{start:?}: {code:?} {said:.400}");
    assert!(
        said.len() < 1_000_000,
        "{start:?} is answered with {} bytes",
        said.len()
    );
    said
}

#[test]
fn a_text_of_one_thing_over_and_over_is_refused_within_bounds() {
    let million = 1 << 20;
    for piece in [
        "[",
        "{",
        "{a: ",
        "- ",
        "? ",
        "[? ",
        "[\"]\",",
        "[ # ]\n",
        "['}',",
        "&a ",
        "*a ",
        "!t ",
        ":",
        ": ",
        "k",
        "a ",
        "\t",
        "%FOO\n",
        "---\n",
        "- a\n",
        "\"\\x41",
        "'",
        "|\n",
        "#",
        "\u{feff}",
        "\0",
        "- &a x\n- *a\n",
    ] {
        checked(&piece.repeat(million / piece.len()));
    }
    checked(&format!("{}: 1", "k".repeat(million)));
    checked(&format!("title: {}", "x".repeat(10 * million)));
    checked(&format!("title: |9\n{}x\n", " ".repeat(million)));
    let tags: String = (0..50_000).map(|n| format!("%TAG !a{n}! tag:{n}\n")).collect();
    assert!(checked(&format!("{tags}---\na: 1\n")).contains("begin with `%`"));
}

#[test]
fn a_hundred_thousand_faults_are_reported_in_short() {
    let twice = "title: a\n".repeat(100_000);
    assert!(checked(&format!("switchback: 1\nname: x\n{twice}")).contains("more: these are the first 100"));
    let unknown: String = (0..20_000).map(|n| format!("n{n}: {{ bogus: 1 }}, ")).collect();
    checked(&format!(
        "switchback: 1\nname: x\ntitle: a\nnodes: {{ {unknown} }}"
    ));
}

#[test]
fn a_pattern_of_many_levels_is_looked_at_once() {
    // As deep as a pattern may be: the parser counts each group, each alternation and each concatenation in it.
    let nested = |levels: usize| {
        let open: String = (0..levels).map(|level| format!("(b{level}c|")).collect();
        format!("^{open}x{}", ")".repeat(levels))
    };
    let deepest = (1..250)
        .rev()
        .find(|levels| Pattern::new(&nested(*levels)).is_ok());
    let levels = deepest.expect("one level is fine");
    assert!(levels > 50, "{levels}");
    let said = checked(&format!(
        "switchback: 1\nname: x\ntitle: T\nparameters: {{ p: {{ type: string, pattern: '{}' }} }}\n\
         nodes: {{ a: {{ action: A, run: [git, checkout, \"{{{{ p }}}}\"] }} }}\n",
        nested(levels)
    ));
    assert!(!said.contains("leading-dash"), "{said}");
    assert!(said.contains("gateless-route"), "it comes to the end: {said}");
}

#[test]
fn what_was_meant_is_not_guessed_at_for_ever() {
    let nodes: String = (0..30_000)
        .map(|n| format!("  node{n}: {{ action: A, next: nod{n}x }}\n"))
        .collect();
    let said = checked(&format!("switchback: 1\nname: x\ntitle: T\nnodes:\n{nodes}"));
    assert!(said.contains("did you mean `node"), "{said}");
}

#[test]
fn templates_nested_without_end_are_refused() {
    for (start, piece) in [
        ("{{ ", "("),
        ("{{ ", "["),
        ("{{ ", "not "),
        ("{{ ", "-"),
        ("{{ a", ".a"),
        ("{{ a", "|upper"),
        ("{{ 1", "+1"),
        ("{{ 1", " if 1 else 1"),
        ("{{ 1", "**1"),
        ("", "{% if a %}"),
        ("", "{{ a }}{{"),
        ("", "{% raw %}"),
        ("", "{{ 'a' }}\n"),
        ("", "{% for x in b %}"),
        ("", "{% if 1 %}'{% else %}\\{% endif %}"),
    ] {
        try_template(format!("{start}{}", piece.repeat(60_000 / piece.len())));
    }
    try_template(
        "{% for x in range(9999) %}{% for y in range(9999) %}xxxxxxxx{% endfor %}{% endfor %}".to_owned(),
    );
}

#[test]
fn what_has_no_end_is_not_swallowed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    let sparse = fs::File::create(at("sparse.yaml")).expect("it can be made");
    sparse.set_len(2 << 30).expect("it can be long");
    let node = "nodes: { a: { question: Q, input: { type: string } } }";
    fs::write(
        at("r.yaml"),
        format!("switchback: 1\nname: x\ntitle: T\n{node}\n"),
    )
    .expect("it can be written");
    let write = "nodes: { a: { action: A, write: { path: x, template: sparse.yaml } } }";
    fs::write(
        at("w.yaml"),
        format!("switchback: 1\nname: x\ntitle: T\n{write}\n"),
    )
    .expect("it can be written");
    for args in [
        &["check", "/dev/zero"][..],
        &["check", "sparse.yaml"],
        &["check", "w.yaml"],
        &["run", "r.yaml", "--answers", "/dev/zero"],
        &["check", "."],
    ] {
        let output = program(folder.path(), args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(matches!(output.status.code(), Some(2 | 3)), "{args:?}: {said}");
        assert!(said.contains("larger than 16 MiB"), "{args:?}: {said}");
    }
}

#[test]
fn a_record_without_end_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal.jsonl");
    let mut bytes = JOURNAL.clone();
    let records = bytes.iter().filter(|byte| **byte == b'\n').count();
    fs::write(&path, &bytes).expect("it can be written");
    let file = fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .expect("it can be opened");
    file.set_len(2 << 30).expect("it can be long");
    let said = journal::read(&path).expect_err("it is too long").to_string();
    assert!(said.contains(&format!("record {} of", records + 1)), "{said}");
    assert!(said.contains("longer than 128 MiB"), "{said}");

    bytes.extend("{\"v\":".repeat(1 << 18).bytes());
    bytes.push(b'\n');
    fs::write(&path, &bytes).expect("it can be written");
    let said = journal::read(&path)
        .expect_err("it is nested too deep")
        .to_string();
    assert!(said.contains(&format!("record {} of", records + 1)), "{said}");
}

#[test]
fn what_is_typed_is_shown_harmless() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = folder.path().join("r.yaml");
    fs::write(
        place,
        "switchback: 1\nname: x\ntitle: T\nnodes: { a: { action: A, run: [\"true\"] } }\n",
    )
    .expect("it can be written");
    let long = format!("x={}", "y".repeat(100_000));
    for args in [
        ["-p", long.as_str()],
        ["--answer", "\u{1b}[2J=\u{7}"],
        ["-p", "\u{1b}]0;x\u{7}=1"],
    ] {
        let output = program(folder.path(), &["run", "r.yaml", args[0], args[1]]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains(['\u{1b}', '\u{7}']), "{said:?}");
    }
}
