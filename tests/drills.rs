//! Plays every scenario of every drill in `runbooks/`, for real, each in a sandbox of its own.

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use switchback::source::Source;

use support::{Seen, World, can_drill, in_ci};

/// How many are played at once.
const AT_ONCE: usize = 2;

/// Scenarios that are played again without what is used only where it is installed: one of each way back.
const WITHOUT: &str = "nginx laravel";
const PLAYED_WITHOUT: &[&str] = &[
    "last_deploy",
    "migration_reversed",
    "rolled_back_already",
    "fixed_by_hand",
];

fn runbooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks")
}

/// Every drill, as the runbook that it is of and those of its scenarios for which all is here. In CI none is left out: what it lacks is
/// what it then fails of.
fn drills() -> Vec<(PathBuf, Vec<String>)> {
    let mut drills = Vec::new();
    for entry in fs::read_dir(runbooks()).expect("the runbooks are there") {
        let path = entry.expect("it can be listed").path();
        let name = path.display().to_string();
        let Some(stem) = name.strip_suffix(".drill.yaml") else {
            continue;
        };
        let text = fs::read_to_string(&path).expect("it is text");
        let drill = switchback::parse::drill(&Source::new(&name, text)).value;
        let scenarios = drill.expect("it has no fault").scenarios;
        let names = scenarios.into_iter().filter_map(|(name, scenario)| {
            let here = |command: &String| Command::new(command).arg("--version").output().is_ok();
            let missing: Vec<_> = scenario
                .requires
                .into_iter()
                .filter(|command| !here(command))
                .collect();
            if missing.is_empty() || in_ci() {
                return Some(name.to_string());
            }
            let note = format!("`{name}` is not played: it needs {}\n", missing.join(", "));
            let _ = std::io::stderr().write_all(note.as_bytes());
            None
        });
        let names = names.collect();
        drills.push((PathBuf::from(format!("{stem}.yaml")), names));
    }
    assert!(!drills.is_empty(), "no drill in {}", runbooks().display());
    drills
}

/// A call of the program as on the command line, with temporary folders in the world's home.
fn drill(world: &World, runbook: &Path, scenario: &str, more: &[&str], without: Option<&str>) -> Seen {
    let temporary = world.home().join("tmp");
    fs::create_dir_all(&temporary).expect("the home is ours");
    let mut call = world
        .call("drill")
        .arg(runbook)
        .arg("--scenario")
        .arg(scenario)
        .env("TMPDIR", &temporary);
    for arg in more {
        call = call.arg(arg);
    }
    if let Some(names) = without {
        call = call.env("DRILL_WITHOUT", names);
    }
    call.seen()
}

/// The sandboxes that are still there.
fn sandboxes(world: &World) -> Vec<PathBuf> {
    let entries = fs::read_dir(world.home().join("tmp")).expect("it was made for the drill");
    entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect()
}

/// Processes that have this folder in their command line.
fn processes_of(folder: &Path) -> Vec<String> {
    let listed = Command::new("ps")
        .args(["-A", "-ww", "-o", "pid=,command="])
        .output();
    let listed = listed.expect("`ps` is there, as the drill's teardown needs it");
    let folder = folder.display().to_string();
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    text.lines()
        .filter(|line| line.contains(&folder))
        .map(str::to_owned)
        .collect()
}

/// What is wrong with a scenario as it was played.
fn faults(runbook: &Path, scenario: &str, without: Option<&str>) -> Option<String> {
    let world = World::new();
    let seen = drill(&world, runbook, scenario, &[], without);
    let mut faults = Vec::new();
    if seen.code != Some(0) {
        faults.push("it did not end as expected".to_owned());
    }
    let left = sandboxes(&world);
    if !left.is_empty() {
        faults.push(format!("it left {left:?}"));
    }
    let alive = processes_of(world.home());
    if !alive.is_empty() {
        faults.push(format!("it left running {alive:#?}"));
    }
    let with = without.map_or_else(String::new, |names| format!(", without {names}"));
    (!faults.is_empty()).then(|| format!("{scenario}{with}: {}\n{seen}", faults.join("; ")))
}

#[test]
fn every_scenario_ends_as_it_says() {
    if !can_drill() {
        return;
    }
    let mut to_play = Vec::new();
    for (runbook, scenarios) in drills() {
        for scenario in scenarios {
            if PLAYED_WITHOUT.contains(&scenario.as_str()) {
                to_play.push((runbook.clone(), scenario.clone(), Some(WITHOUT)));
            }
            to_play.push((runbook.clone(), scenario, None));
        }
    }
    for name in PLAYED_WITHOUT {
        assert!(
            to_play.iter().any(|(_, scenario, _)| scenario == name),
            "there is no scenario {name}"
        );
    }

    let turn = AtomicUsize::new(0);
    let play = || {
        let mut found = Vec::new();
        while let Some((runbook, scenario, without)) = to_play.get(turn.fetch_add(1, Ordering::Relaxed)) {
            found.extend(faults(runbook, scenario, *without));
        }
        found
    };
    let found: Vec<String> = std::thread::scope(|scope| {
        let players: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(play)).collect();
        players
            .into_iter()
            .flat_map(|player| player.join().expect("it does not panic"))
            .collect()
    });
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

