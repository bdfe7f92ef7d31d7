use std::io::{Write, stderr};

use crossterm::{event, terminal};
use unicode_width::UnicodeWidthStr;

use crate::adapter::reporter::{Style, Tint};

/// A row of a prompt: parts with what each is for. It is harmless already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Row(Vec<(Tint, String)>);

impl Row {
    /// A row.
    pub(super) fn of(parts: &[(Tint, &str)]) -> Self {
        let parts = parts.iter().map(|(tint, text)| (*tint, (*text).to_owned()));
        Self(parts.collect())
    }

    /// The same, and more.
    pub(super) fn with(mut self, parts: &[(Tint, &str)]) -> Self {
        self.0.extend(Self::of(parts).0);
        self
    }

    /// How many columns it takes.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| text.width()).sum()
    }

    fn painted(&self, style: Style) -> String {
        self.0
            .iter()
            .map(|(tint, text)| style.paint(*tint, text))
            .collect()
    }

    /// The same, cut so that it takes no more columns.
    fn cut(&self, columns: usize) -> Self {
        let mut room = columns;
        let fits = |c: &char, room: &mut usize| {
            let width = unicode_width::UnicodeWidthChar::width(*c).unwrap_or(0);
            *room = room.checked_sub(width)?;
            Some(*c)
        };
        let parts = self.0.iter().map(|(tint, text)| {
            let text: String = text.chars().map_while(|c| fits(&c, &mut room)).collect();
            (*tint, text)
        });
        Self(parts.collect())
    }
}

/// The rows of a prompt that stands open, drawn over and over in the same place.
pub(super) struct Block {
    style: Style,
    /// How far below its first row the cursor is.
    below: usize,
}

impl Block {
    /// A block that begins where the cursor is, at the start of a row.
    pub(super) fn new(style: Style) -> Self {
        Self { style, below: 0 }
    }

    /// Draws it anew: what comes above the typed row, that row with the cursor behind so many of its columns, and what comes below. Only the typed
    /// row may take more than one row of the screen.
    pub(super) fn show(&mut self, above: &[Row], typed: &Row, cursor: usize, below: &[Row]) {
        let columns = columns(self.style);
        let mut out = self.back();
        for row in above {
            out += &row.cut(columns).painted(self.style);
            out += "\r\n";
        }
        // A blank behind it, so that the cursor has a place there also at the end of a row.
        out += &typed.painted(self.style);
        out.push(' ');
        for row in below {
            out += "\r\n";
            out += &row.cut(columns).painted(self.style);
        }
        let (row, column) = (cursor / columns, cursor % columns);
        let up = typed.width() / columns - row + below.len();
        if up > 0 {
            out += &format!("\x1b[{up}A");
        }
        out.push('\r');
        if column > 0 {
            out += &format!("\x1b[{column}C");
        }
        self.below = above.len() + row;
        print(&out);
    }

    /// Puts a row in its place, for good.
    pub(super) fn leave(mut self, row: &Row) {
        let left = format!("{}{}\r\n", self.back(), row.painted(self.style));
        print(&left);
    }

    /// Goes back to where it begins, and clears all from there on.
    fn back(&mut self) -> String {
        match std::mem::take(&mut self.below) {
            0 => "\r\x1b[J".to_owned(),
            up => format!("\x1b[{up}A\r\x1b[J"),
        }
    }
}

fn columns(style: Style) -> usize {
    let columns = terminal::size().map_or(style.width, |(columns, _)| usize::from(columns));
    columns.max(1)
}

/// A terminal that has gone away needs none of this.
fn print(text: &str) {
    let mut out = stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The terminal gives each key as it is typed, as long as this lives.
pub(super) struct Raw;

impl Raw {
    /// Has it do so.
    pub(super) fn new() -> std::io::Result<Self> {
        terminal::enable_raw_mode()?;
        let raw = Self;
        crossterm::execute!(stderr(), event::EnableBracketedPaste)?;
        Ok(raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = crossterm::execute!(stderr(), event::DisableBracketedPaste);
        let _ = terminal::disable_raw_mode();
    }
}
