//! Words that all formats share, and texts of others made fit for a page.

use std::borrow::Cow;

use serde_json::Value;

/// How long something took, as people say it.
pub(super) fn elapsed(seconds: f64) -> String {
    if seconds < 60.0 {
        return format!("{seconds:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is positive, and no run lasts that long"
    )]
    let whole = seconds as u64;
    match whole {
        0..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        3600..86_400 => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
        _ => format!("{} d {:02} h", whole / 86_400, whole % 86_400 / 3600),
    }
}

/// A number of things, with the right form of their name.
pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A text of this program in its parts: what stands between back-ticks is code, and that is every second part. One that does not close is text.
pub(super) fn spoken(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let is_closed = text.matches('`').count().is_multiple_of(2);
    let parts: Vec<&str> = if is_closed {
        text.split('`').collect()
    } else {
        vec![text]
    };
    let parts = parts.into_iter().enumerate();
    parts
        .map(|(place, part)| (place % 2 == 1, part))
        .filter(|(_, part)| !part.is_empty())
}

/// The beginning of a text, where there is no room for all of it.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A title, and what stands between it and what is said of it.
pub(super) fn lead(title: &str) -> &'static str {
    if title.trim_end().ends_with(['?', '!', '.', ':', '…']) {
        " "
    } else {
        ": "
    }
}

/// A text on a page: what cannot be seen, or makes other characters look different from what they are, is written out.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            out.push_str(&format!("\\u{{{:x}}}", c as u32));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// Every text within a value, on a page.
pub(super) fn visible_within(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(visible) = visible(text) {
                *text = visible;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(visible_within),
        Value::Object(fields) => fields.values_mut().for_each(visible_within),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        assert_eq!(elapsed(1.23), "1.2 s");
        assert_eq!(elapsed(125.9), "2 min 05 s");
        assert_eq!(elapsed(3720.0), "1 h 02 min");
        assert_eq!(elapsed(93_600.0), "1 d 02 h");
    }

    #[test]
    fn back_ticks_are_code_where_they_close() {
        let parts = |text| spoken(text).collect::<Vec<_>>();
        assert_eq!(parts("`a` is"), [(true, "a"), (false, " is")]);
        assert_eq!(parts("is `a"), [(false, "is `a")]);
        assert_eq!(parts("plain"), [(false, "plain")]);
    }

    #[test]
    fn nothing_hides_on_a_page() {
        assert_eq!(visible("tag\u{202e}gpj\u{7}\r"), "tag\\u{202e}gpj\\u{7}\\u{d}");
        assert_eq!(visible("Grüße\n\t✓ 日本"), "Grüße\n\t✓ 日本");
    }
}
