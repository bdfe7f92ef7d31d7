//! A plan that was reviewed: its digest tells whether what would run is that, and the plan that was kept tells what is not.

mod support;

use support::World;

const BOOK: &str = r#"
parameters:
  environment: { type: string, enum: [production, staging], default: production }
  host: { type: string }
secrets: { token: { env: TOKEN } }
nodes:
  way:
    question: Which way?
    choices: { left: first, right: second }
  first:
    action: Do the first thing
    run: [touch, "{{ environment }}", "two words"]
    env: { MODE: fast }
    timeout: 5m
    idempotent: true
    retry: { times: 2, backoff: 1s }
    verify:
      - title: it answers
        http: { url: "https://{{ host }}/health", status: [200, 204], headers: { Accept: text/plain }, body: { contains: fine } }
        within: 5s
    on_failure: second
    next: second
  second:
    action: Do the second thing
    effect: destroy
    run: |
      cd /tmp
      touch {% if answers.way == "left" %}first{% else %}second{% endif %}
gates:
  known: { title: Everybody knows, attest: They know. }
  seen: { title: It was seen, verify: [ { file: seen } ], required: false }
"#;

fn digest(world: &World, args: &str) -> String {
    let plan = world
        .call(&format!("plan book.yaml --output json {args}"))
        .exits(0)
        .json();
    plan["digest"].as_str().expect("it has one").to_owned()
}

/// The half of it that decides.
fn digits(world: &World, args: &str) -> String {
    digest(world, args)[.."sha256:".len() + 64].to_owned()
}

#[test]
fn everything_that_would_run_is_in_the_digest() {
    let world = World::with(BOOK);
    let before = digits(&world, "-p host=web1");
    for (from, to) in [
        ("[touch, ", "[tooch, "),
        ("two words", "two  words"),
        ("MODE: fast", "MODE: slow"),
        ("timeout: 5m", "timeout: 6m"),
        ("times: 2", "times: 3"),
        ("backoff: 1s", "backoff: 2s"),
        ("idempotent: true", "idempotent: true\n    on_interrupt: fail"),
        ("Accept: text/plain", "Accept: text/html"),
        ("contains: fine", "equals: fine"),
        ("[200, 204]", "[200]"),
        ("within: 5s", "within: 50s"),
        ("    on_failure: second\n", ""),
        ("    next: second\n", ""),
        ("right: second", "right: first"),
        ("effect: destroy", "effect: change"),
        ("effect: destroy", "effect: destroy\n    confirm: Really?"),
        // Only on one route, and behind what only the run knows.
        ("first{% else %}", "third{% else %}"),
        ("env: TOKEN", "env: OTHER"),
        ("required: false", "required: true"),
        ("attest: They know.", "attest: They were told."),
        ("file: seen", "file: unseen"),
        ("title: It was seen", "title: It is seen"),
        ("nodes:\n", "lock: key\nnodes:\n"),
        ("nodes:\n", "requires: { commands: [touch] }\nnodes:\n"),
        ("nodes:\n", "start: [way]\nnodes:\n"),
        ("nodes:\n", "defaults: { grace: 3s }\nnodes:\n"),
    ] {
        assert!(BOOK.contains(from), "{from}");
        world.book(&BOOK.replacen(from, to, 1));
        assert_ne!(digits(&world, "-p host=web1"), before, "{from} → {to}");
    }
    world.book(BOOK);
    for args in ["-p host=web2", "-p host=web1 -p environment=staging", ""] {
        assert_ne!(digits(&world, args), before, "{args}");
    }
}

#[test]
fn nothing_else_is() {
    let world = World::with(BOOK);
    let before = digest(&world, "-p host=web1");
    for args in [
        "-p host=web1 --answer way=left",
        "-p host=web1 -p environment=production",
        "-p host=web1 --probe",
        "-p host=web1 --attest known=ana",
    ] {
        assert_eq!(digest(&world, args), before, "{args}");
    }
    // Comments, the style of a value, and the order of keys.
    let same = BOOK
        .replace("nodes:\n", "# The steps\nnodes:\n")
        .replace("\"two words\"", "'two words'")
        .replace(
            "    timeout: 5m\n    idempotent: true\n",
            "    idempotent: true\n    timeout: 300s\n",
        );
    world.book(&same);
    assert_eq!(digest(&world, "-p host=web1"), before);
    // Another checkout.
    let other = World::with(&same);
    assert_eq!(digest(&other, "-p host=web1"), before);
}

