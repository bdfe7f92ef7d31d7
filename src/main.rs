//! The `switchback` program: see the library for everything it does.

use std::process::ExitCode;

fn main() -> ExitCode {
    switchback::cli::main(std::env::args_os()).into()
}
