//! `report`: what happened in a run, in every format, for runs that ended in every way.

mod support;

use std::fs;

use quick_xml::Reader;
use quick_xml::events::Event;
use regex::Regex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Seen, World, steady};
use switchback::schema::Document;

/// One runbook that can end in any way, by its parameter and what people say.
const BOOK: &str = r#"
parameters:
  way: { type: string, enum: [well, badly, cut, recovered], description: How it goes }
secrets: { token: { env: TOKEN } }
nodes:
  sure:
    question: Is it sure?
    choices:
      "yes": { label: "Yes, it is", next: work }
      "no": stop
  work:
    action: Do the work
    run: |
      echo "token $TOKEN"
      echo "going {{ way }}"
      [ "{{ way }}" != cut ] || kill -KILL $PPID
      echo "what is wrong" >&2
      [ "{{ way }}" = well ] || exit 3
    env: { TOKEN: { secret: token } }
    capture: { how: { stdout: { regex: 'going (\w+)' } } }
    verify:
      - { title: it is done, run: [test, -n, "{{ way }}"] }
      - { id: seen, title: somebody saw it, confirm: Do you see it? }
    undo: { run: [echo, taken back] }
    next: [again, done]
  again:
    action: Try what may fail
    run: [test, "{{ way }}", "=", well]
    on_failure: mended
  mended: { action: Mend it, manual: Mend it by hand. }
  done: { action: All is done }
gates:
  works:
    title: It works
    verify: [ { title: it answers, file: works } ]
  told: { title: Everybody knows, attest: Everybody was told. }
  elsewhere: { title: The other site works, when: answers.sure == "no", attest: It works. }
  nice: { title: Next time is easier, attest: It is., required: false }
"#;

/// A world in which the gate `works` can be met, or not.
fn world(works: bool) -> World {
    let world = World::with(BOOK);
    if works {
        world.write("works", "");
    }
    world
}

const WORD: &str = "--attest work.seen=ada:looked --attest told=grace --attest mended=ada";

fn run(world: &World, way: &str, words: &str) -> Seen {
    world
        .call(&format!("run book.yaml --headless -p way={way} {words}"))
        .env("TOKEN", "hush-4711")
        .env("USER", "ana")
        .seen()
}

/// A run that ended in each way, by the word for how it stands.
fn runs() -> Vec<(&'static str, World)> {
    let mut all = Vec::new();
    let mut add = |state, works, way, words: &str, more: &[&str]| {
        let world = world(works);
        run(&world, way, words);
        for call in more {
            // The command of a program that was killed may outlive it for a moment.
            let again = || {
                world
                    .call(call)
                    .env("TOKEN", "hush-4711")
                    .env("USER", "ana")
                    .seen()
            };
            let free = (0..1000).map(|_| again()).find(|seen| seen.code != Some(6));
            assert!(free.is_some(), "{call}");
        }
        all.push((state, world));
    };
    let yes = &format!("--answer sure=yes {WORD}");
    add("complete", true, "well", yes, &[]);
    add(
        "recovered",
        true,
        "recovered",
        yes,
        &["resume last --headless --resolve work=done --reason so --set work.how=x --attest work.seen=ada"],
    );
    add("failed", true, "badly", yes, &[]);
    add("gates_unmet", false, "well", yes, &[]);
    add("waiting", true, "well", "", &[]);
    add("stopped", true, "well", "--answer sure=no", &[]);
    add("running", true, "cut", yes, &[]);
    add("in_doubt", true, "cut", yes, &["resume last --headless"]);
    add("cancelled", true, "well", "", &["cancel last --reason enough"]);
    add("complete", true, "well", yes, &["undo last --headless --yes"]);
    all
}

fn report(world: &World, format: &str) -> String {
    world
        .call(&format!("report last --format {format}"))
        .exits(0)
        .stdout
}

/// Without the times, which `steady` knows only in the words of the terminal.
fn timeless(text: &str) -> String {
    let steps = [
        (r"\b\d+\.\d s\b", "‹took›"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "‹time›"),
        (r"\| \d\d:\d\d:\d\d ", "| ‹clock› "),
        (r"\| ‹time› ", "| ‹clock› "),
        (r"switchback \d+\.\d+\.\d+", "switchback ‹version›"),
    ];
    steps.iter().fold(steady(text), |text, (pattern, instead)| {
        let pattern = Regex::new(pattern).expect("it is one");
        pattern.replace_all(&text, *instead).into_owned()
    })
}

