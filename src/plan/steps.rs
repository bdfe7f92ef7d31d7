use crate::model::{Action, Command, Effect, Form, Join, Node, NodeKind, SecretSource, Work};
use crate::template::names;
use crate::traverse::{Owner, Rendered, Subject};

use super::checks::work_as_written;
use super::preview::Preview;
use super::probe::Probe;
use super::step::{Planned, PlannedConsent, PlannedStep};
use super::ways::Ways;

impl Preview<'_> {
    /// What would be asked and done, in the order in which the walk came to it.
    pub(super) fn steps(&self, ways: &Ways) -> Vec<PlannedStep> {
        let nodes = &self.run.runbook().nodes;
        let route = self.run.route().filter_map(|id| nodes.get_full(id));
        route
            .map(|(position, _, node)| {
                let only_if = match ways.certain[position] {
                    true => Vec::new(),
                    false => self.ways_to(position, ways),
                };
                self.step(node, only_if)
            })
            .collect()
    }

    fn step(&self, node: &Node, only_if: Vec<String>) -> PlannedStep {
        let noted = self.noted.get(&node.id);
        let what = match &node.kind {
            NodeKind::Question(question) => Planned::Question {
                answer: self
                    .run
                    .answer(&node.id)
                    .filter(|_| self.answered.contains(&node.id))
                    .cloned(),
                choices: match &question.form {
                    Form::Choices(choices) => choices.keys().map(ToString::to_string).collect(),
                    Form::Input { .. } => Vec::new(),
                },
                detect: question.detect.as_ref().map(|detect| self.command(detect)),
                suggest: match &question.form {
                    Form::Input {
                        suggest: Some(suggest),
                        ..
                    } => Some(self.command(&suggest.command)),
                    Form::Choices(_) | Form::Input { suggest: None, .. } => None,
                },
            },
            NodeKind::Action(action) => Planned::Action {
                effect: action.effect,
                work: match self.run.work(&node.id) {
                    Some(work) => Some(work.clone()),
                    None => work_as_written(&action.work),
                },
                confirm: self.consent(node, action),
                attested: self.attested(&Subject::Node(node.id.clone())),
                retry: action.retry,
                undo: action.undo.as_ref().map(|undo| self.command(undo)),
            },
        };
        PlannedStep {
            node: node.id.clone(),
            title: node.title().to_owned(),
            joins_all: only_if.len() > 1 && node.links.join == Join::All,
            only_if,
            when: noted.and_then(|noted| noted.when.clone()),
            what,
            probed: self.probed.get(&node.id).cloned(),
            verify: match node.action() {
                Some(action) => self.checks(&Owner::Node(node.id.clone()), &action.verify),
                None => Vec::new(),
            },
            problem: noted.and_then(|noted| noted.problem.clone()),
        }
    }

    /// That somebody is asked first, headless too, or agreed up front.
    fn consent(&self, node: &Node, action: &Action) -> Option<PlannedConsent> {
        let given = self.confirmed(&node.id);
        let is_asked = action.confirm.is_some() || action.effect == Effect::Destroy;
        (is_asked || given.is_some()).then(|| PlannedConsent {
            prompt: action.confirm.as_ref().map(|prompt| self.run.text(prompt)),
            given,
        })
    }

    /// The first command that only reads, that the run surely comes to, that would read what it reads now, and of which everything is known;
    /// but for those that were probed.
    pub(super) fn next_probe(&self, ways: &Ways) -> Option<Probe> {
        let nodes = &self.run.runbook().nodes;
        let route = self.run.route().filter_map(|id| nodes.get_full(id));
        let mut open = route.filter(|(position, id, _)| {
            ways.certain[*position] && ways.unchanged[*position] && !self.probed.contains_key(*id)
        });
        open.find_map(|(_, _, node)| self.probe(node))
    }

    fn probe(&self, node: &Node) -> Option<Probe> {
        let action = node.action()?;
        let Work::Run { command, .. } = &action.work else {
            return None;
        };
        let only_reads = action.effect == Effect::Read && action.confirm.is_none() && !command.terminal;
        if !only_reads
            || self.may_be_passed_over(&node.id)
            || !self.all_is_known(command)
            || self.runs_another(command)
        {
            return None;
        }
        match self.run.work(&node.id)? {
            Rendered::Run(command) => Some(Probe {
                node: node.id.clone(),
                command: command.clone(),
            }),
            Rendered::Manual(_) | Rendered::Write { .. } => None,
        }
    }

    /// Whether nothing in a command is only known while it runs.
    fn all_is_known(&self, command: &Command) -> bool {
        let known = |text: &_| match names(text) {
            Ok(names) if names.iter().all(|name| self.is_known(name)) => Ok(()),
            _ => Err(()),
        };
        command.try_map(known, known).is_ok()
    }

    /// Whether it needs a secret that another command prints.
    fn runs_another(&self, command: &Command) -> bool {
        let secrets = &self.run.runbook().secrets;
        command.secrets().any(|id| {
            !matches!(
                secrets.get(id),
                Some(SecretSource::Env(_) | SecretSource::File(_))
            )
        })
    }
}
