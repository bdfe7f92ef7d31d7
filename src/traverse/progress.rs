use std::fmt;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::graph::Position;
use crate::model::{OutcomeId, Value, plain};

use super::event::{Person, Rendered, Running};
use super::verdict::{State, Verdict, Why};

/// What is on record of a node. The flow is derived from it.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress {
    /// Its guard was true.
    pub(super) guarded: bool,
    /// What a question's own command found, once it was run.
    pub(super) detected: Option<Option<Value>>,
    /// Likely answers, once they were looked up.
    pub(super) suggested: Option<Vec<String>>,
    /// The work, as it is done on every attempt.
    pub(super) work: Option<Rendered>,
    /// Somebody agreed to it.
    pub(super) confirmed: bool,
    /// How many attempts were started.
    pub(super) attempts: u32,
    /// How many of them failed since somebody last said what to make of it: those count for `retry`, and those that were cut short do not.
    pub(super) failures: u32,
    /// When the last was started.
    pub(super) began: Option<Timestamp>,
    /// What runs of its command, as long as its end is not on record.
    pub(super) running: Option<Running>,
    /// The values of an attempt that is in doubt were looked for.
    pub(super) recalled: bool,
    /// How far the current one is.
    pub(super) phase: Phase,
    /// What came of its checks in the current attempt.
    pub(super) checks: Vec<Option<Checked>>,
    /// How it ended.
    pub(super) ending: Option<Ending>,
    /// What happened for which no answer that it rests on can be taken back.
    pub(super) used: Option<String>,
}

/// An answer on record.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The answer.
    pub value: Value,
    /// Who gave it.
    pub by: Person,
    /// When.
    pub at: Timestamp,
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.strftime("%Y-%m-%d %H:%M:%S UTC");
        write!(f, "`{}` by {}, {at}", plain(&self.value), self.by)
    }
}

/// How far an action is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its work is not started, or is to be started again.
    #[default]
    Ahead,
    /// Its work is started.
    Running,
    /// An attempt failed, and the time until the next has to pass.
    Pausing,
    /// Its work is done, its checks are not.
    Verifying,
    /// The same, and all that is known of its work is that it was started: its checks tell whether it is done.
    VerifyingDoubt,
    /// Its work was started when the program went away.
    Doubt,
}

/// What came of a check, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The verdict.
    pub verdict: Verdict,
    /// What was seen.
    pub evidence: String,
    /// Who looked, if it was a person.
    pub by: Option<Person>,
}

/// How a node ended, by what is on record of it.
#[derive(Clone, Debug)]
pub(super) struct Ending {
    /// Succeeded, failed, not needed or cancelled.
    pub(super) state: State,
    /// Why.
    pub(super) why: Option<Why>,
}

/// What a person stated.
#[derive(Clone, Debug)]
pub(super) struct Attestation {
    /// Who.
    pub(super) by: Person,
    /// What they added.
    pub(super) note: Option<String>,
    /// Whether there was nothing to see yet.
    pub(super) in_advance: bool,
}

/// What is on record of a gate.
#[derive(Clone, Debug, Default)]
pub(super) struct GateProgress {
    /// Whether it applies, once that was evaluated; an error says why that is not known.
    pub(super) applies: Option<Result<bool, String>>,
    /// What came of its checks.
    pub(super) checks: Vec<Option<Checked>>,
    /// What came of them before the run was resumed: what somebody saw who speaks now.
    pub(super) seen: Vec<Option<Checked>>,
    /// Who said that its statement is not so.
    pub(super) refused: Option<Person>,
    /// Which outcome holds, and who said so.
    pub(super) decided: Option<(OutcomeId, Person)>,
    /// The outcomes that answers decide, by question, the first answer first: it holds if nobody decided otherwise.
    pub(super) chosen: IndexMap<Position, (OutcomeId, Person)>,
    /// Who let it go, and why.
    pub(super) waived: Option<(Person, String)>,
    /// What a person said of it once the run had come to it.
    pub(super) used: Option<String>,
}

impl GateProgress {
    /// Which outcome holds, and who said so: a person, else the first answer that decides it.
    pub(super) fn outcome(&self) -> Option<&(OutcomeId, Person)> {
        let chosen = self.chosen.first().map(|(_, chosen)| chosen);
        self.decided.as_ref().or(chosen)
    }
}

/// The evidence of a person's word.
pub(super) fn in_their_words(attestation: &Attestation) -> String {
    let mut text = match &attestation.note {
        Some(note) => note.clone(),
        None => "said so".to_owned(),
    };
    if attestation.in_advance {
        text.push_str(" (in advance)");
    }
    text
}
