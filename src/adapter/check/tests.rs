use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use indexmap::IndexMap;

use crate::adapter::process::Environment;
use crate::model::{
    Check, Command, Feed, Http, Invocation, JsonMatcher, Look, Matcher, Method, Runbook, SecretId,
    SecretSource,
};

use super::*;

const LONG: Duration = Duration::from_secs(60);

struct World {
    surroundings: Surroundings,
    secrets: Secrets,
    interrupt: Interrupt,
}

impl World {
    fn new(folder: &Path) -> Self {
        let variables = [
            ("PATH", std::env::var_os("PATH").unwrap()),
            ("TOKEN", "hunter2hunter2".into()),
        ];
        let surroundings = Surroundings {
            folder: folder.to_owned(),
            environment: Environment::from(variables.map(|(name, value)| (name.into(), value))).into(),
        };
        let runbook = Runbook {
            name: "test".to_owned(),
            title: String::new(),
            description: None,
            parameters: IndexMap::new(),
            secrets: IndexMap::from([
                (SecretId::from("token"), SecretSource::Env("TOKEN".to_owned())),
                (SecretId::from("gone"), SecretSource::Env("GONE".to_owned())),
            ]),
            requires: Vec::new(),
            lock: None,
            start: None,
            nodes: IndexMap::new(),
            gates: IndexMap::new(),
            notify: Vec::new(),
            allow: Vec::new(),
        };
        Self {
            secrets: Secrets::new(Arc::new(runbook), surroundings.clone()),
            surroundings,
            interrupt: Interrupt::new().unwrap(),
        }
    }

    fn sees(&self, check: &Check<String>) -> (Verdict, String) {
        self.sees_with(check, &mut |_| ())
    }

    fn sees_with(&self, check: &Check<String>, note: &mut dyn FnMut(&str)) -> (Verdict, String) {
        let checker = Checker {
            surroundings: &self.surroundings,
            secrets: &self.secrets,
            interrupt: &self.interrupt,
        };
        let seen = checker.carry_out(check, note);
        (seen.verdict, seen.evidence)
    }
}

fn once(look: Look<String>) -> Check<String> {
    Check {
        id: None,
        title: None,
        negated: false,
        within: None,
        every: Duration::from_millis(5),
        look,
    }
}

fn not(look: Look<String>) -> Check<String> {
    Check {
        negated: true,
        ..once(look)
    }
}

fn contains(text: &str) -> Matcher<String> {
    Matcher {
        contains: Some(text.to_owned()),
        ..Matcher::default()
    }
}

fn script(script: &str) -> Look<String> {
    script_with(script, Matcher::default())
}

fn script_with(script: &str, stdout: Matcher<String>) -> Look<String> {
    Look::Run {
        command: Command {
            run: Invocation::Shell {
                shell: ["sh", "-eu", "-c"].map(str::to_owned).to_vec(),
                script: script.to_owned(),
            },
            cwd: None,
            env: IndexMap::new(),
            stdin: None,
            terminal: false,
            timeout: Some(LONG),
            grace: LONG,
        },
        exit: 0,
        stdout,
        stderr: Matcher::default(),
    }
}

fn file(path: &str, content: Matcher<String>) -> Look<String> {
    Look::File {
        path: path.to_owned(),
        content,
    }
}

fn get(url: &str) -> Http<String> {
    Http {
        url: url.to_owned(),
        method: Method::Get,
        headers: IndexMap::new(),
        status: Vec::new(),
        body: Matcher::default(),
        timeout: LONG,
    }
}

/// A server that gives these answers, one a connection; its address, and what it was sent.
fn server(answers: &'static [(&'static str, &'static str)]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for (status, body) in answers {
            let (mut connection, _) = listener.accept().unwrap();
            let lines = BufReader::new(&connection).lines();
            let head: Vec<String> = lines
                .map(Result::unwrap)
                .take_while(|line| !line.is_empty())
                .collect();
            requests.push(head.join("\n"));
            let length = body.len();
            // A client that wants no body may be gone before all of it is written.
            let _ = write!(
                connection,
                "HTTP/1.1 {status}\r\nconnection: close\r\nlocation: /elsewhere\r\ncontent-length: {length}\r\n\r\n{body}"
            );
        }
        requests
    });
    (url, serving)
}

