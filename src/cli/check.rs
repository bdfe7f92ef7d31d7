use super::args;
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::load;

/// `switchback check FILE…`: every fault of every file, in one go.
pub(super) fn check(args: &args::Check, console: &Console) -> Outcome {
    let mut faulty = 0;
    for file in &args.files {
        let loaded = load::read(file)?;
        loaded.report(console);
        match &loaded.runbook {
            Some(runbook) => console.say(&format!(
                "{}: {} nodes, {} gates, no errors",
                file.display(),
                runbook.nodes.len(),
                runbook.gates.len()
            )),
            None => faulty += 1,
        }
    }
    Ok(if faulty == 0 {
        Exit::Complete
    } else {
        Exit::Invalid
    })
}
