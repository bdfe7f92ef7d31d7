//! Who is told of a run over HTTP, at a real server on this machine: what arrives, what does not, and that the run is the same either way.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use support::{INTERRUPT, Seen, Terminal, World, can_drill, steady};

/// A server that remembers what it was sent.
struct Hook {
    url: String,
    heard: Arc<Mutex<Vec<Request>>>,
}

/// A request: its headers, with small letters, and its body.
#[derive(Clone, Debug)]
struct Request {
    line: String,
    headers: BTreeMap<String, String>,
    body: Value,
}

impl Hook {
    /// One that answers with this status, every time.
    fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has one"));
        let heard = Arc::<Mutex<Vec<Request>>>::default();
        let hears = Arc::clone(&heard);
        // It ends with the test.
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.expect("somebody calls");
                // It is known before there is an answer.
                hears.lock().expect("nobody panicked").push(read(&connection));
                let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
                let _ = connection.write_all(head.as_bytes());
            }
        });
        Self { url, heard }
    }

    fn new() -> Self {
        Self::answering("200 OK")
    }

    /// What it heard since it was asked last.
    fn heard(&self) -> Vec<Request> {
        std::mem::take(&mut *self.heard.lock().expect("nobody panicked"))
    }

    /// The body of the one thing that it heard.
    #[track_caller]
    fn one(&self) -> Value {
        let heard = self.heard();
        let [request] = heard.as_slice() else {
            panic!("not one but {heard:#?}")
        };
        assert_eq!(request.headers["content-type"], "application/json");
        request.body.clone()
    }
}

fn read(connection: &TcpStream) -> Request {
    let mut reader = BufReader::new(connection);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: BTreeMap<String, String> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let mut body = vec![0; headers["content-length"].parse().expect("a length")];
    reader.read_exact(&mut body).expect("a body");
    Request {
        line: lines[0].clone(),
        headers,
        body: serde_json::from_slice(&body).expect("JSON"),
    }
}

const BOOK: &str = r#"
parameters:
  hook: { type: string, default: "" }
  environment: { type: string, default: production }
secrets:
  token: { env: TOKEN }
nodes:
  way:
    question: Which way?
    choices: { good: work, mended: fragile, bad: broken, none: stop }
  work: { action: Do the work, run: [echo, done], effect: read, capture: { printed: stdout } }
  fragile: { action: Try it, run: ["false"], effect: read, on_failure: work }
  broken:
    action: Break it
    run: ["true"]
    effect: read
    verify: [ { title: the site answers, file: nowhere } ]
gates:
  seen: { title: Somebody saw it, attest: It works. }
  there: { title: The file is there, verify: [ { file: there } ], when: answers.way == "good" }
notify:
  - webhook: "{{ hook }}"
    headers: { Authorization: { secret: token, prefix: "Bearer " } }
    data: { environment: "{{ environment }}", printed: "{{ outputs.work.printed }}" }
"#;

/// A run of it that ends so.
#[track_caller]
fn ran(world: &World, hook: &Hook, args: &str, exit: i32) -> Seen {
    world
        .call(&format!(
            "run book.yaml --headless -p hook={}/ops {args}",
            hook.url
        ))
        .env("TOKEN", "hunter2hunter2")
        .exits(exit)
}

/// What is told, without what differs from one run to the next; as the published schema has it.
#[track_caller]
fn told(body: &Value) -> String {
    let schema =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/notification-v1.json"));
    let schema = serde_json::from_str(&schema.expect("it is there")).expect("it is JSON");
    let valid = jsonschema::validate(&schema, body);
    assert!(valid.is_ok(), "{valid:?}\n{body:#}");
    let mut body = body.clone();
    for time in ["at", "started"] {
        assert!(
            body[time].as_str().is_some_and(|time| time.ends_with('Z')),
            "{body:#}"
        );
        body[time] = json!("‹time›");
    }
    assert!(body["took_seconds"].is_u64(), "{body:#}");
    body["took_seconds"] = json!("‹took›");
    body["started_by"]["name"] = json!("‹who›");
    steady(&format!("{body:#}"))
}

#[test]
fn the_published_schema_is_current() {
    let schema = World::new().call("schema notification").exits(0).stdout;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/notification-v1.json");
    let published = fs::read_to_string(file).expect("it is there");
    assert!(
        published == schema,
        "write it anew: cargo run -- schema notification > schemas/notification-v1.json"
    );
}

