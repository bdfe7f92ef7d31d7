use std::io;
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ureq::Agent;

use crate::adapter::secret::Mask;
use crate::model::{Http, Matcher, Method};

use super::Checker;
use super::look::{Sight, quoted};
use super::matcher::matches;

/// How much of an answer is looked at.
const BODY_AT_MOST: u64 = 10 * 1024 * 1024;

/// A request with everything that it needs.
struct Request {
    url: String,
    method: Method,
    headers: Vec<(String, String)>,
    timeout: Duration,
    /// Whether the body counts.
    with_body: bool,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// Whether an answer is as it should be.
pub(super) fn look(checker: &Checker<'_>, http: &Http<String>, limit: Option<Duration>) -> Sight {
    let mut headers = Vec::with_capacity(http.headers.len());
    for (name, feed) in &http.headers {
        match checker.secrets.feed(feed, checker.interrupt) {
            Ok(value) => headers.push((name.clone(), value)),
            Err(unresolved) => return Sight::Unknown(unresolved.to_string()),
        }
    }
    let request = Request {
        url: http.url.clone(),
        method: http.method,
        headers,
        timeout: limit.map_or(http.timeout, |limit| limit.min(http.timeout)),
        with_body: http.body != Matcher::default(),
    };
    let timeout = request.timeout;
    match send(checker, request) {
        Ok(answer) => judge(http, &answer, &checker.secrets.mask()),
        Err(NoAnswer::Interrupted) => Sight::Unknown("it was interrupted".to_owned()),
        Err(NoAnswer::Thread(error)) => Sight::Unknown(format!("no request could be sent: {error}")),
        Err(NoAnswer::Http(error)) => Sight::Unknown(reason(&error, timeout)),
    }
}

/// Whether what came back is what is wanted.
pub(super) fn judge(http: &Http<String>, answer: &Answer, mask: &Mask) -> Sight {
    let seen = format!("HTTP {}", answer.status);
    let is_wanted = match http.status.as_slice() {
        [] => (200..300).contains(&answer.status),
        wanted => wanted.contains(&answer.status),
    };
    if !is_wanted {
        let wanted: Vec<String> = http.status.iter().map(u16::to_string).collect();
        let wanted = if wanted.is_empty() {
            "2xx".to_owned()
        } else {
            wanted.join(" or ")
        };
        return Sight::Failed { seen, wanted };
    }
    match matches(&http.body, &answer.body, mask) {
        Ok(()) => Sight::Held(seen),
        Err(mismatch) => match mismatch.seen {
            Some(place) => Sight::Failed {
                seen: format!("{seen}, {place}"),
                wanted: mismatch.wanted,
            },
            None => Sight::Failed {
                seen: format!("{seen} with {}", quoted(&answer.body, mask)),
                wanted: format!("the body {}", mismatch.wanted),
            },
        }
        .unless_unjudged(mismatch.unjudged),
    }
}

/// Why there is no answer.
enum NoAnswer {
    Interrupted,
    Thread(io::Error),
    Http(ureq::Error),
}

/// Sends a request on a thread of its own, so that an interrupt need not wait for it. What is then left of it ends with its timeout.
fn send(checker: &Checker<'_>, request: Request) -> Result<Answer, NoAnswer> {
    let (done, is_done) = io::pipe().map_err(NoAnswer::Thread)?;
    let (answer, answers) = mpsc::channel();
    let sender = move || {
        let sent = exchange(&request);
        // Nobody waits any more when it was interrupted.
        let _ = answer.send(sent);
        drop(is_done);
    };
    thread::Builder::new()
        .name("http".to_owned())
        .spawn(sender)
        .map_err(NoAnswer::Thread)?;
    if checker.interrupt.wait_or(Some(done.as_fd()), Duration::MAX) {
        return Err(NoAnswer::Interrupted);
    }
    match answers.recv() {
        Ok(answer) => answer.map_err(NoAnswer::Http),
        Err(_) => Err(NoAnswer::Thread(io::Error::other("the request broke off"))),
    }
}

fn exchange(request: &Request) -> Result<Answer, ureq::Error> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("switchback/", env!("CARGO_PKG_VERSION")))
        .timeout_global(Some(request.timeout))
        .build()
        .into();
    let mut builder = match request.method {
        Method::Get => agent.get(&request.url),
        Method::Head => agent.head(&request.url),
    };
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let mut response = builder.call()?;
    let body = if request.with_body {
        let bytes = response
            .body_mut()
            .with_config()
            .limit(BODY_AT_MOST)
            .read_to_vec()?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        String::new()
    };
    Ok(Answer {
        status: response.status().as_u16(),
        body,
    })
}

/// Why there was no answer, in words.
fn reason(error: &ureq::Error, timeout: Duration) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("no answer within {timeout:?}"),
        ureq::Error::HostNotFound => "the host was not found".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => "the answer is longer than 10 MiB".to_owned(),
        ureq::Error::Io(error) => format!("could not connect: {error}"),
        other => format!("could not be asked: {other}"),
    }
}
