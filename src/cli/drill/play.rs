use std::io::{BufRead, BufReader};
use std::iter;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::adapter::reporter::quoted;
use crate::model::{DrillStep, Scenario, Turn};

use super::super::console::Console;
use super::super::error::{Outcome, Refusal};
use super::super::exit_code::Exit;
use super::compare;
use super::sandbox::Sandbox;

/// Lets the person at the terminal play: the program itself, in the sandbox, with nothing answered.
pub(super) fn by_hand(sandbox: &Sandbox<'_>, runbook: &Path, console: &Console) -> Outcome {
    let mut args = run_args(sandbox, runbook);
    args.retain(|arg| arg != "--headless");
    console.say(&format!("{}\n", as_typed(&args)));
    let child = program(sandbox, &args)?.spawn()?;
    let (status, ()) = sandbox.ending.see_out(child, || ())?;
    Ok(exit_of(status))
}

/// Plays a scenario step by step, and compares what happened with what it expects.
pub(super) fn scenario(
    sandbox: &Sandbox<'_>,
    scenario: &Scenario,
    runbook: &Path,
    console: &Console,
) -> Outcome {
    console.say(&format!("{}\n", scenario.about.trim()));
    let mut differences = Vec::new();
    for step in &scenario.steps {
        if let Some(signal) = sandbox.ending.signal() {
            return Ok(Exit::Signal(signal));
        }
        let (args, turn) = match step {
            DrillStep::Outside(command) => {
                sandbox.outside(command, console)?;
                continue;
            }
            DrillStep::Run(turn) => (run_args(sandbox, runbook), turn),
            DrillStep::Resume(turn) => (resume_args(sandbox), turn),
        };
        let args = [args, said(turn)].concat();
        console.say(&as_typed(&args));
        let (code, printed) = call(sandbox, &args, console)?;
        console.say("");
        if code != turn.exit {
            differences.push(format!("it exited with {code}, and not with {}", turn.exit));
        }
        let missing = turn.says.iter().filter(|text| !printed.contains(text.as_str()));
        differences.extend(missing.map(|text| format!("it did not say `{text}`")));
        if !differences.is_empty() {
            break;
        }
    }
    differences.extend(compare::differences(sandbox, scenario)?);
    for difference in &differences {
        console.say(&format!("  ✗ {difference}"));
    }
    Ok(if differences.is_empty() {
        Exit::Complete
    } else {
        Exit::Failed
    })
}

/// A call of the program as it can be pasted, one flag a line.
fn as_typed(args: &[String]) -> String {
    let mut line = "$ switchback".to_owned();
    for arg in args {
        let is_flag = arg.starts_with('-');
        line.push_str(if is_flag { " \\\n    " } else { " " });
        line.push_str(&quoted(arg));
    }
    line
}

fn run_args(sandbox: &Sandbox<'_>, runbook: &Path) -> Vec<String> {
    let mut args = vec!["run".to_owned(), runbook.display().to_string()];
    for (name, value) in &sandbox.parameters {
        args.extend(["-p".to_owned(), format!("{name}={value}")]);
    }
    args.extend(manner(sandbox));
    args
}

fn resume_args(sandbox: &Sandbox<'_>) -> Vec<String> {
    let args = ["resume", "last"].map(str::to_owned).into_iter();
    args.chain(manner(sandbox)).collect()
}

/// How people are asked, and where the record is kept.
fn manner(sandbox: &Sandbox<'_>) -> impl Iterator<Item = String> {
    let plain = sandbox.plain.then(|| "--plain".to_owned());
    let state_dir = ["--state-dir".to_owned(), sandbox.state_dir()];
    iter::once("--headless".to_owned()).chain(plain).chain(state_dir)
}

/// What people say in a turn, as it is typed.
fn said(turn: &Turn) -> Vec<String> {
    let pairs = [
        ("--answer", &turn.said.answers),
        ("--attest", &turn.said.attest),
        ("--decide", &turn.said.decide),
        ("--waive", &turn.said.waive),
    ];
    let mut args = Vec::new();
    for (flag, said) in pairs {
        for (id, text) in said {
            args.extend([flag.to_owned(), format!("{id}={text}")]);
        }
    }
    for node in &turn.said.confirm {
        args.extend(["--confirm".to_owned(), node.clone()]);
    }
    for (node, resolution) in &turn.resolve {
        args.extend(["--resolve".to_owned(), format!("{node}={}", resolution.how)]);
        for (capture, value) in &resolution.set {
            args.extend(["--set".to_owned(), format!("{node}.{capture}={value}")]);
        }
        args.extend(["--reason".to_owned(), resolution.reason.clone()]);
    }
    args
}

/// Calls the program, shows what it prints as it comes, and keeps it.
fn call(sandbox: &Sandbox<'_>, args: &[String], console: &Console) -> Result<(i32, String), Refusal> {
    // One pipe for both streams, so that the lines come in the order in which they were printed.
    let (reader, writer) = std::io::pipe()?;
    let mut command = program(sandbox, args)?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let child = command.spawn()?;
    // The parent's ends of the pipe go with the command, or the reader would wait for ever.
    drop(command);
    let (status, printed) = sandbox.ending.see_out(child, || {
        let mut printed = String::new();
        for line in BufReader::new(reader).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            console.say(&line);
            printed.push_str(&line);
            printed.push('\n');
        }
        Ok::<_, std::io::Error>(printed)
    })?;
    Ok((exit_of(status).code().into(), printed?))
}

fn program(sandbox: &Sandbox<'_>, args: &[String]) -> Result<Command, Refusal> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(args).env_clear().envs(&sandbox.environment);
    Ok(command)
}

/// The program's own exit code, passed on.
fn exit_of(status: std::process::ExitStatus) -> Exit {
    use std::os::unix::process::ExitStatusExt;
    if let Some(signal) = status.signal() {
        return Exit::Signal(signal);
    }
    let code = status.code().unwrap_or_default();
    Exit::ALL
        .into_iter()
        .find(|exit| i32::from(exit.code()) == code)
        .unwrap_or(Exit::Signal(code - 128))
}
