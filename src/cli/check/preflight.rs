//! Whether the commands of a runbook are on this machine. Nothing is run to find out, and nothing else is looked at.

use std::ffi::{OsStr, OsString};
use std::path::{Path as Folder, PathBuf};

use crate::adapter::process::Environment;
use crate::cli::session;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Action, Check, Command, Feed, Form, Invocation, Look, NodeKind, Runbook, SecretSource, Template, Work,
};
use crate::source::Path;

/// Each command that the runbook names and that is not there. What only a run will know the name of is left out.
pub(super) fn preflight(runbook: &Runbook, folder: &Folder, environment: &Environment) -> Vec<Diagnostic> {
    let path = environment.get(OsStr::new("PATH"));
    let requires = Path::from(["requires", "commands"]);
    let required = runbook.requires.iter().enumerate();
    let mut found: Vec<Diagnostic> = required
        .filter(|(_, name)| !session::is_there(name, path, folder))
        .map(|(index, name)| missing(requires.join(index), name, folder))
        .collect();
    for (at, command) in commands(runbook) {
        let Some(path) = path_of(command, path) else {
            continue;
        };
        let (at, name, is_shell) = match &command.run {
            Invocation::Exec(words) => (at.join(0), words.first().and_then(literal), false),
            Invocation::Shell { shell, .. } => (at, shell.first().map(String::as_str), true),
        };
        if let Some(name) = name
            && let Some(folder) = start(name, command, folder)
            && !session::is_there(name, path.as_ref(), &folder)
        {
            let finding = missing(at, name, &folder);
            found.push(if is_shell {
                finding.label("the shell of this script")
            } else {
                finding
            });
        }
    }
    found
}

fn missing(at: Path, name: &str, folder: &Folder) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::CommandNotFound,
        at,
        format!("`{name}` is not found on this machine"),
    );
    if name.contains('/') {
        return finding.label("no such program").help(format!(
            "put it there and make it executable, or correct its path, which starts at `{}`",
            folder.display()
        ));
    }
    finding
        .label("not on `PATH`")
        .help("install it, put its folder on `PATH`, or correct its name")
}

/// A text without templates in it.
fn literal(template: &Template) -> Option<&str> {
    let text = template.0.as_str();
    let is_known = ["{{", "{%", "{#"].iter().all(|begin| !text.contains(begin));
    is_known.then_some(text)
}

/// The `PATH` that a command has: its own, or that of the program. None if only the run will know it.
fn path_of(command: &Command, ours: Option<&OsString>) -> Option<Option<OsString>> {
    match command.env.get("PATH") {
        None => Some(ours.cloned()),
        Some(Feed::Text(own)) => literal(own).map(|own| Some(own.into())),
        Some(Feed::Secret { .. }) => None,
    }
}

/// Where a program's name starts, if it has a `/`. None if only the run will know it.
fn start(name: &str, command: &Command, folder: &Folder) -> Option<PathBuf> {
    match &command.cwd {
        Some(cwd) if name.contains('/') => literal(cwd).map(|cwd| folder.join(cwd)),
        _ => Some(folder.to_owned()),
    }
}

/// Every command of a runbook, with the place of its `run`.
fn commands(runbook: &Runbook) -> Vec<(Path, &Command)> {
    let mut found = Vec::new();
    for (id, source) in &runbook.secrets {
        if let SecretSource::Command(command) = source {
            found.push((Path::from(["secrets", id.as_str(), "command"]), command.as_ref()));
        }
    }
    for (id, node) in &runbook.nodes {
        let at = Path::from(["nodes", id.as_str()]);
        match &node.kind {
            NodeKind::Question(question) => {
                found.extend(
                    question
                        .detect
                        .as_ref()
                        .map(|command| (at.join("detect").join("run"), command)),
                );
                if let Form::Input {
                    suggest: Some(suggest),
                    ..
                } = &question.form
                {
                    found.push((at.join("suggest").join("run"), &suggest.command));
                }
            }
            NodeKind::Action(action) => of_action(&at, action, &mut found),
        }
    }
    for (id, gate) in &runbook.gates {
        of_checks(&Path::from(["gates", id.as_str()]), &gate.verify, &mut found);
    }
    found
}

fn of_action<'a>(at: &Path, action: &'a Action, found: &mut Vec<(Path, &'a Command)>) {
    if let Work::Run { command, .. } = &action.work {
        found.push((at.join("run"), command));
    }
    of_checks(at, &action.verify, found);
    found.extend(
        action
            .undo
            .as_ref()
            .map(|command| (at.join("undo").join("run"), command)),
    );
}

fn of_checks<'a>(at: &Path, checks: &'a [Check], found: &mut Vec<(Path, &'a Command)>) {
    for (index, check) in checks.iter().enumerate() {
        if let Look::Run { command, .. } = &check.look {
            found.push((at.join("verify").join(index).join("run"), command));
        }
    }
}
