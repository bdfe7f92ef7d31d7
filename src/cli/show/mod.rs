//! `switchback show RUN`: one run, by its record.

mod account;
mod data;
mod fitted;
mod text;

use super::args::{self, Output};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::history::{Following, Standing};
use super::session;

use account::Account;

/// A run that is shown.
struct Shown {
    following: Following,
    standing: Standing,
    account: Account,
}

/// `switchback show RUN`: how it stands and goes on, what was answered, done and seen, and how the gates stand.
pub(super) fn show(args: &args::Show, console: &Console) -> Outcome {
    let state_dir = args.recorded.state_dir.as_deref();
    let state = session::state_dir(state_dir)?;
    let mut following = Following::open(session::find(&args.run, &state)?)?;
    let mut account = Account::default();
    let standing = following.catch_up(|record| account.take(record))?;
    let shown = Shown {
        following,
        standing,
        account,
    };
    match args.output {
        Output::Json => {
            let data = serde_json::to_string_pretty(&data::data(&shown))?;
            console.print(&format!("{data}\n"));
        }
        Output::Text => {
            let style = console.data_style;
            // A pipe has no width: 80 columns can be read anywhere.
            let width = console.data_width().unwrap_or(80);
            console.print(&text::text(&shown, args.all, state_dir, style, width));
        }
    }
    Ok(Exit::Complete)
}
