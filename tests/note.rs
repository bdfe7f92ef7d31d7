//! The incident note: what a `write` makes by itself, and what templates can tell of a run.

mod support;

use std::fs;
use std::time::Duration;

use jiff::Timestamp;
use regex::Regex;
use serde_json::Map;
use support::{World, ana, runbook, steady};
use switchback::traverse::{Event, Outcome, Owner, Record, Rendered, RunId, Source, Traversal, Verdict};

const BOOK: &str = r#"
parameters: { site: { type: string, default: "shop|front" } }
nodes:
  broke:
    question: What broke?
    input: { type: text }
    next: way
  way:
    question: Which way?
    choices: { fast: { label: The fast way, next: [quick, soft] }, slow: slowly }
  quick:
    action: "Do it quickly | now"
    effect: read
    run: |
      echo "a | b for {{ site }}" | tee quick
      echo done
    verify:
      - file: quick
      - { id: seen, confirm: Is it there? }
    next: hand
  soft: { action: It may fail, effect: read, run: ["false"], on_failure: quick }
  slowly: { action: Do it slowly, manual: Do it slowly., next: hand }
  hand: { action: Tell the customers, manual: Write to them., next: note }
  note:
    action: Write the note
    write: { path: note.md }
    next: after
  after: { action: Sweep up, effect: read, run: ["true"] }
gates:
  fine: { title: All is fine, attest: It is fine. }
  clean: { title: Errors are clean, verify: [ { file: nothing } ] }
  known: { title: The page says so, decide: ["yes", "no"], required: false }
"#;

/// A note without its times.
fn timeless(note: &str) -> String {
    let times = [
        (r"\b\d\d:\d\d:\d\d\b", "‹clock›"),
        (r"\d{4}-\d\d-\d\d", "‹date›"),
        (r"/[\w/.-]*switchback-test-\w+", "‹home›"),
    ];
    times.iter().fold(steady(note), |text, (pattern, instead)| {
        let pattern = Regex::new(pattern).expect("it is one");
        pattern.replace_all(&text, *instead).into_owned()
    })
}

fn run(world: &World, more: &str) -> String {
    let broke = "The front page.\n\n```\n<!-- it was\n| red |";
    let call = world
        .call(&format!("run book.yaml --headless --answer way=fast {more}"))
        .arg("--answer")
        .arg(format!("broke={broke}"))
        .arg("--attest=quick.seen=ana:saw | it\nand <b>more</b>")
        .arg("--attest=hand=bo")
        // Nobody comes to it on this way.
        .arg("--attest=slowly=bo")
        .arg("--waive=clean=older | than\nthis");
    call.exits(4);
    world.read("note.md")
}

#[test]
fn a_write_with_nothing_but_a_path_writes_the_incident_note() {
    let world = World::with(BOOK);
    let note = run(&world, "");
    assert!(note.ends_with("(optional)\n"), "{note:?}");
    insta::assert_snapshot!(timeless(&note));
}

/// The words of the template are the same as those that it says of a run; that is what a plan shows.
#[test]
fn a_preview_has_one_entry_for_all() {
    let world = World::with(BOOK);
    let plan = world.call("plan book.yaml --output json").exits(0).json();
    let steps = plan["steps"].as_array().expect("a list");
    let note = steps
        .iter()
        .find(|step| step["node"] == "note")
        .expect("it is planned");
    let content = note.pointer("/work/write/content").and_then(|text| text.as_str());
    insta::assert_snapshot!(content.unwrap_or_else(|| panic!("{note:#}")));
}

#[test]
fn there_are_no_headings_without_anything_below() {
    let world = World::with("nodes:\n  note: { action: Write it, write: { path: note.md } }\n");
    world.call("run book.yaml --headless").exits(0);
    let note = world.read("note.md");
    assert!(note.ends_with("started the run\n"), "{note:?}");
    insta::assert_snapshot!(timeless(&note));
}

/// What was reviewed is the template too, as much as one in a file of its own.
#[test]
fn the_digest_of_a_plan_covers_the_template() {
    let digest = |write: &str| {
        let world = World::with(&format!(
            "nodes:\n  note: {{ action: Write it, write: {write} }}\n"
        ));
        let plan = world.call("plan book.yaml --output json").exits(0).json();
        plan["digest"].as_str().expect("a text").to_owned()
    };
    let world = World::new();
    world.call("new note.md").exits(0);
    let copied = serde_json::to_string(&world.read("note.md")).expect("a text");
    let by_itself = digest("{ path: note.md }");
    assert_eq!(by_itself, digest("{ path: note.md }"));
    // The same text, but it is another thing: the program's own may change with the program.
    assert_ne!(
        by_itself,
        digest(&format!("{{ path: note.md, content: {copied} }}"))
    );
}

