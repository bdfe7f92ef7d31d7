//! Texts of others in Markdown. Whatever they contain, they stay text: no table, list, link, mention, formula or HTML comes of them.

use crate::report::text::{spoken, visible};

/// What breaks a link, a mention or a reference apart, and is not seen.
const APART: &str = "<!-- -->";

/// A text on one line of Markdown, also in a cell of a table.
pub(super) fn text(text: &str) -> String {
    let text = visible(text.trim());
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len() + 8);
    for (place, &c) in chars.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| chars[place]);
        let after = chars.get(place + 1).copied();
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        match c {
            '\n' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Within a word it is only itself.
            '_' if is_word(before) && is_word(after) => out.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '|' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '@' | '#' => {
                out.push(c);
                out.push_str(APART);
            }
            // Addresses: https://…, www.….
            ':' if after == Some('/') => {
                out.push(c);
                out.push_str(APART);
            }
            '.' if out.to_ascii_lowercase().ends_with("www") => {
                out.push_str(APART);
                out.push(c);
            }
            '-' if out.ends_with("GH") => {
                out.push_str(APART);
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// What this program says, on one line of Markdown: what it has between back-ticks is code.
pub(super) fn prose(said: &str) -> String {
    let parts = spoken(said).map(|(is_code, part)| match (is_code, part) {
        (true, part) => code(part, usize::MAX),
        // Parts stand side by side: their own spaces are between them.
        (false, part) => {
            let before = if part.starts_with(' ') { " " } else { "" };
            let after = if part.ends_with(' ') { " " } else { "" };
            format!("{before}{}{after}", text(part))
        }
    });
    parts.collect::<String>().trim().to_owned()
}

/// A text between the tags of HTML, on one line.
pub(super) fn html(text: &str) -> String {
    let text = visible(text.trim());
    let text = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace(['\n', '\t'], " ");
    // Links, mentions and references are made in HTML, too.
    text.replace('@', "&#64;<!-- -->")
        .replace('#', "#<!-- -->")
        .replace("&#<!-- -->64;", "&#64;")
        .replace("://", ":<!-- -->//")
        .replace("www.", "www<!-- -->.")
}

/// A value as code on one line, also in a cell of a table; what is longer than `most` characters is cut.
pub(super) fn code(value: &str, most: usize) -> String {
    let value = visible(value.trim()).replace(['\n', '\t'], " ");
    if value.is_empty() {
        return "(empty)".to_owned();
    }
    let mut shown: String = value.chars().take(most).collect();
    if shown.len() < value.len() {
        shown.push('…');
    }
    let fence = "`".repeat(longest_run(&shown, '`') + 1);
    let pad = if shown.starts_with('`') || shown.ends_with('`') {
        " "
    } else {
        ""
    };
    // A cell ends at a bar even within code, if it is not escaped.
    format!("{fence}{pad}{}{pad}{fence}", shown.replace('|', "\\|"))
}

/// A block of code.
pub(super) fn block(language: &str, content: &str) -> String {
    let content = visible(content.trim_end());
    let fence = "`".repeat(longest_run(&content, '`').max(2) + 1);
    format!("{fence}{language}\n{content}\n{fence}\n")
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0) / of.len_utf8()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_text() {
        assert_eq!(
            text("a|b <img src=x> *c* _d_ e_f [g](h) `i`"),
            r"a\|b &lt;img src=x&gt; \*c\* \_d\_ e_f \[g\](h) \`i\`"
        );
        assert_eq!(text("two\nlines $x$"), r"two lines \$x\$");
        assert_eq!(
            text("@ada #7 https://x.org www.x.org GH-7"),
            "@<!-- -->ada #<!-- -->7 https:<!-- -->//x.org www<!-- -->.x.org GH<!-- -->-7"
        );
    }

    #[test]
    fn what_is_said_has_code_in_it() {
        assert_eq!(prose("`a|b` is *false*"), r"`a\|b` is \*false\*");
        assert_eq!(prose("it `is"), r"it \`is");
    }

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("a|b\nc", 99), r"`a\|b c`");
        assert_eq!(code("`x`", 99), "`` `x` ``");
        assert_eq!(code("abcdef", 3), "`abc…`");
        assert_eq!(code("", 3), "(empty)");
        assert_eq!(block("", "a\n```\nb\n"), "````\na\n```\nb\n````\n");
    }

    #[test]
    fn html_stays_text() {
        assert_eq!(
            html("<b>@ada #7 & c"),
            "&lt;b&gt;&#64;<!-- -->ada #<!-- -->7 &amp; c"
        );
    }
}
