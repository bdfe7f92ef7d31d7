use std::fmt;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

use crate::adapter::reporter::{Line, Mark, Screen, View};
use crate::adapter::signals::CtrlC;
use crate::engine::{Operator, Report, Reports};
use crate::model::NodeId;
use crate::traverse::{Ask, Owner, Person, Rejected, Step, Traversal, Word};

use super::aloud::Aloud;
use super::back::which;
use super::consent::confirm;
use super::form::{Standing, fill};
use super::keyboard::Keyboard;
use super::keys::Stop;
use super::prompts::{Heard, Prompts, Unsaid};
use super::question::ask;
use super::resolve::resolve;
use super::statement::{Decision, attest, decide};

/// The signal that Ctrl-C stands for.
const SIGINT: i32 = 2;
/// How long a prompt that was withdrawn may take to be gone.
const PATIENCE: Duration = Duration::from_millis(500);

/// Brings a person's steps to somebody at a terminal. Each prompt has a thread of its own, so that the run hears signals, and what is said
/// elsewhere, meanwhile.
pub struct TerminalOperator {
    desk: Arc<Desk>,
    ctrl_c: Arc<CtrlC>,
    /// How the terminal was before anybody was asked.
    modes: Option<Termios>,
    /// Closed when what was brought last has come to its end.
    open: Option<Receiver<()>>,
    /// A prompt that was withdrawn stands open still, as the terminal has gone away: nobody else can be asked.
    is_stuck: bool,
}

/// Where somebody sits.
struct Desk {
    by: Person,
    yes: bool,
    screen: Screen,
    prompts: Mutex<Box<dyn Prompts + Send>>,
    stop: Stop,
    asked: Mutex<Asked>,
}

/// What somebody is asked.
#[derive(Default)]
struct Asked {
    /// Whose step the prompt that stands open is about; none if it is about all of them.
    now: Option<Owner>,
    /// What is not asked any more, and why.
    gone: Vec<(Owner, String)>,
}

impl TerminalOperator {
    /// An operator in the name of who sits there. `yes` agrees to what changes, and never to what destroys.
    pub fn new(by: Person, yes: bool, screen: Screen, ctrl_c: Arc<CtrlC>) -> Self {
        let screen = screen.at_prompt();
        let stop = Stop::default();
        let prompts: Box<dyn Prompts + Send> = match screen.is_spoken() {
            true => Box::new(Aloud::new(screen.clone(), stop.clone())),
            false => Box::new(Keyboard::new(screen.clone(), stop.clone())),
        };
        Self {
            desk: Arc::new(Desk {
                by,
                yes,
                screen,
                prompts: Mutex::new(prompts),
                stop,
                asked: Mutex::default(),
            }),
            ctrl_c,
            modes: tcgetattr(std::io::stdin()).ok(),
            open: None,
            is_stuck: false,
        }
    }

    /// Waits until nobody is asked any more. A prompt that was withdrawn is gone in a moment.
    fn is_free(&mut self) -> bool {
        if let Some(open) = self.open.take()
            && open.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout)
        {
            self.is_stuck = true;
            self.desk.screen.leave_prompt();
            self.desk.screen.release();
        }
        !self.is_stuck
    }
}

/// Nobody is asked any more, and the terminal is as it was before.
impl Drop for TerminalOperator {
    fn drop(&mut self) {
        self.is_free();
        if let Some(modes) = self.modes.as_ref().filter(|_| self.is_stuck) {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, modes);
        }
    }
}

