use std::fmt::Write as _;

/// How much of a line may come without its end before it is taken as one: bounds the memory that output can take.
const LINE_AT_MOST: usize = 16 * 1024;
/// How far a tab goes.
const TAB: usize = 8;

/// One line of text that a command or a person wrote, made harmless: it cannot move the cursor, change colours, ring, or turn
/// the direction of what stands after it. Escape sequences are left out; other control characters are made visible.
pub fn harmless(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\u{9b}' => skip_control_sequence(&mut chars),
            '\t' => {
                let column = out.chars().count();
                out.extend(std::iter::repeat_n(' ', TAB - column % TAB));
            }
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
    }
    out
}

/// A text of any lines, made harmless and put on one.
pub(super) fn one_line(text: &str) -> String {
    harmless(&text.trim().replace(['\n', '\r'], " "))
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
pub(super) struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// Takes a block and gives the lines that it ends.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend_from_slice(part);
            if part.ends_with(b"\n") || self.begun.len() > LINE_AT_MOST {
                lines.extend(self.flush());
            }
        }
        lines
    }

    /// The line that was begun and not ended yet, as far as it is there.
    pub(super) fn begun(&self) -> Option<String> {
        (!self.begun.is_empty()).then(|| line(&self.begun))
    }

    /// The same, taken as a whole line.
    pub(super) fn flush(&mut self) -> Option<String> {
        let line = self.begun();
        self.begun.clear();
        line
    }
}

/// What a terminal would be left with: a carriage return starts the line anew.
fn line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_end_matches(['\n', '\r']);
    harmless(text.rsplit('\r').next().unwrap_or(text))
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
        assert_eq!(harmless("Grüße ✓ 日本"), "Grüße ✓ 日本");
    }

    #[test]
    fn an_unended_sequence_takes_only_itself() {
        assert_eq!(harmless("\x1b"), "");
        assert_eq!(harmless("a\x1b[12"), "a");
    }

    #[test]
    fn lines_are_put_together_from_blocks() {
        let mut lines = Lines::default();
        assert_eq!(lines.take(b"one\ntw"), ["one"]);
        assert_eq!(lines.begun().as_deref(), Some("tw"));
        assert_eq!(lines.take("o\r\ngr\u{fc}".as_bytes()), ["two"]);
        assert_eq!(lines.take(b"n\n"), ["gr\u{fc}n"]);
        assert_eq!(lines.take(b"10%\r50%\r100%\n"), ["100%"]);
        assert_eq!(lines.flush(), None);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut lines = Lines::default();
        let whole: usize = (0..5)
            .flat_map(|_| lines.take(&[b'x'; 8 * 1024]))
            .map(|line| line.len())
            .sum();
        assert_eq!(whole + lines.flush().map_or(0, |line| line.len()), 40 * 1024);
    }
}
