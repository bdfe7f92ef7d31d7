use std::time::Duration;

use crate::adapter::process::{End, Kept, Launch};
use crate::adapter::secret::Mask;
use crate::model::{Command, Matcher, Stream};

use super::Checker;
use super::look::{Sight, quoted};
use super::matcher::matches;

/// What shells, `env`, `ssh` and their like exit with when there was no such program, or it could not be started.
const NOT_CARRIED_OUT: [i32; 2] = [126, 127];

/// What a command must leave.
pub(super) struct Wanted<'a> {
    pub(super) exit: i32,
    pub(super) stdout: &'a Matcher<String>,
    pub(super) stderr: &'a Matcher<String>,
}

/// Whether a command leaves what is wanted.
pub(super) fn look(
    checker: &Checker<'_>,
    command: &Command<String>,
    wanted: &Wanted<'_>,
    limit: Option<Duration>,
) -> Sight {
    let feed = |feed: &_| checker.secrets.feed(feed, checker.interrupt);
    let launch = match Launch::of(command, checker.surroundings, feed) {
        Ok(launch) => launch.within(limit),
        Err(unresolved) => return Sight::Unknown(unresolved.to_string()),
    };
    let mask = checker.secrets.mask();
    let (mut stdout, mut stderr) = (Kept::default(), Kept::default());
    let ended = launch.run(checker.interrupt, &mut |stream, block| match stream {
        Stream::Stdout => stdout.push(block),
        Stream::Stderr => stderr.push(block),
    });
    match ended {
        Ok(ended) => judge(wanted, ended.end, &stdout, &stderr, &mask),
        Err(why) => Sight::Unknown(format!("the command could not be started: {why}")),
    }
}

/// Whether what a command left is what is wanted.
pub(super) fn judge(wanted: &Wanted<'_>, end: End, stdout: &Kept, stderr: &Kept, mask: &Mask) -> Sight {
    let code = match end {
        End::Exited(code) if code == wanted.exit || !NOT_CARRIED_OUT.contains(&code) => code,
        end => return Sight::Unknown(format!("the command {end}{}", words(stderr, stdout, mask))),
    };
    if code != wanted.exit {
        return Sight::Failed {
            seen: format!("exit {code}{}", words(stderr, stdout, mask)),
            wanted: format!("exit {}", wanted.exit),
        };
    }
    for (name, kept, matcher) in [
        ("standard output", stdout, wanted.stdout),
        ("standard error", stderr, wanted.stderr),
    ] {
        let text = kept.text();
        if let Err(mismatch) = matches(matcher, &text, mask) {
            let unjudged = mismatch.unjudged;
            let sight = match mismatch.seen {
                Some(seen) => Sight::Failed {
                    seen: format!("in {name} {seen}"),
                    wanted: mismatch.wanted,
                },
                None => Sight::Failed {
                    seen: format!("{name} was {}", quoted(&text, mask)),
                    wanted: format!("it {}", mismatch.wanted),
                },
            };
            return sight.unless_unjudged(unjudged);
        }
    }
    Sight::Held(format!("exit {code}{}", words(stdout, stderr, mask)))
}

/// The last line of what was printed, of the first stream that has one.
fn words(first: &Kept, second: &Kept, mask: &Mask) -> String {
    let last = |kept: &Kept| {
        let text = kept.text();
        Some(text.trim().lines().next_back()?.to_owned())
    };
    last(first)
        .or_else(|| last(second))
        .map_or_else(String::new, |line| format!(" ({})", quoted(&line, mask)))
}