impl Desk {
    /// Brings steps to who sits there, and reports what comes of each. `back` are the answers that can be taken back.
    fn bring(&self, steps: &[Step], back: &[NodeId], run: &dyn View, reports: &Reports) {
        if steps.iter().any(|step| !matches!(step, Step::Ask(_))) {
            // Nobody agrees to what they have not seen yet, nor states it. A terminal that has gone away has nothing typed ahead.
            let _ = tcflush(std::io::stdin(), QueueSelector::IFlush);
        }
        let reported = loop {
            match self.hear(steps, back, run) {
                // There is nothing to go back to.
                Err(Unsaid::Back) => {}
                Err(Unsaid::Withdrawn) => break self.are_withdrawn(steps),
                Err(Unsaid::Later) => {
                    break steps.iter().filter_map(Step::owner).map(Report::Nobody).collect();
                }
                Err(Unsaid::Interrupted) => {
                    let mut all = vec![Report::Interrupted { signal: SIGINT }];
                    all.extend(steps.iter().filter_map(Step::owner).map(Report::Nobody));
                    break all;
                }
                Ok(said) => break said,
            }
        };
        for report in &reported {
            match report {
                Report::Said { word, .. } if !matches!(word, Word::TakeBack(_)) => {
                    self.screen.was_said(&word.owner());
                }
                _ => {}
            }
        }
        self.screen.release();
        for report in reported {
            // A send fails only when the engine is gone, and then nobody is left to hear.
            let _ = reports.send(report);
        }
    }

    /// What is said of steps, or why nothing is.
    fn hear(&self, steps: &[Step], back: &[NodeId], run: &dyn View) -> Heard<Vec<Report>> {
        let mut prompts = self.prompts.lock().unwrap_or_else(PoisonError::into_inner);
        let prompts = prompts.as_mut();
        let can_go_back = !back.is_empty();
        prompts.offer_back(can_go_back);
        let heard = match steps {
            [step] => {
                self.is_about(step.owner().as_ref());
                self.hear_one(step, run, prompts)
                    .map(|word| vec![self.said(word)])
            }
            steps => self.hear_form(steps, can_go_back, run, prompts),
        };
        match heard {
            Err(Unsaid::Back) => {
                self.is_about(None);
                prompts.offer_back(false);
                let question = which(back, run, prompts)?;
                Ok(vec![self.said(Word::TakeBack(question))])
            }
            heard => heard,
        }
    }