/// The schema, but so that a key which it does not have is a fault: what is written must all be described.
fn strict() -> jsonschema::Validator {
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(fields) => {
                fields.values_mut().for_each(close);
                // A variant of several stands beside what all have in common.
                if fields.contains_key("properties") && !fields.contains_key("oneOf") {
                    fields.insert("additionalProperties".to_owned(), json!(false));
                }
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schema = Document::Report.schema();
    close(&mut schema);
    jsonschema::validator_for(&schema).expect("it is a schema")
}

#[test]
fn a_run_that_ended_in_any_way_has_a_report_as_its_schema_says() {
    let schema = strict();
    for (state, world) in runs() {
        let text = report(&world, "json");
        let report: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(report["run"]["state"], state, "{text}");
        let faults: Vec<String> = schema
            .iter_errors(&report)
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect();
        assert_eq!(faults, [""; 0], "{state}: {text}");
        assert_eq!(report["v"], 1);
        // It is the same run in every format.
        for format in ["md", "html"] {
            let text = self::report(&world, format);
            let id = report["run"]["id"].as_str().expect("a text");
            assert!(text.contains(id), "{state} as {format}");
        }
    }
}

#[test]
fn programs_read_all_of_it() {
    let world = world(true);
    run(
        &world,
        "well",
        &format!("--answer sure=yes --waive told=nobody-is-there {WORD}"),
    );
    let report: Value = serde_json::from_str(&report(&world, "json")).expect("it is JSON");
    let work = &report["steps"][1];
    assert_eq!(work["id"], "work");
    assert_eq!(work["work"]["kind"], "command");
    assert_eq!(work["work"]["command"]["environment"], json!(["TOKEN"]));
    assert_eq!(work["captures"]["how"], "well");
    let attempt = &work["attempts"][0];
    assert_eq!(
        attempt["ending"],
        json!({ "kind": "exited", "code": 0, "text": "it exited with 0", "success": true })
    );
    assert_eq!(attempt["stdout"]["text"], "token ‹secret:token›\ngoing well\n");
    assert_eq!(attempt["stderr"]["left_out"], 0);
    assert_eq!(
        work["checks"][1]["by"],
        json!({ "name": "ada", "identity": "asserted" })
    );
    assert_eq!(report["steps"][0]["answer"]["label"], "Yes, it is");
    let told = &report["gates"][1];
    assert_eq!(told["verdict"], "waived");
    assert_eq!(told["waiver"]["reason"], "nobody-is-there");
    assert_eq!(told["statements"][0]["in_advance"], true);
    let names: Vec<&str> = report["people"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["name"].as_str())
        .collect();
    assert_eq!(names, ["ana", "ada", "grace"]);
    let sum = world.call("verify last").exits(0).stdout;
    assert!(
        sum.contains(report["digests"]["record"].as_str().expect("a text")),
        "{sum}"
    );
}

#[test]
fn markdown_reads_as_an_incident_timeline() {
    let world = world(false);
    run(&world, "badly", &format!("--answer sure=yes {WORD}"));
    insta::assert_snapshot!("failed", timeless(&report(&world, "md")));
    let world = self::world(true);
    run(&world, "well", &format!("--answer sure=yes {WORD}"));
    world.call("undo last --headless --yes").exits(0);
    insta::assert_snapshot!("undone", timeless(&report(&world, "md")));
}

#[test]
fn what_is_not_over_says_so_first() {
    let world = world(true);
    run(&world, "well", "");
    let markdown = report(&world, "md");
    let head = markdown.split("\n## ").next().expect("a head");
    assert!(head.contains("**it is not over**"), "{head}");
    let html = report(&world, "html");
    let head = html.split("<nav").next().expect("a head");
    assert!(head.contains("This run is not over"), "{head}");
    assert!(head.contains("switchback resume "), "{head}");
}

/// A gate, checks, a question and output, all with texts that would be something else if they could.
fn hostile() -> World {
    let world = World::with(
        r#"
parameters: { site: { type: string } }
nodes:
  a:
    question: "Which | one <script>alert(1)</script>?"
    input: { type: text }
    next: b
  b:
    action: "Look | at it @everybody #1"
    effect: read
    run: |
      printf '```\n</details>\n<script>alert(1)</script>\n|a|b|\n'
    verify: [ { run: [echo, "|x|<img src=x>"], stdout: { contains: nothing } } ]
gates:
  g: { title: "It is | fine", attest: "@ada says <b>so</b>" }
"#,
    );
    world
        .call("run book.yaml --headless")
        .arg("-p")
        .arg("site=a|b<script>alert(1)</script>`c`")
        .arg("--answer")
        .arg("a=first|\nsecond <script>alert(1)</script> @ada https://evil.example")
        .arg("--waive")
        .arg("g=because | of <script>alert(1)</script> [x](https://evil.example) @ada #1")
        .exits(1);
    world
}

#[test]
fn no_text_of_a_run_is_more_than_text_in_markdown() {
    let markdown = report(&hostile(), "md");
    let mut fence: Option<&str> = None;
    let mut columns = None;
    for line in markdown.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            // Only a fence as long as the first one ends a block.
            Some(open) if line == open => fence = None,
            Some(_) => continue,
            None if ticks.len() >= 3 => fence = Some(ticks),
            None => {}
        }
        let outside = strip_code(line).replace("\\]", "");
        for bad in [
            "<script",
            "<img",
            "<b>so",
            "](http",
            "@ada",
            "@everybody",
            "https://",
        ] {
            assert!(!outside.contains(bad), "`{bad}` in: {line}");
        }
        if line.starts_with('|') {
            let bars = line.replace("\\|", "").matches('|').count();
            assert_eq!(*columns.get_or_insert(bars), bars, "{line}");
        } else {
            columns = None;
        }
    }
    assert_eq!(fence, None);
    assert!(markdown.contains("\n````\n```\n</details>\n"), "{markdown}");
}

