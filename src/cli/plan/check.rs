//! A check: its title, and below it exactly what is looked at.

use std::path::Path;

use crate::model::{Check, DEFAULT_REQUEST, Look};
use crate::plan::PlannedCheck;

use super::facts::{fact, more};
use super::text::said;
use super::work::{fed, invocation, more_of_command, span};

pub(super) fn check_text(out: &mut String, planned: &PlannedCheck, folder: &Path) {
    let check = &planned.check;
    let look = match &check.look {
        Look::Run { command, .. } => invocation(&command.run),
        _ => wanted(check),
    };
    if check.title.is_some() {
        fact(out, "check", &planned.title);
        more(out, &look);
    } else {
        fact(out, "check", &look);
    }
    match &check.look {
        Look::Run { command, .. } => {
            more_of_command(out, command, folder);
            more(out, &wanted(check));
        }
        Look::Http(http) => {
            for (name, feed) in &http.headers {
                more(out, &format!("with {name}: {}", fed(feed)));
            }
            if http.timeout != DEFAULT_REQUEST {
                more(out, &format!("timeout {}", span(http.timeout)));
            }
        }
        Look::File { .. } | Look::Link { .. } | Look::Expr(_) | Look::Confirm(_) => {}
    }
    if let Some(problem) = &planned.problem {
        more(out, &format!("problem: it cannot be rendered: {problem}"));
    }
    if let Some(attested) = &planned.attested {
        more(out, &format!("attested {}", said(attested)));
    }
}

/// What must be seen, and for how long it is looked for; of a command what it must leave.
fn wanted(check: &Check<String>) -> String {
    let not = if check.negated { "not: " } else { "" };
    let words = match &check.look {
        Look::Run { exit, .. } => format!("{not}exits with {exit}"),
        Look::Expr(expression) => format!("{not}expr {}", expression.0),
        Look::Confirm(text) => format!("{not}asks: {}", text.trim_end()),
        Look::Http(_) | Look::File { .. } | Look::Link { .. } => check.to_string(),
    };
    let tried = check.within.map(|within| {
        let (every, within) = (span(check.every), span(within));
        format!("tried every {every} for {within}")
    });
    let all = [words].into_iter().chain(check.look.wanted()).chain(tried);
    all.collect::<Vec<_>>().join(", ")
}