fn held(evidence: &str) -> (Verdict, String) {
    (Verdict::Held, evidence.to_owned())
}

fn failed(evidence: &str) -> (Verdict, String) {
    (Verdict::Failed, evidence.to_owned())
}

#[test]
fn a_command_is_judged_by_its_exit_and_output() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    assert_eq!(world.sees(&once(script("echo fine"))), held(r#"exit 0 ("fine")"#));
    assert_eq!(
        world.sees(&once(script("echo no; echo 'fatal: gone' >&2; exit 2"))),
        failed(r#"exit 2 ("fatal: gone"), wanted exit 0"#)
    );
    assert_eq!(
        world.sees(&once(script_with("echo v12", contains("v13")))),
        failed(r#"standard output was "v12", wanted it to contain "v13""#)
    );
    let empty_list = Matcher {
        json: Some(JsonMatcher {
            pointer: String::new(),
            equals: None,
            length: Some(0),
        }),
        ..Matcher::default()
    };
    assert_eq!(
        world.sees(&once(script_with("echo '[1]'", empty_list))),
        failed("in standard output the document has length 1, wanted 0")
    );
}

#[test]
fn a_command_that_cannot_be_carried_out_is_unknown_turned_round_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let mut nowhere = script("true");
    let mut slow = script("exec sleep 1000");
    if let (Look::Run { command: nowhere, .. }, Look::Run { command: slow, .. }) = (&mut nowhere, &mut slow) {
        nowhere.cwd = Some("gone".to_owned());
        slow.timeout = Some(Duration::from_millis(20));
    }
    for look in [script("no-such-program"), script("kill -9 $$"), nowhere, slow] {
        assert_eq!(world.sees(&not(look)).0, Verdict::Unknown);
    }
}

#[test]
fn a_file_is_looked_into() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    fs::write(folder.path().join("state"), "up\n").unwrap();
    assert_eq!(
        world.sees(&once(file("state", Matcher::default()))),
        held("`state` is there")
    );
    assert_eq!(
        world.sees(&once(file("state", contains("down")))),
        failed(r#"`state` holds "up", wanted it to contain "down""#)
    );
    assert_eq!(
        world.sees(&once(file("gone", Matcher::default()))),
        failed("`gone` is not there")
    );
    assert_eq!(
        world.sees(&not(file("state/gone", Matcher::default()))),
        held("`state/gone` is not there")
    );
    assert_eq!(
        world.sees(&not(file("state", Matcher::default()))),
        failed("`state` is there, wanted it not to be so")
    );
    assert_eq!(world.sees(&once(file(".", contains("x")))).0, Verdict::Unknown);
}

#[test]
fn a_link_is_judged_by_its_target_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    std::os::unix::fs::symlink("releases/3", folder.path().join("current")).unwrap();
    fs::write(folder.path().join("plain"), "").unwrap();
    let link = |path: &str, end: &str| {
        once(Look::Link {
            path: path.to_owned(),
            to: Matcher {
                ends_with: Some(end.to_owned()),
                ..Matcher::default()
            },
        })
    };
    assert_eq!(world.sees(&link("current", "/3")), held("current -> releases/3"));
    assert_eq!(
        world.sees(&link("current", "releases/2")),
        failed(r#"current -> releases/3, wanted it to end with "releases/2""#)
    );
    assert_eq!(
        world.sees(&link("plain", "")),
        failed("`plain` is there, wanted it to be a symbolic link")
    );
    assert_eq!(world.sees(&link("gone", "")), failed("`gone` is not there"));
}

#[test]
fn an_answer_is_judged_by_its_status_and_body() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let (url, serving) = server(&[
        ("204 No Content", ""),
        ("502 Bad Gateway", "oops"),
        ("302 Found", ""),
        ("200 OK", "pool exhausted"),
    ]);
    assert_eq!(world.sees(&once(Look::Http(get(&url)))), held("HTTP 204"));
    assert_eq!(
        world.sees(&once(Look::Http(get(&url)))),
        failed("HTTP 502, wanted 2xx")
    );
    let http = Http {
        status: vec![301, 302],
        ..get(&url)
    };
    assert_eq!(world.sees(&once(Look::Http(http))), held("HTTP 302"));
    let http = Http {
        body: contains("all well"),
        ..get(&url)
    };
    assert_eq!(
        world.sees(&once(Look::Http(http))),
        failed(r#"HTTP 200 with "pool exhausted", wanted the body to contain "all well""#)
    );
    serving.join().unwrap();
}

#[test]
fn a_secret_reaches_the_server_and_not_the_evidence() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let (url, serving) = server(&[("200 OK", "you sent hunter2hunter2")]);
    let bearer = |id: &str| Feed::Secret {
        id: SecretId::from(id),
        prefix: "Bearer ".to_owned(),
    };
    let http = Http {
        headers: IndexMap::from([("authorization".to_owned(), bearer("token"))]),
        body: contains("nothing"),
        ..get(&url)
    };
    let (_, evidence) = world.sees(&once(Look::Http(http)));
    assert_eq!(
        evidence,
        r#"HTTP 200 with "you sent ‹secret:token›", wanted the body to contain "nothing""#
    );
    assert!(serving.join().unwrap()[0].contains("authorization: Bearer hunter2hunter2"));
    let http = Http {
        headers: IndexMap::from([("authorization".to_owned(), bearer("gone"))]),
        ..get(&url)
    };
    let seen = world.sees(&once(Look::Http(http)));
    assert_eq!(seen.0, Verdict::Unknown);
    assert_eq!(
        seen.1,
        "secret `gone`: the environment variable `GONE` is not set; set it and resume"
    );
}

#[test]
fn without_an_answer_it_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    // A port that nobody listens at, and one where nobody answers.
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (verdict, evidence) = world.sees(&not(Look::Http(get(&format!("http://{closed}")))));
    assert_eq!(verdict, Verdict::Unknown);
    assert!(evidence.starts_with("could not connect: "), "{evidence}");
    let http = Http {
        timeout: Duration::from_millis(30),
        ..get(&format!("http://{}", silent.local_addr().unwrap()))
    };
    assert_eq!(
        world.sees(&once(Look::Http(http))),
        (Verdict::Unknown, "no answer within 30ms".to_owned())
    );
}

