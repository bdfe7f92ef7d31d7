//! Taking back what a run has done, with the program itself.

mod program;

use program::Place;

const SITE: &str = r#"
lock: site
nodes:
  one:
    action: Switch the first
    run: echo one on >> world
    undo: { run: "echo one off >> world" }
    next: two
  two:
    action: Switch the second
    run: echo two on >> world; echo release 42
    capture: { release: { stdout: { regex: 'release (\d+)' } } }
    verify: [ { file: nowhere } ]
    undo:
      run: |
        echo "$NAME {{ outputs.two.release }} $SWITCHBACK_IDEMPOTENCY_KEY" >> said
        test -e mended
        echo two off >> world
      env: { NAME: undo of }
"#;

#[test]
fn a_run_is_undone_and_a_failed_undo_hides_nothing() {
    let place = Place::with(SITE);
    let failed = place.call("ana", &["run", "r.yaml", "--headless"]);
    assert_eq!(failed.code, Some(1), "{}", failed.text);
    let run = place.runs().remove(0);

    let preview = place.call("ana", &["undo", &run, "--dry-run"]);
    assert_eq!(preview.code, Some(0), "{}", preview.text);
    let at = |part: &str| {
        preview
            .text
            .find(part)
            .unwrap_or_else(|| panic!("{part}\n{}", preview.text))
    };
    assert!(at("Switch the second") < at("Switch the first"));
    // Exactly what would run, with the values of this run.
    assert!(at("echo \"$NAME 42 $SWITCHBACK_IDEMPOTENCY_KEY\" >> said") < at("with      NAME"));
    assert!(at("test -e mended") < at("echo one off >> world"));
    assert!(!place.path().join("said").exists(), "a preview runs nothing");

    let stopped = place.call("bob", &["undo", &run, "--headless"]);
    assert_eq!(stopped.code, Some(1), "{}", stopped.text);
    for part in [
        "[two] ▸ Undo: Switch the second",
        "Switch the second: not undone: it exited with 1  two",
        "Switch the first: not undone yet  one",
        &format!("switchback undo {run}"),
    ] {
        assert!(stopped.text.contains(part), "{part}\n{}", stopped.text);
    }
    let words = format!("switchback undo {run} --resolve 'two=done|skip'");
    assert!(stopped.text.contains(&words), "{}", stopped.text);
    assert_eq!(place.lines("world"), ["one on", "two on"]);
    assert_eq!(place.lines("said"), [format!("undo of 42 {run}/two/undo")]);

    let resumed = place.call("ana", &["resume", &run, "--headless"]);
    assert_eq!(resumed.code, Some(2), "{}", resumed.text);
    assert!(
        resumed.text.contains("were undone: it cannot go on from there"),
        "{}",
        resumed.text
    );

    std::fs::write(place.path().join("mended"), "").expect("it can be written");
    let undone = place.call("bob", &["undo", &run, "--headless"]);
    assert_eq!(undone.code, Some(0), "{}", undone.text);
    assert_eq!(place.lines("world"), ["one on", "two on", "two off", "one off"]);
    let again = place.call("bob", &["undo", &run, "--headless"]);
    assert_eq!(again.code, Some(0), "{}", again.text);
    assert_eq!(place.lines("world").len(), 4, "nothing is undone twice");

    let shown = place.call("ana", &["show", &run]);
    assert!(shown.text.contains("Switch the second: undone"), "{}", shown.text);
    let json = place.call("ana", &["show", &run, "--output", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.text).expect("it is JSON");
    let two = serde_json::json!({ "node": "two", "state": "undone" });
    assert_eq!(json["undo"][0], two);

    let journal = place.journal(&run);
    let order = [
        "undo_begun",
        "undo_prepared",
        "undo_confirmed",
        "undo_started",
        "\"undone\"",
        "undo_ended",
    ];
    let at: Vec<_> = order.iter().map(|event| journal.find(event)).collect();
    assert!(at.is_sorted() && at[0].is_some(), "{journal}");
}

#[test]
fn what_a_failed_undo_should_have_done_is_done_by_hand() {
    let place = Place::with(SITE);
    place.call("ana", &["run", "r.yaml", "--headless"]);
    assert_eq!(place.call("ana", &["undo", "last", "--headless"]).code, Some(1));
    let undo = ["undo", "last", "--headless", "--resolve"];
    let with = |more: &[&str]| place.call("bob", &[&undo, more].concat());

    for (more, says) in [
        (
            ["two=perhaps", "--reason", "x"].as_slice(),
            "`--resolve two=perhaps` is not of the form",
        ),
        (&["two=done", "--reason", " "], "resolving `two` needs a reason"),
        (
            &["tow=done", "--reason", "x"],
            "there is nothing to undo of `tow`",
        ),
        (&["two=done"], "--reason"),
        (&["two=done", "--reason", "x", "--dry-run"], "--dry-run"),
    ] {
        let refused = with(more);
        assert_eq!(refused.code, Some(2), "{}", refused.text);
        assert!(refused.text.contains(says), "{says}\n{}", refused.text);
    }
    let run = place.runs().remove(0);
    assert!(
        !place.journal(&run).contains("undo_resolved"),
        "nothing was begun"
    );

    let undone = with(&["two=done", "--reason", "switched it at the console"]);
    assert_eq!(undone.code, Some(0), "{}", undone.text);
    let by_hand = "undone by hand, bob: switched it at the console";
    assert!(undone.text.contains(by_hand), "{}", undone.text);
    assert_eq!(place.lines("world"), ["one on", "two on", "one off"]);
    let shown = place.call("ana", &["show", &run]);
    assert!(shown.text.contains(by_hand), "{}", shown.text);
    let preview = place.call("ana", &["undo", &run, "--dry-run"]);
    assert!(
        preview.text.contains("by hand, bob: switched it"),
        "{}",
        preview.text
    );
}

#[test]
fn undoing_a_run_that_is_over_takes_its_key_for_as_long() {
    let place = Place::with(&SITE.replace("verify: [ { file: nowhere } ]", ""));
    assert_eq!(place.call("ana", &["run", "r.yaml", "--headless"]).code, Some(0));
    let run = place.runs().remove(0);
    assert_eq!(place.call("ana", &["undo", &run, "--headless"]).code, Some(1));
    let busy = place.call("bob", &["run", "r.yaml", "--headless"]);
    assert_eq!(busy.code, Some(6), "half undone, it keeps its key: {}", busy.text);
    let only = place.call("ana", &["undo", &run, "--headless", "--only", "one"]);
    assert_eq!(only.code, Some(0), "{}", only.text);
    std::fs::write(place.path().join("mended"), "").expect("it can be written");
    assert_eq!(place.call("ana", &["undo", &run, "--headless"]).code, Some(0));
    assert_eq!(place.lines("world"), ["one on", "two on", "one off", "two off"]);
    assert_eq!(place.call("bob", &["run", "r.yaml", "--headless"]).code, Some(0));
}

#[test]
fn what_has_no_undo_says_so() {
    let place = Place::with("nodes: { act: { action: Act, run: [\"true\"] } }\n");
    assert_eq!(place.call("ana", &["run", "r.yaml", "--headless"]).code, Some(0));
    for more in [["--headless"].as_slice(), &["--dry-run"]] {
        let nothing = place.call("ana", &[["undo", "last"].as_slice(), more].concat());
        assert_eq!(nothing.code, Some(2), "{}", nothing.text);
        assert!(nothing.text.contains("can be undone"), "{}", nothing.text);
    }
}
