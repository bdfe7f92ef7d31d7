//! Answers: how they are given, used, and taken back.

use std::collections::BTreeSet;

use crate::graph::Position;
use crate::model::{Node, NodeId, Question};

use super::event::{Event, Person, Source};
use super::hear::unknown;
use super::progress::{Ending, Given, Progress};
use super::traversal::Traversal;
use super::verdict::State;
use super::word::Rejected;

/// How many uses of an answer a message lists.
const LISTED: usize = 3;

impl Traversal {
    pub(super) fn hear_answer(
        &self,
        question: NodeId,
        text: &str,
        by: Person,
        source: Source,
    ) -> Result<Event, Rejected> {
        let asked = self.find_question(&question)?;
        let value = asked.read(text).map_err(|why| {
            Rejected::new(
                format!("the answer to `{question}` {why}, but is `{text}`"),
                format!("`{question}` asks: {}", asked.title),
            )
        })?;
        if let Some(before) = self.given.get(&question).filter(|before| before.value != value) {
            let message = format!("`{question}` was answered {before}");
            let help = match self.is_used(&question) {
                Err(used) => format!("that stays: {used}; start a new run to answer otherwise"),
                Ok(()) => format!(
                    "to answer otherwise: `switchback answer {} {question} VALUE --instead`",
                    self.id()
                ),
            };
            return Err(Rejected::new(message, help));
        }
        Ok(Event::Answered {
            question,
            value,
            by,
            source,
        })
    }

    pub(super) fn hear_taking_back(&self, question: NodeId, by: Person) -> Result<Event, Rejected> {
        self.find_question(&question)?;
        let Some(given) = self.given.get(&question) else {
            return Err(Rejected::new(
                format!("`{question}` is not answered: there is no answer to take back"),
                format!("to answer it: `switchback answer {} {question} VALUE`", self.id()),
            ));
        };
        self.is_used(&question).map_err(|used| {
            let on_its_ground = self.used_by(&question).into_iter();
            let mut answers = on_its_ground.filter_map(|used| used.answer);
            let help = match answers.next() {
                Some(answer) => format!(
                    "take that back first: `switchback answer {} {answer} --take-back`",
                    self.id()
                ),
                None => "start a new run to answer otherwise; `switchback undo` takes back what was done"
                    .to_owned(),
            };
            Rejected::new(
                format!("the answer to `{question}` cannot be taken back: {used}"),
                help,
            )
        })?;
        Ok(Event::AnswerTakenBack {
            question,
            value: given.value.clone(),
            by,
        })
    }

    /// The answers that can be taken back, the last first, as far as none of those after it has been used.
    pub fn to_be_taken_back(&self) -> Vec<&NodeId> {
        let asked = self.route.iter().rev().map(|node| &self.node(*node).id);
        let answered = asked.filter(|node| self.given.contains_key(*node));
        answered
            .take_while(|question| self.is_used(question).is_ok())
            .collect()
    }

    /// What has used an answer, in words, if anything has.
    fn is_used(&self, question: &NodeId) -> Result<(), String> {
        let used = self.used_by(question);
        if used.is_empty() {
            return Ok(());
        }
        let mut all: Vec<String> = used.iter().take(LISTED).map(ToString::to_string).collect();
        if used.len() > LISTED {
            all.push(format!("and {} more", used.len() - LISTED));
        }
        Err(all.join(", "))
    }

    fn find_question(&self, question: &NodeId) -> Result<&Question, Rejected> {
        let nodes = &self.runbook.nodes;
        nodes.get(question).and_then(Node::question).ok_or_else(|| {
            if nodes.contains_key(question) {
                return Rejected::new(
                    format!("`{question}` is an action, and has no answer"),
                    format!("to say that it may be done: `--confirm {question}`; that it was done: `--attest {question}=WHO`"),
                );
            }
            let questions = nodes.values().filter(|node| node.question().is_some());
            unknown("question", question.as_str(), questions.map(|node| node.id.as_str()))
        })
    }

    pub(super) fn apply_answer(&mut self, question: &NodeId, given: Given) -> Result<(), String> {
        let position = self.known(question)?;
        self.given.insert(question.clone(), given);
        self.update_if_open(position);
        Ok(())
    }

    /// A question that can be asked and has an answer is answered.
    pub(super) fn use_answer(&mut self, position: Position) {
        let node = self.node(position);
        let guard_is_open = node.links.when.is_some()
            && !self.progress[position]
                .as_ref()
                .is_some_and(|progress| progress.guarded);
        if node.question().is_none() || guard_is_open {
            return;
        }
        let Some(given) = self.given.get(&node.id) else {
            return;
        };
        let (id, value) = (node.id.clone(), given.value.clone());
        // Only here does it become a value that templates know: an answer to what is never asked changes nothing.
        self.remember_answer(&id, &value);
        let progress = self.progress_mut(position);
        if progress.ending.is_none() {
            progress.ending = Some(Ending {
                state: State::Succeeded,
                why: None,
            });
        }
        self.decide_by_answer(position);
    }

    /// Takes an answer back that nothing has used. What rests on it is as if nobody had come to it; what was said of that in advance stays.
    pub(super) fn apply_taking_back(&mut self, question: &NodeId) -> Result<(), String> {
        let position = self.known(question)?;
        self.given.remove(question);
        if self.answer(question).is_none() {
            return Ok(());
        }
        let mut anew: BTreeSet<Position> = self.resting_on(position);
        for node in &anew {
            let confirmed = self.progress[*node].take().is_some_and(|before| before.confirmed);
            self.progress_mut(*node).confirmed = confirmed;
        }
        let asked = self.progress_mut(position);
        *asked = Progress {
            guarded: asked.guarded,
            detected: asked.detected.take(),
            suggested: asked.suggested.take(),
            ..Progress::default()
        };
        anew.insert(position);
        self.forget_answers(&anew);
        self.route.retain(|node| !anew.contains(node));
        for gate in self.gates.values_mut() {
            gate.applies = None;
            gate.checks.clear();
            gate.seen.clear();
            gate.chosen.retain(|question, _| !anew.contains(question));
        }
        self.derive_flow();
        Ok(())
    }
}