#[test]
fn one_can_begin_with_its_template() {
    let world = World::with(&BOOK.replace("{ path: note.md }", "{ path: note.md, template: notes/mine.md }"));
    insta::assert_snapshot!(world.call("new notes/mine.md").exits(0), @r#"
    exit 0
    --- stderr
    wrote notes/mine.md

    Make it yours, and name it in a runbook, by its path from there:
      note:
        action: Write the incident note
        write: { path: "incidents/{{ run.date }}-{{ run.id }}.md", template: notes/mine.md }
    "#);
    let own = timeless(&run(&world, ""));
    let other = World::with(BOOK);
    let by_itself = timeless(&run(&other, ""));
    assert_eq!(own, by_itself);
    insta::assert_snapshot!(world.call("new notes/mine.md").exits(2), @"
    exit 2
    --- stderr
    error: `notes/mine.md` is there already
      help: take another name, or move it away; nothing was written
    ");
}

#[test]
fn a_test_plays_it() {
    let world = World::with(BOOK);
    let case = "
switchback_test: 1
cases:
  fast:
    about: The fast way.
    answers: { broke: All of it, way: fast }
    attest: { quick.seen: ana, hand: bo, fine: ana }
    decide: { known: \"yes:ana\" }
    simulate: [ { node: soft, exit: 1 } ]
    expect: { exit: 0, state: recovered, commands: { note: { path: note.md } } }
";
    world.write("book.test.yaml", case.trim_start());
    world.call("test book.yaml").exits(0);
}

#[test]
fn names_below_run_that_do_not_exist_are_found_and_answered_with_those_that_do() {
    let world = World::with(
        "nodes:\n  note: { action: Write it, write: { path: n.md, content: \"{{ run.verfied }} {{ run.x }} {{ run.id | inlin }}\" } }\n",
    );
    let seen = world.call("check book.yaml --output json").exits(3).json();
    let found = seen.to_string();
    for text in [
        "a run has no `verfied`",
        "did you mean `run.verified`?",
        "a run has no `x`",
        "no filter `inlin`",
    ] {
        assert!(found.contains(text), "{text}: {found}");
    }
}

#[test]
fn what_is_told_in_a_note_is_used() {
    let world = World::with(BOOK);
    world.call("check book.yaml --deny-warnings").exits(0);
}

/// The steps of a long chain, as they are put on record.
fn chain(length: usize) -> (Traversal, Vec<Record>) {
    let mut yaml = "start: [s0]\nnodes:\n".to_owned();
    for place in 0..length {
        yaml += &format!(
            "  s{place}: {{ action: S, effect: read, run: [x], verify: [ {{ file: f }} ], next: s{} }}\n",
            place + 1
        );
    }
    yaml += &format!("  s{length}: {{ action: Note, write: {{ path: note.md }} }}\n");
    let run = Traversal::new(runbook(&yaml));
    let started = Event::RunStarted {
        run: RunId("20261201-000000-000000".to_owned()),
        runbook: "test".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: Map::new(),
        by: ana(),
    };
    let mut events = vec![started];
    for place in 0..length {
        let id = format!("s{place}");
        events.push(Event::Finished {
            node: id.as_str().into(),
            attempt: 1,
            outcome: Outcome::Exited(0),
            captures: Map::new(),
            took: Duration::from_millis(5),
        });
        events.push(Event::Checked {
            owner: Owner::Node(id.as_str().into()),
            check: 0,
            verdict: Verdict::Held,
            evidence: "`f` is there".to_owned(),
            by: None,
        });
    }
    let records = events.into_iter().zip(1..).map(|(event, seq)| Record {
        v: 1,
        seq,
        at: Timestamp::UNIX_EPOCH,
        letter: None,
        event,
    });
    (run, records.collect())
}

/// A template may do only so much work. A note of a run of any length is within it, and says what it leaves out.
#[test]
fn a_long_run_has_a_note_of_a_length_that_people_read() {
    let length = 5_000;
    let (mut run, records) = chain(length);
    for record in &records {
        run.apply(record).expect("it fits");
    }
    let step = run.next(&std::collections::BTreeSet::new());
    let Some(switchback::traverse::Step::Record(Event::Prepared {
        work: Rendered::Write { content, .. },
        ..
    })) = step
    else {
        panic!("the note is next, and not {step:?}");
    };
    assert!(content.lines().count() < 1_500, "{}", content.lines().count());
    let left_out = "9701 before these are on record: `switchback show 20261201-000000-000000`";
    assert!(content.contains(left_out), "{}", &content[..2_000]);
    assert!(content.contains("**S**: done, 0.0s"), "{content}");
}

/// What an answer was when it was given is one thing, what counts is another.
#[test]
fn an_answer_to_what_is_never_asked_is_not_told() {
    let yaml = "
nodes:
  a: { question: A?, choices: { x: note, y: b } }
  b: { question: B?, input: { type: string }, next: note }
  note: { action: Note, write: { path: n, content: \"{% for a in run.answers %}{{ a.title }} {{ a.answer }}, {% endfor %}\" } }
";
    let mut run = Traversal::new(runbook(yaml));
    let (_, mut records) = chain(0);
    for (question, value) in [("b", "never asked"), ("a", "x")] {
        let answered = Event::Answered {
            question: question.into(),
            value: value.into(),
            by: ana(),
            source: Source::Given,
        };
        records.push(Record::unkept(answered));
    }
    for record in &records {
        run.apply(record).expect("it fits");
    }
    let step = run.next(&std::collections::BTreeSet::new());
    let told = format!("{step:?}");
    assert!(told.contains("content: \"A? x, \""), "{told}");
}

/// The page on the format says what there is.
#[test]
fn every_fact_is_in_the_reference() {
    let page =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/format.md")).expect("it is there");
    for fact in switchback::template::FACTS {
        assert!(
            page.contains(&format!("`run.{}`", fact.name)),
            "run.{}",
            fact.name
        );
        for field in fact.fields {
            let row = page
                .lines()
                .find(|line| line.starts_with(&format!("| `run.{}`", fact.name)))
                .unwrap_or_else(|| panic!("there is no row for run.{}", fact.name));
            assert!(row.contains(&format!("`{field}`")), "run.{}.{field}", fact.name);
        }
    }
}
