//! Drives a traversal without a process: commands, checks and people do what the test says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use switchback::model::NodeId;
use switchback::traverse::{
    Event, Hands, Outcome, Owner, RECORD_VERSION, Record, Rejected, Rendered, RunId, RunState, State, Step,
    Traversal, Verdict, Word,
};

use super::{ana, runbook};

/// A run in which commands succeed and checks hold, unless the test says otherwise, and nobody is there but who was told to speak.
pub(crate) struct Play {
    pub(crate) run: Traversal,
    /// How the attempts of an action end, in order; after the last, with 0.
    outcomes: BTreeMap<String, Vec<Outcome>>,
    /// What comes of a check, by `OWNER.INDEX`.
    verdicts: BTreeMap<String, Verdict>,
    /// What a person says when the owner's step comes to them.
    words: BTreeMap<String, Vec<Word>>,
    /// What was run, as `NODE#ATTEMPT`, and what was looked at, as `OWNER?INDEX`.
    pub(crate) done: Vec<String>,
    /// The steps that nobody took, by owner.
    pub(crate) open: BTreeMap<String, Step>,
    seq: u64,
}

impl Play {
    pub(crate) fn of(yaml: &str) -> Self {
        let mut play = Self {
            run: Traversal::new(runbook(yaml)),
            outcomes: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            words: BTreeMap::new(),
            done: Vec::new(),
            open: BTreeMap::new(),
            seq: 0,
        };
        play.apply(Event::RunStarted {
            run: RunId("r1".to_owned()),
            runbook: "test".to_owned(),
            folder: "/".to_owned(),
            digest: String::new(),
            parameters: serde_json::Map::new(),
            by: ana(),
        });
        play
    }

    /// An attempt at an action ends so, instead of with 0.
    pub(crate) fn ends(mut self, node: &str, outcome: Outcome) -> Self {
        self.outcomes.entry(node.to_owned()).or_default().push(outcome);
        self
    }

    /// A check does not hold.
    pub(crate) fn sees(mut self, check: &str, verdict: Verdict) -> Self {
        self.verdicts.insert(check.to_owned(), verdict);
        self
    }

    /// Somebody says this when they are asked.
    pub(crate) fn says(mut self, word: Word) -> Self {
        self.words.entry(word.owner().to_string()).or_default().push(word);
        self
    }

    /// Somebody says this up front, or between two calls.
    pub(crate) fn hear(&mut self, word: Word) -> Result<(), Rejected> {
        let event = self.run.hear(word, ana())?;
        self.apply(event);
        Ok(())
    }

    pub(crate) fn apply(&mut self, event: Event) {
        self.seq += 1;
        let record = Record {
            v: RECORD_VERSION,
            seq: self.seq,
            at: Timestamp::UNIX_EPOCH,
            letter: None,
            event,
        };
        self.run.apply(&record).expect("it is of this run");
    }

    /// The program goes away and comes back.
    pub(crate) fn resume(&mut self) {
        self.apply(Event::RunResumed { by: ana() });
    }

    /// Goes as far as it goes.
    pub(crate) fn go(&mut self) -> RunState {
        let mut absent = BTreeSet::new();
        self.open.clear();
        while let Some(step) = self.run.next(&absent) {
            self.hands_are_kept_apart(&step, &absent);
            if let Some(step) = self.take(step) {
                let owner = step.owner().expect("it is no mere record");
                self.open.insert(owner.to_string(), step);
                absent.insert(owner);
            }
        }
        self.run.run_state()
    }

    /// Whoever is free alone is never given what others do, and always what only they do.
    fn hands_are_kept_apart(&self, next: &Step, absent: &BTreeSet<Owner>) {
        if self.run.is_undoing() {
            return;
        }
        let machines = self.run.next_for(Hands::Machine, absent);
        let persons = self.run.next_for(Hands::Person, absent);
        if let Some(step) = &machines {
            assert!(!step.is_a_persons(), "{step:?} is a person's");
        }
        if let Some(step) = &persons {
            let is_shown = matches!(
                step,
                Step::Record(Event::Prepared {
                    work: Rendered::Manual(_),
                    ..
                })
            );
            assert!(step.is_a_persons() || is_shown, "{step:?} is the machine's");
        }
        if next.is_a_persons() {
            assert!(persons.is_some(), "{next:?} is not offered to a person alone");
        } else if !matches!(next, Step::Record(_)) && absent.is_empty() {
            assert!(machines.is_some(), "{next:?} is not offered to the machine alone");
        }
        if let Some(owner) = next.owner() {
            assert_eq!(self.run.offer(&owner).as_ref(), Some(next));
        }
    }

