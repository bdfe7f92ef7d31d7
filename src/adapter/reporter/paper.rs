use std::collections::VecDeque;
use std::io::Write;
use std::time::Instant;

use crate::traverse::Owner;

use super::live::{Live, Size, rows};
use super::spoken::spoken;
use super::style::{Line, Mark, Style};

/// How many lines are held back while a prompt stands open: bounds the memory that output can take.
const HELD_AT_MOST: usize = 200;
/// Where a terminal does not say how large it is.
const USUAL: Size = Size {
    columns: 80,
    rows: 24,
};
/// Empties the screen from the cursor on, which stands at the beginning of what is under way.
const ERASE: &str = "\r\x1b[J";

/// How a terminal is written on.
pub(super) enum Manner {
    /// What is under way is drawn at its foot. Its size is asked for each time; none where it does not say.
    Drawn(Box<dyn Fn() -> Option<Size> + Send>),
    /// Nothing is ever drawn again, and marks are words: for screen readers, and for terminals that cannot move the cursor.
    Spoken,
    /// Like paper: lines, and nothing at their foot.
    #[cfg(test)]
    Printed,
}

/// What is written, and what stands on the screen.
///
/// What is under way stands below the last line, and the cursor above it, on an empty row. So it is found again when a terminal that became
/// narrower has broken its rows, and an Enter that somebody typed in between leaves nothing of it behind.
pub(super) struct Paper {
    out: Box<dyn Write + Send>,
    style: Style,
    manner: Manner,
    pub(super) sheet: Sheet,
    /// What is reported while a prompt stands open.
    pub(super) held: Option<Held>,
    /// Whose step a person has just said something of, at a prompt.
    pub(super) said: Vec<Owner>,
    pub(super) live: Live,
    /// Whether that stands on the screen.
    is_drawn: bool,
    /// Whether somebody has it drawn again and again.
    pub(super) is_ticking: bool,
}

/// What stands on the screen, or will once it is printed.
pub(super) struct Sheet {
    /// Whose step stands open, with its lines indented under it.
    pub(super) opened: Option<Owner>,
    pub(super) last: Last,
}

/// What is not printed yet.
pub(super) struct Held {
    pub(super) sheet: Sheet,
    lines: VecDeque<Line>,
    /// How many more there were.
    left_out: usize,
}

/// What the last line was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Empty,
    Outer,
    Inner,
}

impl Paper {
    /// A sheet that is empty.
    pub(super) fn new(out: impl Write + Send + 'static, style: Style, manner: Manner) -> Self {
        Self {
            out: Box::new(out),
            style,
            manner,
            sheet: Sheet::empty(),
            held: None,
            said: Vec::new(),
            live: Live::default(),
            is_drawn: false,
            is_ticking: false,
        }
    }

    /// How it looks, on as many columns as there are now.
    pub(super) fn style(&self) -> Style {
        match self.size() {
            Some(size) => Style {
                width: size.columns,
                ..self.style
            },
            None => self.style,
        }
    }

    /// Whether something can be drawn and drawn again.
    pub(super) fn can_draw(&self) -> bool {
        matches!(self.manner, Manner::Drawn(_))
    }

    /// Whether marks are words, and every line is said once.
    pub(super) fn is_spoken(&self) -> bool {
        matches!(self.manner, Manner::Spoken)
    }

    fn size(&self) -> Option<Size> {
        match &self.manner {
            Manner::Drawn(size) => Some(size().unwrap_or(USUAL)),
            _ => None,
        }
    }

    /// Writes lines above what is under way.
    pub(super) fn write(&mut self, lines: &[Line]) {
        let mut text = self.erased();
        for line in lines {
            if self.sheet.follow(line) {
                text.push('\n');
            }
            if self.is_spoken() {
                text.push_str(&spoken(line));
            } else {
                text.push_str(&self.style.signs(&self.style.line(line)));
            }
            text.push('\n');
        }
        if text.starts_with(ERASE) {
            text.push_str(&self.drawn());
        }
        self.put(&text);
    }

    /// Draws what is under way as it is now, or takes it off the screen if nothing is.
    pub(super) fn draw(&mut self) {
        let text = match self.drawn() {
            nothing if nothing.is_empty() => self.erased(),
            text => text,
        };
        self.put(&text);
    }

    /// Takes what is under way off the screen.
    pub(super) fn erase(&mut self) {
        let text = self.erased();
        self.put(&text);
    }

    fn erased(&mut self) -> String {
        if std::mem::take(&mut self.is_drawn) {
            ERASE.to_owned()
        } else {
            String::new()
        }
    }

