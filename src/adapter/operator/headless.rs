use crate::adapter::reporter::View;
use crate::engine::{Operator, Report, Reports};
use crate::model::{Effect, plain};
use crate::traverse::{Ask, Consent, Owner, Person, Rejected, Rendered, Source, Step, Traversal, Word};

/// Answers for nobody: what a question's own command found, else the default that its author marked for this. It never states,
/// decides or resolves anything, and never agrees to what destroys.
#[derive(Clone, Debug)]
pub struct HeadlessOperator {
    by: Person,
    yes: bool,
}

impl HeadlessOperator {
    /// An operator in the name of who started the run. `yes` agrees to what changes where the author wants that asked.
    pub fn new(by: Person, yes: bool) -> Self {
        Self { by, yes }
    }

    fn word(&self, step: &Step, run: &dyn View) -> Option<Word> {
        match step {
            Step::Ask(ask) => answer(ask, run),
            Step::Confirm(consent) => self.agrees(consent).then(|| Word::Confirm(consent.node.clone())),
            _ => None,
        }
    }

    /// Starting the run headless was the consent to what changes, unless the author wants it asked. What takes the terminal is agreed to by
    /// who sits there.
    fn agrees(&self, consent: &Consent) -> bool {
        let takes_the_terminal = matches!(&consent.work, Rendered::Run(command) if command.terminal);
        !takes_the_terminal && consent.effect != Effect::Destroy && (consent.prompt.is_none() || self.yes)
    }
}

fn answer(ask: &Ask, run: &dyn View) -> Option<Word> {
    let default = || {
        run.runbook()
            .nodes
            .get(&ask.question)?
            .question()?
            .default
            .as_ref()
    };
    let (value, source) = match &ask.detected {
        Some(value) => (value, Source::Detected),
        None => (default()?, Source::Default),
    };
    Some(Word::Answer {
        question: ask.question.clone(),
        text: plain(value),
        source,
    })
}

impl Operator for HeadlessOperator {
    fn start(&mut self, steps: Vec<Step>, run: &Traversal, _reports: &Reports) -> Vec<Report> {
        let said = |step: &Step| match self.word(step, run) {
            Some(word) => Some(Report::Said {
                word,
                by: self.by.clone(),
            }),
            None => step.owner().map(Report::Nobody),
        };
        steps.iter().filter_map(said).collect()
    }

    /// Nobody is being asked.
    fn withdraw(&mut self, _owner: &Owner, _why: &str) {}

    /// Nobody is being asked.
    fn interrupt(&mut self) {}

    /// It has no terminal.
    fn lend(&mut self) {}

    fn take_back(&mut self) {}

    fn reject(&mut self, _why: &Rejected) {}

    fn has_a_person(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::reporter::{Told, ana, command, rollback};
    use crate::model::{NodeId, Value};
    use crate::traverse::{Statement, Subject};

    fn ask(detected: Option<&str>) -> Step {
        Step::Ask(Ask {
            question: "good_tag".into(),
            help: None,
            detected: detected.map(Value::from),
            suggestions: Vec::new(),
        })
    }

    fn confirm(effect: Effect, prompt: Option<&str>) -> Step {
        Step::Confirm(Consent {
            node: "rollback".into(),
            work: Rendered::Run(command(&["dep", "rollback"])),
            effect,
            prompt: prompt.map(str::to_owned),
        })
    }

    fn word(step: &Step, yes: bool, run: &Told) -> Option<Word> {
        HeadlessOperator::new(ana(), yes).word(step, run)
    }

    #[test]
    fn what_was_found_goes_before_the_default_and_nothing_is_made_up() {
        let mut run = Told::new(rollback());
        assert_eq!(word(&ask(None), true, &run), None);
        let node = run.runbook.nodes.get_mut("good_tag").unwrap();
        if let crate::model::NodeKind::Question(question) = &mut node.kind {
            question.default = Some(Value::from("v1.0.0"));
        }
        let said = |text: &str, source| {
            Some(Word::Answer {
                question: "good_tag".into(),
                text: text.to_owned(),
                source,
            })
        };
        assert_eq!(word(&ask(None), false, &run), said("v1.0.0", Source::Default));
        assert_eq!(
            word(&ask(Some("v1.9.0")), false, &run),
            said("v1.9.0", Source::Detected)
        );
    }

    #[test]
    fn starting_it_headless_was_the_consent_to_what_changes_only() {
        let run = Told::new(rollback());
        let yes = Some(Word::Confirm(NodeId::from("rollback")));
        assert_eq!(word(&confirm(Effect::Change, None), false, &run), yes);
        assert_eq!(word(&confirm(Effect::Change, Some("Sure?")), false, &run), None);
        assert_eq!(word(&confirm(Effect::Change, Some("Sure?")), true, &run), yes);
        assert_eq!(word(&confirm(Effect::Read, Some("Sure?")), false, &run), None);
        assert_eq!(word(&confirm(Effect::Destroy, None), true, &run), None);
    }

    #[test]
    fn nobody_is_there_to_agree_to_what_takes_the_terminal() {
        let run = Told::new(rollback());
        let mut step = confirm(Effect::Change, None);
        if let Step::Confirm(Consent {
            work: Rendered::Run(command),
            ..
        }) = &mut step
        {
            command.terminal = true;
        }
        assert_eq!(word(&step, true, &run), None);
    }

    #[test]
    fn it_states_nothing() {
        let step = Step::Attest(Statement {
            subject: Subject::Gate("verified_live".into()),
            text: "Production loads.".to_owned(),
            by: Vec::new(),
        });
        assert_eq!(word(&step, true, &Told::new(rollback())), None);
    }
}
