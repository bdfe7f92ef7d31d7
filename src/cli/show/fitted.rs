use unicode_width::UnicodeWidthStr;

use crate::adapter::reporter::{Line, Mark, Style};

/// A line in rows of so many columns, without a line break at the end of the last. A command stays as it is: it is there to be pasted.
pub(super) fn fitted(line: &Line, style: Style, width: usize) -> String {
    let is_pasted = matches!(line.mark, Mark::Command | Mark::Output) || line.text.starts_with("switchback ");
    if is_pasted {
        return style.line(line);
    }
    let plain = Style {
        colour: false,
        ..style
    };
    let mark = plain.mark(line.mark).width();
    let indent = 2 * line.depth + if mark == 0 { 0 } else { mark + 1 };
    let room = width.saturating_sub(indent).max(20);
    let text: Vec<String> = line
        .text
        .split('\n')
        .flat_map(|text| wrapped(text, room))
        .collect();
    let last = text.last().map_or(0, |last| last.width());
    let fits = line.aside.is_empty() || last + 2 + line.aside.width() <= room;
    let body = Line {
        text: text.join("\n"),
        aside: if fits { line.aside.clone() } else { String::new() },
        ..line.clone()
    };
    let mut out = style.line(&body);
    if !fits {
        for aside in wrapped(&line.aside, room) {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(&style.line(&Line::faint(&aside)));
        }
    }
    out
}

/// A text broken at its blanks; a word that is longer than the room stays in one piece.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    if text.width() <= room {
        return vec![text.to_owned()];
    }
    let mut rows = vec![String::new()];
    let mut width = 0;
    for word in text.split(' ') {
        let wide = word.width();
        if width > 0 && width + 1 + wide > room {
            rows.push(String::new());
            width = 0;
        }
        if let Some(row) = rows.last_mut() {
            if width > 0 {
                row.push(' ');
                width += 1;
            }
            row.push_str(word);
            width += wide;
        }
    }
    rows
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
    fn what_is_too_long_goes_on_under_itself() {
        let line = Line::new(
            Mark::Bad,
            "the site answers: HTTP 502 after 5s and no sign of life",
        )
        .aside("rollback · 3 attempts")
        .at(1);
        insta::assert_snapshot!(fitted(&line, PLAIN, 30), @"
          ✗ the site answers: HTTP 502
            after 5s and no sign of
            life
            rollback · 3 attempts
        ");
        assert_eq!(fitted(&line, PLAIN, 100), PLAIN.line(&line));
        let command = Line::new(
            Mark::None,
            "switchback resume 20261122-135000-3f9a --answer last_deploy=yes",
        );
        assert_eq!(fitted(&command, PLAIN, 30), command.text);
    }
}
