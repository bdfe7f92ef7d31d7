//! What is rendered before the run starts, and so from parameters alone: the key of its lock, and the commands that it requires.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Runbook, Template};
use crate::source::Path;
use crate::template;

use super::names::Names;

/// What these are made of that is not known by then. Names that stand for nothing are found with those of all other texts.
pub(super) fn early(runbook: &Runbook) -> Vec<Diagnostic> {
    let names = Names::new(runbook);
    let mut found = Vec::new();
    let mut late = |template: &Template, at: Path, label: &str, help: &str| {
        for path in template::names(template).unwrap_or_default() {
            let root = path.first().map(String::as_str).unwrap_or_default();
            if names.unknown(&path).is_none() && !runbook.parameters.contains_key(root) {
                let message = format!("`{}` is not known before the run starts", path.join("."));
                let finding = Diagnostic::new(Code::UndefinedName, at.clone(), message);
                found.push(finding.label(label).help(help));
            }
        }
    };
    for (index, command) in runbook.requires.iter().enumerate() {
        let label = "a required command is made of parameters only";
        let help = "make it a parameter, so that the command can be looked for before anything starts";
        late(
            command,
            Path::from(["requires", "commands"]).join(index),
            label,
            help,
        );
    }
    if let Some(lock) = &runbook.lock {
        let label = "a lock is made of parameters only";
        let help = "make it a parameter, so that the key is known when the run takes it";
        late(lock, Path::from(["lock"]), label, help);
    }
    found
}
