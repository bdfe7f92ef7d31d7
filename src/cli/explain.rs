//! `switchback explain CODE`: what `docs/diagnostics.md` says about a code.

use regex::Regex;

use crate::diagnostic::{Code, nearest};

use super::args;
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;

/// The one source of what is said about the codes.
const PAGE: &str = include_str!("../../docs/diagnostics.md");
/// A line that is longer than this is hard to read, however wide the terminal is.
const WIDTH: usize = 100;

/// Says more about a code, or lists all.
pub(super) fn explain(args: &args::Explain, console: &Console) -> Outcome {
    let Some(typed) = &args.code else {
        console.print(&list());
        return Ok(Exit::Complete);
    };
    let code = Code::ALL.iter().find(|code| code.as_str() == typed);
    let code = *code.ok_or_else(|| {
        let help = match nearest(typed, Code::ALL.iter().map(|code| code.as_str())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`switchback explain` lists them".to_owned(),
        };
        Refusal::usage(format!("there is no code `{typed}`"), help)
    })?;
    let severity = code.severity().as_str();
    let text = text(section(code), console.style.width.min(WIDTH));
    console.print(&format!("{code} ({severity})\n\n{text}"));
    Ok(Exit::Complete)
}

/// Every code, how much it matters, and what it is found for.
fn list() -> String {
    let widest = Code::ALL
        .iter()
        .map(|code| code.as_str().len())
        .max()
        .unwrap_or_default();
    let line = |code: &Code| {
        let severity = code.severity().as_str();
        format!("{:widest$}  {severity:7}  {}\n", code.as_str(), code.about())
    };
    Code::ALL.iter().map(line).collect()
}

/// What the page says about a code, as Markdown.
pub(super) fn section(code: Code) -> &'static str {
    let heading = format!("\n### {code}\n");
    let rest = PAGE.split_once(heading.as_str()).map_or("", |(_, rest)| rest);
    rest.split("\n## ")
        .next()
        .and_then(|rest| rest.split("\n### ").next())
        .unwrap_or_default()
        .trim()
}

/// The same as plain text, a paragraph a line.
pub(super) fn plain(code: Code) -> String {
    text(section(code), usize::MAX)
}

/// Markdown as plain text: lines of this width, examples indented and told apart. Of two examples the first has the fault.
fn text(section: &str, width: usize) -> String {
    let mut out = String::new();
    for (index, part) in section.split("\n```").enumerate() {
        // Every second part stands between fences, after the name of its language.
        if index % 2 == 0 {
            prose(&mut out, part, width);
        } else {
            out.push_str(if index == 1 { "Bad:\n" } else { "Good:\n" });
            for line in part.lines().skip(1) {
                out.push_str(format!("    {line}").trim_end());
                out.push('\n');
            }
            out.push('\n');
        }
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

fn prose(out: &mut String, part: &str, width: usize) {
    for paragraph in part.split("\n\n").map(str::trim) {
        match paragraph {
            "" | "Bad:" | "Good:" => continue,
            list if list.starts_with(['-', '|']) => out.push_str(list),
            words => fill(out, &without_links(words), width),
        }
        out.push_str("\n\n");
    }
}

/// Only the words of a link: in a terminal it leads nowhere.
fn without_links(text: &str) -> String {
    let link = Regex::new(r"\[([^\]]+)\]\([^)]*\)");
    link.map_or_else(
        |_| text.to_owned(),
        |link| link.replace_all(text, "$1").into_owned(),
    )
}

fn fill(out: &mut String, text: &str, width: usize) {
    let mut column = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > 0 {
            let fits = column + 1 + length <= width;
            out.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        out.push_str(word);
        column += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_something_said_about_it() {
        for code in Code::ALL {
            assert!(!section(*code).is_empty(), "{code}");
            assert!(!plain(*code).contains("```"), "{code}");
        }
    }

    #[test]
    fn markdown_becomes_text() {
        let section = "One two\nthree [four](x.md#y).\n\nBad:\n\n```yaml\na: 1\n\nb: 2\n```\n\nGood:\n\n```yaml\na: 2\n```\n\n- kept\n- as it is\n";
        insta::assert_snapshot!(text(section, 13), @"
        One two three
        four.

        Bad:
            a: 1

            b: 2

        Good:
            a: 2

        - kept
        - as it is
        ");
    }
}
