use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::adapter::process::{Environment, Surroundings};
use crate::adapter::reporter::{ana, record, rollback};
use crate::model::{Feed, Notify, Occasion, SecretId, SecretSource, Template};
use crate::traverse::{Event, RunId, RunState, Traversal};

use super::delivery::{Outgoing, Post, origin};
use super::*;

/// Longer than anything takes: when it has passed, what should end does not.
const LONG: Duration = Duration::from_secs(60);

/// No pause, so that nothing is waited for but the other side.
fn patience() -> Patience {
    Patience {
        attempt: LONG,
        pauses: vec![Duration::ZERO; 4],
        total: LONG,
        quiet: LONG,
        parting: LONG,
    }
}

fn surroundings() -> Surroundings {
    let variables = [
        ("TOKEN", "hunter2hunter2"),
        ("CHAT", "http://127.0.0.1:1/s3cr3t-hook"),
    ];
    Surroundings {
        folder: std::env::temp_dir(),
        environment: Environment::from(variables.map(|(name, value)| (name.into(), value.into()))).into(),
    }
}

fn post(patience: Patience) -> Post {
    let mut runbook = rollback();
    for (id, variable) in [("token", "TOKEN"), ("chat", "CHAT"), ("gone", "GONE")] {
        let source = SecretSource::Env(variable.to_owned());
        runbook.secrets.insert(SecretId::from(id), source);
    }
    Post::new(Arc::new(runbook), surroundings(), patience).unwrap()
}

fn outgoing(to: &str) -> Outgoing {
    Outgoing {
        to: Feed::Text(to.to_owned()),
        id: "run-7-1".to_owned(),
        own: Vec::new(),
        headers: Vec::new(),
        body: r#"{"v":1}"#.to_owned(),
    }
}

fn secret(id: &str, prefix: &str) -> Feed<String> {
    Feed::Secret {
        id: id.into(),
        prefix: prefix.to_owned(),
    }
}

/// A server that gives these answers, head lines and all, one a connection; its address, and what it was sent.
fn server(answers: Vec<String>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        let answer = |answer: &String| {
            let (mut connection, _) = listener.accept().unwrap();
            let request = request(&connection);
            write!(
                connection,
                "HTTP/1.1 {answer}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            )
            .unwrap();
            request
        };
        answers.iter().map(answer).collect()
    });
    (url, serving)
}

/// A request, head and body.
fn request(connection: &TcpStream) -> String {
    let mut reader = BufReader::new(connection);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    format!("{head}\n{}", String::from_utf8(body).unwrap())
}

fn answers(answers: &[&str]) -> Vec<String> {
    answers.iter().map(|answer| (*answer).to_owned()).collect()
}

#[test]
fn what_fails_for_now_is_tried_again_with_the_same_id() {
    let (url, serving) = server(answers(&[
        "500 Oh",
        "429 Slow\r\nretry-after: 0",
        "503 Busy",
        "200 OK",
    ]));
    assert_eq!(post(patience()).deliver(&outgoing(&url)), Ok(()));
    let requests = serving.join().unwrap();
    assert_eq!(requests.len(), 4);
    for request in requests {
        assert!(request.starts_with("POST /hook HTTP/1.1"), "{request}");
        assert!(
            request.to_lowercase().contains("\nidempotency-key: run-7-1\r\n"),
            "{request}"
        );
        assert!(
            request
                .to_lowercase()
                .contains("\ncontent-type: application/json\r\n"),
            "{request}"
        );
        assert!(request.ends_with("\n{\"v\":1}"), "{request}");
    }
}

#[test]
fn it_is_given_up_after_the_last_pause() {
    let (url, serving) = server(answers(&["503 Busy"; 5]));
    let told = post(patience()).deliver(&outgoing(&url));
    assert_eq!(told, Err("HTTP 503, 5 times".to_owned()));
    serving.join().unwrap();
}

#[test]
fn what_is_refused_is_not_tried_again() {
    for (answer, why) in [
        ("400 Bad", "HTTP 400"),
        ("401 No", "HTTP 401"),
        ("410 Gone", "HTTP 410"),
        (
            "503 Busy\r\nretry-after: 3600",
            "HTTP 503, to be tried again after 3600s, which is not waited for",
        ),
        (
            "503 Busy\r\nretry-after: Tue, 31 Dec 2999 23:59:59 GMT",
            "HTTP 503, to be tried again after ",
        ),
    ] {
        let (url, serving) = server(answers(&[answer]));
        let told = post(patience()).deliver(&outgoing(&url)).unwrap_err();
        assert!(told.starts_with(why), "{told}");
        serving.join().unwrap();
    }
}

