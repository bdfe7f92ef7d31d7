//! What people are asked, and what they say: at the prompt, and from elsewhere.

use crate::model::{NodeKind, plain};
use crate::traverse::{Event, Hands, LetterId, Owner, Person, Record, Rejected, Step, Word};

use super::drive::{Engine, Fault};
use super::elsewhere::{Letter, Replies, Reply, read};

impl Engine<'_> {
    /// What is next for those whose hands are free; questions that are ready together come together.
    pub(super) fn next(&self, hands: &[Hands]) -> Vec<Step> {
        let step = hands.iter().find_map(|free| self.run.next_for(*free, &self.busy));
        match step {
            None => Vec::new(),
            Some(Step::Ask(_)) if self.ports.operator.has_a_person() => self.form(hands),
            Some(step) => vec![step],
        }
    }

    /// All questions that are ready, once what the machine can find out for them is known: until then, that.
    fn form(&self, hands: &[Hands]) -> Vec<Step> {
        let mut questions = self.run.questions(&self.busy);
        let unready = questions.iter().position(|step| !matches!(step, Step::Ask(_)));
        match unready {
            Some(step) if hands.contains(&Hands::Both) => vec![questions.swap_remove(step)],
            None if !self.is_finding_out() => questions,
            _ => Vec::new(),
        }
    }

    /// Whether the machine is at something that a question needs before it is asked.
    fn is_finding_out(&self) -> bool {
        let nodes = &self.run.runbook().nodes;
        self.at_work().any(|owner| {
            let Owner::Node(node) = owner else { return false };
            let node = nodes.get(node);
            node.is_some_and(|node| matches!(node.kind, NodeKind::Question(_)))
        })
    }

    /// Those whose step the machine does.
    fn at_work(&self) -> impl Iterator<Item = &Owner> {
        self.busy
            .iter()
            .filter(|owner| !self.absent.contains(*owner) && !self.is_asked(owner))
    }

    fn is_asked(&self, owner: &Owner) -> bool {
        self.asked
            .iter()
            .any(|asked| asked.owner().as_ref() == Some(owner))
    }

    /// Takes a step from what is asked.
    fn leave(&mut self, owner: &Owner) -> Option<Step> {
        let mut asked = self.asked.iter();
        let place = asked.position(|asked| asked.owner().as_ref() == Some(owner))?;
        Some(self.asked.remove(place))
    }

    /// Brings steps to a person.
    pub(super) fn ask(&mut self, steps: Vec<Step>) -> Result<(), Fault> {
        self.busy.extend(steps.iter().filter_map(Step::owner));
        self.asked.extend(steps.iter().cloned());
        for said in self.ports.operator.start(steps, self.run, &self.reports) {
            self.take(said)?;
        }
        Ok(())
    }

    /// Puts prompts that stand open away, if what happened meanwhile has made an end of what they ask. Nothing is on record of it.
    pub(super) fn withdraw_what_is_past(&mut self) {
        let asked: Vec<Owner> = self.asked.iter().filter_map(Step::owner).collect();
        for owner in asked {
            if self.run.offer(&owner).is_some() {
                continue;
            }
            let why = match &owner {
                Owner::Node(node) => self.run.why(node),
                Owner::Gate(_) => None,
            };
            let why = why.map_or_else(|| "another step is in doubt".to_owned(), |why| why.to_string());
            self.ports.operator.withdraw(&owner, &why);
            self.leave(&owner);
            self.absent.insert(owner);
        }
    }

    /// Somebody says something of what they are asked.
    pub(super) fn hear(&mut self, word: Word, by: Person) -> Result<(), Fault> {
        if let Word::TakeBack(_) = word {
            return self.go_back(word, by);
        }
        let owner = word.owner();
        // What is not to be done any more stays asked until it is withdrawn; what was withdrawn is not asked. Neither is heard.
        let Some(offered) = self.run.offer(&owner) else {
            return Ok(());
        };
        let Some(asked) = self.leave(&owner) else {
            return Ok(());
        };
        self.busy.remove(&owner);
        let heard = if offered == asked {
            self.run.hear(word, by)
        } else {
            let message = format!("what `{owner}` shows has changed since it was asked");
            Err(Rejected::new(message, "look at it as it is now"))
        };
        match heard {
            Ok(event) => {
                self.unsynced = true;
                self.record(event, None)
            }
            Err(why) => {
                self.ports.operator.reject(&why);
                Ok(())
            }
        }
    }

    /// Somebody takes an answer back in place of saying something of what they are asked, which is asked again if it is to be done still.
    fn go_back(&mut self, word: Word, by: Person) -> Result<(), Fault> {
        for asked in self.asked.drain(..) {
            self.busy.retain(|owner| asked.owner().as_ref() != Some(owner));
        }
        match self.run.hear(word, by) {
            Ok(event) => {
                self.make_way(std::slice::from_ref(&event))?;
                self.unsynced = true;
                self.record(event, None)
            }
            Err(why) => {
                self.ports.operator.reject(&why);
                Ok(())
            }
        }
    }

    /// Nobody is there for this owner's step.
    pub(super) fn is_absent(&mut self, owner: Owner) {
        if self.busy.contains(&owner) {
            self.leave(&owner);
            self.absent.insert(owner);
        }
    }

    /// Another process has something to say. It is durable before that one hears of it.
    pub(super) fn read_letter(&mut self, letter: &Letter, replies: &Replies) -> Result<(), Fault> {
        let reply = match read(self.run, letter) {
            Err(reply) => reply,
            Ok(events) => {
                self.make_way(&events)?;
                self.record_letter(&letter.id, events)?;
                Reply::Taken
            }
        };
        // Who waits for it may have gone away.
        let _ = replies.send(reply);
        Ok(())
    }

    fn record_letter(&mut self, letter: &LetterId, events: Vec<Event>) -> Result<(), Fault> {
        self.unsynced = true;
        for event in events {
            self.record(event, Some(letter.clone()))?;
        }
        self.sync()
    }

    /// What these events change is not done as it was begun: a prompt for it is put away, somebody who was not there is not waited for any more, and
    /// what the machine finds out is forgotten.
    fn make_way(&mut self, events: &[Event]) -> Result<(), Fault> {
        let mut after = self.run.clone();
        for event in events {
            after.apply(&Record::unkept(event.clone()))?;
        }
        let rests_on_it = |owner: &Owner| {
            events.iter().any(|event| match event {
                Event::AnswerTakenBack { question, .. } => self.run.rests_on(owner, question),
                _ => false,
            })
        };
        let at_work: Vec<Owner> = self
            .at_work()
            .filter(|owner| rests_on_it(owner))
            .cloned()
            .collect();
        self.stale.extend(at_work);
        let waiting: Vec<Owner> = self
            .busy
            .iter()
            .filter(|owner| {
                let is_waiting = self.is_asked(owner) || self.absent.contains(*owner);
                is_waiting && after.offer(owner) != self.run.offer(owner)
            })
            .cloned()
            .collect();
        for owner in waiting {
            if self.leave(&owner).is_some() {
                self.ports.operator.withdraw(&owner, &from_elsewhere(events));
            }
            self.busy.remove(&owner);
            self.absent.remove(&owner);
        }
        Ok(())
    }
}

/// Why somebody at the terminal is not asked any more.
fn from_elsewhere(events: &[Event]) -> String {
    let elsewhere = "from another terminal";
    match events.last() {
        Some(Event::Answered {
            question, value, by, ..
        }) => {
            format!("`{question}` is answered by {by} {elsewhere}: {}", plain(value))
        }
        Some(Event::AnswerTakenBack { question, by, .. }) => {
            format!("{by} took the answer to `{question}` back {elsewhere}")
        }
        Some(Event::Attested { by, .. }) => format!("attested by {by} {elsewhere}"),
        Some(Event::Refused { by, .. }) => format!("refused by {by} {elsewhere}"),
        Some(Event::Decided { outcome, by, .. }) => format!("decided by {by} {elsewhere}: {outcome}"),
        _ => format!("something was said {elsewhere}"),
    }
}
