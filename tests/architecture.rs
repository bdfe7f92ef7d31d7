//! Who may look into whom. `docs/architecture.md` says why.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What each room may use. Imports go down only; siblings do not know each other, but for those listed.
const MAY_USE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("diagnostic", &["source"]),
    ("model", &[]),
    ("template", &["model", "diagnostic", "source"]),
    ("graph", &["model"]),
    ("parse", &["model", "diagnostic", "source"]),
    ("check", &["model", "diagnostic", "source", "template", "graph"]),
    ("traverse", &["model", "diagnostic", "template", "graph"]),
    ("draw", &["model", "graph"]),
    ("plan", &["model", "template", "graph", "traverse"]),
    // Of what a run does it describes the record and the report, which are printed for others to read.
    ("schema", &["diagnostic", "model", "traverse", "report"]),
    ("engine", &["model", "traverse"]),
    ("report", &["model", "graph", "traverse", "draw"]),
    // Of the plan it knows what may be probed, and runs nothing else of it.
    ("adapter", &["model", "traverse", "plan", "engine"]),
    (
        "cli",
        &[
            "source",
            "diagnostic",
            "model",
            "parse",
            "check",
            "traverse",
            "draw",
            "schema",
            "plan",
            "engine",
            "report",
            "adapter",
            "template",
            "graph",
        ],
    ),
];

/// What only the outer rooms may touch: the process, its environment, files, and the crates of the outside.
const OUTSIDE: &[&str] = &[
    "std::process",
    "std::env",
    "std::fs",
    "std::net",
    "std::thread",
    "Timestamp::now",
    "Instant::now",
    "SystemTime",
    "clap::",
    "indicatif::",
    "crossterm::",
    "duct::",
    "anyhow::",
    "ureq::",
];

fn sources() -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("it is text");
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

fn room(path: &Path) -> Option<String> {
    let inside = path
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .ok()?;
    let mut parts = inside.components();
    let first = parts.next()?.as_os_str().to_str()?.to_owned();
    // `lib.rs` and `main.rs` are the doors of the house, not rooms.
    parts.next().map(|_| first)
}

/// The text without its comments and its tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn imports_go_down_only() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        let may_use = allowed
            .get(room.as_str())
            .unwrap_or_else(|| panic!("`{room}` has no row in MAY_USE"));
        for rest in code(&text).split("crate::").skip(1) {
            let used: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            if used != room && !may_use.contains(&used.as_str()) {
                faults.push(format!("{}: `{room}` uses `{used}`", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_core_touches_nothing_outside() {
    let outer = ["adapter", "cli"];
    let mut faults = Vec::new();
    for (path, text) in sources() {
        let Some(room) = room(&path) else { continue };
        if outer.contains(&room.as_str()) {
            continue;
        }
        let code = code(&text);
        let touched = OUTSIDE.iter().filter(|outside| code.contains(**outside));
        faults.extend(touched.map(|outside| format!("{}: names `{outside}`", path.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The table says it; but it is the promise that people rely on most, so it is said once more and cannot be edited away by a row.
#[test]
fn a_preview_holds_no_means_to_act() {
    let of_the_preview = |path: &Path| room(path).is_some_and(|room| room == "plan");
    let files: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| of_the_preview(path))
        .collect();
    assert!(!files.is_empty(), "there is a preview");
    for (path, text) in files {
        for means in ["engine", "adapter", "Ports", "CommandRunner", "Journal"] {
            assert!(
                !code(&text).contains(means),
                "{}: names `{means}`",
                path.display()
            );
        }
    }
}

/// What is simulated is not real, by construction: neither the ports nor the command that uses them hold any means to act. The command reads
/// runbooks and brings tests up to date; the ports have no files at all.
#[test]
fn a_test_holds_no_means_to_act() {
    const OF_NEITHER: &[&str] = &[
        "std::process",
        "duct",
        "Launch",
        "DuctRunner",
        "adapter::runner",
        "Checker",
        "Secrets",
        "FileJournal",
        "StateDir",
        "session",
        "std::net",
        "ureq",
    ];
    const NOT_OF_THE_PORTS: &[&str] = &["std::fs", "std::env", "std::thread", "tempfile", "rustix", "File"];
    for (folder, more) in [
        ("/adapter/simulated/", NOT_OF_THE_PORTS),
        ("/cli/test/", &[] as &[&str]),
    ] {
        let files: Vec<_> = sources()
            .into_iter()
            .filter(|(path, _)| path.display().to_string().contains(folder))
            .collect();
        assert!(files.len() > 2, "there is `{folder}`");
        for (path, text) in files {
            for means in OF_NEITHER.iter().chain(more) {
                assert!(
                    !code(&text).contains(means),
                    "{}: names `{means}`",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn the_doors_stay_small() {
    let main = include_str!("../src/main.rs");
    assert!(main.lines().count() < 15);
}
