//! `check`, `plan`: the commands that only look.

mod support;

use support::{World, steady};

/// A question of each form, a milestone, each effect, a guard, a secret, text for standard input, and each kind of gate.
const BOOK: &str = r#"
parameters:
  host: { type: string, pattern: '^web\d+$' }
secrets: { token: { env: TOKEN } }
nodes:
  way:
    question: Which way?
    choices:
      fast: { label: Quick, next: quick }
      slow: { label: Slow, next: [name, look] }
      neither: stop
  quick:
    action: Do it quickly
    run: [echo, "{{ host }}", "two words"]
    env: { TOKEN: { secret: token } }
    stdin: |
      one
      two
    on_failure: by_hand
    next: done
  name:
    question: What is it called?
    input: { type: string, pattern: '^[a-z]+$' }
    next: slowly
  look:
    action: Look
    effect: read
    run: [hostname]
    cwd: /
    capture: { found: stdout }
    next: slowly
  slowly:
    action: Do it slowly
    effect: destroy
    join: all
    when: outputs.look.found != host
    run: |
      cd "{{ answers.name }}"
      rm -r {{ outputs.look.found }}
    verify:
      - { title: it is gone, file: "{{ outputs.look.found }}", not: true }
    next: done
  by_hand:
    action: Do it by hand
    manual: Go to {{ host }}.
    next: done
  done: { action: All is done, next: note }
  note:
    action: Write it down
    write: { path: "{{ run.id }}.md", content: "{{ host }}" }
gates:
  fine: { title: All is fine, attest: "{{ host }} is fine.", by: [on call], verify: [{ file: out }] }
  named: { title: It has a name, when: answers.way == "slow", decide: [kept, gone] }
  told: { title: All were told, required: false, attest: They were. }
"#;

