//! What a shell offers while somebody types. The shell calls the program itself, with what stands on its command line.
//!
//! `line` reads that, `offers` knows what there is to say in its place. Nothing here complains: a runbook with errors has no candidates.

mod line;
mod offers;
mod words;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use clap::{CommandFactory, ValueEnum};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter};
use clap_complete::env::{Elvish, EnvCompleter, Fish, Powershell};

use crate::adapter::reporter::quoted;

use super::args::{self, Cli, Shell};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::find;

use line::Line;
use words::Words;

/// Set by the script: which shell asks.
const VARIABLE: &str = "SWITCHBACK_COMPLETE";
const NAME: &str = "switchback";

/// `switchback completions SHELL`: the script with which the shell asks.
pub(super) fn script(args: &args::Completions, console: &Console) -> Outcome {
    let program = program()?;
    let script = match speech(args.shell) {
        Speech::Ours(script) => script.replace("PROGRAM", &quoted(&program)),
        Speech::Theirs(shell) => {
            let mut script = Vec::new();
            shell.write_registration(VARIABLE, NAME, NAME, &program, &mut script)?;
            String::from_utf8(script)?
        }
    };
    console.print(&script);
    Ok(Exit::Complete)
}

/// How a shell is spoken to.
enum Speech {
    /// By this script, in which `PROGRAM` stands for what it calls.
    Ours(&'static str),
    /// By what clap has for it.
    Theirs(&'static dyn EnvCompleter),
}

/// Bash takes words apart at `=` and `:`, and zsh puts a space after what ends so: most of ours have them, and clap minds neither.
fn speech(shell: Shell) -> Speech {
    match shell {
        Shell::Bash => Speech::Ours(include_str!("completions.bash")),
        Shell::Zsh => Speech::Ours(include_str!("completions.zsh")),
        Shell::Elvish => Speech::Theirs(&Elvish),
        Shell::Fish => Speech::Theirs(&Fish),
        Shell::Powershell => Speech::Theirs(&Powershell),
    }
}

/// What the shell is to call: the program by its name, or from where it was called by its path.
fn program() -> io::Result<String> {
    let typed = std::env::args_os().next().unwrap_or_else(|| NAME.into());
    let is_path = Path::new(&typed).components().count() > 1;
    let program = if is_path {
        std::path::absolute(typed)?.into()
    } else {
        typed
    };
    Ok(program.to_string_lossy().into_owned())
}

/// Answers a shell that asks what could stand at the end of its command line; none if no shell asks.
pub(super) fn answer(args: &[OsString]) -> Option<Exit> {
    let asked = std::env::var(VARIABLE).ok()?;
    let shell = Shell::from_str(&asked, false).ok()?;
    let words: Vec<OsString> = args
        .iter()
        .skip_while(|arg| *arg != "--")
        .skip(1)
        .cloned()
        .collect();
    let folder = std::env::current_dir().ok();
    let mut out = Vec::new();
    let words = match shell {
        Shell::Bash => Words::parts(&words),
        _ => Words::whole(words),
    };
    let mut command = command(&words.whole);
    let folder = folder.as_deref();
    // Where nothing can be said, nothing is the answer: what else is printed would stand in the person's line.
    let _ = match speech(shell) {
        Speech::Ours(_) => words.write_candidates(&mut command, folder, &mut out),
        Speech::Theirs(shell) => shell.write_complete(&mut command, words.whole, folder, &mut out),
    };
    let _ = io::stdout().lock().write_all(&out);
    Some(Exit::Complete)
}

/// The command line of the program, where each argument knows what could be said.
fn command(words: &[OsString]) -> clap::Command {
    let line = Arc::new(Line::of(words));
    Cli::command().mut_subcommands(|command| {
        let line = Arc::clone(&line);
        command.mut_args(move |arg| match completer(arg.get_id().as_str(), &line) {
            Some(completer) => arg.add(completer),
            None => arg,
        })
    })
}

/// What completes an argument, by its id: the name of its field in `args`.
fn completer(id: &str, line: &Arc<Line>) -> Option<ArgValueCompleter> {
    if matches!(id, "file" | "files") {
        let is_runbook = |path: &Path| path.is_file() && find::begins_a_line(path, "switchback");
        return Some(ArgValueCompleter::new(PathCompleter::any().filter(is_runbook)));
    }
    let offers = offers::of(id)?;
    let line = Arc::clone(line);
    let complete = move |current: &OsStr| -> Vec<CompletionCandidate> {
        let current = current.to_string_lossy();
        let offers = offers(&line).unwrap_or_default();
        offers
            .into_iter()
            .flat_map(|offer| offer.fitting(&current))
            .collect()
    };
    Some(ArgValueCompleter::new(complete))
}