    /// What draws it, over what stands there. No row goes on to the next one, even if the terminal counts its columns otherwise.
    fn drawn(&mut self) -> String {
        let Some(size) = self.size().filter(|_| self.held.is_none()) else {
            return String::new();
        };
        let rows = rows(&self.live, self.style, size, Instant::now());
        if rows.is_empty() {
            return String::new();
        }
        self.is_drawn = true;
        let mut text = "\x1b[?7l\r\x1b[K".to_owned();
        for row in &rows {
            text.extend(["\r\n", row, "\x1b[K"]);
        }
        text.push_str(&format!("\x1b[J\x1b[?7h\r\x1b[{}A", rows.len()));
        text
    }

    /// Prints what was held back.
    pub(super) fn release(&mut self) {
        let Some(held) = self.held.take() else { return };
        let mut lines = Vec::from(held.lines);
        if held.left_out > 0 {
            let note = format!("lines not shown: {}", held.left_out);
            lines.insert(0, Line::new(Mark::Skipped, &note).at(1));
        }
        if !lines.is_empty() {
            if self.sheet.last != Last::Empty && lines.first() != Some(&Line::empty()) {
                lines.insert(0, Line::empty());
            }
            self.write(&lines);
            self.sheet.opened = held.sheet.opened;
        }
    }

    /// The same, below what a program left on the terminal.
    pub(super) fn release_below(&mut self) {
        if self.held.as_ref().is_some_and(|held| !held.lines.is_empty()) {
            self.go_on_below();
        }
        self.release();
    }

    /// Leaves the lines of a prompt that will not be answered: what comes begins on a line of its own, and the cursor shows.
    pub(super) fn leave_prompt(&mut self) {
        self.put(if self.is_spoken() {
            "\n"
        } else {
            "\x1b[?25h\x1b[?2004l\r\n\x1b[J"
        });
        self.sheet.was_drawn_on();
    }

    /// Goes on below what a program left on the terminal, which may have ended in the middle of a line: blanks as wide as the screen come to the
    /// next line only from there.
    pub(super) fn go_on_below(&mut self) {
        if self.is_spoken() {
            return self.put("\n");
        }
        let blanks = " ".repeat(self.style().width.saturating_sub(1));
        self.put(&format!("{blanks}\r\x1b[K"));
    }

    fn put(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        // A terminal that went away does not end the run: the journal has it all.
        let _ = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
    }
}

/// Whoever comes next finds the cursor below the last line.
impl Drop for Paper {
    fn drop(&mut self) {
        self.erase();
    }
}

impl Held {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self {
            sheet: Sheet::empty(),
            lines: VecDeque::new(),
            left_out: 0,
        }
    }

    /// Keeps lines for later.
    pub(super) fn take(&mut self, lines: &[Line]) {
        for line in lines {
            self.sheet.follow(line);
            if self.lines.len() == HELD_AT_MOST {
                // The run's folder has what a command printed; what came of it is told here only.
                let mut kept = self.lines.iter();
                let first = kept.position(|line| line.mark == Mark::Output);
                self.lines.remove(first.unwrap_or(0));
                self.left_out += 1;
            }
            self.lines.push_back(line.clone());
        }
    }
}

impl Sheet {
    fn empty() -> Self {
        Self {
            opened: None,
            last: Last::Empty,
        }
    }

    /// Takes a line; whether an empty one goes before it.
    fn follow(&mut self, line: &Line) -> bool {
        let is_empty = *line == Line::empty();
        let is_apart = !is_empty && line.depth == 0 && self.last == Last::Inner;
        self.last = match line.depth {
            _ if is_empty => Last::Empty,
            0 => Last::Outer,
            _ => Last::Inner,
        };
        is_apart
    }

    /// A prompt has left its lines.
    pub(super) fn was_drawn_on(&mut self) {
        self.last = if self.opened.is_some() {
            Last::Inner
        } else {
            Last::Outer
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_much_that_is_held_back_the_last_lines_and_every_outcome_are_shown() {
        let (screen, printed) = crate::adapter::reporter::screen();
        screen.hold();
        screen.print(&Line::new(Mark::Bad, "failed"));
        for number in 0..1000 {
            screen.print(&Line::new(Mark::Output, &number.to_string()));
        }
        screen.release();
        let text = printed.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), HELD_AT_MOST + 2);
        assert_eq!(lines[..4], ["  – lines not shown: 801", "", "✗ failed", "│ 801"]);
        assert_eq!(lines.last(), Some(&"│ 999"));
    }
}
