use std::borrow::Cow;
use std::time::Duration;

use anstyle::AnsiColor;
use unicode_width::UnicodeWidthStr;

use super::harmless::{harmless, one_line};

pub use crate::model::elapsed;

/// How a report may look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are used.
    pub colour: bool,
    /// Whether marks other than ASCII are used.
    pub unicode: bool,
    /// How many columns there are.
    pub width: usize,
}

/// What a part of a line is for, and so its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// The text itself.
    Plain,
    /// What the eye should find first.
    Strong,
    /// What is there if it is looked for.
    Faint,
    /// It is well.
    Good,
    /// It is not.
    Bad,
    /// Somebody should look.
    Warn,
    /// What a person said.
    Said,
}

/// What stands before a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Nothing.
    None,
    /// Nothing; the line heads others.
    Heading,
    /// A step begins.
    Step,
    /// What is run.
    Command,
    /// A line that a command printed.
    Output,
    /// It is well.
    Good,
    /// It is not.
    Bad,
    /// It could not be seen.
    Unknown,
    /// It waits for a person.
    Waiting,
    /// It is passed over.
    Skipped,
    /// A value that was found.
    Value,
    /// What a person who watches should see.
    Expect,
    /// What a person said.
    Said,
    /// What a person should mind.
    Mind,
    /// The same, where there is no way back.
    Danger,
}

/// A line of a report. Its text may have several lines, which stand under each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// How deep it stands.
    pub depth: usize,
    /// What stands before it.
    pub mark: Mark,
    /// What it says.
    pub text: String,
    /// What is there if it is looked for, after the text.
    pub aside: String,
}

impl Line {
    /// A line. Its text is made harmless.
    pub fn new(mark: Mark, text: &str) -> Self {
        let text: Vec<_> = text.trim_end_matches('\n').split('\n').map(harmless).collect();
        Self {
            depth: 0,
            mark,
            text: text.join("\n"),
            aside: String::new(),
        }
    }

    /// The same with something after it. That is made harmless, too, and put on one line.
    #[must_use]
    pub fn aside(mut self, aside: &str) -> Self {
        self.aside = one_line(aside);
        self
    }

    /// A line of which the whole is there if it is looked for.
    pub fn faint(text: &str) -> Self {
        Self {
            aside: harmless(text).into_owned(),
            ..Self::empty()
        }
    }

    /// The same at this depth.
    #[must_use]
    pub fn at(mut self, depth: usize) -> Self {
        self.depth = depth;
        self
    }

    /// How many columns it takes, if it has one row.
    pub(super) fn width(&self) -> usize {
        let between = 2 * usize::from(!self.aside.is_empty());
        2 * (self.depth + 1) + self.text.width() + between + self.aside.width()
    }

    /// An empty line.
    pub fn empty() -> Self {
        Self::new(Mark::None, "")
    }
}

impl Mark {
    fn looks(self) -> (&'static str, &'static str, Tint) {
        match self {
            Self::None | Self::Heading => ("", "", Tint::Plain),
            Self::Step => ("▸", "*", Tint::Said),
            Self::Command => ("$", "$", Tint::Faint),
            Self::Output => ("│", "|", Tint::Faint),
            Self::Good => ("✓", "ok", Tint::Good),
            Self::Bad => ("✗", "FAILED", Tint::Bad),
            Self::Unknown => ("?", "UNKNOWN", Tint::Warn),
            Self::Waiting => ("…", "...", Tint::Warn),
            Self::Skipped => ("–", "-", Tint::Faint),
            Self::Value => ("→", "->", Tint::Faint),
            Self::Expect => ("expect:", "expect:", Tint::Faint),
            Self::Said => ("›", ">", Tint::Said),
            Self::Danger => ("!", "!", Tint::Bad),
            Self::Mind => ("!", "!", Tint::Warn),
        }
    }
}

impl Style {
    /// A text in a colour, if there are colours.
    pub fn paint(self, tint: Tint, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let (before, after) = self.codes(tint);
        format!("{before}{text}{after}")
    }

    /// What begins and what ends a colour, if there are colours.
    fn codes(self, tint: Tint) -> (String, String) {
        if !self.colour || tint == Tint::Plain {
            return Default::default();
        }
        let style = match tint {
            Tint::Plain => anstyle::Style::new(),
            Tint::Strong => anstyle::Style::new().bold(),
            Tint::Faint => anstyle::Style::new().dimmed(),
            Tint::Good => AnsiColor::Green.on_default(),
            Tint::Bad => AnsiColor::Red.on_default().bold(),
            Tint::Warn => AnsiColor::Yellow.on_default(),
            Tint::Said => AnsiColor::Cyan.on_default(),
        };
        (style.to_string(), format!("{style:#}"))
    }

