//! Where a person's steps are brought to: to somebody at a terminal, or to nobody.

mod aloud;
mod back;
mod block;
mod consent;
mod form;
mod headless;
mod input;
mod keyboard;
mod keys;
mod prompts;
mod question;
mod resolve;
#[cfg(test)]
mod script;
mod statement;
mod terminal;

pub use headless::HeadlessOperator;
pub use terminal::TerminalOperator;
