//! Who would be told of a run.

use crate::model::{CdEvent, Feed};
use crate::plan::PlannedNotify;

use super::facts::{fact, line};
use super::work::fed;

pub(super) fn notify_text(out: &mut String, all: &[PlannedNotify]) {
    if all.is_empty() {
        return;
    }
    line(
        out,
        0,
        "\nTold over HTTP: how the run stands when the program lets go of it",
    );
    for planned in all {
        one_text(out, planned);
    }
}

fn one_text(out: &mut String, planned: &PlannedNotify) {
    let notify = &planned.notify;
    out.push('\n');
    let address = match &notify.webhook {
        Feed::Text(address) => address.clone(),
        secret => fed(secret),
    };
    fact(out, "to", &address);
    let on: Vec<&str> = notify.on.iter().map(|occasion| occasion.as_str()).collect();
    fact(out, "on", &on.join(", "));
    if let Some(when) = &notify.when {
        fact(out, "when", when.0.trim());
    }
    for (name, feed) in &notify.headers {
        fact(out, "with", &format!("{name}: {}", fed(feed)));
    }
    for (name, text) in &notify.data {
        fact(out, "data", &format!("{name} = {text}"));
    }
    if let Some(event) = &notify.cdevent {
        fact(out, "cdevent", &event_text(event));
    }
    if let Some(problem) = &planned.problem {
        fact(out, "problem", &format!("it cannot be rendered: {problem}"));
    }
}

fn event_text(event: &CdEvent<String>) -> String {
    format!(
        "{}: {} in {} is {} again",
        event.kind.as_str(),
        event.service,
        event.environment,
        event.artifact
    )
}
