use std::collections::BTreeMap;

use crate::graph::Position;

/// Where a run went, to be shown on the flowchart of its runbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Which run, and how it stands: a line under the title.
    pub caption: String,
    /// How each node stands, by declaration.
    pub nodes: Vec<Mark>,
    /// Whether each edge of the graph is taken; none is not decided.
    pub edges: Vec<Option<bool>>,
    /// The choices that were made, by question.
    pub answers: BTreeMap<Position, String>,
    /// How each gate stands, by declaration.
    pub gates: Vec<GateMark>,
}

/// How a node of a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// The run has not come to it, or could start it now.
    Pending,
    /// It is under way.
    Running,
    /// A person must say something.
    Waiting,
    /// Nobody knows whether it is done.
    InDoubt,
    /// It is done, and its checks hold.
    Done,
    /// It did not work out.
    Failed,
    /// Something before it did not work out.
    Blocked,
    /// The way chosen does not lead to it.
    NotTaken,
    /// Its own guard says so.
    NotNeeded,
    /// A person declined it, or stopped the run before it.
    Cancelled,
}

/// How a gate of a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateMark {
    /// Closed.
    Met,
    /// Something that it holds is not so.
    Unmet,
    /// It could not be seen.
    Unknown,
    /// A person, or the run, has to come to it.
    Waiting,
    /// It is not for this run.
    NotApplicable,
    /// Somebody let it go.
    Waived,
}

/// What a part of a drawing is for, and so its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing is known of it.
    Plain,
    /// What the eye should find first.
    Strong,
    /// What is there if it is looked for.
    Faint,
    /// It is well.
    Good,
    /// It is not.
    Bad,
    /// Somebody should look.
    Warn,
}

/// How a mark looks: beyond ASCII, in ASCII, and in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Looks {
    pub(super) unicode: &'static str,
    pub(super) ascii: &'static str,
    pub(super) word: &'static str,
    pub(super) tone: Tone,
}

const fn looks(unicode: &'static str, ascii: &'static str, word: &'static str, tone: Tone) -> Looks {
    Looks {
        unicode,
        ascii,
        word,
        tone,
    }
}

impl Mark {
    /// Every mark, in the order of a legend.
    pub(super) const ALL: [Self; 10] = [
        Self::Done,
        Self::Failed,
        Self::InDoubt,
        Self::Running,
        Self::Waiting,
        Self::Blocked,
        Self::NotTaken,
        Self::NotNeeded,
        Self::Cancelled,
        Self::Pending,
    ];

    pub(super) fn looks(self) -> Looks {
        match self {
            Self::Done => looks("✓", "+", "done", Tone::Good),
            Self::Failed => looks("✗", "x", "failed", Tone::Bad),
            Self::InDoubt => looks("!", "!", "in doubt", Tone::Bad),
            Self::Running => looks("▸", ">", "running", Tone::Warn),
            Self::Waiting => looks("…", ".", "waiting", Tone::Warn),
            Self::Blocked => looks("⊘", "/", "blocked", Tone::Faint),
            Self::NotTaken => looks("–", "-", "not taken", Tone::Faint),
            Self::NotNeeded => looks("↷", "~", "not needed", Tone::Faint),
            Self::Cancelled => looks("□", "_", "cancelled", Tone::Faint),
            Self::Pending => looks("·", " ", "not reached", Tone::Plain),
        }
    }

    /// The word for it where a name may have no space.
    pub(super) fn name(self) -> String {
        self.looks().word.replace(' ', "_")
    }
}

impl GateMark {
    pub(super) fn looks(self) -> Looks {
        match self {
            Self::Met => looks("✓", "+", "met", Tone::Good),
            Self::Unmet => looks("✗", "x", "unmet", Tone::Bad),
            Self::Unknown => looks("!", "!", "unknown", Tone::Bad),
            Self::Waiting => looks("…", ".", "waiting", Tone::Warn),
            Self::NotApplicable => looks("–", "-", "not applicable", Tone::Faint),
            Self::Waived => looks("↷", "~", "waived", Tone::Warn),
        }
    }
}