#[test]
fn it_is_tried_until_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let (url, serving) = server(&[
        ("502 Bad Gateway", ""),
        ("502 Bad Gateway", ""),
        ("503 Busy", ""),
        ("200 OK", ""),
    ]);
    let check = Check {
        within: Some(LONG),
        ..once(Look::Http(get(&url)))
    };
    let mut notes = Vec::new();
    assert_eq!(
        world.sees_with(&check, &mut |note| notes.push(note.to_owned())),
        held("HTTP 200")
    );
    assert_eq!(notes, ["HTTP 502, wanted 2xx", "HTTP 503, wanted 2xx"]);
    serving.join().unwrap();
}

#[test]
fn its_time_bounds_a_try_that_hangs() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    // The first try sees something, the second hangs: what was seen counts.
    let look = script("if mkdir tried 2>/dev/null; then echo down; exit 1; fi; exec sleep 1000");
    let check = Check {
        within: Some(Duration::from_millis(1500)),
        ..once(look)
    };
    assert_eq!(world.sees(&check), failed(r#"exit 1 ("down"), wanted exit 0"#));
}

#[test]
fn an_interrupt_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path());
    let check = Check {
        within: Some(3 * LONG),
        every: LONG,
        ..once(file("gone", Matcher::default()))
    };
    let seen = world.sees_with(&check, &mut |_| world.interrupt.raise());
    assert_eq!(
        seen,
        (
            Verdict::Unknown,
            "interrupted; last seen: `gone` is not there".to_owned()
        )
    );
}
