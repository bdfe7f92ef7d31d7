//! A run as a trace, exported to a real HTTP server.

mod collector;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use switchback::adapter::process::Environment;
use switchback::adapter::trace::{self, Trace};
use switchback::model::NodeId;
use switchback::traverse::{Event, Record, RunId, Step, Traversal};

use collector::{Collector, value};
use support::{Call, Seen, World, ana, runbook};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Every command writes down the trace that it is told of.
const BOOK: &str = r#"
nodes:
  which: { question: Which?, detect: { run: 'echo "${TRACEPARENT-}" > detected; echo a' }, choices: { a: act, b: end } }
  act:
    action: Act
    run: 'echo "${TRACEPARENT-}" > acted; echo "${TRACESTATE-}" > state'
    verify: [ { id: seen, title: It is seen, run: 'echo "${TRACEPARENT-}" > looked' }, { file: acted } ]
    next: bad
  bad: { action: Be bad, idempotent: true, retry: { times: 1, backoff: 1ms }, run: 'exit 3' }
gates:
  live: { title: It is live, verify: [ { run: 'echo "${TRACEPARENT-}" > gated' } ] }
  stated: { title: It is stated, attest: It is so. }
"#;

fn traced(world: &World, collector: &Collector, args: &str) -> Call {
    world.call(args).env(ENDPOINT, collector.endpoint())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[track_caller]
fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<&Span> = spans.iter().filter(|span| span.name == name).collect();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(found.len(), 1, "`{name}` in {names:?}");
    found[0]
}

/// The name of each span with the names of all above it, in the order of the alphabet.
fn tree(spans: &[Span]) -> Vec<String> {
    let above = |span: &Span| spans.iter().find(|other| other.span_id == span.parent_span_id);
    let mut lines: Vec<String> = spans
        .iter()
        .map(|span| {
            let ancestors = std::iter::successors(above(span), |span| above(span));
            let path = ancestors.fold(span.name.clone(), |path, span| format!("{} / {path}", span.name));
            match &span.status {
                Some(status) if status.code == StatusCode::Error as i32 => {
                    format!("{path}: {}", status.message)
                }
                _ => path,
            }
        })
        .collect();
    lines.sort();
    lines
}

/// What a command is told that runs within a span.
fn told(span: &Span) -> String {
    format!("00-{}-{}-01\n", hex(&span.trace_id), hex(&span.span_id))
}

fn nanoseconds(at: SystemTime) -> u64 {
    let since = at.duration_since(UNIX_EPOCH).expect("it is later");
    u64::try_from(since.as_nanos()).expect("it is before 2554")
}

#[test]
fn a_run_is_a_trace() {
    let collector = Collector::new();
    let world = World::with(BOOK);
    let before = nanoseconds(SystemTime::now());
    traced(
        &world,
        &collector,
        "run book.yaml --headless --attest stated=ana:looked",
    )
    .exits(1);
    let after = nanoseconds(SystemTime::now());
    let spans = collector.spans();
    assert_eq!(
        tree(&spans),
        [
            "RUN book / act",
            "RUN book / act / attempt 1",
            "RUN book / act / check act.1",
            "RUN book / act / check act.seen",
            "RUN book / bad / attempt 1: it exited with 3",
            "RUN book / bad / attempt 2: it exited with 3",
            "RUN book / bad: it exited with 3",
            "RUN book / check live.0",
            "RUN book: `bad` failed: it exited with 3",
        ]
    );

    // Each is a whole span, within the one above it, within the time of the run.
    for span in &spans {
        assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8), "{span:?}");
        let times = [before, span.start_time_unix_nano, span.end_time_unix_nano, after];
        assert!(times.is_sorted(), "{span:?}");
        if let Some(above) = spans.iter().find(|other| other.span_id == span.parent_span_id) {
            assert!(
                above.start_time_unix_nano <= span.start_time_unix_nano,
                "{span:?} in {above:?}"
            );
            assert!(
                span.end_time_unix_nano <= above.end_time_unix_nano,
                "{span:?} in {above:?}"
            );
        }
    }
    let ids: BTreeSet<&[u8]> = spans.iter().map(|span| span.span_id.as_slice()).collect();
    assert_eq!(ids.len(), spans.len());

    // A command knows the span that it is part of.
    let (call, act) = (named(&spans, "RUN book"), named(&spans, "act"));
    let attempt = spans
        .iter()
        .find(|span| span.parent_span_id == act.span_id && span.name == "attempt 1");
    assert_eq!(world.read("acted"), told(attempt.expect("it is there")));
    assert_eq!(world.read("looked"), told(act));
    assert_eq!(world.read("detected"), told(call));
    assert_eq!(world.read("gated"), told(call));

    let of_call = |key: &str| value(&call.attributes, key);
    assert_eq!(of_call("cicd.pipeline.name").as_deref(), Some("book"));
    assert_eq!(of_call("cicd.pipeline.run.id"), Some(world.run()));
    assert_eq!(of_call("cicd.pipeline.result").as_deref(), Some("failure"));
    assert_eq!(of_call("switchback.run.state").as_deref(), Some("failed"));
    assert_eq!(of_call("error.type").as_deref(), Some("failed"));
    assert_eq!(
        (call.kind, act.kind),
        (SpanKind::Server as i32, SpanKind::Internal as i32)
    );
    assert!(call.parent_span_id.is_empty());
    assert_eq!(
        value(&act.attributes, "switchback.node.state").as_deref(),
        Some("succeeded")
    );
    let failed = spans
        .iter()
        .find(|span| span.name == "attempt 2")
        .expect("it is there");
    assert_eq!(
        value(&failed.attributes, "process.exit.code").as_deref(),
        Some("3")
    );
    assert!(value(&failed.attributes, "process.pid").is_some());
    let check = named(&spans, "check act.seen");
    assert_eq!(
        value(&check.attributes, "switchback.check.title").as_deref(),
        Some("It is seen")
    );
    assert_eq!(
        value(&check.attributes, "switchback.check.verdict").as_deref(),
        Some("held")
    );
    assert_eq!(
        value(&check.attributes, "switchback.node").as_deref(),
        Some("act")
    );

    // What people said are events of the call, and of nothing else.
    let events: Vec<&str> = call.events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(
        events,
        ["run_started", "attested", "answered", "confirmed", "confirmed"]
    );
    let attested = &call.events[1].attributes;
    assert_eq!(value(attested, "switchback.by.name").as_deref(), Some("ana"));
    assert_eq!(
        value(attested, "switchback.subject.gate").as_deref(),
        Some("stated")
    );
    assert_eq!(value(attested, "switchback.note").as_deref(), Some("looked"));
    let with_events = spans.iter().filter(|span| !span.events.is_empty());
    assert_eq!(with_events.count(), 1);
}

