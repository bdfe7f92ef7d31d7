use std::time::{Duration, Instant};

use crate::model::{Check, Look};
use crate::traverse::Verdict;

use super::command::Wanted;
use super::look::Sight;
use super::{Checker, Seen, command, file, http};

impl Checker<'_> {
    /// Carries out a check: once, or until it holds or its time has passed. `note` is told whenever something else is seen.
    ///
    /// The last try begins before the time has passed, and ends when it has.
    pub fn carry_out(&self, check: &Check<String>, note: &mut dyn FnMut(&str)) -> Seen {
        let began = Instant::now();
        let mut before: Option<Seen> = None;
        loop {
            let left = check.within.map(|within| within.saturating_sub(began.elapsed()));
            let sight = self.look(&check.look, left);
            let seen = sight.judged(check.negated, &self.secrets.mask());
            let is_over = check
                .within
                .is_none_or(|within| began.elapsed() + check.every >= within);
            if self.interrupt.is_raised() && seen.verdict == Verdict::Unknown {
                return interrupted(before.unwrap_or(seen));
            }
            if seen.verdict == Verdict::Held || is_over {
                return match before {
                    // A try that was cut short says less than the one before it.
                    Some(before) if seen.verdict == Verdict::Unknown && was_cut_short(check, began) => before,
                    _ => seen,
                };
            }
            if before.as_ref() != Some(&seen) {
                note(&seen.evidence);
            }
            if self.interrupt.wait(check.every) {
                return interrupted(seen);
            }
            before = Some(seen);
        }
    }

    /// Looks once, for no longer than `limit`.
    fn look(&self, look: &Look<String>, limit: Option<Duration>) -> Sight {
        let folder = &self.surroundings.folder;
        match look {
            Look::Run {
                command,
                exit,
                stdout,
                stderr,
            } => {
                let wanted = Wanted {
                    exit: *exit,
                    stdout,
                    stderr,
                };
                command::look(self, command, &wanted, limit)
            }
            Look::Http(http) => http::look(self, http, limit),
            Look::File { path, content } => file::look_at_file(folder, path, content, &self.secrets.mask()),
            Look::Link { path, to } => file::look_at_link(folder, path, to, &self.secrets.mask()),
            Look::Expr(expression) => {
                Sight::Unknown(format!("`{}` says nothing about this machine", expression.0))
            }
            Look::Confirm(_) => Sight::Unknown("only a person can say so".to_owned()),
        }
    }
}

/// Whether it was the check's own time that ended its last try.
fn was_cut_short(check: &Check<String>, began: Instant) -> bool {
    check.within.is_some_and(|within| began.elapsed() >= within)
}

fn interrupted(seen: Seen) -> Seen {
    Seen {
        verdict: Verdict::Unknown,
        evidence: format!("interrupted; last seen: {}", seen.evidence),
    }
}
