use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::adapter::report::{Line, Mark, Screen, View};
use crate::adapter::signals::CtrlC;
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

/// Brings a person's steps to somebody at a terminal. Each prompt has a thread of its own, so that the run hears signals meanwhile.
pub struct TerminalOperator {
    desk: Arc<Desk>,
    ctrl_c: Arc<CtrlC>,
    /// How the terminal was before anybody was asked.
    modes: Option<Termios>,
}

/// Where somebody sits.
struct Desk {
    by: Person,
    yes: bool,
    screen: Screen,
    prompts: Mutex<Box<dyn Prompts + Send>>,
}

impl TerminalOperator {
    /// An operator in the name of who sits there. `yes` agrees to what changes, and never to what destroys.
    pub fn new(by: Person, yes: bool, screen: Screen, ctrl_c: Arc<CtrlC>) -> Self {
        let prompts: Box<dyn Prompts + Send> = Box::new(Keyboard::new(screen.clone()));
        Self {
            desk: Arc::new(Desk {
                by,
                yes,
                screen,
                prompts: Mutex::new(prompts),
            }),
            ctrl_c,
            modes: tcgetattr(std::io::stdin()).ok(),
        }
    }
}

impl Desk {
    fn hear(&self, step: &Step, run: &dyn View) -> Heard<Word> {
        let mut prompts = self.prompts.lock().unwrap_or_else(PoisonError::into_inner);
        let prompts = prompts.as_mut();
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

    fn bring(&self, step: &Step, run: &dyn View, reports: &Reports) {
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
        let desk = Arc::clone(&self.desk);
        let (run, sender) = (run.clone(), reports.clone());
        let owner = step.owner();
        let prompt = move || desk.bring(&step, &run, &sender);
        if thread::Builder::new()
            .name("prompt".to_owned())
            .spawn(prompt)
            .is_err()
        {
            // Without a thread nobody can be asked; the engine has room for one report.
            if let Some(owner) = owner {
                let _ = reports.send(Report::Nobody(owner));
            }
        }
    }

    /// The prompt is left as it stands; the terminal is as it was before.
    fn interrupt(&mut self) {
        if let Some(modes) = &self.modes {
            // If the terminal has gone away there is nothing to put right.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, modes);
            self.desk.screen.leave_prompt();
        }
    }

    fn lend(&mut self) {
        self.ctrl_c.lend();
    }

    fn take_back(&mut self) {
        self.ctrl_c.take_back();
    }

    fn reject(&mut self, why: &Rejected) {
        self.desk
            .screen
            .print(&Line::new(Mark::Mind, &why.message).aside(&why.help));
    }

    fn has_a_person(&self) -> bool {
        true
    }
}

impl fmt::Debug for TerminalOperator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TerminalOperator")
            .field("by", &self.desk.by)
            .field("yes", &self.desk.yes)
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
        let desk = Desk {
            by: ana(),
            yes: false,
            screen,
            prompts: Mutex::new(Box::new(Script::new(typed))),
        };
        let (sender, receiver) = sync_channel(2);
        let question = "good_tag".into();
        let step = Step::Ask(Ask {
            question,
            help: None,
            detected: None,
            suggestions: Vec::new(),
        });
        desk.bring(&step, &Told::new(rollback()), &sender);
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
