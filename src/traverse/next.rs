//! What is to be done next.

use std::collections::BTreeSet;

use crate::graph::Position;
use crate::model::{Action, Check, Form, Look, Node, NodeKind, Question, Work};
use crate::template::{render, render_script};

use super::event::{Event, Owner, Rendered, Subject};
use super::progress::{Checked, Phase, Progress, in_their_words};
use super::step::{Ask, Consent, Hands, Statement, Step};
use super::traversal::Traversal;
use super::verdict::Verdict;

impl Traversal {
    /// The first thing to do whose owner is not `busy` already; none means that there is nothing to do but wait for those.
    ///
    /// Questions come before actions, so that a person answers up front; among each, the order is that of declaration. Gates come
    /// when no node can go on.
    pub fn next(&self, busy: &BTreeSet<Owner>) -> Option<Step> {
        self.next_for(Hands::Both, busy)
    }

    /// The same for those whose hands are free. What other hands would have to go on with is passed over, and not prepared.
    pub fn next_for(&self, free: Hands, busy: &BTreeSet<Owner>) -> Option<Step> {
        if self.is_undoing() {
            return self.undo_step(busy);
        }
        if self.cancelled_by.is_some() {
            return None;
        }
        let is_idle = |node: &&Position| !busy.contains(&Owner::Node(self.node(**node).id.clone()));
        let [first, then] = self.open_nodes();
        let nodes = first.iter().chain(then);
        let step = nodes
            .filter(|node| free == Hands::Both || free == self.hands(**node))
            .filter(is_idle)
            .find_map(|node| self.node_step(*node));
        // Gates wait also for the person who is being asked about a node.
        let are_nodes_done = free == Hands::Both || (first.is_empty() && then.is_empty());
        if step.is_some() || !self.nodes_are_settled() || !are_nodes_done {
            return step;
        }
        self.gate_step(free, &|gate| !busy.contains(&Owner::Gate(gate.clone())))
    }

    /// What is to be done for this owner now, whatever else there is to do; none if nothing is, or not any more.
    pub fn offer(&self, owner: &Owner) -> Option<Step> {
        if self.is_undoing() {
            let step = self.undo_step(&BTreeSet::new());
            return step.filter(|step| step.owner().as_ref() == Some(owner));
        }
        if self.cancelled_by.is_some() {
            return None;
        }
        match owner {
            Owner::Node(node) => {
                let node = self.position(node)?;
                let is_open = self.open_nodes().iter().any(|nodes| nodes.contains(&node));
                is_open.then(|| self.node_step(node)).flatten()
            }
            Owner::Gate(gate) if self.nodes_are_settled() => {
                self.gate_step(Hands::Both, &|other| other == gate)
            }
            Owner::Gate(_) => None,
        }
    }

    /// What is next of every question whose owner is not `busy`: asking it, or what has to be known before.
    pub fn questions(&self, busy: &BTreeSet<Owner>) -> Vec<Step> {
        let [first, then] = self.open_nodes();
        let nodes = first.iter().chain(then);
        nodes
            .filter(|node| self.node(**node).question().is_some())
            .filter(|node| !busy.contains(&Owner::Node(self.node(**node).id.clone())))
            .filter_map(|node| self.node_step(*node))
            .collect()
    }

    /// The nodes that can go on, in their order.
    fn open_nodes(&self) -> [&BTreeSet<Position>; 2] {
        // Nobody knows what the world is like: that is settled before anything else starts. And after a halt nothing new starts.
        if !self.flow.in_doubt.is_empty() || self.flow.is_halted() {
            [&self.flow.in_doubt, &self.flow.running]
        } else {
            [&self.flow.questions, &self.flow.actions]
        }
    }

