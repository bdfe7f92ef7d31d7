//! Somebody at a terminal, as a test plays them.

use std::collections::VecDeque;

use super::prompts::{Choose, Heard, Prompts, Type, Unsaid};

/// What a test types to interrupt.
pub(super) const CTRL_C: &str = "^C";

/// What a test types to go back.
pub(super) const BACK: &str = "^B";
/// What a test types to leave something open.
pub(super) const ESCAPE: &str = "^[";

/// What is typed, a line a prompt; Escape when there is no more.
pub(super) struct Script {
    lines: VecDeque<String>,
    /// What was asked.
    pub(super) seen: Vec<String>,
    /// What was wrong with what was typed.
    pub(super) refused: Vec<String>,
}

impl Script {
    pub(super) fn new(lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Self {
            lines,
            seen: Vec::new(),
            refused: Vec::new(),
        }
    }

    fn next(&mut self) -> Heard<String> {
        match self.lines.pop_front() {
            Some(key) if key == CTRL_C => Err(Unsaid::Interrupted),
            Some(key) if key == BACK => Err(Unsaid::Back),
            Some(key) if key == ESCAPE => Err(Unsaid::Later),
            Some(line) => Ok(line),
            None => Err(Unsaid::Later),
        }
    }
}

impl Prompts for Script {
    /// A test knows when it can.
    fn offer_back(&mut self, _can_go_back: bool) {}

    fn choose(&mut self, prompt: &Choose<'_>) -> Heard<usize> {
        let ids: Vec<&str> = prompt.options.iter().map(|offer| offer.id.as_str()).collect();
        let at = ids[prompt.start];
        self.seen.push(format!(
            "{} [{}; at {at}] ({})",
            prompt.message,
            ids.join(", "),
            prompt.help
        ));
        let typed = self.next()?;
        let chosen = if typed.is_empty() {
            Some(prompt.start)
        } else {
            ids.iter().position(|id| *id == typed)
        };
        chosen.ok_or(Unsaid::Later)
    }

    fn line(&mut self, prompt: &Type<'_>) -> Heard<String> {
        self.seen.push(format!("{} ({})", prompt.message, prompt.help));
        loop {
            let typed = self.next()?;
            let typed = match prompt.default {
                Some(default) if typed.is_empty() => default.to_owned(),
                _ => typed,
            };
            match (prompt.check)(&typed) {
                Ok(()) => return Ok(typed),
                Err(why) => self.refused.push(why),
            }
        }
    }
}
