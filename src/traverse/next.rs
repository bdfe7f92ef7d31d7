//! What is to be done next.

use std::collections::BTreeSet;

use crate::graph::Position;
use crate::model::{Action, Form, Look, Node, NodeKind, Question, Work};
use crate::template::{render, render_script};

use super::event::{Event, Owner, Rendered, Subject};
use super::progress::{Checked, Phase, Progress, in_their_words};
use super::step::{Ask, Consent, Statement, Step};
use super::traversal::Traversal;
use super::verdict::Verdict;

impl Traversal {
    /// The first thing to do whose owner is not `busy` already; none means that there is nothing to do but wait for those.
    ///
    /// Questions come before actions, so that a person answers up front; among each, the order is that of declaration. Gates come
    /// when no node can go on.
    pub fn next(&self, busy: &BTreeSet<Owner>) -> Option<Step> {
        if self.is_undoing() {
            return self.undo_step(busy);
        }
        if self.cancelled_by.is_some() {
            return None;
        }
        let free = |node: &&Position| !busy.contains(&Owner::Node(self.node(**node).id.clone()));
        let nodes: Box<dyn Iterator<Item = &Position>> = if !self.flow.in_doubt.is_empty() {
            // Nobody knows what the world is like: that is settled before anything else starts.
            Box::new(self.flow.in_doubt.iter().chain(&self.flow.running))
        } else if self.flow.is_halted() {
            Box::new(self.flow.running.iter())
        } else {
            Box::new(self.flow.questions.iter().chain(&self.flow.actions))
        };
        let step = nodes.filter(free).find_map(|node| self.node_step(*node));
        if step.is_some() || !self.nodes_are_settled() {
            return step;
        }
        self.gate_step(busy)
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
            return Step::Record(match self.rendered_work(&action.work) {
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
