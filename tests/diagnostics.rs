//! Every fault has a runbook that has it. To add one, add `tests/diagnostics/CODE.yaml` or `CODE-VARIANT.yaml`, run
//! `INSTA_UPDATE=always cargo test --test diagnostics`, and read the snapshot that appears beside it.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use switchback::check;
use switchback::diagnostic::{Code, Diagnostic};
use switchback::model::{GATE_VERDICTS, NODE_STATES, RUN_STATES, Runbook};
use switchback::parse::{self, line_and_column};
use switchback::source::Source;
use switchback::traverse::{GateVerdict, RunState, State};

use support::ana;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(&folder).expect("the folder of fixtures");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    assert!(!paths.is_empty());
    paths
}

/// The fixture's name, without the folder and what follows the first dot.
fn stem(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.expect("a name in UTF-8");
    name.split('.').next().unwrap_or(name)
}

/// The code that a fixture is for: the longest that its name begins with.
fn code_of(path: &Path) -> Code {
    let stem = stem(path);
    let is_of = |code: &&Code| {
        let rest = stem.strip_prefix(code.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let codes = Code::ALL.iter().copied();
    let code = codes
        .filter(|code| is_of(&code))
        .max_by_key(|code| code.as_str().len());
    code.unwrap_or_else(|| panic!("`{stem}` begins with no code"))
}

fn findings(path: &Path) -> (Source, Vec<Diagnostic>) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read_to_string(path).expect("a fixture in UTF-8");
    let source = Source::new(name.clone(), text);
    let folder = path.parent().expect("a folder");
    let files = |path: &str| fs::read_to_string(folder.join(path)).map_err(|_| "no such file".to_owned());
    let mut diagnostics = if name.ends_with(".drill.yaml") {
        let parsed = parse::drill(&source);
        let more = parsed.value.map(|drill| check::drill(&drill, &beside(path)));
        [parsed.diagnostics, more.unwrap_or_default()].concat()
    } else if name.ends_with(".test.yaml") {
        let parsed = parse::test(&source);
        let more = parsed.value.map(|test| check::test(&test, &beside(path)));
        [parsed.diagnostics, more.unwrap_or_default()].concat()
    } else {
        let parsed = parse::runbook(&source, &files);
        let more = parsed
            .value
            .map(|runbook| check::beside(&parsed.diagnostics, &runbook));
        [parsed.diagnostics, more.unwrap_or_default()].concat()
    };
    parse::locate(&source, &mut diagnostics);
    (source, diagnostics)
}

/// The runbook beside a drill or a test. That of the fixtures is one and the same.
fn beside(file: &Path) -> Runbook {
    let name = file.to_str().expect("a path in UTF-8");
    let beside = PathBuf::from(
        name.replace(".drill.yaml", ".yaml")
            .replace(".test.yaml", ".yaml"),
    );
    let text = fs::read_to_string(beside).unwrap_or_else(|_| BESIDE.to_owned());
    let parsed = parse::runbook(&Source::new("beside.yaml", text), &|_| Ok(String::new()));
    parsed.value.expect("it can be read")
}

const BESIDE: &str = "
switchback: 1
name: beside
title: What the drills and tests among the fixtures are of
parameters:
  tag: { type: string }
nodes:
  which: { question: Which?, choices: { left: deploy, right: end } }
  deploy:
    action: Deploy
    run: [deploy, '{{ tag }}']
    capture: { release: stdout }
    verify: [ { file: /x }, { id: seen, confirm: Is it there? }, { expr: 'true' } ]
gates:
  deployed: { title: It is deployed, attest: It is., verify: [ { link: /y } ] }
";

fn shown(source: &Source, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for finding in diagnostics {
        let span = finding.span.expect("a place");
        let (line, column) = line_and_column(source, span.start);
        let marked = &source.text[span.start..span.end];
        let (code, name, message) = (finding.code, &source.name, &finding.message);
        writeln!(text, "{code} {name}:{line}:{column} {message}").expect("a string");
        writeln!(text, "    at: {marked}\n    label: {}", finding.label).expect("a string");
        writeln!(text, "    help: {}", finding.help).expect("a string");
    }
    text
}

#[test]
fn each_fixture_has_the_findings_of_its_snapshot() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("diagnostics");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in fixtures("tests/diagnostics") {
            let (source, diagnostics) = findings(&path);
            insta::assert_snapshot!(stem(&path), shown(&source, &diagnostics));
        }
    });
}

