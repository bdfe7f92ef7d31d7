/// How many characters of a text a message shows.
const LONGEST: usize = 60;

/// A text from the file as a message shows it: in back-ticks, on one line, not too long, and without power over a terminal.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::from("`");
    for (position, character) in text.chars().enumerate() {
        if position == LONGEST {
            out.push('…');
            break;
        }
        if character.is_control() {
            out.extend(character.escape_default());
        } else {
            out.push(character);
        }
    }
    out.push('`');
    out
}

/// Several names, as a message lists them.
pub(crate) fn all_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(shown).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_without_power_over_the_terminal() {
        assert_eq!(shown("a\u{1b}[31m\nb"), "`a\\u{1b}[31m\\nb`");
        assert_eq!(shown(&"x".repeat(99)).chars().count(), LONGEST + 3);
    }
}