#[test]
fn a_redirect_takes_no_secret_anywhere() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = elsewhere.local_addr().unwrap();
    let (url, serving) = server(answers(&[&format!(
        "307 Moved\r\nlocation: http://{address}/hook"
    )]));
    let bearer = Outgoing {
        headers: vec![("Authorization".to_owned(), secret("token", "Bearer "))],
        ..outgoing(&url)
    };
    let told = post(patience()).deliver(&bearer);
    let why = "HTTP 307, and a redirect is not followed: write the new address";
    assert_eq!(told, Err(why.to_owned()));
    let requests = serving.join().unwrap();
    assert!(
        requests[0]
            .to_lowercase()
            .contains("\nauthorization: bearer hunter2hunter2\r\n")
    );
    // What was to be sent has been sent by now: nobody came here.
    elsewhere.set_nonblocking(true).unwrap();
    assert!(elsewhere.accept().is_err());
}

#[test]
fn what_the_runbook_says_of_a_header_holds() {
    let (url, serving) = server(answers(&["200 OK"]));
    let own = Outgoing {
        headers: vec![(
            "Content-Type".to_owned(),
            Feed::Text("application/vnd.hook+json".to_owned()),
        )],
        ..outgoing(&url)
    };
    assert_eq!(post(patience()).deliver(&own), Ok(()));
    let request = serving.join().unwrap().remove(0).to_lowercase();
    assert_eq!(request.matches("\ncontent-type:").count(), 1, "{request}");
    assert!(
        request.contains("\ncontent-type: application/vnd.hook+json\r\n"),
        "{request}"
    );
}

#[test]
fn nobody_listens() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let told = post(patience())
        .deliver(&outgoing(&format!("http://{closed}")))
        .unwrap_err();
    assert!(told.starts_with("could not connect: "), "{told}");
    assert!(told.ends_with(", 5 times"), "{told}");
}

#[test]
fn a_secret_that_is_not_to_be_had_is_told_by_its_name() {
    let (url, told) = (
        "http://127.0.0.1:1/",
        "secret `gone`: the environment variable `GONE` is not set; set it and resume",
    );
    let bearer = Outgoing {
        headers: vec![("Authorization".to_owned(), secret("gone", ""))],
        ..outgoing(url)
    };
    assert_eq!(post(patience()).deliver(&bearer), Err(told.to_owned()));
    let to = Outgoing {
        to: secret("gone", ""),
        ..outgoing(url)
    };
    assert_eq!(post(patience()).deliver(&to), Err(told.to_owned()));
    // Of one that is, the reason says nothing.
    for (id, prefix) in [("token", ""), ("token", "https://h/ \n"), ("chat", "")] {
        let to = Outgoing {
            to: secret(id, prefix),
            ..outgoing(url)
        };
        let told = post(patience()).deliver(&to).unwrap_err();
        assert!(!told.contains("hunter2") && !told.contains("s3cr3t"), "{told}");
    }
}

/// A run that has ended, with this in its runbook, told by a notifier with this patience: what it says of who was not told.
fn ended(
    notify: Vec<Notify>,
    patience: Patience,
    state: RunState,
    meanwhile: impl FnOnce(&Notifier<&mut Vec<u8>>),
) -> String {
    let mut runbook = rollback();
    runbook.notify = notify;
    let mut run = Traversal::new(Arc::new(runbook));
    let started = Event::RunStarted {
        run: RunId("20261122-135000-3f9a".to_owned()),
        runbook: "rollback".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: Map::new(),
        by: ana(),
    };
    run.apply(&record(1, started)).unwrap();
    let gates = run
        .gates()
        .map(|(gate, verdict)| (gate.id.clone(), verdict))
        .collect();
    let end = record(2, Event::RunEnded { state, gates });
    run.apply(&end).unwrap();
    let mut out = Vec::new();
    let mut notifier = Notifier::new(&mut out, surroundings(), None, patience);
    notifier.record(&end, &run);
    meanwhile(&notifier);
    drop(notifier);
    String::from_utf8(out).unwrap()
}

fn notify(url: &str, on: &[Occasion]) -> Notify {
    Notify {
        webhook: Feed::Text(Template::from(url)),
        on: on.to_vec(),
        when: None,
        headers: indexmap::IndexMap::new(),
        data: indexmap::IndexMap::new(),
        cdevent: None,
    }
}

