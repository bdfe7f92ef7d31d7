use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::adapter::http::{self, NoAnswer, Request, What};
use crate::adapter::process::{Interrupt, Surroundings};
use crate::adapter::secret::Secrets;
use crate::model::{Feed, Runbook};

/// How long and how often somebody is tried to be told.
#[derive(Clone, Debug)]
pub struct Patience {
    /// How long one attempt may take.
    pub attempt: Duration,
    /// The pauses between attempts: there is one attempt more.
    pub pauses: Vec<Duration>,
    /// How long all of it may take.
    pub total: Duration,
    /// How long the program's end may wait before it says what for.
    pub quiet: Duration,
    /// How long what was left off may take to end: a command that prints a secret is asked to first.
    pub parting: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(5),
            pauses: [250, 500, 1000, 2000].map(Duration::from_millis).to_vec(),
            total: Duration::from_secs(10),
            quiet: Duration::from_secs(1),
            parting: Duration::from_secs(3),
        }
    }
}

/// What is said of an address that is none.
pub(super) const NO_ADDRESS: &str =
    "its address must be absolute and without a login, as `https://example.org/hook` is";

/// Something to be told, with the secrets still references.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) to: Feed<String>,
    /// The same for all attempts.
    pub(super) id: String,
    /// The headers that belong to the body.
    pub(super) own: Vec<(String, String)>,
    /// Those of the runbook.
    pub(super) headers: Vec<(String, Feed<String>)>,
    /// JSON.
    pub(super) body: String,
}

impl Outgoing {
    /// Whom, for people. The path of an address may be all that one must know to post there, so it is not shown.
    pub(super) fn to(&self) -> String {
        match &self.to {
            Feed::Text(address) => origin(address).unwrap_or_default().to_owned(),
            Feed::Secret { id, .. } => format!("‹secret:{id}›"),
        }
    }
}

/// Scheme and host of an absolute address; none of anything else, nor of one with a login in it.
pub(super) fn origin(address: &str) -> Option<&str> {
    let after = ["https://", "http://"]
        .iter()
        .find_map(|scheme| Some((scheme.len(), address.strip_prefix(scheme)?)));
    let (scheme, rest) = after?;
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
    (host > 0 && rest[..host].chars().all(is_plain)).then(|| &address[..scheme + host])
}

/// Why an attempt did not reach anybody.
struct Missed {
    why: String,
    /// Whether another one may.
    may_pass: bool,
    /// How long the other side wants to be left alone.
    retry_after: Option<Duration>,
}

/// Brings what is told to the other side.
pub(super) struct Post {
    secrets: Secrets,
    interrupt: Interrupt,
    patience: Patience,
}

impl Post {
    /// One with the secrets of a runbook.
    ///
    /// # Errors
    ///
    /// When the process has no file descriptor left.
    pub(super) fn new(
        runbook: Arc<Runbook>,
        surroundings: Surroundings,
        patience: Patience,
    ) -> io::Result<Self> {
        Ok(Self {
            secrets: Secrets::new(runbook, surroundings),
            interrupt: Interrupt::new()?,
            patience,
        })
    }

    /// A text without the secrets that were read so far.
    pub(super) fn masked(&self, text: &str) -> String {
        self.secrets.mask().text(text)
    }

    /// Leaves off whatever is under way.
    pub(super) fn leave_off(&self) {
        self.interrupt.raise();
    }

    /// Tries until somebody was told, as long as that makes sense.
    ///
    /// # Errors
    ///
    /// Why nobody was.
    pub(super) fn deliver(&self, outgoing: &Outgoing) -> Result<(), String> {
        let until = Instant::now() + self.patience.total;
        let request = self.request(outgoing)?;
        let mut pauses = self.patience.pauses.iter();
        let mut tried = 0;
        loop {
            tried += 1;
            let Err(missed) = self.attempt(&request, until) else {
                return Ok(());
            };
            let pause = pauses.next().filter(|_| missed.may_pass);
            let pause = pause.map(|pause| missed.retry_after.map_or(*pause, |asked| asked.max(*pause)));
            let left = until.saturating_duration_since(Instant::now());
            match pause {
                Some(pause) if pause < left => {
                    if self.interrupt.wait(pause) {
                        return Err(format!("{}, and it was left off", missed.why));
                    }
                }
                Some(pause) if missed.retry_after.is_some() => {
                    let asked = pause.as_secs();
                    return Err(format!(
                        "{}, to be tried again after {asked}s, which is not waited for",
                        missed.why
                    ));
                }
                _ => return Err(told(&missed.why, tried)),
            }
        }
    }

    /// The request, with its secrets.
    fn request(&self, outgoing: &Outgoing) -> Result<Request, String> {
        let feed = |feed: &Feed<String>| {
            let read = self.secrets.feed(feed, &self.interrupt);
            read.map_err(|unresolved| unresolved.to_string())
        };
        let url = feed(&outgoing.to)?;
        if origin(&url).is_none() {
            return Err(NO_ADDRESS.to_owned());
        }
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("idempotency-key".to_owned(), outgoing.id.clone()),
        ];
        headers.extend(outgoing.own.iter().cloned());
        for (name, value) in &outgoing.headers {
            headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            headers.push((name.clone(), feed(value)?));
        }
        Ok(Request {
            url,
            what: What::Post(outgoing.body.clone()),
            headers,
            timeout: self.patience.attempt,
        })
    }

    fn attempt(&self, request: &Request, until: Instant) -> Result<(), Missed> {
        let left = until.saturating_duration_since(Instant::now());
        let timeout = request.timeout.min(left);
        let request = Request {
            timeout,
            ..request.clone()
        };
        let missed = |why: String, may_pass| Missed {
            why,
            may_pass,
            retry_after: None,
        };
        match http::send(request, &self.interrupt) {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) => Err(Missed {
                why: match answer.status {
                    300..400 => format!(
                        "HTTP {}, and a redirect is not followed: write the new address",
                        answer.status
                    ),
                    status => format!("HTTP {status}"),
                },
                may_pass: matches!(answer.status, 408 | 425 | 429 | 500..),
                retry_after: answer.retry_after.as_deref().and_then(span),
            }),
            Err(NoAnswer::Interrupted) => Err(missed("it was left off".to_owned(), false)),
            Err(NoAnswer::Thread(error)) => Err(missed(format!("no request could be sent: {error}"), false)),
            Err(NoAnswer::Http(ureq::Error::BadUri(_) | ureq::Error::Http(_))) => {
                let why = "its address or one of its headers cannot stand in a request";
                Err(missed(why.to_owned(), false))
            }
            Err(NoAnswer::Http(error)) => {
                use ureq::Error::{ConnectionFailed, HostNotFound, Io, Timeout};
                let may_pass = matches!(error, Timeout(_) | Io(_) | HostNotFound | ConnectionFailed);
                Err(missed(http::reason(&error, timeout), may_pass))
            }
        }
    }
}

/// Why nobody was told, and how often it was tried.
fn told(why: &str, tried: usize) -> String {
    match tried {
        1 => why.to_owned(),
        _ => format!("{why}, {tried} times"),
    }
}

/// How long `Retry-After` asks to wait: seconds, or until a date.
fn span(asked: &str) -> Option<Duration> {
    if let Ok(seconds) = asked.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = rfc2822::parse(asked.trim()).ok()?.timestamp();
    let left = at.duration_since(Timestamp::now());
    Some(Duration::try_from(left).unwrap_or_default())
}
