use super::style::{Line, Mark};

/// A line as it is read aloud: its mark is a word, and what stands after it a part of the sentence.
pub(super) fn spoken(line: &Line) -> String {
    let word = match line.mark {
        Mark::None | Mark::Heading | Mark::Output => "",
        Mark::Step => "step: ",
        Mark::Command => "command: ",
        Mark::Good => "done: ",
        Mark::Bad => "failed: ",
        Mark::Unknown => "unknown: ",
        Mark::Waiting => "waiting: ",
        Mark::Skipped => "left out: ",
        Mark::Value => "value: ",
        Mark::Expect => "expect: ",
        Mark::Said => "said: ",
        Mark::Danger => "danger: ",
        Mark::Mind => "note: ",
    };
    let indent = "  ".repeat(line.depth);
    let mut out = format!("{indent}{word}");
    for (place, text) in line.text.split('\n').enumerate() {
        if place > 0 {
            out.push('\n');
            if !text.is_empty() {
                out.push_str(&indent);
            }
        }
        out.push_str(text);
    }
    let between = if line.text.is_empty() { "" } else { ", " };
    if !line.aside.is_empty() {
        out.push_str(between);
        out.push_str(&line.aside.replace(" · ", ", "));
    }
    out.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_a_word_and_a_line_a_sentence() {
        let line = Line::new(Mark::Good, "Point the site back").aside("rollback · 0.5s · 4 checks held");
        assert_eq!(
            spoken(&line),
            "done: Point the site back, rollback, 0.5s, 4 checks held"
        );
        let line = Line::new(Mark::Command, "sh -c 'one\n\n two'").at(1);
        assert_eq!(spoken(&line), "  command: sh -c 'one\n\n   two'");
        assert_eq!(spoken(&Line::faint("run 7 · by ana")), "run 7, by ana");
        assert_eq!(spoken(&Line::empty()), "");
    }
}
