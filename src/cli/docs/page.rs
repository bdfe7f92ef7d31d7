//! A Markdown page with blocks that are kept up to date: found between two comments, and written anew between them.

use std::ops::Range;

use crate::diagnostic::nearest;

/// The comment that ends a block.
const END: &str = "<!-- switchback:end -->";

/// How every comment of ours begins.
const BEGIN: &str = "<!-- switchback:";

/// A part of a page that is written by us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// What stands there.
    pub(super) kind: Kind,
    /// The runbook, as the page names it.
    pub(super) runbook: String,
    /// The line of its first comment, from 1.
    pub(super) line: usize,
    /// Where in the page it stands, without its comments.
    pub(super) inside: Range<usize>,
}

/// What a block shows of a runbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Mermaid,
    Checklist,
}

/// What is wrong with a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, from 1.
    pub(super) line: usize,
    pub(super) message: String,
    pub(super) help: String,
}

const KINDS: [(&str, Kind); 2] = [("mermaid", Kind::Mermaid), ("checklist", Kind::Checklist)];

/// The blocks of a page. Comments in code, between fences, are text.
///
/// # Errors
///
/// Every comment of ours that is not understood.
pub(super) fn blocks(page: &str) -> Result<Vec<Block>, Vec<Fault>> {
    let mut blocks = Vec::new();
    let mut faults = Vec::new();
    let mut fence: Option<&str> = None;
    let mut open: Option<Block> = None;
    // A block that was not understood has an end, too, and one fault is enough.
    let mut is_broken = false;
    let mut at = 0;
    for (number, whole) in page.split_inclusive('\n').enumerate() {
        let (start, line) = (at, number + 1);
        at += whole.len();
        let text = whole.trim_end();
        if open.is_none() {
            match (fence, fence_of(text)) {
                (None, opening) => fence = opening,
                (Some(before), Some(closing)) if is_end(text, before, closing) => fence = None,
                (Some(_), _) => {}
            }
        }
        if fence.is_some() || !is_meant_for_us(text) {
            continue;
        }
        let fault = |message: String, help: &str| Fault {
            line,
            message,
            help: help.to_owned(),
        };
        if !text.starts_with(BEGIN) {
            faults.push(fault(
                "the comment is not written as it must be to be seen".to_owned(),
                "begin the line with it, as `<!-- switchback:` with one space",
            ));
            continue;
        }
        match (open.take(), text == END) {
            (Some(block), true) => blocks.push(Block {
                inside: block.inside.start..start,
                ..block
            }),
            (None, true) if is_broken => is_broken = false,
            (None, true) => faults.push(fault(
                "there is no block for this to end".to_owned(),
                "remove it, or begin the block: `<!-- switchback:mermaid PATH -->`",
            )),
            (before, false) => {
                if let Some(before) = before {
                    faults.push(unended(&before));
                }
                let begun = begun(text);
                is_broken = begun.is_err();
                match begun {
                    Ok((kind, runbook)) => {
                        open = Some(Block {
                            kind,
                            runbook: runbook.to_owned(),
                            line,
                            inside: at..at,
                        });
                    }
                    Err((message, help)) => faults.push(fault(message, &help)),
                }
            }
        }
    }
    faults.extend(open.as_ref().map(unended));
    faults.sort_by_key(|fault| fault.line);
    if faults.is_empty() {
        Ok(blocks)
    } else {
        Err(faults)
    }
}

fn unended(block: &Block) -> Fault {
    Fault {
        line: block.line,
        message: "the block has no end".to_owned(),
        help: format!("write `{END}` alone on a line after it; a block cannot be in another"),
    }
}

/// The kind and the runbook of a comment that begins a block; else what is wrong, and what to write.
fn begun(text: &str) -> Result<(Kind, &str), (String, String)> {
    let inner = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix("-->"));
    let Some(inner) = inner else {
        return Err((
            "the comment is not closed, or something stands after it".to_owned(),
            "write it alone on its line: `<!-- switchback:mermaid PATH -->`".to_owned(),
        ));
    };
    let (word, path) = inner
        .trim()
        .split_once(char::is_whitespace)
        .unwrap_or((inner.trim(), ""));
    let Some((_, kind)) = KINDS.iter().find(|(name, _)| *name == word) else {
        let known = KINDS.map(|(name, _)| name);
        let help = match nearest(word, known.into_iter().chain(["end"])) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "a block is `mermaid` or `checklist`, and `end` is its end".to_owned(),
        };
        return Err((format!("there is no block `{word}`"), help));
    };
    match path.trim() {
        "" => Err((
            format!("the block `{word}` names no runbook"),
            format!("write `<!-- switchback:{word} PATH -->`, PATH from the folder of the page"),
        )),
        path => Ok((*kind, path)),
    }
}

/// A line without what it is indented by; none where that is so much that it is code.
fn unindented(text: &str) -> Option<&str> {
    let inner = text.trim_start_matches(' ');
    (text.len() - inner.len() < 4).then_some(inner)
}

