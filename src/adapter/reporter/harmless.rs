use std::borrow::Cow;
use std::fmt::Write as _;

use memchr::{memchr, memrchr};

/// How much of a line may come without its end before it is taken as one: bounds the memory that output can take.
const LINE_AT_MOST: usize = 16 * 1024;
/// How far a tab goes.
const TAB: usize = 8;

/// One line of text that a command or a person wrote, made harmless: it cannot move the cursor, change colours, ring, or turn
/// the direction of what stands after it. Escape sequences are left out; other control characters are made visible.
pub fn harmless(line: &str) -> Cow<'_, str> {
    // Nearly every line is like this, and there can be millions.
    if is_plain(line) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut column = 0;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let begun = out.len();
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\t' => out.extend(std::iter::repeat_n(' ', TAB - column % TAB)),
            '\0'..='\x1f' | '\x7f' => {
                out.push('^');
                out.push(char::from((c as u8) ^ 0x40));
            }
            _ if is_treacherous(c) => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            _ => out.push(c),
        }
        column += out[begun..].chars().count();
    }
    Cow::Owned(out)
}

/// Whether a text is nothing but printable ASCII. All of it is looked at, which the processor does many bytes at a time.
fn is_plain(text: &str) -> bool {
    text.bytes()
        .fold(true, |plain, byte| plain & (b' '..=b'~').contains(&byte))
}

/// A text of any lines, made harmless and put on one.
pub fn one_line(text: &str) -> String {
    harmless(&text.trim().replace(['\n', '\r'], " ")).into_owned()
}

/// Whether a character is invisible, or makes other characters look different from what they are.
pub(super) fn is_treacherous(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}')
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn skip_escape(chars: &mut Chars<'_>) {
    match chars.next() {
        Some('[') => skip_control_sequence(chars),
        // A string, such as a window's title or a link's address: up to BEL or ESC \.
        Some(']' | 'P' | 'X' | '^' | '_') => {
            while let Some(c) = chars.next() {
                if c == '\x07' || c == '\u{9c}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                    break;
                }
            }
        }
        // Two characters more, such as the choice of a character set.
        Some(' '..='/') => {
            chars.next();
        }
        _ => {}
    }
}

fn skip_control_sequence(chars: &mut Chars<'_>) {
    while chars.next_if(|c| matches!(c, ' '..='?')).is_some() {}
    chars.next_if(|c| matches!(c, '@'..='~'));
}

/// Makes harmless lines of blocks of output, which may end anywhere.
#[derive(Debug, Default)]
pub struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Takes a block and gives the lines that it ends.
    pub fn take(&mut self, mut bytes: &[u8], mut each: impl FnMut(&str)) {
        while !bytes.is_empty() {
            let end = memchr(b'\n', bytes);
            let (part, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            bytes = rest;
            let is_ended = end.is_some();
            if is_ended && self.begun.is_empty() && part.len() <= LINE_AT_MOST {
                each(&line(part));
                continue;
            }
            self.begun.extend_from_slice(part);
            if is_ended || self.begun.len() > LINE_AT_MOST {
                self.flush(&mut each);
            }
        }
    }

    /// The line that was begun and not ended yet, as far as it is there.
    pub fn begun(&self) -> Option<String> {
        (!self.begun.is_empty()).then(|| line(&self.begun).into_owned())
    }

    /// The same, taken as a whole line.
    pub fn flush(&mut self, mut each: impl FnMut(&str)) {
        if !self.begun.is_empty() {
            each(&line(&self.begun));
            self.begun.clear();
        }
    }
}

/// What a terminal would be left with: a carriage return starts the line anew.
fn line(mut bytes: &[u8]) -> Cow<'_, str> {
    while let [rest @ .., b'\n' | b'\r'] = bytes {
        bytes = rest;
    }
    let from = memrchr(b'\r', bytes).map_or(0, |place| place + 1);
    match str::from_utf8(&bytes[from..]) {
        Ok(text) => harmless(text),
        Err(_) => Cow::Owned(harmless(&String::from_utf8_lossy(&bytes[from..])).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_cannot_paint_or_move() {
        assert_eq!(harmless("\x1b[31mred\x1b[0m \x1b[2J\x1b[Hgone"), "red gone");
        assert_eq!(
            harmless("\x1b]0;title\x07a\x1b]8;;https://x\x1b\\b\u{9b}1mc\x1b(Bd"),
            "abcd"
        );
        assert_eq!(
            harmless("bell\x07 back\x08 nul\0 del\x7f"),
            "bell^G back^H nul^@ del^?"
        );
        assert_eq!(harmless("tag\u{202e}gpj"), "tag\\u{202e}gpj");
        assert_eq!(harmless("a\tb"), "a       b");
        assert_eq!(harmless("ü\t\tb"), "ü               b");
        assert_eq!(harmless("Grüße ✓ 日本"), "Grüße ✓ 日本");
    }

    #[test]
    fn an_unended_sequence_takes_only_itself() {
        assert_eq!(harmless("\x1b"), "");
        assert_eq!(harmless("a\x1b[12"), "a");
    }

    fn taken(lines: &mut Lines, bytes: &[u8]) -> Vec<String> {
        let mut taken = Vec::new();
        lines.take(bytes, |line| taken.push(line.to_owned()));
        taken
    }

    #[test]
    fn lines_are_put_together_from_blocks() {
        let mut lines = Lines::default();
        assert_eq!(taken(&mut lines, b"one\ntw"), ["one"]);
        assert_eq!(lines.begun().as_deref(), Some("tw"));
        assert_eq!(taken(&mut lines, "o\r\ngr\u{fc}".as_bytes()), ["two"]);
        assert_eq!(taken(&mut lines, b"n\n"), ["gr\u{fc}n"]);
        assert_eq!(taken(&mut lines, b"10%\r50%\r100%\n"), ["100%"]);
        lines.flush(|line| panic!("{line}"));
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut lines = Lines::default();
        let whole: usize = (0..5)
            .flat_map(|_| taken(&mut lines, &[b'x'; 8 * 1024]))
            .map(|line| line.len())
            .sum();
        let mut rest = 0;
        lines.flush(|line| rest = line.len());
        assert!(whole > 0);
        assert_eq!(whole + rest, 40 * 1024);
    }
}