#[test]
fn a_sandbox_is_kept_when_that_is_asked_for() {
    if !can_drill() {
        return;
    }
    let world = World::new();
    let seen = drill(
        &world,
        &runbooks().join("rollback.yaml"),
        "recovery_declined",
        &["--keep"],
        None,
    );
    assert_eq!(seen.code, Some(0), "{seen}");
    let left = sandboxes(&world);
    let [sandbox] = left.as_slice() else {
        panic!("there is not one sandbox but {left:?}\n{seen}")
    };
    let sandbox = sandbox.canonicalize().expect("it is there");
    assert!(
        seen.stderr
            .contains(&format!("the sandbox is kept in {}\n", sandbox.display())),
        "{seen}"
    );
    assert!(sandbox.join("deploy/current").is_symlink());
    assert_eq!(
        processes_of(&sandbox),
        Vec::<String>::new(),
        "what setup started is ended all the same"
    );
}

#[test]
fn an_unknown_scenario_brings_the_nearest() {
    let world = World::new();
    let call = || world.call("drill").arg(runbooks().join("rollback.yaml"));
    insta::assert_snapshot!(call().arg("--scenario").arg("last_deplyo").exits(2), @"
    exit 2
    --- stderr
    error: there is no scenario `last_deplyo`
      help: did you mean `last_deploy`?
    ");
    let seen = call().exits(2);
    assert!(
        seen.stderr
            .contains("`--scenario NAME`: last_deploy, known_tag, "),
        "{seen}"
    );
}

const SMALL: &str = "
nodes:
  build: { action: Build, run: [\"false\"], capture: { id: stdout }, next: push }
  push: { action: Push, run: 'echo \"pushed {{ outputs.build.id }}\" > pushed', effect: read }
gates:
  out: { title: It is out, verify: [ { file: pushed } ] }
";

const SMALL_DRILL: &str = "switchback_drill: 1
setup: { run: 'true' }
scenarios:
  by_hand:
    about: The build is done by hand, and its id is given to what uses it.
    steps:
      - run: { exit: 1 }
      - resume: { resolve: { build: { how: done, reason: built it by hand, set: { id: '42' } } } }
    expect:
      state: complete
      route: [build, push]
      nodes: { push: succeeded }
      gates: { out: met }
";

#[test]
fn what_a_step_would_have_printed_is_said_in_a_scenario() {
    let world = World::with(SMALL);
    world.write("book.drill.yaml", SMALL_DRILL);
    let seen = world.call("drill book.yaml --scenario by_hand").exits(0);
    assert!(seen.stderr.contains("--set build.id=42"), "{seen}");
    assert_eq!(world.read("pushed"), "pushed 42\n");
    world.write("book.drill.yaml", &SMALL_DRILL.replace(", set: { id: '42' }", ""));
    let seen = world.call("drill book.yaml --scenario by_hand").exits(1);
    assert!(seen.stderr.contains("it exited with 2, and not with 0"), "{seen}");
}

#[test]
fn a_scenario_may_need_more_and_setup_may_say_more() {
    let world = World::with(SMALL);
    let drill = SMALL_DRILL.replace(
        "run: 'true'",
        "run: 'echo id=1; echo not real here: the moon; echo a-b=c'",
    );
    world.write("book.drill.yaml", &drill);
    let seen = world.call("drill book.yaml --scenario by_hand").exits(0);
    assert!(
        seen.stderr.contains("\nnot real here: the moon\na-b=c\n"),
        "{seen}"
    );
    assert!(!seen.stderr.contains("id=1"), "{seen}");
    assert!(!seen.stderr.contains("making the sandbox"), "only drawn: {seen}");
    let drill = drill.replace(
        "    steps:",
        "    requires: { commands: [no_such_tool] }\n    steps:",
    );
    world.write("book.drill.yaml", &drill);
    insta::assert_snapshot!(world.call("drill book.yaml --scenario by_hand").exits(2), @"
    exit 2
    --- stderr
    error: not found on `PATH`: `no_such_tool`
      help: install what is missing, or put its folder on `PATH`; nothing was started
    ");
}

#[test]
fn what_nobody_has_is_not_expected() {
    let world = World::with(SMALL);
    world.write("book.drill.yaml", SMALL_DRILL);
    let seen = world.call("check book.yaml").exits(0);
    assert!(
        seen.stderr.contains("book.drill.yaml: 1 scenario, no errors"),
        "{seen}"
    );
    for (right, wrong, code, message, near) in [
        (
            "[build, push]",
            "[build, psuh]",
            "unknown-node",
            "no node `psuh`",
            "`push`",
        ),
        (
            "{ push: succ",
            "{ pusch: succ",
            "unknown-node",
            "no node `pusch`",
            "`push`",
        ),
        (
            "{ out: met",
            "{ outt: met",
            "unknown-name",
            "no gate `outt`",
            "`out`",
        ),
    ] {
        world.write("book.drill.yaml", &SMALL_DRILL.replace(right, wrong));
        for call in ["check book.yaml", "drill book.yaml --scenario by_hand"] {
            let seen = world.call(call).exits(3);
            for part in [code, message, &format!("did you mean {near}?")] {
                assert!(seen.stderr.contains(part), "{part}\n{seen}");
            }
        }
        assert!(!world.has("pushed"), "nothing was run");
    }
}