    fn hear_one(&self, step: &Step, run: &dyn View, prompts: &mut dyn Prompts) -> Heard<Word> {
        match step {
            Step::Ask(question) => ask(question, None, run, &self.screen, prompts),
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

    fn hear_form(
        &self,
        steps: &[Step],
        can_go_back: bool,
        run: &dyn View,
        prompts: &mut dyn Prompts,
    ) -> Heard<Vec<Report>> {
        let asks = steps.iter().filter_map(|step| match step {
            Step::Ask(ask) => Some(ask.clone()),
            _ => None,
        });
        let asks: Vec<Ask> = asks.collect();
        let filled = fill(&asks, can_go_back, run, &self.screen, prompts, self)?;
        let said = filled.into_iter().map(|(question, word)| match word {
            Some(word) => self.said(word),
            None => Report::Nobody(Owner::Node(question)),
        });
        Ok(said.collect())
    }

    fn said(&self, word: Word) -> Report {
        Report::Said {
            word,
            by: self.by.clone(),
        }
    }

    /// Says of each that it is not asked any more; nobody waits for a report.
    fn are_withdrawn(&self, steps: &[Step]) -> Vec<Report> {
        for owner in steps.iter().filter_map(Step::owner) {
            self.is_gone(&owner);
        }
        Vec::new()
    }

    fn tell_why(&self, why: &str) {
        self.screen.close();
        let line = Line::new(Mark::Mind, &format!("not asked any more: {why}"));
        self.screen.print(&line);
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Standing for Desk {
    fn is_about(&self, owner: Option<&Owner>) {
        self.asked().now = owner.cloned();
    }

    fn is_gone(&self, owner: &Owner) -> bool {
        let mut asked = self.asked();
        let Some(place) = asked.gone.iter().position(|(gone, _)| gone == owner) else {
            return false;
        };
        let (_, why) = asked.gone.remove(place);
        drop(asked);
        self.stop.set(false);
        self.tell_why(&why);
        true
    }
}

impl Operator for TerminalOperator {
    fn start(&mut self, steps: Vec<Step>, run: &Traversal, reports: &Reports) -> Vec<Report> {
        let nobody = |steps: &[Step]| steps.iter().filter_map(Step::owner).map(Report::Nobody).collect();
        if !self.is_free() {
            return nobody(&steps);
        }
        self.desk.stop.set(false);
        *self.desk.asked() = Asked {
            now: steps.first().and_then(Step::owner),
            gone: Vec::new(),
        };
        let desk = Arc::clone(&self.desk);
        let (run, sender, asked) = (run.clone(), reports.clone(), steps.clone());
        let (end, open) = channel();
        self.desk.screen.hold();
        let prompt = move || {
            // Closed when this ends, however it does.
            let _end = end;
            let back: Vec<NodeId> = run.to_be_taken_back().into_iter().cloned().collect();
            desk.bring(&asked, &back, &run, &sender);
        };
        match thread::Builder::new().name("prompt".to_owned()).spawn(prompt) {
            Ok(_) => {
                self.open = Some(open);
                Vec::new()
            }
            // Without a thread nobody can be asked.
            Err(_) => {
                self.desk.screen.release();
                nobody(&steps)
            }
        }
    }

    fn withdraw(&mut self, owner: &Owner, why: &str) {
        if !self.desk.screen.has_prompt() {
            return self.desk.tell_why(why);
        }
        let mut asked = self.desk.asked();
        asked.gone.push((owner.clone(), why.to_owned()));
        if asked.now.as_ref().is_none_or(|now| now == owner) {
            self.desk.stop.set(true);
        }
    }

    fn interrupt(&mut self) {
        self.desk.stop.set(true);
        self.is_free();
    }

    fn lend(&mut self) {
        self.ctrl_c.lend();
        self.desk.screen.hold();
    }

    fn take_back(&mut self) {
        self.ctrl_c.take_back();
        self.desk.screen.release_below();
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
    use crate::adapter::operator::script::{BACK, CTRL_C, Script};
    use crate::adapter::reporter::{Told, ana, rollback, screen};

    fn reports(typed: &[&str], back: &[&str]) -> Vec<String> {
        let (screen, _) = screen();
        screen.hold();
        let desk = Desk {
            by: ana(),
            yes: false,
            screen,
            prompts: Mutex::new(Box::new(Script::new(typed))),
            stop: Stop::default(),
            asked: Mutex::default(),
        };
        let (sender, receiver) = sync_channel(2);
        let question = "good_tag".into();
        let step = Step::Ask(Ask {
            question,
            help: None,
            detected: None,
            suggestions: Vec::new(),
        });
        let back: Vec<NodeId> = back.iter().map(|question| (*question).into()).collect();
        desk.bring(&[step], &back, &Told::new(rollback()), &sender);
        receiver.try_iter().map(|report| format!("{report:?}")).collect()
    }

    #[test]
    fn a_prompt_ends_in_a_word_or_in_nobody() {
        assert!(matches!(reports(&["v1.0.0"], &[]).as_slice(), [said] if said.starts_with("Said")));
        let nobody = r#"Nobody(Node(NodeId("good_tag")))"#;
        assert_eq!(reports(&[], &[]), [nobody]);
        assert_eq!(reports(&[CTRL_C], &[]), ["Interrupted { signal: 2 }", nobody]);
    }

    #[test]
    fn an_answer_is_taken_back_at_the_next_prompt() {
        let back = |question: &str| format!("TakeBack(NodeId({question:?}))");
        let said = reports(&[BACK], &["last_deploy"]);
        assert!(said[0].contains(&back("last_deploy")), "{said:?}");
        let said = reports(&[BACK, "migration"], &["last_deploy", "migration"]);
        assert!(said[0].contains(&back("migration")), "{said:?}");
        // There is nothing to take back, or it is not taken back after all.
        let said = reports(&[BACK, "v1.0.0"], &[]);
        assert!(said[0].contains("good_tag"), "{said:?}");
        let said = reports(&[BACK, "none", "v1.0.0"], &["last_deploy", "migration"]);
        assert!(said[0].contains("good_tag"), "{said:?}");
    }
}