#[test]
fn what_was_reviewed_runs() {
    let world = World::with("nodes: { make: { action: Make it, run: [touch, made] } }\n");
    let digest = digest(&world, "");
    world.write(
        "reviewed.json",
        &world.call("plan book.yaml --output json").exits(0).stdout,
    );
    for plan in [
        digest.as_str(),
        &digest[..19],
        &digest["sha256:".len()..][..12],
        "reviewed.json",
    ] {
        world.call("run book.yaml --headless --plan").arg(plan).exits(0);
    }
    // The command that a plan ends with is such a one.
    let plan = world.call("plan book.yaml").exits(0).stdout;
    let command = plan.lines().last().expect("it has a last line").trim();
    assert!(command.ends_with(&digest), "{command}");
    world.shell(&format!("{command} --headless")).exits(0);
    assert_eq!(world.runs().len(), 5);
}

/// What the program says to a run of another plan than was reviewed; nothing may be left behind.
#[track_caller]
fn refused(world: &World, args: &str) -> String {
    let before = world.tree();
    let seen = world.call(&format!("run book.yaml --headless {args}")).exits(2);
    assert_eq!(seen.stdout, "");
    assert_eq!(world.tree(), before, "something was left behind");
    support::steady(&seen.stderr)
}

#[test]
fn what_was_not_reviewed_is_refused_with_the_difference() {
    let world = World::with(BOOK);
    world.write(
        "reviewed.json",
        &world
            .call("plan book.yaml -p host=web1 --output json")
            .exits(0)
            .stdout,
    );
    let other = BOOK
        .replace("two words", "three more words")
        .replace("timeout: 5m", "timeout: 90s")
        .replace("Accept: text/plain", "Accept: text/html")
        .replace("[200, 204]", "[200, 201, 204]")
        .replace("    on_failure: second\n", "")
        .replace("cd /tmp\n", "cd /var\n")
        .replace("  seen: {", "  heard: {")
        .replace(
            "nodes:\n",
            "lock: key\nnodes:\n  new: { action: Something new }\n",
        );
    world.book(&other);
    insta::assert_snapshot!(refused(&world, "-p host=web2 --plan reviewed.json"), @r#"
    error: what would run is not what was reviewed in `reviewed.json`:
      parameter `host`: web1 → web2
      step `new`: is new
      step `first`, verify[0].http.headers.Accept: text/plain → text/html
      step `first`, verify[0].http.status: [200,204] → [200,201,204]
      step `first`, run: touch '{{ environment }}' 'two words' → touch '{{ environment }}' 'three more words'
      step `first`, run.timeout: 300s → 90s
      step `first`, on_failure: second → none
      step `second`, run.shell:
        -cd /tmp
        +cd /var
         touch {% if answers.way == "left" %}first{% else %}second{% endif %}
      gate `heard`: is new
      gate `seen`: is gone
      the runbook, lock: none → key
      help: nothing was started; run it as it was reviewed, or review it anew: `switchback plan`
    "#);
}

#[test]
fn another_order_is_another_plan() {
    let world = World::with("nodes: { one: { action: One }, two: { action: Two } }\n");
    world.write(
        "reviewed.json",
        &world.call("plan book.yaml --output json").exits(0).stdout,
    );
    world.book("nodes: { two: { action: Two }, one: { action: One } }\n");
    insta::assert_snapshot!(refused(&world, "--plan reviewed.json"), @"
    error: what would run is not what was reviewed in `reviewed.json`:
      the runbook, the order of its steps: one two → two one
      help: nothing was started; run it as it was reviewed, or review it anew: `switchback plan`
    ");
}

#[test]
fn a_digest_alone_tells_which_parts_differ() {
    let world = World::with(BOOK);
    let reviewed = digest(&world, "-p host=web1");
    let open = digest(&world, "");
    let other = BOOK
        .replace("two words", "three more words")
        .replace("  seen: {", "  heard: {")
        .replace(
            "nodes:\n",
            "lock: key\nnodes:\n  new: { action: Something new }\n",
        );
    insta::assert_snapshot!(refused(&world, &format!("-p host=web2 --plan {reviewed}")));
    insta::assert_snapshot!(refused(&world, &format!("-p host=web1 --plan {open}")));
    world.book(&other);
    insta::assert_snapshot!(refused(&world, &format!("-p host=web1 --plan {reviewed}")));
    // A gate less, and then the digits alone: they only tell that something differs.
    world.book(&BOOK.replace("  known: { title: Everybody knows, attest: They know. }\n", ""));
    insta::assert_snapshot!(refused(&world, &format!("-p host=web1 --plan {reviewed}")));
    let digits = &reviewed[.."sha256:".len() + 64];
    insta::assert_snapshot!(refused(&world, &format!("-p host=web1 --plan {digits}")));
}

#[test]
fn the_digest_of_a_long_runbook_has_no_sums() {
    let nodes: String = (0..200)
        .map(|node| format!("  n{node}: {{ action: N }}\n"))
        .collect();
    let world = World::with(&format!("nodes:\n{nodes}"));
    let digest = digest(&world, "");
    assert_eq!(digest.len(), "sha256:".len() + 64 + ":".len() + 4, "{digest}");
}

/// What people approved must not lose its meaning without a word: a new key of the model, or another name for one, changes every digest.
#[test]
fn what_a_digest_is_of_is_pinned() {
    let world = World::with(BOOK);
    assert_eq!(
        digest(&world, "-p host=web1"),
        "sha256:a387e54516150f8797a9747fc03d233de102f4fe83de9ea8a9d76b213e6c31ca:ABAIWyFSJqxmC8TmHv7d",
        "a plan is digested otherwise than before: raise `FORMAT` in src/plan/digest.rs, so that whoever kept a digest is told to review anew, \
         and write the new digest here"
    );
}

#[test]
fn what_another_version_made_is_to_be_reviewed_anew() {
    let world = World::with(BOOK);
    let plan = world.call("plan book.yaml -p host=web1 --output json").exits(0);
    let digest = plan.json()["digest"].as_str().expect("it has one").to_owned();
    let (_, sums) = digest.rsplit_once(":AB").expect("it has its format");
    let other = format!("sha256:0123456789ab:__{sums}");
    insta::assert_snapshot!(refused(&world, &format!("-p host=web1 --plan {other}")));
    for (from, to) in [("\"format\": 1", "\"format\": 4095"), ("  \"format\": 1,\n", "")] {
        assert!(plan.stdout.contains(from), "{from}");
        world.write("reviewed.json", &plan.stdout.replacen(from, to, 1));
        insta::assert_snapshot!(refused(&world, "-p host=web1 --plan reviewed.json"));
    }
}

#[test]
fn what_is_no_plan_is_said_to_be_none() {
    let world = World::with(BOOK);
    world.write("other.json", "{}");
    insta::assert_snapshot!(refused(&world, "-p host=web1 --plan other.json"), @"
    error: `other.json` is not a plan that was kept: missing field `digest` at line 1 column 2
      help: give the digest that `switchback plan` shows, at least 12 digits of it, or the file that `switchback plan --output json` made
    ");
    insta::assert_snapshot!(refused(&world, "-p host=web1 --plan sha256:0123"), @"
    error: `sha256:0123` is no digest, and cannot be read as a plan: No such file or directory (os error 2)
      help: give the digest that `switchback plan` shows, at least 12 digits of it, or the file that `switchback plan --output json` made
    ");
}

#[test]
fn a_kept_plan_with_the_digest_of_another_is_refused() {
    let world = World::with("nodes: { a: { action: A, run: [touch, made] } }\n");
    let kept = |world: &World| world.call("plan book.yaml --output json").exits(0).stdout;
    let reviewed = kept(&world);
    let of_reviewed = digest(&world, "");
    world.book("nodes: { a: { action: A, run: [touch, other] } }\n");
    let of_other = digest(&world, "");
    world.write("reviewed.json", &reviewed.replace(&of_reviewed, &of_other));
    insta::assert_snapshot!(refused(&world, "--plan reviewed.json"), @"
    error: the digest in `reviewed.json` is that of what would run, and what is in it is another plan
      help: nothing was started; make the file anew, and review it: `switchback plan --output json`
    ");
}
