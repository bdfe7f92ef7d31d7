//! What the documentation says is true: its examples are right, its links lead somewhere, its tables list what there is.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use switchback::check;
use switchback::cli::Exit;
use switchback::diagnostic::{Code, Diagnostic, Severity};
use switchback::parse;
use switchback::source::Source;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// README.md and every page of docs.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs")).expect("the folder of the documentation");
    let pages = entries.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> = pages
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.push(root().join("README.md"));
    pages.sort();
    pages
}

/// The fenced blocks of a language, without the fences.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("\n```{language}\n");
    let blocks = page.split(fence.as_str()).skip(1);
    blocks
        .map(|rest| rest.split_once("```").map_or(rest, |(block, _)| block))
        .collect()
}

/// A page without its fenced blocks.
fn prose(page: &str) -> String {
    page.split("\n```").step_by(2).collect()
}

/// Everything that is wrong with a text: read as a drill or a test if it says so, else as a runbook.
fn findings(text: &str) -> Vec<Diagnostic> {
    let source = Source::new("example.yaml", text);
    if text.starts_with("switchback_drill:") {
        return parse::drill(&source).diagnostics;
    }
    if text.starts_with("switchback_test:") {
        return parse::test(&source).diagnostics;
    }
    // The flagship's own template is the only file that there is.
    let files = |path: &str| match path {
        "notes/incident.md" => Ok(read("runbooks/notes/incident.md")),
        _ => Err("no such file".to_owned()),
    };
    let parsed = parse::runbook(&source, &files);
    let more = parsed
        .value
        .map(|runbook| check::beside(&parsed.diagnostics, &runbook));
    [parsed.diagnostics, more.unwrap_or_default()].concat()
}

/// The first column of every table under a heading, as far as it stands in back-ticks: `a`, `b` gives both.
fn keys(page: &str, heading: &str) -> Vec<String> {
    let start = page
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("there is no `{heading}`"));
    let section = &page[start + heading.len() + 2..];
    // What stands under a heading of its own is another place, or speaks of flags.
    let section = section.split("\n##").next().unwrap_or(section);
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let firsts = cells.filter_map(|row| row.split(" | ").next());
    firsts
        .flat_map(|cell| cell.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .filter(|key| !key.is_empty())
        .collect()
}

