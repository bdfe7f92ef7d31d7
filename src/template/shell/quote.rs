use super::lexer::Place;

/// Whether a character means nothing to a shell, wherever it stands in an argument.
pub(super) fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_@%+:,./-".contains(c)
}

/// Writes a value for the place where it stands; `next` is the character after it, if the author wrote it.
pub(super) fn quoted(value: &str, place: Place, next: Option<char>) -> String {
    match place {
        Place::Word { plain, .. } => {
            // Before `<` and `>` a number would be a descriptor, before `(` a character a pattern.
            let clear = next.is_none_or(|c| is_plain(c) || " \t\n;&|)=".contains(c));
            if plain && clear && !value.is_empty() && value.chars().all(is_plain) {
                value.to_owned()
            } else {
                format!("'{}'", single(value))
            }
        }
        Place::Single => single(value),
        Place::Double { after_name } => {
            let mut text = String::with_capacity(value.len() + 2);
            if after_name {
                text.push_str("\"\"");
            }
            for c in value.chars() {
                if matches!(c, '\\' | '$' | '"' | '`') {
                    text.push('\\');
                }
                text.push(c);
            }
            text
        }
    }
}

/// A value between single quotes: one of its own ends them, stands escaped, and begins them again.
fn single(value: &str) -> String {
    value.replace('\'', r"'\''")
}
