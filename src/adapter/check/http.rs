use std::time::Duration;

use crate::adapter::http::{NoAnswer, Request, What, reason, send};
use crate::adapter::secret::Mask;
use crate::model::{Http, Matcher};

use super::Checker;
use super::look::{Sight, quoted};
use super::matcher::matches;

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
        what: What::Look {
            method: http.method,
            with_body: http.body != Matcher::default(),
        },
        headers,
        timeout: limit.map_or(http.timeout, |limit| limit.min(http.timeout)),
    };
    let timeout = request.timeout;
    match send(request, checker.interrupt) {
        Ok(answer) => judge(http, answer.status, &answer.body, &checker.secrets.mask()),
        Err(NoAnswer::Interrupted) => Sight::Unknown("it was interrupted".to_owned()),
        Err(NoAnswer::Thread(error)) => Sight::Unknown(format!("no request could be sent: {error}")),
        Err(NoAnswer::Http(error)) => Sight::Unknown(reason(&error, timeout)),
    }
}

/// Whether what came back is what is wanted.
pub(super) fn judge(http: &Http<String>, status: u16, body: &str, mask: &Mask) -> Sight {
    let seen = format!("HTTP {status}");
    let is_wanted = match http.status.as_slice() {
        [] => (200..300).contains(&status),
        wanted => wanted.contains(&status),
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
    match matches(&http.body, body, mask) {
        Ok(()) => Sight::Held(seen),
        Err(mismatch) => match mismatch.seen {
            Some(place) => Sight::Failed {
                seen: format!("{seen}, {place}"),
                wanted: mismatch.wanted,
            },
            None => Sight::Failed {
                seen: format!("{seen} with {}", quoted(body, mask)),
                wanted: format!("the body {}", mismatch.wanted),
            },
        }
        .unless_unjudged(mismatch.unjudged),
    }
}
