//! Whether the commands of a runbook are on this machine. Nothing is run to find out, and nothing else is looked at.

use std::ffi::{OsStr, OsString};
use std::path::{Path as Folder, PathBuf};

use crate::adapter::process::Environment;
use crate::cli::session;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Command, Feed, Invocation, Runbook, Template};
use crate::source::Path;
use crate::template::runbook_commands;

/// Each command that the runbook names and that is not there. What only a run will know the name of is left out.
pub(super) fn preflight(runbook: &Runbook, folder: &Folder, environment: &Environment) -> Vec<Diagnostic> {
    let path = environment.get(OsStr::new("PATH"));
    let requires = Path::from(["requires", "commands"]);
    let required = runbook.requires.iter().enumerate();
    let mut found: Vec<Diagnostic> = required
        .filter_map(|(index, name)| literal(name).map(|name| (index, name)))
        .filter(|(_, name)| !session::is_there(name, path, folder))
        .map(|(index, name)| missing(requires.join(index), name, folder))
        .collect();
    runbook_commands(runbook, &mut |at, run, command| {
        found.extend(of_command(&at.key(run).path(), command, folder, path));
    });
    found
}

/// The command whose program and arguments, or script, stand at a place, if it is not there.
fn of_command(at: &Path, command: &Command, folder: &Folder, path: Option<&OsString>) -> Option<Diagnostic> {
    let path = path_of(command, path)?;
    let (at, name, is_shell) = match &command.run {
        Invocation::Exec(words) => (at.join(0), literal(words.first()?)?, false),
        Invocation::Shell { shell, .. } => (at.clone(), shell.first()?.as_str(), true),
    };
    let folder = start(name, command, folder)?;
    if session::is_there(name, path.as_ref(), &folder) {
        return None;
    }
    let finding = missing(at, name, &folder);
    Some(if is_shell {
        finding.label("the shell of this script")
    } else {
        finding
    })
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
