//! `plan --probe` runs what is `effect: read`, surely on the way and known already, and nothing else: everything here is tempting, and leaves a
//! file when it is run.

mod support;

use support::World;

const BOOK: &str = r#"
parameters: { host: { type: string } }
secrets:
  printed: { command: "touch secret; echo a-secret" }
  given: { env: GIVEN }
requires: { commands: [sh] }
lock: "key/{{ host }}"
start: [way, look]
nodes:
  way:
    question: Which way?
    detect: { run: "touch detected; echo here" }
    choices: { here: only_here, there: only_there }
  only_here:
    action: Look here
    effect: read
    run: "touch read_here; echo here"
    capture: { place: stdout }
    next: joined
  passed:
    question: Is it needed?
    when: run.id != "x"
    choices: { "yes": perhaps, "no": [] }
  perhaps: { action: Look at it perhaps, effect: read, run: "touch read_perhaps" }
  joined: { action: Look at both, join: all, effect: read, run: "touch read_joined" }
  only_there: { action: Look there, effect: read, run: "touch read_there" }
  look:
    action: Look at the host
    effect: read
    run: "touch read_look; echo release of {{ host }}; echo loud >&2"
    capture: { release: { stdout: { regex: 'release of (\S+)' } } }
    env: { TOKEN: { secret: given } }
    verify:
      - { title: it is so, run: "touch verified" }
    next: [joined, look_closer, broken, guarded, agreed, of_secret, by_hand]
  look_closer:
    action: Look closer
    effect: read
    run: "touch read_closer; echo {{ outputs.look.release }} $TOKEN; echo and more"
    env: { TOKEN: { secret: given } }
    capture: { all: stdout }
    next: change
  change:
    action: Change it
    run: "touch changed {{ outputs.look_closer.all | length }}"
    undo: { run: "touch undone" }
    next: [look_after, of_run]
  look_after: { action: Look at what is new, effect: read, run: "touch read_after" }
  of_run: { action: Look at the run, effect: read, run: "touch read_run; echo {{ run.id }}" }
  broken:
    action: Look at what is not there
    effect: read
    run: "touch read_broken; echo no such thing >&2; exit 3"
    capture: { nothing: stdout }
    next: of_broken
    on_failure: mend
  of_broken: { action: Look at nothing, effect: read, run: "touch read_of_broken; echo {{ outputs.broken.nothing }}" }
  mend: { action: Mend it, effect: read, run: "touch read_mend" }
  guarded: { action: Look perhaps, when: run.id != "x", effect: read, run: "touch read_guarded" }
  agreed: { action: Look when told, confirm: May I?, effect: read, run: "touch read_agreed" }
  of_secret: { action: Look with a secret, effect: read, run: "touch read_secret", env: { S: { secret: printed } } }
  by_hand: { action: Do it by hand, effect: read, manual: Look yourself., next: after_hand }
  after_hand: { action: Look at that, effect: read, run: "touch read_hand" }
  input:
    question: Which one?
    input: { type: string }
    suggest: { run: "touch suggested; echo one" }
    next: of_input
  of_input: { action: Look at one, effect: read, run: "touch read_input; echo {{ answers.input }}" }
gates:
  done: { title: It is done, verify: [ { run: "touch gate" } ] }
"#;

fn book() -> String {
    BOOK.replace("start: [way, look]", "start: [way, look, input, passed]")
}

/// The files that commands left.
fn left(world: &World) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(world.folder())
        .expect("it is ours")
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name != "book.yaml")
        .collect();
    names.sort();
    names
}

#[test]
fn only_what_reads_and_surely_does_is_run() {
    let world = World::with(&book());
    let call = |args: &str| {
        world
            .call(&format!("plan book.yaml -p host=web1 {args}"))
            .env("GIVEN", "hush-hush")
    };
    call("").exits(0);
    assert_eq!(left(&world), [] as [&str; 0]);

    let seen = call("--probe").exits(0);
    assert_eq!(left(&world), ["read_broken", "read_closer", "read_look"]);
    assert!(world.runs().is_empty(), "nothing is on record");
    assert!(!world.home().join("state").exists(), "no lock, no record");
    assert!(
        !seen.stdout.contains("hush-hush") && !seen.stderr.contains("hush-hush"),
        "{seen}"
    );
    insta::assert_snapshot!(seen.stderr, @"
    probing look: sh -eu -c 'touch read_look; echo release of web1; echo loud >&2'
    probing look_closer: sh -eu -c 'touch read_closer; echo web1 $TOKEN; echo and more'
    probing broken: sh -eu -c 'touch read_broken; echo no such thing >&2; exit 3'
    ");
    let steps: String = seen
        .stdout
        .split("\n\n")
        .filter(|step| {
            ["look ", "look_closer ", "change ", "broken "]
                .iter()
                .any(|id| step.contains(&format!(". {id}")))
        })
        .map(|step| format!("{}\n", support::steady(step)))
        .collect();
    insta::assert_snapshot!(steps, @"
     7. look  Look at the host
        reads     $ sh -eu -c …
                    touch read_look; echo release of web1; echo loud >&2
        in        ‹home›/work
        with      TOKEN=(secret given)
        found     release = web1
        check     it is so
                    $ sh -eu -c …
                      touch verified
                    exits with 0
     9. look_closer  Look closer
        reads     $ sh -eu -c …
                    touch read_closer; echo web1 $TOKEN; echo and more
        in        ‹home›/work
        with      TOKEN=(secret given)
        found     all = web1 ‹secret:given› … (2 lines)
    10. change  Change it
        changes   $ sh -eu -c …
                    touch changed 28
        in        ‹home›/work
        undo      $ sh -eu -c …
                    touch undone
    13. broken  Look at what is not there
        reads     $ sh -eu -c …
                    touch read_broken; echo no such thing >&2; exit 3
        in        ‹home›/work
        probe     found nothing: it exited with 3: no such thing
    ");

    // An answer makes a way certain, and what is typed is known.
    call("--probe --answer way=here --answer input=one --answer passed=yes").exits(0);
    assert_eq!(
        left(&world),
        [
            "read_broken",
            "read_closer",
            "read_here",
            "read_input",
            "read_joined",
            "read_look"
        ]
    );
}

#[test]
fn without_a_parameter_what_needs_it_is_not_run() {
    let world = World::with(&book());
    world.call("plan book.yaml --probe").exits(0);
    assert_eq!(left(&world), ["read_broken"], "the one that needs nothing");
}

#[test]
fn a_program_is_told_what_was_found() {
    let world = World::with(&book());
    let plan = world
        .call("plan book.yaml -p host=web1 --probe --output json")
        .env("GIVEN", "hush-hush");
    let plan = plan.exits(0).json();
    let steps = plan["steps"].as_array().expect("there are steps");
    let probed = |id: &str| {
        steps
            .iter()
            .find(|step| step["node"] == id)
            .expect("it is on the way")["probed"]
            .clone()
    };
    assert_eq!(
        probed("look"),
        serde_json::json!({ "values": { "release": "web1" } })
    );
    assert_eq!(probed("change"), serde_json::Value::Null);
}
