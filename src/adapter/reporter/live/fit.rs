use unicode_width::UnicodeWidthChar;

use crate::adapter::reporter::style::{Style, Tint};

/// A row that is being put together: texts, each in its colour.
#[derive(Clone, Debug, Default)]
pub(super) struct Row(Vec<(Tint, String)>);

impl Row {
    /// The same with one more text.
    pub(super) fn then(mut self, tint: Tint, text: impl Into<String>) -> Self {
        self.0.push((tint, text.into()));
        self
    }

    /// The same with the texts of another row.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// How many columns it takes.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(|(_, text)| width(text)).sum()
    }

    /// As it is drawn, on no more than so many columns.
    pub(super) fn drawn(&self, columns: usize, style: Style) -> String {
        let texts: Vec<_> = self
            .0
            .iter()
            .map(|(tint, text)| (*tint, style.signs(text)))
            .collect();
        if texts.iter().map(|(_, text)| width(text)).sum::<usize>() <= columns {
            return texts
                .iter()
                .map(|(tint, text)| style.paint(*tint, text))
                .collect();
        }
        let more = more(columns, style);
        let mut room = columns - width(more);
        let mut out = String::new();
        for (tint, text) in &texts {
            let fits = beginning(text, room);
            if fits.len() < text.len() {
                return out + &style.paint(*tint, &format!("{fits}{more}"));
            }
            room -= width(text);
            out.push_str(&style.paint(*tint, text));
        }
        out
    }
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

fn columns_of(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// A text on no more than so many columns, with a sign that there was more.
pub(super) fn cut(text: &str, columns: usize, style: Style) -> String {
    Row::default().then(Tint::Plain, text).drawn(columns, style)
}

/// The sign that there was more, as much of it as there is room for.
fn more(columns: usize, style: Style) -> &'static str {
    let more = if style.unicode { "…" } else { "..." };
    if width(more) <= columns {
        more
    } else {
        &"..."[..columns.min(2)]
    }
}

/// As much of a text as fits on so many columns.
fn beginning(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, c)| {
        taken += columns_of(*c);
        taken > columns
    });
    end.map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        colour: false,
        unicode: true,
        width: 80,
    };

    #[test]
    fn what_is_cut_says_so_and_never_takes_more() {
        assert_eq!(cut("a release", 9, STYLE), "a release");
        assert_eq!(cut("a release", 8, STYLE), "a relea…");
        // Each of these takes two columns: half of one is not shown.
        assert_eq!(cut("日本語", 6, STYLE), "日本語");
        assert_eq!(cut("日本語", 5, STYLE), "日本…");
        assert_eq!(cut("日本語", 4, STYLE), "日…");
        assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2, STYLE), "e\u{301}…");
        assert_eq!(cut("日本語", 0, STYLE), "");
        let ascii = Style {
            unicode: false,
            ..STYLE
        };
        assert_eq!(cut("a release", 8, ascii), "a rel...");
        assert_eq!(cut("a release", 2, ascii), "..");
    }

    #[test]
    fn colours_take_no_room() {
        let style = Style {
            colour: true,
            ..STYLE
        };
        let row = Row::default()
            .then(Tint::Good, "one ")
            .then(Tint::Faint, "and two");
        let drawn = row.drawn(11, style);
        assert!(drawn.contains("one ") && drawn.contains("and two"), "{drawn}");
        let drawn = row.drawn(8, style);
        assert!(drawn.contains("one ") && drawn.contains("and…"), "{drawn}");
        assert!(drawn.ends_with("\u{1b}[0m"), "{drawn:?}");
        assert_eq!(row.drawn(2, STYLE), "o…");
    }
}
