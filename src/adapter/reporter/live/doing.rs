use std::time::Duration;

use crate::adapter::reporter::harmless::one_line;
use crate::adapter::reporter::label;
use crate::adapter::reporter::quote::shown;
use crate::adapter::reporter::style::{Line, Mark, span};
use crate::adapter::reporter::view::View;
use crate::model::{Command, Invocation};
use crate::traverse::{Owner, Step};

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::adapter::reporter) enum Doing {
    /// It runs this command.
    Command(String),
    /// It looks whether something is so.
    Look {
        /// What.
        what: String,
        /// Which of how many checks that is, if there are several.
        place: String,
        /// What it saw last.
        saw: Option<String>,
    },
    /// Something else, in words; none where there is nothing more to say.
    Else(String),
}

impl Doing {
    /// It runs a command.
    pub(in crate::adapter::reporter) fn of_command(command: &Command<String>) -> Self {
        Self::Command(match &command.run {
            Invocation::Exec(argv) => shown(argv),
            Invocation::Shell { script, .. } => label::first_line(script),
        })
    }

    /// That a step begins this, for those who do not see it drawn.
    pub(in crate::adapter::reporter) fn said(
        &self,
        owner: &Owner,
        title: &str,
        limit: Option<Duration>,
    ) -> Line {
        let mut facts = Vec::new();
        let text = match self {
            Self::Command(_) => {
                facts.push(owner.to_string());
                format!("{title}: running")
            }
            Self::Look { what, .. } => format!("{title}: checking {what}"),
            Self::Else(words) if words.is_empty() => format!("{title}: running"),
            Self::Else(words) => format!("{title}: {words}"),
        };
        facts.extend(limit.map(|limit| format!("at most {}", span(limit))));
        Line::new(Mark::Step, &text).aside(&facts.join(" · "))
    }

    /// The same, with nothing in it that could draw.
    pub(super) fn harmless(self) -> Self {
        match self {
            Self::Command(text) => Self::Command(one_line(&text)),
            Self::Look { what, place, saw } => Self::Look {
                what: one_line(&what),
                place,
                saw,
            },
            Self::Else(text) => Self::Else(one_line(&text)),
        }
    }
}

/// What the machine looks at in a step, and how long it may: these are not on record before they end.
pub(in crate::adapter::reporter) fn looks(
    step: &Step,
    run: &dyn View,
) -> Option<(Owner, Doing, Option<Duration>)> {
    let in_words = |text: &str| Doing::Else(text.to_owned());
    let (doing, limit) = match step {
        Step::Verify { owner, index, check } => {
            let all = label::checks(owner, run).len();
            let place = if all > 1 {
                format!("check {} of {all}", index + 1)
            } else {
                String::new()
            };
            let what = label::check_at(owner, *index, run);
            let doing = Doing::Look {
                what,
                place,
                saw: None,
            };
            (doing, check.within)
        }
        Step::Detect { command, .. } => (in_words("looking for its answer"), command.timeout),
        Step::Suggest { command, .. } => (in_words("looking for likely answers"), command.timeout),
        Step::Wait { pause, .. } => (in_words("waiting before it is tried again"), Some(*pause)),
        Step::Recall { .. } => (in_words("reading what it printed"), None),
        _ => return None,
    };
    Some((step.owner()?, doing, limit))
}
