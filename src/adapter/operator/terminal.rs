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
            .print(&Line::new(Mark::Mind, &why.message).aside(&why.help));
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;
    use crate::adapter::operator::script::{CTRL_C, Script};
    use crate::adapter::report::{Told, ana, rollback, screen};
    use crate::traverse::Ask;

    fn reports(typed: &[&str]) -> Vec<String> {
        let (screen, _) = screen();
        let prompts = Box::new(Script::new(typed));
        let mut operator = TerminalOperator {
            by: ana(),
            yes: false,
            screen,
            prompts,
        };
        let (sender, receiver) = sync_channel(2);
        let question = "good_tag".into();
        let step = Step::Ask(Ask {
            question,
            help: None,
            detected: None,
            suggestions: Vec::new(),
        });
        operator.bring(&step, &Told::new(rollback()), &sender);
        receiver.try_iter().map(|report| format!("{report:?}")).collect()
    }

    #[test]
    fn a_prompt_ends_in_a_word_or_in_nobody() {
        assert!(matches!(reports(&["v1.0.0"]).as_slice(), [said] if said.starts_with("Said")));
        let nobody = r#"Nobody(Node(NodeId("good_tag")))"#;
        assert_eq!(reports(&[]), [nobody]);
        assert_eq!(reports(&[CTRL_C]), ["Interrupted { signal: 2 }", nobody]);
    }
}