    /// Whose hands a node takes next. It renders nothing, so that many nodes can be looked at.
    fn hands(&self, position: Position) -> Hands {
        let node = self.node(position);
        let fresh = Progress::default();
        let progress = self.progress[position].as_deref().unwrap_or(&fresh);
        if node.links.when.is_some() && !progress.guarded {
            return Hands::Machine;
        }
        let action = match &node.kind {
            NodeKind::Question(question) => {
                let detects = question.detect.is_some() && progress.detected.is_none();
                let suggests = matches!(question.form, Form::Input { suggest: Some(_), .. })
                    && progress.suggested.is_none();
                return if detects || suggests {
                    Hands::Machine
                } else {
                    Hands::Person
                };
            }
            NodeKind::Action(action) => action,
        };
        let is_said = |subject: &Subject| self.attested.contains_key(subject);
        match progress.phase {
            Phase::Doubt => Hands::Person,
            Phase::Running | Phase::Pausing => Hands::Machine,
            Phase::Verifying | Phase::VerifyingDoubt => {
                let open = |is_a_persons: bool| {
                    let mut checks = action.verify.iter().enumerate();
                    let is_open = |index: usize| progress.checks.get(index).is_none_or(Option::is_none);
                    checks.find(|(index, check)| is_open(*index) && check.is_a_persons() == is_a_persons)
                };
                let said = |check: &Check| {
                    let owner = Owner::Node(node.id.clone());
                    let check = check.id.clone();
                    check.is_some_and(|check| is_said(&Subject::Check { owner, check }))
                };
                match (open(false), open(true)) {
                    (None, Some((_, check))) if !said(check) => Hands::Person,
                    _ => Hands::Machine,
                }
            }
            Phase::Ahead if matches!(action.work, Work::Manual(_)) => {
                let is_agreed = progress.confirmed || !action.asks_consent();
                if is_agreed && is_said(&Subject::Node(node.id.clone())) {
                    Hands::Machine
                } else {
                    Hands::Person
                }
            }
            // It is shown when it can start: what happens until then may be in its way.
            Phase::Ahead if action.asks_consent() && !progress.confirmed => match progress.work {
                Some(_) => Hands::Person,
                None => Hands::Both,
            },
            Phase::Ahead => Hands::Machine,
        }
    }

    fn node_step(&self, position: Position) -> Option<Step> {
        let node = self.node(position);
        let fresh = Progress::default();
        let progress = self.progress[position].as_deref().unwrap_or(&fresh);
        if let Some(when) = node.links.when.as_ref().filter(|_| !progress.guarded) {
            let node = node.id.clone();
            return Some(Step::Record(match self.is_true(when) {
                Ok(needed) => Event::Guarded { node, needed },
                Err(error) => Event::Failed {
                    node,
                    reason: format!("its `when` cannot be evaluated: {error}"),
                },
            }));
        }
        match &node.kind {
            NodeKind::Question(question) => Some(self.question_step(node, question, progress)),
            NodeKind::Action(action) => self.action_step(node, action, progress),
        }
    }

    fn question_step(&self, node: &Node, question: &Question, progress: &Progress) -> Step {
        let scope = self.scope();
        let rendered = |command: &crate::model::Command| {
            command.try_map(
                |text| render(text, &scope),
                |script| render_script(script, &scope),
            )
        };
        if let Some(detect) = question.detect.as_ref().filter(|_| progress.detected.is_none()) {
            let question = node.id.clone();
            return match rendered(detect) {
                Ok(command) => Step::Detect { question, command },
                Err(error) => Step::Record(Event::Detected {
                    question,
                    value: None,
                    problem: Some(error.to_string()),
                }),
            };
        }
        if let Form::Input {
            suggest: Some(suggest),
            ..
        } = &question.form
            && progress.suggested.is_none()
        {
            let question = node.id.clone();
            return match rendered(&suggest.command) {
                Ok(command) => Step::Suggest {
                    question,
                    command,
                    limit: suggest.limit,
                },
                Err(_) => Step::Record(Event::Suggested {
                    question,
                    values: Vec::new(),
                }),
            };
        }
        Step::Ask(Ask {
            question: node.id.clone(),
            help: question.help.as_ref().map(|help| self.text(help)),
            detected: progress.detected.clone().flatten(),
            suggestions: progress.suggested.clone().unwrap_or_default(),
        })
    }

    fn action_step(&self, node: &Node, action: &Action, progress: &Progress) -> Option<Step> {
        let id = node.id.clone();
        match progress.phase {
            Phase::Running => None,
            Phase::Doubt => Some(Step::Resolve {
                node: id,
                work: progress.work.clone(),
            }),
            Phase::Pausing => Some(Step::Wait {
                node: id,
                pause: action.retry.map(|retry| retry.backoff).unwrap_or_default(),
            }),
            Phase::VerifyingDoubt if !progress.recalled && action.work.captures().next().is_some() => {
                Some(Step::Recall {
                    node: id,
                    attempt: progress.attempts,
                })
            }
            Phase::Verifying | Phase::VerifyingDoubt => {
                let owner = Owner::Node(id);
                self.machine_check(&owner, &progress.checks)
                    .or_else(|| self.persons_check(&owner, &progress.checks))
            }
            Phase::Ahead => Some(self.work_step(node, action, progress)),
        }
    }

