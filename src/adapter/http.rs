//! One HTTP request and its answer. Redirects are not followed: what is meant for one host is sent to no other.

use std::io;
use std::os::fd::AsFd;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ureq::{Agent, Body};

use crate::adapter::process::Interrupt;
use crate::model::Method;

/// How much of an answer is looked at.
const BODY_AT_MOST: u64 = 10 * 1024 * 1024;

/// A request with everything that it needs.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) url: String,
    pub(super) what: What,
    pub(super) headers: Vec<(String, String)>,
    pub(super) timeout: Duration,
}

/// What is asked of the other side.
#[derive(Clone)]
pub(super) enum What {
    /// To be looked at.
    Look {
        method: Method,
        /// Whether the body counts.
        with_body: bool,
    },
    /// To take this.
    Post(String),
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    /// How long to wait before another try, as it was written.
    pub(super) retry_after: Option<String>,
    /// Empty where it does not count.
    pub(super) body: String,
}

/// Why there is no answer.
pub(super) enum NoAnswer {
    Interrupted,
    Thread(io::Error),
    Http(ureq::Error),
}

/// Sends a request on a thread of its own, so that an interrupt need not wait for it. What is then left of it ends with its timeout.
pub(super) fn send(request: Request, interrupt: &Interrupt) -> Result<Answer, NoAnswer> {
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
    if interrupt.wait_or(Some(done.as_fd()), Duration::MAX) {
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
    let headers = request.headers.iter();
    match &request.what {
        What::Look { method, with_body } => {
            let builder = match method {
                Method::Get => agent.get(&request.url),
                Method::Head => agent.head(&request.url),
            };
            let builder = headers.fold(builder, |builder, (name, value)| builder.header(name, value));
            answer(builder.call()?, *with_body)
        }
        What::Post(body) => {
            let builder = agent.post(&request.url);
            let builder = headers.fold(builder, |builder, (name, value)| builder.header(name, value));
            answer(builder.send(body)?, false)
        }
    }
}

fn answer(mut response: ureq::http::Response<Body>, with_body: bool) -> Result<Answer, ureq::Error> {
    let body = if with_body {
        let bytes = response
            .body_mut()
            .with_config()
            .limit(BODY_AT_MOST)
            .read_to_vec()?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        String::new()
    };
    let retry_after = response.headers().get("retry-after");
    Ok(Answer {
        status: response.status().as_u16(),
        retry_after: retry_after.and_then(|value| value.to_str().ok().map(str::to_owned)),
        body,
    })
}

/// Why there was no answer, in words.
pub(super) fn reason(error: &ureq::Error, timeout: Duration) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("no answer within {timeout:?}"),
        ureq::Error::HostNotFound => "the host was not found".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => "the answer is longer than 10 MiB".to_owned(),
        ureq::Error::Io(error) => format!("could not connect: {error}"),
        other => format!("could not be asked: {other}"),
    }
}
