use super::args;
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::{drill, find, load};

/// `switchback check FILE…`: every fault of every file and of the drill beside it, in one go. A file that cannot be read does not hide the faults of the others.
pub(super) fn check(args: &args::Check, console: &Console) -> Outcome {
    let mut exit = Exit::Complete;
    let mut unreadable = None;
    for file in &find::files(&args.files, "switchback", "runbook")? {
        let mut loaded = match load::read(file) {
            Ok(loaded) => loaded,
            Err(refusal) => {
                if let Some(before) = unreadable.replace(refusal) {
                    console.refuse(&before);
                }
                continue;
            }
        };
        loaded.report(console);
        match &loaded.runbook {
            Some(runbook) => console.say(&format!(
                "{}: {}, {}, no errors",
                file.display(),
                counted(runbook.nodes.len(), "node"),
                counted(runbook.gates.len(), "gate")
            )),
            None => exit = Exit::Invalid,
        }
        let beside = drill::beside(file);
        if beside.is_file() {
            match drill::read(&beside, loaded.runbook.as_deref(), console)? {
                Some(drill) => console.say(&format!(
                    "{}: {}, no errors",
                    beside.display(),
                    counted(drill.scenarios.len(), "scenario")
                )),
                None => exit = Exit::Invalid,
            }
        }
    }
    match unreadable {
        Some(refusal) => Err(refusal),
        None => Ok(exit),
    }
}

fn counted(count: usize, what: &str) -> String {
    match count {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}