    /// Does a step; gives it back if nobody is there for it.
    pub(crate) fn take(&mut self, step: Step) -> Option<Step> {
        match step {
            Step::Record(event) => self.apply(event),
            Step::Execute { node, attempt, .. } => {
                self.apply(Event::Started {
                    node: node.clone(),
                    attempt,
                });
                self.done.push(format!("{node}#{attempt}"));
                let told = self
                    .outcomes
                    .get_mut(node.as_str())
                    .filter(|told| !told.is_empty());
                let outcome = told.map_or(Outcome::Exited(0), |told| told.remove(0));
                self.finish(node, attempt, outcome);
            }
            Step::Write { node, attempt, .. } => {
                self.apply(Event::Started {
                    node: node.clone(),
                    attempt,
                });
                self.done.push(format!("{node}#{attempt}"));
                self.finish(node, attempt, Outcome::Written);
            }
            Step::Verify { owner, index, .. } => {
                self.done.push(format!("{owner}?{index}"));
                let told = self.verdicts.get(&format!("{owner}.{index}"));
                self.apply(Event::Checked {
                    owner,
                    check: index,
                    verdict: told.copied().unwrap_or(Verdict::Held),
                    evidence: "as told".to_owned(),
                    by: None,
                });
            }
            Step::Recall { node, .. } => self.apply(Event::Recalled {
                node,
                captures: serde_json::Map::new(),
            }),
            Step::Wait { node, .. } => self.apply(Event::Waited { node }),
            Step::Detect { question, .. } => self.apply(Event::Detected {
                question,
                value: None,
                problem: None,
            }),
            Step::Suggest { question, .. } => self.apply(Event::Suggested {
                question,
                values: Vec::new(),
            }),
            Step::Undo { node, attempt, .. } => {
                self.apply(Event::UndoStarted {
                    node: node.clone(),
                    attempt,
                });
                self.done.push(format!("undo {node}#{attempt}"));
                let told = self.outcomes.get_mut(&format!("undo {node}"));
                let told = told.filter(|told| !told.is_empty());
                let outcome = told.map_or(Outcome::Exited(0), |told| told.remove(0));
                self.apply(Event::Undone {
                    outcome,
                    node,
                    attempt,
                    took: std::time::Duration::ZERO,
                });
            }
            Step::Confirm(consent)
                if consent.prompt.is_none() && !self.is_declined(consent.node.as_str()) =>
            {
                self.hear(Word::Confirm(consent.node)).expect("it is asked");
            }
            step => {
                let owner = step.owner().map(|owner| owner.to_string()).unwrap_or_default();
                let word = self.words.get_mut(&owner).filter(|words| !words.is_empty());
                match word.map(|words| words.remove(0)) {
                    Some(word) => self.hear(word).expect("it is what was asked"),
                    None => return Some(step),
                }
            }
        }
        None
    }

    fn is_declined(&self, node: &str) -> bool {
        let words = self.words.get(node);
        matches!(words.and_then(|words| words.first()), Some(Word::Decline(_)))
    }

    pub(crate) fn finish(&mut self, node: NodeId, attempt: u32, outcome: Outcome) {
        self.apply(Event::Finished {
            node,
            attempt,
            outcome,
            captures: serde_json::Map::new(),
            took: std::time::Duration::ZERO,
        });
    }

    pub(crate) fn state(&self, node: &str) -> State {
        self.run.state(&node.into())
    }

    pub(crate) fn why(&self, node: &str) -> String {
        self.run
            .why(&node.into())
            .map(|why| why.to_string())
            .unwrap_or_default()
    }

    pub(crate) fn gate(&self, gate: &str) -> &'static str {
        self.run.gate(&gate.into()).as_str()
    }

    pub(crate) fn route(&self) -> Vec<&str> {
        self.run.route().map(|id| id.as_str()).collect()
    }
}
