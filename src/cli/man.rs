use std::path::Path;
use std::{fs, io};

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::args::{self, Cli};
use super::console::Console;
use super::error::{OrUsage, Outcome};
use super::exit_code::Exit;

/// `switchback man DIR`: a manual page for the program and one for each command.
pub(super) fn man(args: &args::Man, console: &Console) -> Outcome {
    let dir = &args.dir;
    let mut program = Cli::command().disable_help_subcommand(true);
    // Gives each command the flags that all have, and its whole name.
    program.build();
    fs::create_dir_all(dir)
        .and_then(|()| write(&program, dir))
        .with_context(|| format!("the manual pages cannot be written to `{}`", dir.display()))
        .or_usage("name a folder that you may write to")?;
    console.say(&format!(
        "the manual pages are in `{0}`: `man -l {0}/switchback.1` shows the first",
        dir.display()
    ));
    Ok(Exit::Complete)
}

fn write(command: &Command, dir: &Path) -> io::Result<()> {
    let source = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone()).source(source);
    let mut page = Vec::new();
    man.render(&mut page)?;
    // What stands there are examples, and the exit codes.
    let page = String::from_utf8_lossy(&page).replace("\n.SH EXTRA\n", "\n.SH NOTES\n");
    fs::write(dir.join(man.get_filename()), page)?;
    command
        .get_subcommands()
        .try_for_each(|command| write(command, dir))
}