    fn work_step(&self, node: &Node, action: &Action, progress: &Progress) -> Step {
        let id = node.id.clone();
        let is_milestone = matches!(action.work, Work::Milestone);
        if progress.work.is_none() && !is_milestone {
            return Step::Record(match self.rendered_work(&node.id, &action.work) {
                Ok(Some(work)) => Event::Prepared { node: id, work },
                Ok(None) => Event::Reached { node: id },
                Err(error) => Event::Failed {
                    node: id,
                    reason: format!("it cannot be rendered: {error}"),
                },
            });
        }
        let asks = action.asks_consent() && !progress.confirmed;
        if let Some(work) = progress.work.as_ref().filter(|_| asks) {
            return Step::Confirm(Consent {
                node: id,
                work: work.clone(),
                effect: action.effect,
                prompt: action.confirm.as_ref().map(|prompt| self.text(prompt)),
            });
        }
        let attempt = progress.attempts + 1;
        match progress.work.clone() {
            None => Step::Record(Event::Reached { node: id }),
            Some(Rendered::Run(command)) => Step::Execute {
                node: id,
                attempt,
                command,
                effect: action.effect,
            },
            Some(Rendered::Write {
                path,
                content,
                overwrite,
            }) => Step::Write {
                node: id,
                attempt,
                path,
                content,
                overwrite,
            },
            Some(Rendered::Manual(text)) => {
                let subject = Subject::Node(id.clone());
                if self.attested.contains_key(&subject) {
                    Step::Record(Event::Reached { node: id })
                } else {
                    Step::Attest(Statement {
                        subject,
                        text,
                        by: Vec::new(),
                    })
                }
            }
        }
    }

    /// The next check that the machine can carry out. All of them are, also after one did not hold: a person wants the whole picture.
    pub(super) fn machine_check(&self, owner: &Owner, done: &[Option<Checked>]) -> Option<Step> {
        let mut checks = self.checks_of(owner).iter().enumerate();
        let (index, check) = checks
            .find(|(index, check)| !check.is_a_persons() && done.get(*index).is_none_or(Option::is_none))?;
        let verdict = |verdict, evidence| {
            Step::Record(Event::Checked {
                owner: owner.clone(),
                check: index,
                verdict,
                evidence,
                by: None,
            })
        };
        if let Look::Expr(expression) = &check.look {
            return Some(match self.is_true(expression) {
                Ok(truth) if truth != check.negated => {
                    verdict(Verdict::Held, format!("`{}` is {truth}", expression.0))
                }
                Ok(truth) => verdict(Verdict::Failed, format!("`{}` is {truth}", expression.0)),
                Err(error) => verdict(Verdict::Unknown, error.to_string()),
            });
        }
        Some(match self.rendered_check(check) {
            Ok(check) => Step::Verify {
                owner: owner.clone(),
                index,
                check: Box::new(check),
            },
            Err(error) => verdict(Verdict::Unknown, format!("it cannot be rendered: {error}")),
        })
    }

    /// The next check that only a person can carry out.
    pub(super) fn persons_check(&self, owner: &Owner, done: &[Option<Checked>]) -> Option<Step> {
        let mut checks = self.checks_of(owner).iter().enumerate();
        let (index, check) = checks
            .find(|(index, check)| check.is_a_persons() && done.get(*index).is_none_or(Option::is_none))?;
        let (Look::Confirm(text), Some(id)) = (&check.look, &check.id) else {
            return None;
        };
        let subject = Subject::Check {
            owner: owner.clone(),
            check: id.clone(),
        };
        Some(match self.attested.get(&subject) {
            Some(attestation) => Step::Record(Event::Checked {
                owner: owner.clone(),
                check: index,
                verdict: if check.negated {
                    Verdict::Failed
                } else {
                    Verdict::Held
                },
                evidence: in_their_words(attestation),
                by: Some(attestation.by.clone()),
            }),
            None => Step::Attest(Statement {
                subject,
                text: self.text(text),
                by: Vec::new(),
            }),
        })
    }
}