#[test]
fn each_fixture_has_the_fault_of_its_name() {
    for path in fixtures("tests/diagnostics") {
        let code = code_of(&path);
        let (_, diagnostics) = findings(&path);
        assert!(diagnostics.iter().any(|finding| finding.code == code), "{path:?}");
    }
}

#[test]
fn each_code_has_a_fixture() {
    let seen: Vec<Code> = fixtures("tests/diagnostics")
        .iter()
        .map(|path| code_of(path))
        .collect();
    // What is missing on a machine is no matter of the text: `tests/checking.rs` has it.
    let of_the_text = Code::ALL.iter().filter(|code| **code != Code::CommandNotFound);
    for code in of_the_text {
        assert!(seen.contains(code), "`{code}` has no fixture");
    }
}

#[test]
fn each_finding_says_what_to_write_instead() {
    for path in fixtures("tests/diagnostics") {
        for finding in findings(&path).1 {
            assert!(
                !finding.help.is_empty() && !finding.label.is_empty(),
                "{finding:?}"
            );
            assert!(
                !finding.message.ends_with('.') && !finding.help.ends_with('.'),
                "{finding:?}"
            );
        }
    }
}

#[test]
fn the_runbooks_of_this_repository_have_no_findings() {
    for path in fixtures("runbooks") {
        assert_eq!(findings(&path).1, [], "{path:?}");
    }
}

/// The format does not know the traversal, so the words for what comes of a run stand there once more. What is added has to be put into
/// these chains.
#[test]
fn the_words_of_the_format_are_those_of_a_run() {
    let node = |state: &State| match state {
        State::Pending => Some(State::Ready),
        State::Ready => Some(State::Running),
        State::Running => Some(State::Waiting),
        State::Waiting => Some(State::InDoubt),
        State::InDoubt => Some(State::Succeeded),
        State::Succeeded => Some(State::Failed),
        State::Failed => Some(State::NotTaken),
        State::NotTaken => Some(State::NotNeeded),
        State::NotNeeded => Some(State::Blocked),
        State::Blocked => Some(State::Cancelled),
        State::Cancelled => None,
    };
    let nodes = std::iter::successors(Some(State::Pending), node).map(State::as_str);
    assert_eq!(nodes.collect::<Vec<_>>(), NODE_STATES);

    let run = |state: &RunState| match state {
        RunState::Running => Some(RunState::Waiting),
        RunState::Waiting => Some(RunState::Complete),
        RunState::Complete => Some(RunState::Recovered),
        RunState::Recovered => Some(RunState::Failed),
        RunState::Failed => Some(RunState::GatesUnmet),
        RunState::GatesUnmet => Some(RunState::InDoubt),
        RunState::InDoubt => Some(RunState::Stopped),
        RunState::Stopped => Some(RunState::Cancelled),
        RunState::Cancelled => None,
    };
    let runs = std::iter::successors(Some(RunState::Running), run).map(RunState::as_str);
    assert_eq!(runs.collect::<Vec<_>>(), RUN_STATES);

    let reason = String::new;
    let gate = |verdict: &GateVerdict| match verdict {
        GateVerdict::Met { .. } => Some(GateVerdict::Unmet { reason: reason() }),
        GateVerdict::Unmet { .. } => Some(GateVerdict::Unknown { reason: reason() }),
        GateVerdict::Unknown { .. } => Some(GateVerdict::Waiting { reason: reason() }),
        GateVerdict::Waiting { .. } => Some(GateVerdict::NotApplicable { reason: reason() }),
        GateVerdict::NotApplicable { .. } => Some(GateVerdict::Waived {
            by: ana(),
            reason: reason(),
        }),
        GateVerdict::Waived { .. } => None,
    };
    let gates = std::iter::successors(Some(GateVerdict::Met { by: None }), gate);
    let gates = gates.map(|verdict| verdict.as_str());
    assert_eq!(gates.collect::<Vec<_>>(), GATE_VERDICTS);
}