/// Whether a line begins with a comment of ours, also one that is not quite right.
fn is_meant_for_us(text: &str) -> bool {
    let comment = unindented(text).and_then(|text| text.strip_prefix("<!--"));
    comment.is_some_and(|comment| comment.trim_start().starts_with("switchback:"))
}

/// The fence that a line begins or ends code with: at least three back-ticks or tildes.
fn fence_of(text: &str) -> Option<&str> {
    let text = unindented(text)?;
    let of = |c: char| {
        let length = text.len() - text.trim_start_matches(c).len();
        // What stands after back-ticks cannot have more of them: then it is code within a line.
        let is_fence = length >= 3 && (c == '~' || !text[length..].contains(c));
        is_fence.then(|| &text[..length])
    };
    of('`').or_else(|| of('~'))
}

/// Whether a line ends the code that a fence began: with nothing else on it, and at least as long.
fn is_end(text: &str, opening: &str, closing: &str) -> bool {
    closing.starts_with(opening) && text.trim_start() == closing
}

/// The page with new texts in its blocks, with the line breaks that it has.
pub(super) fn filled(page: &str, blocks: &[Block], texts: &[String]) -> String {
    let line_break = if page.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(page.len());
    let mut at = 0;
    for (block, text) in blocks.iter().zip(texts) {
        out.push_str(&page[at..block.inside.start]);
        out.push_str(&text.replace('\n', line_break));
        at = block.inside.end;
    }
    out.push_str(&page[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(page: &str) -> Vec<(usize, String, String)> {
        let faults = blocks(page).expect_err("it has faults");
        faults.into_iter().map(|f| (f.line, f.message, f.help)).collect()
    }

    #[test]
    fn blocks_are_filled_and_all_else_is_left_byte_for_byte() {
        let page = "a\r\n<!-- switchback:mermaid x y.yaml -->\r\nold\r\n<!-- switchback:end -->\r\n  b \t\r\n<!-- switchback:checklist z -->\r\n<!-- switchback:end -->";
        let found = blocks(page).expect("it has no faults");
        let named: Vec<_> = found
            .iter()
            .map(|block| (block.kind, block.runbook.as_str(), block.line))
            .collect();
        assert_eq!(named, [(Kind::Mermaid, "x y.yaml", 2), (Kind::Checklist, "z", 6)]);
        let texts = ["1\n2\n".to_owned(), "3\n".to_owned()];
        assert_eq!(
            filled(page, &found, &texts),
            "a\r\n<!-- switchback:mermaid x y.yaml -->\r\n1\r\n2\r\n<!-- switchback:end -->\r\n  b \t\r\n<!-- switchback:checklist z -->\r\n3\r\n<!-- switchback:end -->"
        );
    }

    #[test]
    fn comments_in_code_are_text() {
        let page = "````md\n```\n<!-- switchback:mermaid x -->\n```\n````\n~~~\n<!-- switchback:end -->\n~~~\n```inline``` code\n    <!-- switchback:end -->\n    ```\n";
        assert_eq!(blocks(page), Ok(Vec::new()));
    }

    #[test]
    fn a_comment_that_is_not_quite_right_is_not_passed_over() {
        for page in [
            "  <!-- switchback:mermaid x -->\n",
            "    ```\n<!--switchback:mermaid x -->\n",
        ] {
            assert_eq!(messages(page).len(), 1, "{page}");
        }
    }

    #[test]
    fn a_fence_within_a_block_hides_nothing() {
        let page = "<!-- switchback:mermaid x -->\n```mermaid\n<!-- switchback:end -->\n";
        assert_eq!(blocks(page).map(|blocks| blocks.len()), Ok(1));
    }

    #[test]
    fn the_end_of_a_block_that_is_not_understood_is_no_fault_of_its_own() {
        let found =
            messages("<!-- switchback:mermiad x -->\n<!-- switchback:end -->\n<!-- switchback:end -->\n");
        assert_eq!(found.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn every_fault_has_its_line_and_what_to_write() {
        let found = messages(
            "<!-- switchback:end -->\n<!-- switchback:mermiad x -->\n<!-- switchback:checklist -->\n<!-- switchback:mermaid a\n\
             <!-- switchback:mermaid a -->\n<!-- switchback:mermaid b -->\n<!-- switchback:poem b -->\n",
        );
        let short: Vec<(usize, &str)> = found
            .iter()
            .map(|(line, message, _)| (*line, message.as_str()))
            .collect();
        assert_eq!(
            short,
            [
                (1, "there is no block for this to end"),
                (2, "there is no block `mermiad`"),
                (3, "the block `checklist` names no runbook"),
                (4, "the comment is not closed, or something stands after it"),
                (5, "the block has no end"),
                (6, "the block has no end"),
                (7, "there is no block `poem`"),
            ]
        );
        assert_eq!(found[1].2, "did you mean `mermaid`?");
    }
}