#[test]
fn who_waits_is_told_what_for_and_how_to_go_on() {
    let (world, hook) = (World::with(BOOK), Hook::new());
    let seen = ran(&world, &hook, "", 4);
    assert!(!seen.stderr.contains("told"), "{seen}");
    let body = hook.one();
    insta::assert_snapshot!(told(&body), @r#"
    {
      "at": "‹time›",
      "data": {
        "environment": "production"
      },
      "failed": [],
      "id": "‹run›-2-1",
      "open_gates": [
        {
          "gate": "seen",
          "reason": "somebody has to attest it",
          "required": true,
          "title": "Somebody saw it",
          "verdict": "waiting"
        },
        {
          "gate": "there",
          "reason": "the run has not come to it",
          "required": true,
          "title": "The file is there",
          "verdict": "waiting"
        }
      ],
      "resume": "switchback resume ‹run› --answer 'way=good|mended|bad|none'",
      "run": "‹run›",
      "runbook": "book",
      "started": "‹time›",
      "started_by": {
        "identity": "asserted",
        "name": "‹who›"
      },
      "state": "waiting",
      "text": "A book: waiting for a person: Which way? · run ‹run› · ‹took›",
      "title": "A book",
      "took_seconds": "‹took›",
      "v": 1,
      "waits_for": [
        {
          "flag": "--answer 'way=good|mended|bad|none'",
          "what": "Which way?"
        }
      ]
    }
    "#);
    // The command that it names is one.
    let command = body["resume"].as_str().expect("it can be resumed");
    world
        .shell(&command.replace("good|mended|bad|none", "none"))
        .env("TOKEN", "hunter2hunter2")
        .exits(8);
    // Being stopped is nothing that anybody is told of unless they ask.
    assert_eq!(hook.heard().len(), 0);
}

#[test]
fn a_failure_says_which_step_and_why() {
    let (world, hook) = (World::with(BOOK), Hook::new());
    ran(&world, &hook, "--answer way=bad", 1);
    insta::assert_snapshot!(told(&hook.one()), @r#"
    {
      "at": "‹time›",
      "data": {
        "environment": "production"
      },
      "failed": [
        {
          "handled": false,
          "node": "broken",
          "reason": "check `the site answers` failed: `nowhere` is not there",
          "state": "failed",
          "title": "Break it"
        }
      ],
      "id": "‹run›-9-1",
      "open_gates": [
        {
          "gate": "seen",
          "reason": "somebody has to attest it",
          "required": true,
          "title": "Somebody saw it",
          "verdict": "waiting"
        }
      ],
      "resume": "switchback resume ‹run› --resolve 'broken=done|rerun|skip' --reason TEXT",
      "run": "‹run›",
      "runbook": "book",
      "started": "‹time›",
      "started_by": {
        "identity": "asserted",
        "name": "‹who›"
      },
      "state": "failed",
      "text": "A book: a step failed: Break it: check `the site answers` failed: `nowhere` is not there · run ‹run› · ‹took›",
      "title": "A book",
      "took_seconds": "‹took›",
      "v": 1,
      "waits_for": []
    }
    "#);
}

#[test]
fn an_open_gate_is_a_failure_too() {
    let (world, hook) = (World::with(BOOK), Hook::new());
    ran(&world, &hook, "--answer way=good --attest seen=ana", 5);
    let body = hook.one();
    assert_eq!(body["state"], "gates_unmet");
    assert_eq!(body["open_gates"][0]["gate"], "there");
    insta::assert_snapshot!(steady(body["text"].as_str().expect("a text")), @"A book: everything is done, and a required gate is open: The file is there · run ‹run› · ‹took›");
}

#[test]
fn what_is_complete_is_told_and_so_is_what_was_recovered() {
    let (world, hook) = (World::with(BOOK), Hook::new());
    world.write("there", "");
    ran(&world, &hook, "--answer way=good --attest seen=ana", 0);
    let body = hook.one();
    insta::assert_snapshot!(told(&body), @r#"
    {
      "at": "‹time›",
      "data": {
        "environment": "production",
        "printed": "done"
      },
      "failed": [],
      "id": "‹run›-10-1",
      "open_gates": [],
      "run": "‹run›",
      "runbook": "book",
      "started": "‹time›",
      "started_by": {
        "identity": "asserted",
        "name": "‹who›"
      },
      "state": "complete",
      "text": "A book: complete, every required gate is closed · run ‹run› · ‹took›",
      "title": "A book",
      "took_seconds": "‹took›",
      "v": 1,
      "waits_for": []
    }
    "#);
    ran(&world, &hook, "--answer way=mended --attest seen=ana", 0);
    let body = hook.one();
    assert_eq!(body["state"], "recovered");
    assert_eq!(body["failed"][0]["node"], "fragile");
    assert_eq!(body["failed"][0]["handled"], true);
}

#[test]
fn each_end_is_told_anew() {
    let (world, hook) = (World::with(BOOK), Hook::new());
    ran(&world, &hook, "", 4);
    let resume = |args: &str, exit| {
        let call = world.call(&format!("resume last --headless {args}"));
        call.env("TOKEN", "hunter2hunter2").exits(exit)
    };
    resume("--answer way=mended", 4);
    resume("--attest seen=ana", 0);
    let heard = hook.heard();
    let states: Vec<&Value> = heard.iter().map(|request| &request.body["state"]).collect();
    assert_eq!(states, ["waiting", "waiting", "recovered"]);
    let ids: Vec<&String> = heard
        .iter()
        .map(|request| &request.headers["idempotency-key"])
        .collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
    assert_eq!(heard[0].body["id"], ids[0].as_str());
}

#[test]
fn an_undo_is_not_the_run() {
    let hook = Hook::new();
    let world = World::with(&format!(
        "nodes: {{ make: {{ action: Make it, run: [touch, made], undo: {{ run: [rm, made] }} }} }}\nnotify: [ {{ webhook: \"{}\" }} ]\n",
        hook.url
    ));
    world.call("run book.yaml --headless").exits(0);
    assert_eq!(hook.one()["state"], "complete");
    world.call("undo last --headless").exits(0);
    assert!(!world.has("made"));
    assert_eq!(hook.heard().len(), 0);
}

const SECRET: &str = r#"
secrets:
  address: { env: ADDRESS }
  token: { env: TOKEN }
nodes: { work: { action: Do the work, run: [env], effect: read } }
notify:
  - webhook: { secret: address }
    headers: { X-Key: { secret: token } }
"#;

#[test]
fn a_secret_arrives_and_stands_nowhere_else() {
    for status in ["200 OK", "400 Bad"] {
        let (world, hook) = (World::with(SECRET), Hook::answering(status));
        let address = format!("{}/hooks/s3cr3t-address", hook.url);
        let seen = world
            .call("run book.yaml --headless --output jsonl")
            .env("ADDRESS", &address)
            .env("TOKEN", "hunter2hunter2")
            .exits(0);
        let heard = hook.heard();
        assert_eq!(heard.len(), 1, "{status}");
        assert_eq!(heard[0].line, "POST /hooks/s3cr3t-address HTTP/1.1");
        assert_eq!(heard[0].headers["x-key"], "hunter2hunter2");
        let told = heard[0].body.to_string();
        for secret in ["s3cr3t-address", "hunter2hunter2"] {
            assert!(!told.contains(secret), "{told}");
            assert!(
                !seen.stdout.contains(secret) && !seen.stderr.contains(secret),
                "{seen}"
            );
            for (path, content) in world.contents() {
                let content = String::from_utf8_lossy(&content);
                assert!(!content.contains(secret), "{}", path.display());
            }
        }
        let complaint = "‹secret:address› was not told: HTTP 400\n";
        assert_eq!(seen.stderr.contains(complaint), status == "400 Bad", "{seen}");
    }
}

#[test]
fn who_cannot_be_told_changes_nothing_of_the_run() {
    let world = World::with(BOOK);
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let hook = Hook {
        url: format!("http://{}", closed.expect("a port is free")),
        heard: Arc::default(),
    };
    let seen = ran(&world, &hook, "--answer way=bad", 1);
    let last = seen.stderr.lines().last().expect("it says something");
    let complaint = format!("{} was not told: could not connect: ", hook.url);
    assert!(
        last.starts_with(&complaint) && last.ends_with(", 5 times"),
        "{seen}"
    );
}

#[test]
fn nobody_is_told_where_nobody_is_named() {
    let (world, hook) = (World::with(BOOK), Hook::new());
    let seen = world.call("run book.yaml --headless").exits(4);
    assert!(
        !seen.stderr.contains("told") && !seen.stderr.contains("notif"),
        "{seen}"
    );
    world
        .call(&format!("run book.yaml --headless -p hook={}", hook.url))
        .env("SWITCHBACK_NO_NOTIFY", "1")
        .exits(4);
    assert_eq!(hook.heard().len(), 0);
}

const EVENT: &str = r#"
parameters:
  hook: { type: string }
  environment: { type: string, enum: [production, staging], default: production }
nodes:
  way: { question: Which way?, choices: { good: work, none: { next: end } } }
  work:
    action: Bring the last good release back
    run: [echo, v1.4.2]
    effect: read
    capture: { release: { stdout: { regex: '(\S+)' } } }
notify:
  - webhook: "{{ hook }}"
    when: nodes.work.state == "succeeded"
    data: { operator: "{{ run.operator }}" }
    cdevent:
      type: service.rolledback
      service: shop für alle
      environment: "{{ environment }}"
      artifact: "pkg:generic/shop@{{ outputs.work.release }}"
"#;

/// The official schema, which refers to those of links.
fn official(event: &Value) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cdevents");
    let read = |name: &str| -> Value {
        let text = fs::read_to_string(folder.join(name)).expect("it is there");
        serde_json::from_str(&text).expect("it is JSON")
    };
    let links = ["array", "end", "path", "relation"].map(|link| match link {
        "array" => read("links/embeddedlinksarray.json"),
        link => read(&format!("links/embeddedlink{link}.json")),
    });
    let registry = links.iter().fold(jsonschema::Registry::new(), |registry, link| {
        let id = link["$id"].as_str().expect("it has one").to_owned();
        registry.add(id, link).expect("it is a schema")
    });
    let registry = registry.prepare().expect("they are whole");
    let validator = jsonschema::options()
        .with_registry(&registry)
        .should_validate_formats(true)
        .build(&read("service-rolledback.json"))
        .expect("it is a schema");
    // It is the schema that accepts the official example, and not everything.
    assert!(validator.is_valid(&read("conformance.json")));
    assert!(!validator.is_valid(&json!({ "context": {}, "subject": {} })));
    validator
        .iter_errors(event)
        .map(|error| error.to_string())
        .collect()
}

#[test]
fn an_event_is_as_cdevents_has_it() {
    let (world, hook) = (World::with(EVENT), Hook::new());
    let run = |way: &str| {
        let args = format!("run book.yaml --headless -p hook={} --answer way={way}", hook.url);
        world.call(&args).env("SWITCHBACK_OPERATOR", "ana").exits(0)
    };
    // Nothing was rolled back, and so nothing is said.
    run("none");
    assert_eq!(hook.heard().len(), 0);
    run("good");
    let heard = hook.heard();
    let [Request { headers, body, .. }] = heard.as_slice() else {
        panic!("not one but {heard:#?}")
    };
    assert_eq!(official(body), [""; 0]);
    // The attributes of the CloudEvent are those of the event.
    let context = &body["context"];
    for (header, value) in [
        ("ce-id", &context["id"]),
        ("ce-source", &context["source"]),
        ("ce-type", &context["type"]),
        ("ce-time", &context["timestamp"]),
        ("idempotency-key", &context["id"]),
    ] {
        assert_eq!(value, headers[header].as_str(), "{header}");
    }
    assert_eq!(headers["ce-specversion"], "1.0");
    assert_eq!(headers["ce-subject"], "shop%20f%C3%BCr%20alle");
    assert_eq!(headers["content-type"], "application/json");
    let mut body = body.clone();
    body["context"]["timestamp"] = json!("‹time›");
    insta::assert_snapshot!(steady(&format!("{body:#}")), @r#"
    {
      "context": {
        "id": "‹run›-7-1",
        "source": "/switchback/book",
        "specversion": "0.5.1",
        "timestamp": "‹time›",
        "type": "dev.cdevents.service.rolledback.0.3.0"
      },
      "customData": {
        "data": {
          "operator": "ana"
        },
        "run": "‹run›",
        "runbook": "book",
        "state": "complete"
      },
      "subject": {
        "content": {
          "artifactId": "pkg:generic/shop@v1.4.2",
          "environment": {
            "id": "production"
          }
        },
        "id": "shop für alle"
      }
    }
    "#);
}

#[test]
fn an_event_that_would_say_nothing_is_not_sent() {
    let book = EVENT.replace("service: shop für alle", "service: \"{{ ' ' }}\"");
    let (world, hook) = (World::with(&book), Hook::new());
    let args = format!("run book.yaml --headless -p hook={} --answer way=good", hook.url);
    let seen = world.call(&args).exits(0);
    let complaint = "notification 1 was not sent: the `service` of its event is empty\n";
    assert!(seen.stderr.contains(complaint), "{seen}");
    assert_eq!(hook.heard().len(), 0);
}

#[test]
fn a_preview_says_who_would_be_told_and_tells_nobody() {
    let (world, hook) = (World::with(BOOK), Hook::new());
    let plan = world
        .call(&format!("plan book.yaml -p hook={}/ops", hook.url))
        .exits(0)
        .stdout;
    let section = plan.split("\nTold over HTTP").nth(1).expect("it is said");
    let section = section.split("\nNothing was run").next().unwrap_or_default();
    insta::assert_snapshot!(section.replace(&hook.url, "http://hook"), @"
    : how the run stands when the program lets go of it

         to        http://hook/ops
         on        waiting, failed, complete
         with      Authorization: Bearer (secret token)
         data      environment = production
         data      printed = ‹work.printed›
    ");
    // An address that comes to nothing is nobody's.
    let plan = world.call("plan book.yaml").exits(0).stdout;
    assert!(!plan.contains("Told over HTTP"), "{plan}");
    world.book(EVENT);
    let plan = world
        .call(&format!("plan book.yaml -p hook={}", hook.url))
        .exits(0)
        .stdout;
    let section = plan.split("\nTold over HTTP").nth(1).expect("it is said");
    let section = section.split("\nNothing was run").next().unwrap_or_default();
    insta::assert_snapshot!(section.replace(&hook.url, "http://hook"), @r#"
    : how the run stands when the program lets go of it

         to        http://hook
         on        complete
         when      nodes.work.state == "succeeded"
         data      operator = ‹run.operator›
         cdevent   service.rolledback: shop für alle in production is pkg:generic/shop@‹work.release› again
    "#);
    assert_eq!(hook.heard().len(), 0);
}

#[test]
fn a_test_and_a_drill_tell_nobody() {
    let hook = Hook::new();
    let book = BOOK.replace("webhook: \"{{ hook }}\"", &format!("webhook: \"{}\"", hook.url));
    let world = World::with(&book);
    world.write(
        "book.test.yaml",
        "switchback_test: 1\ncases: { waits: { about: Nobody says a word, expect: { state: waiting, exit: 4 } } }\n",
    );
    world.call("test book.yaml").exits(0);
    assert_eq!(hook.heard().len(), 0);
    if !can_drill() {
        return;
    }
    let drill = |env: &str| {
        let text = format!(
            "switchback_drill: 1\nsetup: {{ run: [\"true\"] }}\n{env}\
             scenarios: {{ waits: {{ about: Nobody says a word, steps: [ {{ run: {{ exit: 4 }} }} ] }} }}\n"
        );
        world.write("book.drill.yaml", &text);
        world
            .call("drill book.yaml --scenario waits")
            .env("TOKEN", "hunter2hunter2")
            .exits(0)
    };
    drill("");
    assert_eq!(hook.heard().len(), 0);
    // Whoever plays the other side as well says so.
    drill("env: { SWITCHBACK_NO_NOTIFY: \"\" }\n");
    assert_eq!(hook.heard().len(), 1);
}

#[test]
fn a_plan_that_was_reviewed_covers_who_is_told() {
    let world = World::with(BOOK);
    let digest = |book: &str| {
        world.book(book);
        let plan = world.call("plan book.yaml --output json").exits(0).json();
        plan["digest"].as_str().expect("it has one").to_owned()
    };
    let before = digest(BOOK);
    for (from, to) in [
        ("webhook: \"{{ hook }}\"", "webhook: \"{{ hook }}/\""),
        ("prefix: \"Bearer \"", "prefix: \"Token \""),
        ("printed: \"{{ outputs", "output: \"{{ outputs"),
        ("    headers: {", "    on: waiting\n    headers: {"),
        ("    headers: {", "    when: 'true'\n    headers: {"),
    ] {
        assert!(BOOK.contains(from), "{from}");
        assert_ne!(digest(&BOOK.replace(from, to)), before, "{from} → {to}");
    }
}

#[test]
fn ctrl_c_leaves_off_what_takes_long() {
    let world = World::with(BOOK);
    // It takes every call, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}", silent.local_addr().expect("it has one"));
    let call = world.call(&format!("run book.yaml --headless -p hook={url}"));
    let mut terminal = Terminal::of(call.env("TOKEN", "hunter2hunter2"));
    terminal.sees(&format!("telling {url}; Ctrl-C leaves that off"));
    terminal.types(INTERRUPT);
    terminal.sees(&format!("{url} was not told: it was left off"));
    // How the run stands is not changed by that.
    assert_eq!(terminal.ends(), 4);
}
