//! One run per key: who holds it, how long, and how it is freed.

mod program;

use program::{Place, said};

const DEPLOY: &str = r#"
lock: "deploy/{{ environment }}"
parameters:
  environment: { type: string, default: production }
nodes:
  which: { question: Which?, choices: { a: act, b: end } }
  act: { action: Act, run: "exit 3" }
"#;

const SLOW: &str = r#"
lock: deploy
nodes:
  act: { action: Act, run: "echo >> started; sleep 2" }
"#;

const RUN: &[&str] = &["run", "r.yaml", "--headless"];

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

#[test]
fn a_run_that_waits_keeps_its_key_without_a_process() {
    let place = Place::with(DEPLOY);
    assert_eq!(place.call("ana", RUN).code, Some(4));
    let first = place.runs().remove(0);

    let busy = place.call("bob", RUN);
    assert_eq!(busy.code, Some(6), "{}", busy.text);
    for part in [
        &format!("`deploy/production` is held by run {first} (waiting): ana on "),
        ", since 20",
        &format!("switchback resume {first}\n"),
        &format!("switchback cancel {first} --reason TEXT\n"),
        "--wait",
        "--break-lock REASON",
    ] {
        assert!(busy.text.contains(part), "{part}\n{}", busy.text);
    }
    assert_eq!(place.runs().len(), 1, "nothing was begun");
    let elsewhere = place.call("bob", &with(RUN, &["-p", "environment=staging"]));
    assert_eq!(elsewhere.code, Some(4), "another key is free");

    let resumed = place.call("ana", &["resume", &first, "--headless", "--answer", "which=b"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.text);
    assert_eq!(
        place.call("bob", RUN).code,
        Some(4),
        "the run is over, the key free"
    );
}

#[test]
fn a_run_that_is_given_up_frees_its_key_and_stays_given_up() {
    let place = Place::with(DEPLOY);
    let failed = place.call("ana", &with(RUN, &["--answer", "which=a"]));
    assert_eq!(failed.code, Some(1), "{}", failed.text);
    let first = place.runs().remove(0);
    assert_eq!(place.call("bob", RUN).code, Some(6));

    let cancelled = place.call("bob", &["cancel", &first, "--reason", "mended by hand"]);
    assert_eq!(cancelled.code, Some(0), "{}", cancelled.text);
    assert!(
        cancelled.text.contains("given up by bob: mended by hand"),
        "{}",
        cancelled.text
    );
    let resumed = place.call("ana", &["resume", &first, "--headless"]);
    assert_eq!(resumed.code, Some(2));
    assert!(
        resumed.text.contains(&format!(
            "the run `{first}` is cancelled: there is nothing to resume"
        )),
        "{}",
        resumed.text
    );
    assert_eq!(place.call("bob", &["cancel", &first]).code, Some(2));
    assert_eq!(place.call("bob", RUN).code, Some(4));
}

#[test]
fn a_broken_lock_is_on_record_in_both_runs() {
    let place = Place::with(DEPLOY);
    place.call("ana", RUN);
    let broken = place.call("bob", &with(RUN, &["--break-lock", "ana is on a plane"]));
    assert_eq!(broken.code, Some(4), "{}", broken.text);
    let runs = place.runs();
    let (first, second) = (&runs[0], &runs[1]);
    for run in [first, second] {
        let journal = place.journal(run);
        let line = journal.lines().find(|line| line.contains("lock_broken"));
        let line = line.unwrap_or_else(|| panic!("{journal}"));
        for part in [first, second, "bob", "ana is on a plane"] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
    // Who lost it has to get it back before going on.
    let resume = ["resume", first, "--headless", "--answer", "which=b"];
    let resumed = place.call("ana", &resume);
    assert_eq!(resumed.code, Some(6), "{}", resumed.text);
    assert_eq!(place.call("bob", &["cancel", second]).code, Some(0));
    assert_eq!(place.call("ana", &resume).code, Some(0));
}

#[test]
fn a_lock_that_is_broken_while_its_run_goes_on_is_on_record_there_too() {
    let place = Place::with(SLOW);
    let mut first = place.command("ana", RUN).spawn().expect("it is there");
    while place.lines("started").is_empty() {
        assert!(
            first.try_wait().expect("it is ours").is_none(),
            "it never started"
        );
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let run = place.runs().remove(0);
    let broken = place.call("bob", &with(RUN, &["--break-lock", "ana is on a plane"]));
    let beside = format!("the command of `act` of run {run} still runs, as process group ");
    assert!(broken.text.contains(&beside), "{}", broken.text);
    let done = said(first.wait_with_output().expect("it ends"));
    assert!(
        done.text
            .contains(&format!("`deploy` was taken from run {run} for run ")),
        "{}",
        done.text
    );
    assert!(
        place.journal(&run).contains("lock_broken"),
        "{}",
        place.journal(&run)
    );
}

#[test]
fn who_waits_goes_on_when_the_key_is_free() {
    let place = Place::with(DEPLOY);
    place.call("ana", RUN);
    let first = place.runs().remove(0);
    let waiting = place
        .command("bob", &with(RUN, &["--wait", "--answer", "which=b"]))
        .spawn()
        .expect("it is there");
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(place.runs().len(), 1, "it waits");
    assert_eq!(place.call("ana", &["cancel", &first]).code, Some(0));
    let done = said(waiting.wait_with_output().expect("it ends"));
    assert_eq!(done.code, Some(0), "{}", done.text);
    assert!(
        done.text.contains("waiting: `deploy/production` is held by run"),
        "{}",
        done.text
    );
}

#[test]
fn a_run_that_crashed_keeps_its_key_until_it_is_given_up() {
    let place = Place::with("lock: key\nnodes: { act: { action: Act, run: echo > started; sleep 9 } }\n");
    let mut running = place.command("ana", RUN).spawn().expect("it is there");
    while place.lines("started").is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let first = place.runs().remove(0);
    let busy = place.call("bob", RUN);
    assert!(busy.text.contains("(going on): ana"), "{}", busy.text);
    assert_eq!(
        place.call("bob", &["cancel", &first]).code,
        Some(6),
        "a process has it"
    );
    running.kill().expect("it runs");
    running.wait().expect("it ran");
    let busy = place.call("bob", RUN);
    assert_eq!(busy.code, Some(6), "nobody knows what it did");
    assert!(busy.text.contains("(cut short): ana"), "{}", busy.text);
    let alive = place.call("bob", &["cancel", &first]);
    assert_eq!(
        alive.code,
        Some(6),
        "its command is at work still: {}",
        alive.text
    );
    let end_it = alive.text.split('`').find(|part| part.starts_with("kill "));
    let end_it = end_it.unwrap_or_else(|| panic!("{}", alive.text)).to_owned() + " && sleep 0.2";
    let ended = std::process::Command::new("sh").args(["-c", &end_it]).status();
    assert!(ended.expect("it is there").success());
    let cancelled = place.call("bob", &["cancel", &first]);
    assert_eq!(cancelled.code, Some(0), "{}", cancelled.text);
    let left = place.path().join("state/switchback/locks");
    let records = std::fs::read_dir(left).expect("the keys").filter(|entry| {
        let path = entry.as_ref().expect("it can be listed").path();
        path.extension().is_some_and(|extension| extension == "json")
    });
    assert_eq!(records.count(), 0);
}

#[test]
fn a_key_of_nothing_is_refused() {
    let place = Place::with(
        DEPLOY
            .replace("deploy/{{ environment }}", "{{ environment }}")
            .as_str(),
    );
    let refused = place.call("ana", &with(RUN, &["-p", "environment="]));
    assert_eq!(refused.code, Some(2), "{}", refused.text);
    assert!(
        refused
            .text
            .contains("the `lock` of the runbook is an empty text"),
        "{}",
        refused.text
    );
}