#[test]
fn a_run_joins_the_trace_of_whoever_calls_it() {
    let collector = Collector::new();
    let world = World::with(BOOK);
    let call = traced(&world, &collector, "run book.yaml --headless");
    call.env("TRACEPARENT", PARENT).env("TRACESTATE", "ci=1").exits(1);
    let spans = collector.spans();
    let call = named(&spans, "RUN book");
    assert_eq!(hex(&call.parent_span_id), "00f067aa0ba902b7");
    for span in &spans {
        assert_eq!(hex(&span.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(span.trace_state, "ci=1");
        // Sampled, and whether the parent is elsewhere is known.
        assert_eq!(span.flags, if span == call { 0x301 } else { 0x101 }, "{span:?}");
    }
    assert!(
        world
            .read("acted")
            .starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-")
    );
    assert_eq!(world.read("state"), "ci=1\n");
}

#[test]
fn what_is_no_parent_is_passed_over() {
    let collector = Collector::new();
    let world = World::with(BOOK);
    let call = traced(&world, &collector, "run book.yaml --headless");
    let wrong = PARENT.to_uppercase();
    call.env("TRACEPARENT", &wrong).env("TRACESTATE", "ci=1").exits(1);
    let spans = collector.spans();
    assert!(named(&spans, "RUN book").parent_span_id.is_empty());
    assert_eq!(world.read("detected"), told(named(&spans, "RUN book")));
    assert_eq!(world.read("state"), "\n");
}

#[test]
fn a_run_that_is_resumed_or_undone_goes_on_in_its_trace() {
    let collector = Collector::new();
    let world = World::with(
        "
nodes:
  act: { action: Act, run: [echo], undo: { run: 'echo \"${TRACEPARENT-}\" > undone; exit 4' }, next: bad }
  bad: { action: Be bad, run: 'test -e mended' }
",
    );
    traced(&world, &collector, "run book.yaml --headless").exits(1);
    let first = collector.spans();
    traced(
        &world,
        &collector,
        "resume last --headless --resolve bad=rerun --reason again",
    )
    .exits(1);
    let second = collector.spans();
    traced(&world, &collector, "undo last --headless").exits(1);
    let third = collector.spans();
    assert_eq!(
        tree(&second),
        [
            "RUN book / bad / attempt 2: it exited with 1",
            "RUN book / bad: it exited with 1",
            "RUN book: `bad` failed: it exited with 1",
        ]
    );
    let said: Vec<&str> = named(&second, "RUN book")
        .events
        .iter()
        .map(|event| event.name.as_str())
        .collect();
    assert_eq!(said, ["run_resumed", "resolved"]);
    assert_eq!(
        tree(&third),
        [
            "UNDO book / undo act: it exited with 4",
            "UNDO book: the undo of `act` failed: it exited with 4"
        ]
    );
    assert_eq!(world.read("undone"), told(named(&third, "undo act")));

    let all: Vec<Span> = [first, second, third].concat();
    let traces: BTreeSet<&[u8]> = all.iter().map(|span| span.trace_id.as_slice()).collect();
    assert_eq!(traces.len(), 1);
    let ids: BTreeSet<&[u8]> = all.iter().map(|span| span.span_id.as_slice()).collect();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn what_waits_for_a_person_ends_with_the_call_and_is_no_error() {
    let collector = Collector::new();
    let world = World::with("nodes: { turn: { action: Turn, manual: Turn the key. } }\n");
    traced(&world, &collector, "run book.yaml --headless").exits(4);
    let spans = collector.spans();
    assert_eq!(tree(&spans), ["RUN book", "RUN book / turn"]);
    let turn = &named(&spans, "turn").attributes;
    assert_eq!(value(turn, "switchback.node.state").as_deref(), Some("waiting"));
    assert_eq!(value(turn, "cicd.pipeline.task.run.result"), None);
}

/// As when the disk is full: nothing can go on record any more.
#[test]
fn what_has_no_end_on_record_is_sent_all_the_same() {
    let collector = Collector::new();
    let environment = Environment::from([(ENDPOINT.into(), collector.endpoint().into())]);
    let trace = Trace::of(&environment, &RunId("r".to_owned()), 0);
    let mut reporter = trace::reporter(trace, std::io::sink()).expect("it is traced");
    let mut run = Traversal::new(runbook("nodes: { act: { action: Act, run: [act] } }\n"));
    let node = NodeId::from("act");
    let started = Event::RunStarted {
        run: RunId("r".to_owned()),
        runbook: "test".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: serde_json::Map::new(),
        by: ana(),
    };
    let mut take = |event| {
        let record = Record::unkept(event);
        run.apply(&record).expect("it fits");
        reporter.record(&record, &run);
        run.next(&BTreeSet::new())
    };
    let Some(Step::Record(prepared)) = take(started) else {
        panic!("the work is rendered first")
    };
    take(prepared);
    take(Event::Started { node, attempt: 1 });
    drop(reporter);
    let open = "its end is not on record";
    assert_eq!(
        tree(&collector.spans()),
        [
            format!("RUN test / act / attempt 1: {open}"),
            format!("RUN test / act: {open}"),
            format!("RUN test: {open}"),
        ]
    );
}

#[test]
fn without_an_address_nothing_is_sent_and_the_context_passes_through() {
    let collector = Collector::new();
    let disabled = [("OTEL_SDK_DISABLED", "true")];
    let not_sampled = PARENT.replace("-01", "-00");
    for (has_address, more, parent) in [
        (false, [("OTHER", "x")], PARENT),
        (true, disabled, PARENT),
        (true, [("OTEL_TRACES_EXPORTER", "none")], PARENT),
        (true, [("OTHER", "x")], &not_sampled),
    ] {
        let world = World::with(BOOK);
        let mut call = world.call("run book.yaml --headless").env("TRACEPARENT", parent);
        if has_address {
            call = call.env(ENDPOINT, collector.endpoint());
        }
        let seen = more
            .iter()
            .fold(call, |call, (name, value)| call.env(name, value))
            .exits(1);
        assert_eq!(collector.requests().len(), 0);
        for name in ["acted", "looked", "detected", "gated"] {
            assert_eq!(world.read(name), format!("{parent}\n"));
        }
        assert!(!seen.stderr.contains("trace"), "{seen}");
    }
}

#[test]
fn requests_are_what_the_variables_and_the_protocol_say() {
    let collector = Collector::new();
    let world = World::with(BOOK);
    traced(&world, &collector, "run book.yaml --headless")
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20hush-hush")
        .env("OTEL_SERVICE_NAME", "rollbacks")
        .env(
            "OTEL_RESOURCE_ATTRIBUTES",
            "deployment.environment.name=production,service.name=other",
        )
        .exits(1);
    let requests = collector.requests();
    let [heard] = requests.as_slice() else {
        panic!("{} requests", requests.len())
    };
    assert_eq!(heard.line, "POST /v1/traces HTTP/1.1");
    let header = |name: &str| heard.headers.get(name).map(String::as_str);
    assert_eq!(header("content-type"), Some("application/x-protobuf"));
    assert_eq!(header("authorization"), Some("Bearer hush-hush"));
    let request = heard.decoded();
    let resource = &request.resource_spans[0]
        .resource
        .as_ref()
        .expect("it is said")
        .attributes;
    assert_eq!(value(resource, "service.name").as_deref(), Some("rollbacks"));
    assert_eq!(
        value(resource, "deployment.environment.name").as_deref(),
        Some("production")
    );
    let scope = request.resource_spans[0].scope_spans[0]
        .scope
        .as_ref()
        .expect("it is said");
    assert_eq!(scope.name, "switchback");
}

#[test]
fn no_secret_is_in_a_trace() {
    let collector = Collector::new();
    let world = World::with(
        r#"
secrets: { token: { env: TOKEN } }
nodes:
  act:
    action: Act
    run: 'echo "$T" | tee said; exit 3'
    env: { T: { secret: token } }
    on_failure: look
  look:
    action: Look
    run: [cat, said]
    capture: { said: { stdout: { regex: '(.+)' } } }
    verify: [ { file: said, content: { equals: other } } ]
"#,
    );
    traced(&world, &collector, "run book.yaml --headless")
        .env("TOKEN", "hush-hush-hush")
        .exits(1);
    assert!(world.read("said").contains("hush-hush-hush"));
    let requests = collector.requests();
    assert!(!requests.is_empty());
    for heard in requests {
        let text = String::from_utf8_lossy(&heard.body);
        assert!(
            text.contains("check look.0") && !text.contains("hush-hush-hush"),
            "{text}"
        );
    }
}

/// What a run comes to without a trace, and with one that does not get through.
fn comes_to_the_same(endpoint: &str, why: &str) {
    let world = World::with(BOOK);
    let call = || world.call("run book.yaml --headless --output jsonl");
    let events = |stdout: &str| {
        let lines = stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect("it is JSON"));
        lines
            .map(|line: serde_json::Value| line["event"].clone())
            .collect::<Vec<_>>()
    };
    let without = call().exits(1);
    let began = Instant::now();
    let with = call()
        .env(ENDPOINT, endpoint)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "authorization=hush-hush")
        .exits(1);
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    assert_eq!(events(&with.stdout), events(&without.stdout));
    let line =
        format!("the trace was not exported: {why}; `OTEL_EXPORTER_OTLP_ENDPOINT` says where it goes\n");
    let rest = with
        .stderr
        .strip_suffix(&line)
        .unwrap_or_else(|| panic!("{line}{with}"));
    assert_eq!(
        rest.lines().count(),
        without.stderr.lines().count(),
        "{with}\n{without}"
    );
    assert!(!with.stderr.contains("hush-hush"), "{with}");
}

#[test]
fn a_collector_that_is_not_there_changes_nothing_about_a_run() {
    let gone = TcpListener::bind("127.0.0.1:0").expect("there is a port left");
    let address = gone.local_addr().expect("it is bound");
    drop(gone);
    comes_to_the_same(
        &format!("http://{address}"),
        "could not connect: Connection refused (os error 111)",
    );
}

#[test]
fn a_collector_that_is_silent_is_not_waited_for_long() {
    // It takes the connection, and no more.
    let silent = TcpListener::bind("127.0.0.1:0").expect("there is a port left");
    let address = silent.local_addr().expect("it is bound");
    comes_to_the_same(&format!("http://{address}"), "no answer within 3s");
}

#[test]
fn a_collector_that_refuses_changes_nothing_either() {
    let refuses = Collector::answering(vec![401]);
    comes_to_the_same(&refuses.endpoint(), "it was answered with HTTP 401");
    assert_eq!(refuses.requests().len(), 1);
}

#[test]
fn spans_are_sent_while_the_run_goes_on_and_again_if_they_were_not_taken() {
    let busy = Collector::answering(vec![503]);
    let world = World::with(
        "
nodes:
  first: { action: First, run: [echo], next: second }
  second: { action: Second, run: 'until test -e heard; do sleep 0.01; done' }
",
    );
    let call = traced(&world, &busy, "run book.yaml --headless").env("OTEL_BSP_SCHEDULE_DELAY", "1");
    let child = call.start();
    let refused = busy.next().decoded();
    world.write("heard", "");
    let seen = Seen::of(child.wait_with_output().expect("it was started"));
    assert_eq!(
        (seen.code, seen.stderr.contains("trace")),
        (Some(0), false),
        "{seen}"
    );
    let spans = busy.spans();
    assert_eq!(
        tree(&spans),
        [
            "RUN book",
            "RUN book / first",
            "RUN book / first / attempt 1",
            "RUN book / second",
            "RUN book / second / attempt 1",
        ]
    );
    let first = &refused.resource_spans[0].scope_spans[0].spans[0];
    assert!(spans.contains(first), "it came again");
}

#[test]
fn an_address_that_is_none_is_said_without_it() {
    comes_to_the_same("not an address hush-hush", "the address or a header is none");
}
