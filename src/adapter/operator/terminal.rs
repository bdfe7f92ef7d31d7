use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::termios::{InputModes, LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::adapter::reporter::{Line, Mark, Screen, View};
use crate::adapter::signals::CtrlC;
use crate::engine::{Operator, Report, Reports};
use crate::traverse::{Person, Rejected, Step, Traversal, Word};

use super::aloud::Aloud;
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
    /// A prompt was left as it stood: its thread still waits for a key, so that nobody else can be asked.
    has_left: bool,
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
        let screen = screen.at_prompt();
        let prompts: Box<dyn Prompts + Send> = match screen.is_spoken() {
            true => Box::new(Aloud::new(screen.clone())),
            false => Box::new(Keyboard::new(screen.clone())),
        };
        Self {
            desk: Arc::new(Desk {
                by,
                yes,
                screen,
                prompts: Mutex::new(prompts),
            }),
            ctrl_c,
            modes: tcgetattr(std::io::stdin()).ok(),
            has_left: false,
        }
    }

    /// Leaves the prompt that stands open, if one does. What is typed from now on is for nobody: it is neither shown nor handed to the
    /// prompt's thread, which would take it for the answer.
    fn leave(&mut self) {
        if !self.desk.screen.leave_prompt() {
            return;
        }
        self.has_left = true;
        if let Some(modes) = &self.modes {
            let mut shut = modes.clone();
            shut.local_modes.remove(LocalModes::ECHO);
            shut.input_modes.insert(InputModes::IGNCR | InputModes::INLCR);
            // If the terminal has gone away there is nothing to put right.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &shut);
        }
        self.desk.screen.release();
    }
}

/// The terminal is as it was before, and what was typed for nobody is forgotten.
impl Drop for TerminalOperator {
    fn drop(&mut self) {
        if let Some(modes) = self.modes.as_ref().filter(|_| self.has_left) {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, modes);
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
        // It may be left before it begins.
        if !self.screen.has_prompt() {
            return;
        }
        let heard = self.hear(step, run);
        // A send fails only when the engine is gone, and then nobody is left to hear.
        match heard {
            Ok(word) => {
                self.screen.was_said(&owner);
                self.screen.release();
                let _ = reports.send(Report::Said {
                    word,
                    by: self.by.clone(),
                });
            }
            Err(Unsaid::Later) => {
                self.screen.release();
                let _ = reports.send(Report::Nobody(owner));
            }
            // The engine has the prompt left.
            Err(Unsaid::Interrupted) => {
                let _ = reports.send(Report::Interrupted { signal: SIGINT });
                let _ = reports.send(Report::Nobody(owner));
            }
        }
    }
}

impl Operator for TerminalOperator {
    fn start(&mut self, step: Step, run: &Traversal, reports: &Reports) -> Option<Report> {
        let nobody = step.owner().map(Report::Nobody);
        if self.has_left {
            return nobody;
        }
        let desk = Arc::clone(&self.desk);
        let (run, sender) = (run.clone(), reports.clone());
        self.desk.screen.hold();
        let prompt = move || desk.bring(&step, &run, &sender);
        match thread::Builder::new().name("prompt".to_owned()).spawn(prompt) {
            Ok(_) => None,
            // Without a thread nobody can be asked.
            Err(_) => {
                self.desk.screen.release();
                nobody
            }
        }
    }

    fn withdraw(&mut self, why: &str) {
        self.leave();
        self.desk.screen.close();
        let line = Line::new(Mark::Mind, &format!("not asked any more: {why}"));
        self.desk.screen.print(&line);
    }

    fn interrupt(&mut self) {
        self.leave();
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
    use crate::adapter::reporter::{Told, ana, rollback, screen};
    use crate::traverse::Ask;

    fn reports(typed: &[&str]) -> Vec<String> {
        let (screen, _) = screen();
        screen.hold();
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
