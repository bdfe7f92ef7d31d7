use crate::adapter::journal::RunFolder;
use crate::adapter::notify::{Notifier, Patience};
use crate::adapter::process::Surroundings;
use crate::adapter::reporter::{
    ForgeReporter, JsonlReporter, PlainReporter, Screen, Several, Style, Tame, TerminalReporter,
};
use crate::adapter::trace::{self, Trace};
use crate::engine::Reporter;

use super::args::{LiveOutput, Manner};
use super::console::Console;

/// Who is told of a run while it goes on.
pub(super) struct Audience<'a> {
    pub(super) manner: &'a Manner,
    pub(super) console: &'a Console,
    /// What earlier attempts printed.
    pub(super) kept: &'a RunFolder,
    /// The trace that it is part of; none where it is not traced.
    pub(super) trace: Option<Trace>,
    /// Where a person watches it; none when nobody does.
    pub(super) live_on: Option<Screen>,
    /// Where secrets come from with which others are told.
    pub(super) surroundings: &'a Surroundings,
}

/// The variable that keeps a run from telling anybody elsewhere: a drill sets it, as nothing has happened.
pub(super) const NO_NOTIFY: &str = "SWITCHBACK_NO_NOTIFY";

impl Audience<'_> {
    /// The reporters of the run.
    pub(super) fn reporters(self) -> Several {
        let state_dir = self.manner.state_dir.as_deref();
        let kept = Some(self.kept.clone());
        let forge = self.console.forge;
        let style = match self.manner.plain {
            true => Style {
                colour: false,
                unicode: false,
                ..self.console.style
            },
            false => self.console.style,
        };
        let plain = |kept| {
            let out = Tame::text(std::io::stderr(), forge);
            PlainReporter::new(out, style, state_dir, kept)
        };
        let to_people: Box<dyn Reporter> = match (self.manner.output, self.live_on, forge) {
            (LiveOutput::Jsonl, _, _) => {
                let out = Tame::json(std::io::stdout(), forge);
                Box::new(JsonlReporter::new(out, plain(kept)))
            }
            (LiveOutput::Text, None, Some(forge)) => {
                let folds = self.manner.jobs.get() == 1;
                Box::new(ForgeReporter::new(forge, plain(kept), folds))
            }
            (LiveOutput::Text, None, None) => Box::new(plain(kept)),
            (LiveOutput::Text, Some(screen), _) => Box::new(TerminalReporter::new(screen, state_dir, kept)),
        };
        let mut reporters = vec![to_people];
        reporters.extend(trace::reporter(self.trace, std::io::stderr()));
        if std::env::var_os(NO_NOTIFY).is_none_or(|value| value.is_empty()) {
            let surroundings = self.surroundings.clone();
            let elsewhere = Notifier::new(std::io::stderr(), surroundings, state_dir, Patience::default());
            reporters.push(Box::new(elsewhere));
        }
        Several::new(reporters)
    }
}
