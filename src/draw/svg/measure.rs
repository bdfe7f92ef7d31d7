use unicode_width::UnicodeWidthChar;

use super::super::rows::{columns, rows};

/// How wide a text is drawn, at most: fonts differ, and none that a machine is likely to have is much wider than this.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(of_character).sum::<f64>() * size
}

/// How wide a text of a fixed-width font is drawn.
pub(super) fn fixed_width(text: &str, size: f64) -> f64 {
    text.chars().map(columns).sum::<f64>() * size * 0.62
}

fn of_character(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '|' | '!' | '\'' | '.' | ',' | ':' | ';' => 0.31,
        'I' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | ' ' | '`' => 0.39,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' => 0.95,
        'A'..='Z' | '&' | '+' | '=' | '<' | '>' | '~' => 0.74,
        c if c.is_ascii() => 0.6,
        c => match c.width() {
            None | Some(0) => 0.0,
            Some(1) => 0.7,
            Some(_) => 1.05,
        },
    }
}

/// A text in rows that are no wider; what is more than `most` rows ends with `…`.
pub(super) fn cut(text: &str, size: f64, widest: f64, most: usize) -> Vec<String> {
    cut_by(text, widest, most, |text| width(text, size))
}

/// The same for a font of fixed width.
pub(super) fn cut_fixed(text: &str, size: f64, widest: f64, most: usize) -> Vec<String> {
    cut_by(text, widest, most, |text| fixed_width(text, size))
}

fn cut_by(text: &str, widest: f64, most: usize, width: impl Fn(&str) -> f64) -> Vec<String> {
    let mut rows = rows(text, widest, &|c| width(c.encode_utf8(&mut [0; 4])));
    if rows.len() > most {
        rows.truncate(most);
        if let Some(last) = rows.last_mut() {
            while width(last) + width("…") > widest && last.pop().is_some() {}
            last.push('…');
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_wider_than_it_may_be() {
        let texts = [
            "",
            "one",
            "a title of many words that goes on and on",
            "averylongwordwithoutanyspaceatall 漢字漢字漢字漢字漢字漢字",
        ];
        for text in texts {
            let cut = cut(text, 13.0, 100.0, 4);
            assert!(cut.len() <= 4);
            for row in cut {
                assert!(width(&row, 13.0) <= 100.0, "{row}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_seen_to_be_left_out() {
        assert_eq!(cut("one two three four", 10.0, 22.0, 2), ["one", "t…"]);
        assert_eq!(cut("one two", 10.0, 22.0, 2), ["one", "two"]);
    }
}
