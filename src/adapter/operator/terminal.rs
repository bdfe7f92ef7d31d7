use std::fmt;

use crate::adapter::report::{Line, Mark, Screen, View};
use crate::engine::{Operator, Report, Reports};
use crate::traverse::{Person, Rejected, Step, Traversal, Word};

use super::consent::confirm;
use super::keyboard::Keyboard;
use super::prompts::{Heard, Prompts, Unsaid};
use super::question::ask;
use super::resolve::resolve;
use super::statement::{Decision, attest, decide};

/// The signal that Ctrl-C stands for.
const SIGINT: i32 = 2;

/// Brings a person's steps to somebody at a terminal. A prompt holds the run up until it is answered or left for later.
pub struct TerminalOperator {
    by: Person,
    yes: bool,
    screen: Screen,
    prompts: Box<dyn Prompts>,
}

impl TerminalOperator {
    /// An operator in the name of who sits there. `yes` agrees to what changes, and never to what destroys.
    pub fn new(by: Person, yes: bool, screen: Screen) -> Self {
        let prompts = Box::new(Keyboard::new(screen.clone()));
        Self {
            by,
            yes,
            screen,
            prompts,
        }
    }

    fn hear(&mut self, step: &Step, run: &dyn View) -> Heard<Word> {
        let prompts = self.prompts.as_mut();
        match step {
            Step::Ask(question) => ask(question, run, &self.screen, prompts),
            Step::Confirm(consent) => confirm(consent, self.yes, run, &self.screen, prompts),
            Step::Attest(statement) => match step.owner() {
                Some(owner) => attest(statement, &owner, &self.by, run, &self.screen, prompts),
                None => Err(Unsaid::Later),
            },
            Step::Decide {
                gate, outcomes, by, ..
            } => {
                let decision = Decision {
                    gate,
                    outcomes,
                    should: by,
                };
                decide(&decision, &self.by, run, &self.screen, prompts)
            }
            Step::Resolve { node, work } => resolve(node, work.as_ref(), run, &self.screen, prompts),
            _ => Err(Unsaid::Later),
        }
    }

    fn bring(&mut self, step: &Step, run: &dyn View, reports: &Reports) {
        let Some(owner) = step.owner() else { return };
        let heard = self.hear(step, run);
        // A send fails only when the engine is gone, and then nobody is left to hear.
        match heard {
            Ok(word) => {
                self.screen.was_said(&owner);
                let _ = reports.send(Report::Said {
                    word,
                    by: self.by.clone(),
                });
            }
            Err(unsaid) => {
                if unsaid == Unsaid::Interrupted {
                    let _ = reports.send(Report::Interrupted { signal: SIGINT });
                }
                let _ = reports.send(Report::Nobody(owner));
            }
        }
    }
}

impl Operator for TerminalOperator {
    fn start(&mut self, step: Step, run: &Traversal, reports: &Reports) {
        self.bring(&step, run, reports);
    }

    fn reject(&mut self, why: &Rejected) {
        self.screen
            .print(&Line::new(Mark::Bad, &why.message).aside(&why.help));
    }

    fn wants_suggestions(&self) -> bool {
        true
    }
}

impl fmt::Debug for TerminalOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerminalOperator")
            .field("by", &self.by)
            .field("yes", &self.yes)
            .finish_non_exhaustive()
    }
}

/// Somebody at a terminal, as a test plays them.
#[cfg(test)]
pub(super) mod script {
    use std::collections::VecDeque;

    use super::*;
    use crate::adapter::operator::prompts::{Choose, Type};

    /// What is typed, a line a prompt; Escape when there is no more.
    pub(in super::super) struct Script {
        lines: VecDeque<String>,
        /// What was asked.
        pub(in super::super) seen: Vec<String>,
        /// What was wrong with what was typed.
        pub(in super::super) refused: Vec<String>,
    }

    impl Script {
        pub(in super::super) fn new(lines: &[&str]) -> Self {
            let lines = lines.iter().map(|line| (*line).to_owned()).collect();
            Self {
                lines,
                seen: Vec::new(),
                refused: Vec::new(),
            }
        }
    }

    impl Prompts for Script {
        fn choose(&mut self, prompt: &Choose<'_>) -> Heard<usize> {
            let ids: Vec<&str> = prompt.options.iter().map(|offer| offer.id.as_str()).collect();
            let at = ids[prompt.start];
            self.seen.push(format!(
                "{} [{}; at {at}] ({})",
                prompt.message,
                ids.join(", "),
                prompt.help
            ));
            let typed = self.lines.pop_front().ok_or(Unsaid::Later)?;
            let chosen = if typed.is_empty() {
                Some(prompt.start)
            } else {
                ids.iter().position(|id| *id == typed)
            };
            chosen.ok_or(Unsaid::Later)
        }

        fn line(&mut self, prompt: &Type<'_>) -> Heard<String> {
            self.seen.push(format!("{} ({})", prompt.message, prompt.help));
            loop {
                let typed = self.lines.pop_front().ok_or(Unsaid::Later)?;
                let typed = match prompt.default {
                    Some(default) if typed.is_empty() => default.to_owned(),
                    _ => typed,
                };
                match (prompt.check)(&typed) {
                    Ok(()) => return Ok(typed),
                    Err(why) => self.refused.push(why),
                }
            }
        }
    }
}