    /// How lines look that a command printed, of which there can be many; `prefix` stands before each.
    pub fn output(self, prefix: &str) -> OutputLooks {
        let (colour, after) = self.codes(Tint::Faint);
        let mark = self.mark(Mark::Output);
        OutputLooks {
            before: format!("{prefix}{mark} {colour}"),
            after,
            empty: format!("{prefix}{mark}"),
        }
    }

    /// A mark as it looks.
    pub fn mark(self, mark: Mark) -> String {
        let (unicode, ascii, tint) = mark.looks();
        self.paint(tint, if self.unicode { unicode } else { ascii })
    }

    /// The sign that a mark is, and its colour.
    pub(super) fn sign(self, mark: Mark) -> (&'static str, Tint) {
        let (unicode, ascii, tint) = mark.looks();
        (if self.unicode { unicode } else { ascii }, tint)
    }

    /// A text with the signs that we put between words, as far as the terminal has them.
    pub(super) fn signs(self, text: &str) -> Cow<'_, str> {
        if self.unicode || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let ascii = text.replace(['·', '–'], "-").replace('…', "...");
        Cow::Owned(ascii)
    }

    /// A line as it looks, without a line break at its end.
    pub fn line(self, line: &Line) -> String {
        let (unicode, ascii, _) = line.mark.looks();
        let mark = if self.unicode { unicode } else { ascii };
        let tint = match line.mark {
            Mark::Heading | Mark::Step => Tint::Strong,
            Mark::Skipped | Mark::Value | Mark::Output => Tint::Faint,
            Mark::Bad | Mark::Danger => Tint::Bad,
            _ => Tint::Plain,
        };
        let space = if mark.is_empty() { "" } else { " " };
        let indent = "  ".repeat(line.depth);
        let under = " ".repeat(if mark.is_empty() {
            0
        } else {
            mark.chars().count() + 1
        });
        let mut out = format!("{indent}{}{space}", self.mark(line.mark));
        for (i, text) in line.text.split('\n').enumerate() {
            if i > 0 {
                out.push('\n');
                if !text.is_empty() {
                    out.push_str(&indent);
                    out.push_str(&under);
                }
            }
            out.push_str(&self.paint(tint, text));
        }
        if !line.aside.is_empty() {
            if !line.text.is_empty() {
                out.push_str("  ");
            }
            out.push_str(&self.paint(Tint::Faint, &line.aside));
        }
        out
    }
}

/// What stands around a line that a command printed.
#[derive(Clone, Debug)]
pub struct OutputLooks {
    before: String,
    after: String,
    /// The whole of a line without any text.
    empty: String,
}

impl OutputLooks {
    /// Adds a line as it looks, with its end. It is harmless already.
    pub fn add(&self, line: &str, out: &mut String) {
        let line = line.trim_end();
        if line.is_empty() {
            out.push_str(&self.empty);
        } else {
            out.extend([&self.before, line, &self.after]);
        }
        out.push('\n');
    }
}

/// How long something has taken that goes on: whole seconds are enough.
pub(super) fn passed(so_far: Duration) -> String {
    match so_far.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        _ => elapsed(so_far),
    }
}

/// How long something may take: `2m`, `1m 30s`, `500ms`.
pub(super) fn span(limit: Duration) -> String {
    if limit < Duration::from_secs(1) {
        return format!("{}ms", limit.as_millis());
    }
    let seconds = limit.as_secs();
    let parts = [
        (seconds / 3600, "h"),
        (seconds % 3600 / 60, "m"),
        (seconds % 60, "s"),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts.map(|(count, unit)| format!("{count}{unit}")).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style {
        colour: false,
        unicode: true,
        width: 80,
    };

    #[test]
    fn a_text_of_several_lines_stands_under_itself() {
        let line = Line::new(Mark::Command, "sh -c 'one\n\ntwo'\n").at(1).aside("id");
        assert_eq!(PLAIN.line(&line), "  $ sh -c 'one\n\n    two'  id");
    }

    #[test]
    fn colour_is_only_added() {
        let line = Line::new(Mark::Good, "held").aside("\x1b[2Jby ana");
        assert_eq!(PLAIN.line(&line), "✓ held  by ana");
        let colour = Style {
            colour: true,
            ..PLAIN
        };
        assert_eq!(colour.line(&line), "\x1b[32m✓\x1b[0m held  \x1b[2mby ana\x1b[0m");
        let ascii = Style {
            unicode: false,
            ..PLAIN
        };
        assert_eq!(ascii.line(&line), "ok held  by ana");
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(passed(Duration::from_millis(12_900)), "12s");
        assert_eq!(passed(Duration::from_secs(125)), "2m 05s");
        let spans = [30, 90, 120, 3_600, 5_430].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["30s", "1m 30s", "2m", "1h", "1h 30m 30s"]);
        assert_eq!(span(Duration::from_millis(500)), "500ms");
    }
}