#[test]
fn every_fault_of_every_file_is_found_in_one_go() {
    let world = World::new();
    world.write(
        "one.yaml",
        "switchback: 1
name: one
title: One
nodes:
  a: { action: A, rnu: [echo], next: c }
  b: { question: B? }
  Bad: { action: Bad }
",
    );
    world.write(
        "fine.yaml",
        "switchback: 1\nname: fine\ntitle: Fine\nnodes: { a: { action: A } }\ngates: { done: { title: Done, attest: It is. } }\n",
    );
    world.write(
        "two.yaml",
        "switchback: 1
name: two
title: Two
nodes:
  a: { action: A, run: [echo, '{{ nothing }}'], retry: { times: 1 }, next: b }
  b: { action: B, next: a }
",
    );
    let seen = world.call("check one.yaml fine.yaml two.yaml").exits(3);
    insta::assert_snapshot!(seen, @"
    exit 3
    --- stderr
    unknown-field

      × `rnu` is not a key of an action
       ╭─[one.yaml:5:19]
     4 │ nodes:
     5 │   a: { action: A, rnu: [echo], next: c }
       ·                   ─┬─
       ·                    ╰── unknown key
     6 │   b: { question: B? }
       ╰────
      help: did you mean `run`?

    unknown-node

      × there is no node `c`
       ╭─[one.yaml:5:38]
     4 │ nodes:
     5 │   a: { action: A, rnu: [echo], next: c }
       ·                                      ┬
       ·                                      ╰── not declared
     6 │   b: { question: B? }
       ╰────
      help: declare it under `nodes`: `c: { action: … }`

    conflicting-fields

      × a question needs one of `choices`, `input`
       ╭─[one.yaml:6:3]
     5 │   a: { action: A, rnu: [echo], next: c }
     6 │   b: { question: B? }
       ·   ┬
       ·   ╰── none of them is here
     7 │   Bad: { action: Bad }
       ╰────
      help: add one of them

    invalid-id

      × `Bad` is not an id
       ╭─[one.yaml:7:3]
     6 │   b: { question: B? }
     7 │   Bad: { action: Bad }
       ·   ─┬─
       ·    ╰── not an id
       ╰────
      help: an id is a lower-case letter, then lower-case letters, digits and `_`:
            `bad`

    fine.yaml: 1 node, 1 gate, no errors
    cycle

      × these nodes lead in a circle: `a` → `b` → `a`
       ╭─[two.yaml:5:3]
     4 │ nodes:
     5 │   a: { action: A, run: [echo, '{{ nothing }}'], retry: { times: 1 }, next: b }
       ·   ┬
       ·   ╰── the circle starts here
     6 │   b: { action: B, next: a }
       ╰────
      help: a runbook always ends: take one of these edges, or one `after` or
            `needs`, away

    undefined-name

      × there is no parameter `nothing`
       ╭─[two.yaml:5:31]
     4 │ nodes:
     5 │   a: { action: A, run: [echo, '{{ nothing }}'], retry: { times: 1 }, next: b }
       ·                               ───────┬───────
       ·                                      ╰── no such name
     6 │   b: { action: B, next: a }
       ╰────
      help: declare it under `parameters`, or use one of `answers`, `outputs`,
            `nodes`, `run`

    retry-without-idempotent

      × `retry` repeats an action that is not declared to bear it
       ╭─[two.yaml:5:49]
     4 │ nodes:
     5 │   a: { action: A, run: [echo, '{{ nothing }}'], retry: { times: 1 }, next: b }
       ·                                                 ──┬──
       ·                                                   ╰── needs `idempotent: true`
     6 │   b: { action: B, next: a }
       ╰────
      help: add `idempotent: true` if running it twice is the same as once; else
            remove this

    `switchback explain CODE` says more about each
    3 files, 7 errors, 0 warnings
    ");
    for command in ["run", "plan", "graph"] {
        let seen = world.call(command).arg("two.yaml").exits(3);
        assert_eq!(seen.stdout, "", "{seen}");
        assert!(
            seen.stderr.contains("`two.yaml` has errors: nothing was run"),
            "{seen}"
        );
    }
    assert_eq!(world.runs().len(), 0);
}

#[test]
fn a_runbook_without_a_fault_is_said_to_have_none() {
    let world = World::with(
        "nodes: { a: { action: A }, b: { action: B } }\ngates: { done: { title: Done, attest: It is. } }\n",
    );
    insta::assert_snapshot!(world.call("check book.yaml").exits(0), @"
    exit 0
    --- stderr
    book.yaml: 2 nodes, 1 gate, no errors
    1 file, 0 errors, 0 warnings
    ");
}

#[test]
fn a_plan_without_answers_shows_every_route() {
    let world = World::with(BOOK);
    insta::assert_snapshot!(world.call("plan book.yaml -p host=web1").exits(0), @r#"
    exit 0
    --- stdout
    A book: what would run
    Not answered: way, name. Every route that is still possible is shown.

    3 routes, by the answers to way
        way
          = fast → quick → done → note
          = slow → all of
            + name → slowly → done, as above
            + look → slowly, as above
          = neither → stop
      when nothing fails; if `quick` fails: by_hand → done

      1. way  Which way?
         asks      fast | slow | neither

      2. name  What is it called?
         only if   way = slow
         asks      for a value

      3. quick  Do it quickly
         only if   way = fast
         changes   $ echo web1 'two words'
         in        ‹home›/work
         with      TOKEN=(secret token)
         stdin     one
                   two

      4. look  Look
         only if   way = slow
         reads     $ hostname
         in        /

      5. slowly  Do it slowly
         only if   after name, and after look
         when      outputs.look.found != host
         destroys  $ sh -eu -c …
                     cd "‹name›"
                     rm -r '‹look.found›'
         in        ‹home›/work
         confirm   asked first, headless too
         check     it is gone
                     not: file ‹look.found›

      6. by_hand  Do it by hand
         only if   quick fails
         by hand   Go to web1.

      7. done  All is done
         only if   after quick, or after slowly, or after by_hand
         milestone nothing to run

      8. note  Write it down
         only if   after done
         writes    ‹home›/work/‹run.id›.md
         content   web1

    Gates: the run is complete when each is closed

         fine  All is fine
         check     file out
         attest    web1 is fine. (on call)

         named  It has a name
         when      answers.way == "slow"
         decide    kept | gone

         told  All were told (not required)
         attest    They were.

    Nothing was run. To run what was reviewed here, or nothing:
      switchback run book.yaml -p host=web1 --plan sha256:‹digest›
    "#);
}

#[test]
fn a_plan_with_all_answers_is_the_route() {
    let world = World::with(BOOK);
    let seen = world
        .call("plan book.yaml -p host=web1 --answer way=slow --answer name=hood")
        .exits(0);
    insta::assert_snapshot!(seen, @r#"
    exit 0
    --- stdout
    A book: what would run
    Every question on the way is answered: this is the route.

      1. way  Which way?
         answer    slow

      2. name  What is it called?
         answer    hood

      3. look  Look
         reads     $ hostname
         in        /

      4. slowly  Do it slowly
         when      outputs.look.found != host
         destroys  $ sh -eu -c …
                     cd "hood"
                     rm -r '‹look.found›'
         in        ‹home›/work
         confirm   asked first, headless too
         check     it is gone
                     not: file ‹look.found›

      5. done  All is done
         milestone nothing to run

      6. note  Write it down
         writes    ‹home›/work/‹run.id›.md
         content   web1

    Gates: the run is complete when each is closed

         fine  All is fine
         check     file out
         attest    web1 is fine. (on call)

         named  It has a name
         decide    kept | gone

         told  All were told (not required)
         attest    They were.

    Nothing was run. To run what was reviewed here, or nothing:
      switchback run book.yaml -p host=web1 --answer way=slow --answer name=hood --plan sha256:‹digest›
    "#);
}

#[test]
fn a_plan_shows_what_would_undo_each_action() {
    let world = World::with(
        r#"
parameters: { pool: { type: string, default: blue } }
secrets: { token: { env: NO_SUCH_NAME } }
nodes:
  switch:
    action: Switch over
    run: [lb, use, "{{ pool }}"]
    capture: { before: stdout }
    undo: { run: [lb, use, "{{ outputs.switch.before }}"], env: { TOKEN: { secret: token } } }
    next: warm
  warm:
    action: Warm up
    run: warm
    undo: { run: "cool {{ pool }}\ncool down" }
    next: tell
  tell: { action: Tell, run: [tell], undo: { run: ["{{ pool | replace }}"] } }
"#,
    );
    insta::assert_snapshot!(world.call("plan book.yaml").exits(0), @"
    exit 0
    --- stdout
    A book: what would run
    Every question on the way is answered: this is the route.

      1. switch  Switch over
         changes   $ lb use blue
         in        ‹home›/work
         undo      $ lb use '‹switch.before›'
                     with TOKEN=(secret token)

      2. warm  Warm up
         changes   $ sh -eu -c …
                     warm
         in        ‹home›/work
         undo      $ sh -eu -c …
                     cool blue
                     cool down

      3. tell  Tell
         changes   $ tell
         in        ‹home›/work
         undo      $ '{{ pool | replace }}'
                     problem: it cannot be rendered: missing argument

    No gates: the run is complete when its steps are done

    Nothing was run. To run what was reviewed here, or nothing:
      switchback run book.yaml --plan sha256:‹digest›
    ");
    let plan = world.call("plan book.yaml --output json").exits(0).json();
    let steps = plan["steps"].as_array().expect("there are steps");
    let argv = serde_json::json!(["lb", "use", "‹switch.before›"]);
    assert_eq!(steps[0]["undo"]["run"]["exec"], argv);
    let token = serde_json::json!({ "secret": { "id": "token", "prefix": "" } });
    assert_eq!(steps[0]["undo"]["env"]["TOKEN"], token);
    assert_eq!(
        steps[2]["undo"]["run"]["exec"],
        serde_json::json!(["{{ pool | replace }}"])
    );
    assert_eq!(steps[2]["undo"]["problem"], "missing argument");
}

#[test]
fn a_dry_run_is_the_plan() {
    let world = World::with(BOOK);
    for args in ["-p host=web1", "-p host=web1 --answer way=fast", "-p host=db1"] {
        let plan = world.call(&format!("plan book.yaml {args}")).seen();
        let dry = world.call(&format!("run book.yaml --dry-run {args}")).seen();
        assert_eq!(plan.to_string(), dry.to_string());
        assert_eq!(plan.code, Some(if args.contains("db1") { 2 } else { 0 }));
    }
}

#[test]
fn a_plan_for_programs_says_the_same() {
    let world = World::with(BOOK);
    let plan = world
        .call("plan book.yaml -p host=web1 --answer way=fast --output json")
        .exits(0)
        .json();
    assert_eq!(plan["runbook"], "book");
    assert_eq!(plan["open_questions"], serde_json::json!([]));
    let steps = plan["steps"].as_array().expect("there are steps");
    let nodes: Vec<&str> = steps.iter().filter_map(|step| step["node"].as_str()).collect();
    assert_eq!(nodes, ["way", "quick", "by_hand", "done", "note"]);
    assert_eq!(steps[0]["answer"], "fast");
    assert_eq!(
        steps[1]["work"]["run"]["run"]["exec"],
        serde_json::json!(["echo", "web1", "two words"])
    );
    assert_eq!(steps[2]["only_if"], serde_json::json!(["quick fails"]));
    let gates = plan["gates"].as_array().expect("there are gates");
    assert_eq!(gates[1]["applies"], false);
}

#[test]
fn colour_is_for_terminals_and_for_who_asks_for_it() {
    let world = World::with("nodes: { a: { action: A, nxt: b } }\n");
    let plain = world.call("check book.yaml").exits(3);
    assert!(!plain.stderr.contains('\u{1b}'), "{plain}");
    let coloured = world
        .call("check book.yaml --color always")
        .env("NO_COLOR", "1")
        .exits(3);
    assert!(
        coloured.stderr.contains('\u{1b}'),
        "a flag has the last word\n{coloured}"
    );
    let ascii = world.call("check book.yaml").env("LC_ALL", "C").exits(3);
    assert!(ascii.stderr.is_ascii(), "{ascii}");
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let world = World::with(BOOK);
    let seen = world
        .shell("switchback plan book.yaml -p host=web1 | true")
        .exits(0);
    assert_eq!(steady(&seen.stderr), "");
}

/// What a plan would otherwise keep from whoever reviews it.
const HIDDEN: &str = r#"
parameters: { host: { type: string, pattern: '^web\d+$' }, zero: { type: integer, default: 0 } }
secrets: { token: { env: NO_SUCH_NAME } }
nodes:
  which:
    question: Which cache?
    input: { type: string, pattern: "^[a-z]+$" }
    suggest: { run: [ls, /var/cache] }
    detect: { run: [cat, /etc/cache] }
    next: clear
  clear:
    action: Clear the cache
    run: [ssh, "{{ host }}", bash, -s]
    stdin: "cd /var/cache\nrm -rf {{ answers.which }}\n"
    env: { MODE: all of it, TOKEN: { secret: token, prefix: "Bearer " } }
    timeout: 30s
    grace: 5s
    idempotent: true
    retry: { times: 2, backoff: 5s }
    confirm: Is everyone off {{ host }}?
    verify:
      - title: nothing is left
        within: 10s
        run: [ssh, "{{ host }}", ls]
        stdin: "a\nb\n"
        stdout: { equals: "", json: { pointer: /0, length: 0 } }
      - http: { url: "https://{{ host }}/", status: 200, headers: { Authorization: { secret: token } }, body: { contains: up }, timeout: 3s }
      - { link: current, to: { ends_with: /new } }
      - { id: seen, title: It looks right, confirm: "Do you see {{ host }}?" }
    on_failure: unplug
    next: note
  unplug: { action: Unplug it, manual: "Unplug {{ host }}", next: tell }
  tell: { action: Tell, manual: "Tell {{ 4 % zero }} people" }
  note:
    action: Write it down
    write: { path: note, content: "{% for line in range(42) %}line {{ line }}\n{% endfor %}" }
gates:
  fine: { title: All is fine, attest: It is fine., in_advance: true }
  kept: { title: It is kept, decide: [kept, gone], in_advance: true }
  told: { title: All were told, attest: They were. }
"#;

#[test]
fn a_plan_keeps_nothing_back() {
    let world = World::with(HIDDEN);
    insta::assert_snapshot!(world.call("plan book.yaml -p host=web1").exits(0), @"
    exit 0
    --- stdout
    A book: what would run
    Not answered: which. Every route that is still possible is shown.
      when nothing fails; if `clear` fails: unplug → tell

      1. which  Which cache?
         asks      for a value
         detect    $ cat /etc/cache
         suggest   $ ls /var/cache

      2. clear  Clear the cache
         changes   $ ssh web1 bash -s
         in        ‹home›/work
         with      MODE='all of it'
                   TOKEN=Bearer (secret token)
         stdin     cd /var/cache
                   rm -rf ‹which›
         timeout   30s
         grace     5s
         retry     2 times, 5s apart
         confirm   asked first, headless too: Is everyone off web1?
         check     nothing is left
                     $ ssh web1 ls
                     stdin
                       a
                       b
                     exits with 0, stdout equals ``, stdout is JSON, at `/0` of length 0, tried every 1s for 10s
         check     GET https://web1/ answers 200, body contains `up`
                     with Authorization: (secret token)
                     timeout 3s
         check     link current, target ends with `/new`
         check     It looks right
                     asks: Do you see web1?

      3. unplug  Unplug it
         only if   clear fails
         by hand   Unplug web1

      4. tell  Tell
         only if   after unplug
         by hand   Tell {{ 4 % zero }} people
         problem   it cannot be rendered: unable to calculate 4 % 0

      5. note  Write it down
         writes    ‹home›/work/note
         content   line 0
                   line 1
                   line 2
                   line 3
                   line 4
                   line 5
                   line 6
                   line 7
                   line 8
                   line 9
                   line 10
                   line 11
                   line 12
                   line 13
                   line 14
                   line 15
                   line 16
                   line 17
                   line 18
                   line 19
                   line 20
                   line 21
                   line 22
                   line 23
                   line 24
                   line 25
                   line 26
                   line 27
                   line 28
                   line 29
                   line 30
                   line 31
                   line 32
                   line 33
                   line 34
                   line 35
                   line 36
                   line 37
                   line 38
                   line 39
                   … 2 lines more

    Gates: the run is complete when each is closed

         fine  All is fine
         attest    It is fine.

         kept  It is kept
         decide    kept | gone

         told  All were told
         attest    They were.

    Nothing was run. To run what was reviewed here, or nothing:
      switchback run book.yaml -p host=web1 --plan sha256:‹digest›
    ");
}

#[test]
fn what_is_said_up_front_is_shown_at_its_place_and_goes_on_to_the_run() {
    let world = World::with(HIDDEN);
    let said = "--answer which=web --attest fine=ana --attest clear.seen=ben:twice --attest unplug=ana \
                --decide kept=gone:ana --confirm clear --waive told=later";
    let plan = world
        .call(&format!("plan book.yaml -p host=web1 {said}"))
        .exits(0);
    for shown in [
        "answer    web",
        "confirm   given by ",
        "attested by ben, in advance: twice",
        "by hand   Unplug web1\n     attested  by ana, in advance",
        "attest    It is fine.\n     attested  by ana, in advance",
        "decided   gone by ana, in advance",
        "waived    later (by ",
    ] {
        assert!(plan.stdout.contains(shown), "no `{shown}`: {plan}");
    }
    let command = plan.stdout.lines().last().unwrap_or_default();
    assert!(command.contains(said), "{command}");
    assert!(!plan.stdout.contains("detect "), "nothing is looked up: {plan}");
}