/// A line without what stands in it as code.
fn strip_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        out.push_str(&rest[..start]);
        let run = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = "`".repeat(run);
        let after = &rest[start + run..];
        match after.find(&fence) {
            Some(end) => rest = &after[end + run..],
            None => rest = after,
        }
    }
    out + rest
}

#[test]
fn a_page_lets_nothing_in_and_asks_for_nothing() {
    let html = report(&hostile(), "html");
    assert_eq!(html.matches("<script>").count(), 1, "only its own");
    assert!(html.contains("&lt;script&gt;alert(1)"));
    assert!(!html.contains("<img"));
    for word in [
        " src=",
        "<link",
        "@import",
        "url(",
        "<iframe",
        "<form",
        "javascript:",
    ] {
        let page = html.replace("&lt;img src=", "");
        assert!(!page.contains(word), "`{word}`");
    }
    // Links lead nowhere but within the page.
    for link in html.split("href=\"").skip(1) {
        assert!(link.starts_with('#'), "{}", &link[..40.min(link.len())]);
    }
    let (_, policy) = html
        .split_once("Content-Security-Policy\" content=\"")
        .expect("a policy");
    let policy = policy
        .split('"')
        .next()
        .expect("its end")
        .replace("&#x27;", "'")
        .replace("&#39;", "'");
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
}

#[test]
fn gates_and_checks_are_test_cases() {
    let outcomes = |works, way: &str, words: &str| -> Vec<String> {
        let world = world(works);
        run(&world, way, words);
        let text = report(&world, "junit");
        let mut reader = Reader::from_str(&text);
        let mut cases = Vec::new();
        loop {
            match reader.read_event().expect("it is XML") {
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = String::from_utf8_lossy(tag.name().as_ref()).into_owned();
                    let attribute = |wanted: &str| {
                        let found = tag
                            .attributes()
                            .flatten()
                            .find(|one| one.key.as_ref() == wanted.as_bytes());
                        found
                            .map(|one| String::from_utf8_lossy(&one.value).into_owned())
                            .unwrap_or_default()
                    };
                    match name.as_str() {
                        "testcase" => cases.push(format!("{} {}", attribute("classname"), attribute("name"))),
                        "failure" | "error" | "skipped" => {
                            let last = cases.last_mut().expect("it is of a case");
                            *last = format!("{last}: {name}: {}", attribute("message"));
                        }
                        _ => {}
                    }
                }
                Event::Eof => return cases,
                _ => {}
            }
        }
    };
    assert_eq!(
        outcomes(
            false,
            "well",
            &format!("--answer sure=yes --waive told=no {WORD}")
        ),
        [
            "book.works It works: failure: unmet: it answers: `works` is not there",
            "book.told Everybody knows: skipped: waived by ana: no",
            "book.elsewhere The other site works: skipped: not applicable: `answers.sure == &quot;no&quot;` is false",
            "book.nice Next time is easier: skipped: waiting: somebody has to attest it",
            "book.work it is done",
            "book.work somebody saw it",
        ]
    );
    let failed = outcomes(true, "badly", &format!("--answer sure=yes {WORD}"));
    assert!(
        failed.contains(&"book.work Do the work: failure: it exited with 3".to_owned()),
        "{failed:#?}"
    );
    let waiting = outcomes(true, "well", "");
    assert!(
        waiting.contains(&"book.work it is done: skipped: pending".to_owned()),
        "{waiting:#?}"
    );
}