#[test]
fn a_wider_word_covers_what_goes_with_it() {
    let told = |state| {
        let words = Occasion::WORDS.iter();
        let covering = words.filter(|(_, occasion)| covers(*occasion, state));
        covering.map(|(word, _)| *word).collect::<Vec<_>>().join(" ")
    };
    for (state, words) in [
        (RunState::Waiting, "waiting"),
        (RunState::Running, "waiting"),
        (RunState::Complete, "complete"),
        (RunState::Recovered, "complete recovered"),
        (RunState::Failed, "failed"),
        (RunState::GatesUnmet, "failed gates_unmet"),
        (RunState::InDoubt, "failed in_doubt"),
        (RunState::Stopped, "stopped"),
        (RunState::Cancelled, "cancelled"),
    ] {
        assert_eq!(told(state), words, "{state}");
    }
}

#[test]
fn each_is_told_once_and_has_an_id_of_its_own() {
    let (one, serving_one) = server(answers(&["200 OK"]));
    let (other, serving_other) = server(answers(&["204 Fine"]));
    let all = vec![
        notify(&one, &[Occasion::Waiting]),
        notify("http://127.0.0.1:1/", &[Occasion::Complete]),
        notify(&other, &[Occasion::Stopped, Occasion::Waiting]),
    ];
    assert_eq!(ended(all, patience(), RunState::Waiting, |_| {}), "");
    let sent = [serving_one.join().unwrap(), serving_other.join().unwrap()].concat();
    for (request, id) in sent
        .iter()
        .zip(["20261122-135000-3f9a-2-1", "20261122-135000-3f9a-2-3"])
    {
        assert!(request.contains(&format!("\"id\":\"{id}\"")), "{request}");
        assert!(request.contains("\"state\":\"waiting\""), "{request}");
    }
}

#[test]
fn the_end_of_the_program_is_bounded() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook?key=in-the-address", silent.local_addr().unwrap());
    let short = Duration::from_millis(40);
    let patience = Patience {
        attempt: short,
        total: 3 * short,
        ..patience()
    };
    let said = ended(
        vec![notify(&url, &[Occasion::Failed])],
        patience,
        RunState::InDoubt,
        |_| {},
    );
    let (to, why) = said.split_once(" was not told: no answer within ").unwrap();
    assert_eq!(to, url.strip_suffix("/hook?key=in-the-address").unwrap());
    assert!(why.ends_with(" times\n"), "{said}");
}

#[test]
fn a_person_does_not_have_to_wait() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", silent.local_addr().unwrap());
    let patience = Patience {
        quiet: Duration::ZERO,
        ..patience()
    };
    let said = ended(
        vec![notify(&url, &[Occasion::Complete])],
        patience,
        RunState::Recovered,
        |notifier| {
            // It is under way, and would be for long. Then a signal comes.
            drop(
                silent
                    .accept()
                    .map(|(connection, _)| std::mem::forget(connection)),
            );
            notifier.heard.0.send(Heard::Enough).unwrap();
        },
    );
    let origin = url.strip_suffix("/hook").unwrap();
    assert_eq!(said, format!("{origin} was not told: it was left off\n"));
}

#[test]
fn what_cannot_be_made_is_said_and_nothing_is_sent() {
    let undefined = "http://127.0.0.1:1/{{ answers.migration }}";
    let all = vec![
        notify(undefined, &[Occasion::Failed]),
        notify("{{ '' }}", &[Occasion::Failed]),
        notify("{{ 'chat.example.org' }}", &[Occasion::Failed]),
        Notify {
            when: Some("answers.migration == \"yes\"".into()),
            ..notify("http://127.0.0.1:1/", &[Occasion::Failed])
        },
        Notify {
            when: Some("run.title == \"\"".into()),
            ..notify("http://127.0.0.1:1/", &[Occasion::Failed])
        },
    ];
    insta::assert_snapshot!(ended(all, patience(), RunState::Failed, |_| {}), @"
    notification 1 was not sent: it cannot be rendered: `answers.migration` is undefined
    notification 3 was not sent: its address must be absolute and without a login, as `https://example.org/hook` is
    notification 4 was not sent: its `when` cannot be evaluated: `answers.migration` is undefined
    ");
}

#[test]
fn only_scheme_and_host_of_an_address_are_shown() {
    for (address, shown) in [
        (
            "https://chat.example.org/hooks/key",
            Some("https://chat.example.org"),
        ),
        ("http://[::1]:8080?key=1", Some("http://[::1]:8080")),
        ("https://host", Some("https://host")),
        ("https://user:key@host/", None),
        ("https:///hooks", None),
        ("ftp://host/", None),
        ("chat.example.org", None),
        ("", None),
    ] {
        assert_eq!(origin(address), shown, "{address}");
    }
}
