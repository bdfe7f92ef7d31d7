use crate::adapter::journal::RunFolder;
use crate::adapter::reporter::{JsonlReporter, PlainReporter, Screen, Several, Style, TerminalReporter};
use crate::engine::Reporter;

use super::args::{LiveOutput, Manner};
use super::console::Console;

/// Who is told of a run while it goes on.
pub(super) struct Audience<'a> {
    pub(super) manner: &'a Manner,
    pub(super) console: &'a Console,
    /// What earlier attempts printed.
    pub(super) kept: &'a RunFolder,
    /// Where a person watches it; none when nobody does.
    pub(super) live_on: Option<Screen>,
}

impl Audience<'_> {
    /// The reporters of the run.
    pub(super) fn reporters(self) -> Several {
        let state_dir = self.manner.state_dir.as_deref();
        let kept = Some(self.kept.clone());
        let style = match self.manner.plain {
            true => Style {
                colour: false,
                unicode: false,
                ..self.console.style
            },
            false => self.console.style,
        };
        let plain = |kept| PlainReporter::new(std::io::stderr(), style, state_dir, kept);
        let to_people: Box<dyn Reporter> = match (self.manner.output, self.live_on) {
            (LiveOutput::Jsonl, _) => Box::new(JsonlReporter::new(std::io::stdout(), plain(kept))),
            (LiveOutput::Text, None) => Box::new(plain(kept)),
            (LiveOutput::Text, Some(screen)) => Box::new(TerminalReporter::new(screen, state_dir, kept)),
        };
        Several::new(vec![to_people])
    }
}