#[test]
fn the_gates_are_a_statement_that_can_be_signed() {
    let statement =
        |world: &World| -> Value { serde_json::from_str(&report(world, "in-toto")).expect("it is JSON") };
    let world = world(true);
    run(
        &world,
        "well",
        &format!("--answer sure=yes {WORD} --attest nice=ada"),
    );
    let one = statement(&world);
    assert_eq!(one["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(
        one["predicateType"],
        "https://in-toto.io/attestation/test-result/v0.1"
    );
    let of_file = |name: &str| {
        let folder = &world.runs()[0];
        let digest = Sha256::digest(fs::read(folder.join(name)).expect("it is kept"));
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(one["subject"][0]["digest"]["sha256"], of_file("journal.jsonl"));
    let configuration = &one["predicate"]["configuration"];
    assert_eq!(configuration[0]["name"], "runbook.yaml");
    assert_eq!(configuration[0]["digest"]["sha256"], of_file("runbook.yaml"));
    assert_eq!(one["predicate"]["result"], "PASSED");
    assert_eq!(one["predicate"]["passedTests"], json!(["works", "told", "nice"]));

    for (works, way, words, result, warned, failed) in [
        // Let go: closed, and yet not tested.
        (
            true,
            "well",
            "--waive told=x --attest nice=ada",
            "WARNED",
            json!(["told"]),
            json!([]),
        ),
        // What is not required only warns.
        (true, "well", "", "WARNED", json!(["nice"]), json!([])),
        (
            false,
            "well",
            "--attest nice=ada",
            "FAILED",
            json!([]),
            json!(["works"]),
        ),
        // All gates are met, and a step failed.
        (true, "badly", "--attest nice=ada", "FAILED", json!([]), json!([])),
    ] {
        let world = self::world(works);
        run(&world, way, &format!("--answer sure=yes {WORD} {words}"));
        let predicate = statement(&world)["predicate"].clone();
        assert_eq!(predicate["result"], result, "{way} {words}: {predicate:#}");
        if way == "well" {
            assert_eq!(predicate["warnedTests"], warned, "{words}");
            assert_eq!(predicate["failedTests"], failed, "{words}");
        }
    }
    let undone = self::world(true);
    run(
        &undone,
        "well",
        &format!("--answer sure=yes {WORD} --attest nice=ada"),
    );
    undone.call("undo last --headless --yes").exits(0);
    assert_eq!(statement(&undone)["predicate"]["result"], "FAILED");
}

#[test]
fn a_secret_is_in_no_report() {
    let world = world(true);
    run(&world, "badly", &format!("--answer sure=yes {WORD}"));
    for format in ["md", "html", "json", "junit", "in-toto"] {
        assert!(!report(&world, format).contains("hush-4711"), "{format}");
    }
}

#[test]
fn the_ending_of_a_file_is_its_format() {
    let world = world(true);
    run(&world, "well", "");
    for (file, begins) in [
        ("r.html", "<!DOCTYPE html>"),
        ("r.md", "# A book"),
        ("r.json", "{\n  \"v\": 1"),
        ("r.xml", "<?xml"),
        ("r.intoto.json", "{\n  \"_type\""),
        ("r", "# A book"),
    ] {
        let seen = world.call(&format!("report last -o {file}")).exits(0);
        assert_eq!(seen.stdout, "");
        assert!(
            world.read(file).starts_with(begins),
            "{file}: {}",
            world.read(file)
        );
    }
    world.call("report last --format json -o r.html").exits(0);
    assert!(world.read("r.html").starts_with('{'));
    insta::assert_snapshot!(world.call("report last -o no/such/folder.html").exits(2), @r"
    exit 2
    --- stderr
    error: the report cannot be written to `no/such/folder.html`: No such file or directory (os error 2)
      help: name a file in a folder that is there: `-o FILE`
    ");
}

#[test]
fn what_was_printed_is_cut_at_its_beginning_and_that_is_said() {
    let world = World::with(
        r#"
nodes:
  a:
    action: Print much
    effect: read
    run: "i=0; while [ $i -lt 9000 ]; do echo \"line $i of many\"; i=$((i+1)); done; printf 'half\rwhole\n'"
"#,
    );
    world.call("run book.yaml --headless").exits(0);
    let report: Value = serde_json::from_str(&report(&world, "json")).expect("it is JSON");
    let printed = &report["steps"][0]["attempts"][0]["stdout"];
    let text = printed["text"].as_str().expect("a text");
    assert!(
        text.len() <= 64 * 1024 && text.starts_with("line ") && text.ends_with("line 8999 of many\nwhole\n")
    );
    let left_out = printed["left_out"].as_u64().expect("a number");
    assert_eq!(left_out, printed["bytes"].as_u64().expect("a number") - 64 * 1024);
    assert_eq!(printed["all"], format!("switchback logs {} a", world.run()));
    for format in ["md", "html"] {
        let text = self::report(&world, format);
        assert!(text.contains("switchback logs "), "{format}");
        assert!(!text.contains("line 5 of many"), "{format}");
    }
}

#[test]
fn the_summary_of_a_job_is_written_by_itself() {
    let world = world(true);
    let summary = world.write("summary.md", "before\n");
    let call = |args: &str| {
        world
            .call(args)
            .env("TOKEN", "x-4711")
            .env("GITHUB_STEP_SUMMARY", &summary)
    };
    call("run book.yaml --headless -p way=well").exits(4);
    let waiting = world.read("summary.md");
    assert!(waiting.starts_with("before\n\n\n# A book\n"), "{waiting}");
    assert!(waiting.contains("**it is not over**"), "{waiting}");
    call(&format!("resume last --headless --answer sure=yes {WORD}")).exits(0);
    let both = world.read("summary.md");
    assert!(
        both.starts_with(&waiting) && both.matches("\n# A book\n").count() == 2,
        "{both}"
    );
    assert!(both.contains("✓ Complete"), "{both}");
    // What only looks writes nothing.
    call("show last").exits(0);
    call("report last").exits(0);
    assert_eq!(world.read("summary.md"), both);
}

#[test]
fn a_summary_that_cannot_be_written_changes_nothing() {
    let world = world(true);
    let seen = world
        .call(&format!(
            "run book.yaml --headless -p way=well --answer sure=yes {WORD}"
        ))
        .env("TOKEN", "x-4711")
        .env("GITHUB_STEP_SUMMARY", world.folder().join("no/such/file"))
        .exits(0);
    assert!(
        seen.stderr.contains("the summary of the job is not written to "),
        "{seen}"
    );
}

#[test]
fn a_summary_is_no_longer_than_it_may_be() {
    let mut book = String::from("nodes:\n");
    for node in 0..24 {
        let next = node + 1;
        let fails = if node == 23 { "; exit 1" } else { "" };
        book += &format!(
            "  n{node}:\n    action: Step {node}\n    effect: read\n    run: \"yes 'output of {node}' | head -c 70000{fails}\"\n"
        );
        if node < 23 {
            book += &format!("    next: n{next}\n");
        }
    }
    let world = World::with(&book);
    let summary = world.write("summary.md", &"x".repeat(100_000));
    world
        .call("run book.yaml --headless")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .exits(1);
    let text = world.read("summary.md");
    assert!(text.len() <= 1024 * 1024, "{}", text.len());
    assert!(
        text.len() > 300_000,
        "it is not shortened more than it must be: {}",
        text.len()
    );
    assert!(text.contains("Shortened to fit here"));
    assert!(text.contains("Step 0"));

    // With no room left there is no summary, and what was there is left alone.
    world.write("summary.md", &"x".repeat(1024 * 1024));
    world
        .call("run book.yaml --headless")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .exits(1);
    assert_eq!(world.read("summary.md").len(), 1024 * 1024);
}

#[test]
fn a_run_of_ten_thousand_nodes_has_a_report() {
    let mut book = String::from("nodes:\n");
    for node in 0..10_000 {
        book += &format!("  n{node}: {{ action: Step {node}");
        // Two ways from each, so that no picture can be made of it.
        let next: Vec<String> = (node + 1..(node + 3).min(10_000))
            .map(|next| format!("n{next}"))
            .collect();
        if !next.is_empty() {
            book += &format!(", next: [{}]", next.join(", "));
        }
        book += " }\n";
    }
    let world = World::with(&book);
    world.call("run book.yaml --headless --output jsonl").exits(0);
    let html = report(&world, "html");
    assert_eq!(html.matches("<details class=\"step").count(), 10_000);
    assert!(
        html.contains("flowchart is too large") || html.contains("<svg"),
        "neither a picture nor why there is none"
    );
    assert!(report(&world, "md").matches("<details>").count() == 10_000);
}

#[test]
fn a_record_that_was_changed_has_no_report() {
    let world = world(true);
    run(&world, "well", "");
    let journal = world.runs()[0].join("journal.jsonl");
    let text = fs::read_to_string(&journal).expect("it is there");
    fs::write(&journal, text.replacen("ana", "eve", 1)).expect("it is ours");
    let seen = world.call("report last").seen();
    assert_ne!(seen.code, Some(0), "{seen}");
    assert_eq!(seen.stdout, "");
    assert!(seen.stderr.contains("is damaged"), "{seen}");
}
