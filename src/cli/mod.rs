//! The command line: wiring, one file per subcommand, exit codes.

mod answer;
mod args;
mod attest;
mod audience;
mod cancel;
mod check;
mod complete;
mod console;
mod diagnose;
mod docs;
mod drill;
mod error;
mod exit_code;
mod explain;
mod find;
mod graph;
mod history;
mod letters;
mod load;
mod locking;
mod logs;
mod man;
mod new;
mod plan;
mod progress;
mod prune;
mod report;
mod resume;
mod run;
mod runs;
mod schema;
mod session;
mod show;
mod side_by_side;
mod test;
mod text;
mod undo;
mod verify;
mod watch;
mod words;

pub use exit_code::Exit;

use std::ffi::OsString;

use clap::Parser;

use args::{Cli, Command};
use console::Console;

/// Runs the program with these arguments, the first of which is its own name.
pub fn main(args: impl IntoIterator<Item = OsString>) -> Exit {
    let args: Vec<OsString> = args.into_iter().collect();
    if let Some(exit) = complete::answer(&args) {
        return exit;
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too, and are no error. Where they cannot even be printed, the exit code has to do.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Complete
            };
        }
    };
    let console = Console::new(cli.color);
    let outcome = match &cli.command {
        Command::Run(args) => run::run(args, &console),
        Command::Resume(args) => resume::resume(args, &console),
        Command::Answer(args) => answer::answer(args, &console),
        Command::Attest(args) => attest::attest(args, &console),
        Command::Undo(args) => undo::undo(args, &console),
        Command::Cancel(args) => cancel::cancel(args, &console),
        Command::Plan(args) => plan::plan(args, &console),
        Command::Check(args) => check::check(args, &console),
        Command::Graph(args) => graph::graph(args, &console),
        Command::Docs(args) => docs::docs(args, &console),
        Command::Runs(args) => runs::runs(args, &console),
        Command::Show(args) => show::show(args, &console),
        Command::Logs(args) => logs::logs(args, &console),
        Command::Watch(args) => watch::watch(args, &console),
        Command::Prune(args) => prune::prune(args, &console),
        Command::Report(args) => report::report(args, &console),
        Command::Verify(args) => verify::verify(args, &console),
        Command::Test(args) => test::test(args, &console),
        Command::Drill(args) => drill::drill(args, &console),
        Command::Schema(args) => schema::schema(args, &console),
        Command::New(args) => new::new(args, &console),
        Command::Explain(args) => explain::explain(args, &console),
        Command::Completions(args) => complete::script(args, &console),
        Command::Man(args) => man::man(args, &console),
    };
    let exit = outcome.unwrap_or_else(|refusal| {
        console.refuse(&refusal);
        refusal.exit
    });
    match exit {
        Exit::Complete if console.has_lost_data() => Exit::Internal,
        exit => exit,
    }
}
