//! Filters that put what people and programs wrote into Markdown, as text and nothing else.

use minijinja::{Environment, Error, Value};

use super::text::text;

/// Teaches the filters `inline`, `code` and `quote`.
pub(super) fn teach(environment: &mut Environment<'_>) {
    environment.add_filter("inline", |value: &Value| filtered(value, inline));
    environment.add_filter("code", |value: &Value| filtered(value, code));
    environment.add_filter("quote", |value: &Value| filtered(value, quote));
}

fn filtered(value: &Value, filter: fn(&str) -> String) -> Result<String, Error> {
    Ok(filter(&text(value)?))
}

/// On one line, without markup but for `code`: for a heading, an item of a list, a cell of a table.
fn inline(text: &str) -> String {
    let lines = text.trim().lines().map(|line| inline_line(line.trim()));
    lines.collect::<Vec<_>>().join("<br>")
}

fn inline_line(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let parts: Vec<&str> = line.split('`').collect();
    // What stands in pairs of single ticks is code, and needs no escape; only a cell of a table would end within it.
    let has_pairs = parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|code| !code.is_empty());
    for (index, part) in parts.iter().enumerate() {
        let is_code = |index: usize| has_pairs && index % 2 == 1 && !parts[index].contains('|');
        if index > 0 {
            let is_tick = is_code(index) || is_code(index - 1);
            out.push_str(if is_tick { "`" } else { "\\`" });
        }
        if is_code(index) {
            out.extend(part.chars().map(visible));
        } else {
            escape(part, index == 0, &mut out);
        }
    }
    out
}

/// Adds a text in which nothing is markup.
fn escape(text: &str, is_first: bool, out: &mut String) {
    // `1.` begins an item of a list.
    let digits = text.find(|c: char| !c.is_ascii_digit()).filter(|end| *end > 0);
    for (place, c) in text.char_indices() {
        let is_markup = match c {
            '\\' | '*' | '[' | ']' | '<' | '|' => true,
            '#' | '>' | '-' | '+' | '=' | '~' | '_' => is_first && place == 0,
            '.' | ')' => is_first && digits == Some(place),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(visible(c));
    }
}

/// The first line as code, and a sign that there is more.
fn code(text: &str) -> String {
    let mut lines = text.trim().lines();
    let first: String = lines
        .next()
        .unwrap_or_default()
        .trim_end()
        .chars()
        .map(visible)
        .collect();
    if first.is_empty() {
        return String::new();
    }
    // A fence that is longer than any in the line; blanks keep its own from touching it.
    let ticks = first.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(ticks + 1);
    let blank = if ticks > 0 { " " } else { "" };
    let more = if lines.next().is_some() { " …" } else { "" };
    format!("{fence}{blank}{first}{blank}{fence}{more}")
}

/// As a quotation, line by line: its own Markdown stays, but nothing in it goes beyond it.
fn quote(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| {
        let line: String = line.chars().map(visible).collect();
        format!("> {}", line.replace('<', "\\<")).trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What cannot be seen, or turns what stands after it, is replaced.
fn visible(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_no_markup_and_breaks_no_table() {
        for (text, expected) in [
            ("a | b\r\nc", r"a \| b<br>c"),
            ("  plain, `co[d]e` & more_of_it ", "plain, `co[d]e` & more_of_it"),
            ("`a|b` `c` d", r"\`a\|b\` `c` d"),
            ("a ` b `` c", r"a \` b \`\` c"),
            (r"\`<b>`\<", r"\\`<b>`\\\<"),
            ("<!-- the rest", r"\<!-- the rest"),
            ("![x](http://x) *b*", r"!\[x\](http://x) \*b\*"),
            (
                "# a\n- b\n> c\n1. d\n12) e\n1.5",
                r"\# a<br>\- b<br>\> c<br>1\. d<br>12\) e<br>1\.5",
            ),
            (r"back\slash", r"back\\slash"),
            ("\x1b[31mred\0\u{202e}", "\u{fffd}\\[31mred\u{fffd}\u{fffd}"),
            ("", ""),
        ] {
            assert_eq!(inline(text), expected, "{text:?}");
        }
    }

    #[test]
    fn code_ends_where_it_ends() {
        for (text, expected) in [
            ("dep rollback", "`dep rollback`"),
            ("echo `date`", "`` echo `date` ``"),
            ("set -e\ntrue\n", "`set -e` …"),
            ("", ""),
        ] {
            assert_eq!(code(text), expected, "{text:?}");
        }
    }

    #[test]
    fn nothing_gets_out_of_a_quotation() {
        assert_eq!(quote("a\n\n```\n<!--\n"), "> a\n>\n> ```\n> \\<!--");
        assert_eq!(quote("\r\nx\x1b[2J"), ">\n> x\u{fffd}[2J");
    }
}
