//! What would be carried out, as it would be; where that cannot be rendered, as its author wrote it and why.

use std::convert::Infallible;

use crate::model::{Check, Command, Template, Work};
use crate::traverse::{Owner, Rendered, Subject};

use super::preview::Preview;
use super::step::{PlannedCheck, PlannedCommand};

impl Preview<'_> {
    /// The checks of a step or gate.
    pub(super) fn checks(&self, owner: &Owner, checks: &[Check]) -> Vec<PlannedCheck> {
        let check = |check: &Check| {
            let (rendered, problem) = match self.run.rendered_check(check) {
                Ok(check) => (check, None),
                Err(error) => {
                    let Ok(authored) = check.try_map(authored, authored);
                    (authored, Some(error.to_string()))
                }
            };
            let subject = check.id.clone().map(|check| Subject::Check {
                owner: owner.clone(),
                check,
            });
            PlannedCheck {
                title: check.title.clone().unwrap_or_else(|| rendered.to_string()),
                check: rendered,
                problem,
                attested: subject.and_then(|subject| self.attested(&subject)),
            }
        };
        checks.iter().map(check).collect()
    }

    /// A command beside the work of an action.
    pub(super) fn command(&self, command: &Command) -> Box<PlannedCommand> {
        Box::new(match self.run.rendered_command(command) {
            Ok(command) => PlannedCommand {
                command,
                problem: None,
            },
            Err(error) => PlannedCommand {
                command: command_as_written(command),
                problem: Some(error.to_string()),
            },
        })
    }
}

/// An action's work as its author wrote it; none for a milestone.
pub(super) fn work_as_written(work: &Work) -> Option<Rendered> {
    match work {
        Work::Milestone => None,
        Work::Run { command, .. } => Some(Rendered::Run(command_as_written(command))),
        Work::Manual(text) => Some(Rendered::Manual(text.0.clone())),
        Work::Write(write) => Some(Rendered::Write {
            path: write.path.0.clone(),
            content: write.content.text().0.clone(),
            overwrite: write.overwrite,
        }),
    }
}

fn command_as_written(command: &Command) -> Command<String> {
    let Ok(command) = command.try_map(authored, authored);
    command
}

pub(super) fn authored(text: &Template) -> Result<String, Infallible> {
    Ok(text.0.clone())
}