#[test]
fn every_whole_example_can_be_run() {
    let mut seen = 0;
    for page in pages() {
        for block in blocks(&read(&page), "yaml") {
            if ["switchback: 1", "switchback_drill: 1", "switchback_test: 1"]
                .iter()
                .any(|head| block.starts_with(head))
            {
                let errors = findings(block)
                    .into_iter()
                    .filter(|finding| finding.severity == Severity::Error);
                assert_eq!(errors.collect::<Vec<_>>(), [], "{}:\n{block}", page.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn every_link_leads_somewhere() {
    for page in pages() {
        let text = prose(&read(&page));
        let folder = page.parent().expect("a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() {
                page.clone()
            } else {
                folder.join(path)
            };
            assert!(target.exists(), "{}: `{link}`", page.display());
            if !anchor.is_empty() {
                let headings = read(&target);
                let mut headings = headings.lines().filter(|line| line.starts_with('#'));
                assert!(
                    headings.any(|heading| anchor_of(heading) == anchor),
                    "{}: `{link}`",
                    page.display()
                );
            }
        }
    }
}

/// The anchor that a heading has where the page is shown.
fn anchor_of(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    let words = words
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    words.collect::<String>().replace(' ', "-")
}

#[test]
fn the_table_of_exit_codes_lists_each_and_no_other() {
    let page = read("docs/exit-codes.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| "));
    let firsts = rows.filter_map(|row| row.split(" | ").next());
    let listed: Vec<u8> = firsts.filter_map(|cell| cell.parse().ok()).collect();
    let all: Vec<u8> = Exit::ALL.iter().map(|exit| exit.code()).collect();
    assert_eq!(listed, all);
    assert!(page.contains("\n| 128 + n |"));
}

#[test]
fn each_code_is_described_with_an_example_that_has_it_and_one_that_has_nothing() {
    let page = read("docs/diagnostics.md");
    let sections = page.split("\n### ").skip(1);
    let sections: Vec<(&str, &str)> = sections
        .map(|section| section.split_once('\n').expect("a heading"))
        .collect();
    let described: Vec<&str> = sections.iter().map(|(code, _)| *code).collect();
    let all: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(described, all);

    for (code, section) in sections {
        let examples = blocks(section, "yaml");
        if let [bad, good] = examples[..] {
            let found = findings(&whole(bad));
            assert!(
                found.iter().any(|finding| finding.code.as_str() == code),
                "{code}: {found:?}"
            );
            let mut left = findings(&whole(good));
            // An example shows one thing; what else a linter would wish for is left out of it.
            left.retain(|finding| finding.severity == Severity::Error || finding.code.as_str() == code);
            assert_eq!(left, [], "{code}");
        } else {
            // No page could hold the first two, and the last is a matter of the machine.
            assert!(
                examples.is_empty() && ["too-large", "too-deep", "command-not-found"].contains(&code),
                "{code}"
            );
        }
    }
}

#[test]
fn the_table_of_codes_lists_each_with_its_severity() {
    let page = read("docs/diagnostics.md");
    let rows = page.lines().filter(|line| line.starts_with("| [`"));
    let listed: Vec<String> = rows
        .map(|row| row.split(" | ").take(2).collect::<Vec<_>>().join(" "))
        .collect();
    let all = Code::ALL.iter().map(|code| {
        let severity = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        format!("| [`{code}`](#{code}) {severity}")
    });
    assert_eq!(listed, all.collect::<Vec<_>>());
}

/// An example with the head of a runbook, where it leaves that out.
fn whole(example: &str) -> String {
    if example.starts_with("switchback") {
        return example.to_owned();
    }
    format!("switchback: 1\nname: test\ntitle: A test\n{example}")
}

/// A runbook in which a place of the format stands; the key under test is put in for `KEY`.
fn place(heading: &str) -> Vec<String> {
    let places: &[&str] = match heading {
        "## Top level" => &["KEY: 1"],
        "## Parameters" => &["parameters: { p: { KEY: 1 } }"],
        "## Edges: how nodes are joined" => &[
            "nodes: { a: { action: A, KEY: 1 } }",
            "nodes: { a: { question: A, KEY: 1 } }",
        ],
        "## Questions" => &["nodes: { a: { question: A, KEY: 1 } }"],
        "## Actions" => &["nodes: { a: { action: A, KEY: 1 } }"],
        "## Commands" => &["nodes: { a: { action: A, run: [a], KEY: 1 } }"],
        "## Checks" => &["nodes: { a: { action: A, verify: [{ KEY: 1 }] } }"],
        "## Gates" => &["gates: { a: { KEY: 1 } }"],
        "## Notifications" => &["notify: [{ KEY: 1 }]"],
        "### Events" => &["notify: [{ cdevent: { KEY: 1 } }]"],
        other => panic!("no place for `{other}`"),
    };
    places.iter().map(|place| whole(place)).collect()
}

#[test]
fn every_key_in_the_tables_of_the_format_is_known_at_its_place() {
    let page = read("docs/format.md");
    let headings = [
        "## Top level",
        "## Parameters",
        "## Edges: how nodes are joined",
        "## Questions",
        "## Actions",
        "## Commands",
        "## Checks",
        "## Gates",
        "## Notifications",
        "### Events",
    ];
    for heading in headings {
        let keys: BTreeSet<String> = keys(&page, heading).into_iter().collect();
        assert!(keys.len() > 3, "{heading}: {keys:?}");
        for key in keys {
            for place in place(heading) {
                // The value may be wrong; the key must not be.
                let text = place.replace("KEY", &key);
                let found = parse::runbook(&Source::new("key.yaml", text), &|_| Err("none".to_owned()));
                let unknown = found.diagnostics.iter().find(|finding| {
                    finding.code == Code::UnknownField && finding.message.contains(&format!("`{key}`"))
                });
                assert_eq!(unknown, None, "{heading}: `{key}`");
            }
        }
    }
}

/// Where the keys of a table of tests.md stand; the key under test is put in for `KEY`.
const OF_TESTS: [(&str, &str); 4] = [
    ("## The file", "KEY: 1"),
    ("## Cases", "cases: { a: { KEY: 1 } }"),
    ("## Simulations", "simulate: [ { KEY: 1 } ]"),
    (
        "## Expectations",
        "cases: { a: { about: A, expect: { KEY: 1 } } }",
    ),
];

/// The keys that the reader knows at a place, as it names them when it is asked for one that is none.
fn known(place: &str) -> BTreeSet<String> {
    let text = format!("switchback_test: 1\n{}", place.replace("KEY", "no_such_key"));
    let found = parse::test(&Source::new("key.yaml", text)).diagnostics;
    let unknown = found.iter().find(|finding| finding.code == Code::UnknownField);
    let help = &unknown.unwrap_or_else(|| panic!("{place}: {found:?}")).help;
    let keys = help.split('`').skip(1).step_by(2);
    keys.map(str::to_owned).collect()
}

#[test]
fn the_tables_of_tests_list_every_key_and_no_other() {
    let page = read("docs/tests.md");
    for (heading, place) in OF_TESTS {
        let listed: BTreeSet<String> = keys(&page, heading).into_iter().collect();
        assert_eq!(listed, known(place), "{heading}");
    }
}

#[test]
fn a_key_that_is_not_there_would_be_noticed() {
    for heading in ["## Top level", "## Gates", "## Checks"] {
        let text = place(heading)[0].replace("KEY", "no_such_key");
        let found = parse::runbook(&Source::new("key.yaml", text), &|_| Err("none".to_owned()));
        let codes: Vec<Code> = found.diagnostics.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&Code::UnknownField), "{heading}: {codes:?}");
    }
}

#[test]
fn every_flag_that_a_page_names_exists() {
    let help = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_switchback"))
            .args(args)
            .output();
        String::from_utf8_lossy(&output.expect("the program runs").stdout).into_owned()
    };
    let top = help(&["--help"]);
    let (_, commands) = top.split_once("Commands:\n").expect("they are listed");
    let commands = commands.lines().take_while(|line| line.starts_with("  "));
    let commands: Vec<&str> = commands
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() > 10, "{commands:?}");
    let known: String = commands
        .iter()
        .map(|command| help(&[command, "--help"]))
        .collect();
    for page in pages() {
        let text = read(&page);
        for line in text
            .lines()
            .filter(|line| line.contains("switchback ") && !line.contains("cargo "))
        {
            for word in line.split(|c: char| !(c.is_ascii_lowercase() || c == '-')) {
                let is_flag = word.starts_with("--") && word.len() > 2;
                assert!(
                    !is_flag || known.contains(&format!("{word} ")) || known.contains(&format!("{word}\n")),
                    "{}: `{word}` in: {line}",
                    page.display()
                );
            }
        }
    }
}
