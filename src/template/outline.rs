use super::scan::{Code, Part};

/// A template as far as it matters what is put out, in which order, and what may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outline<'a> {
    /// Text as it is.
    Text(&'a str),
    /// The value of an expression.
    Value(Code<'a>),
    /// Script that the author vouches for.
    Raw,
    /// One of these.
    Choice(Vec<Vec<Outline<'a>>>),
    /// The first any number of times, or else the second.
    Loop(Vec<Outline<'a>>, Vec<Outline<'a>>),
}

/// The outline of a template that is known to parse.
pub(super) fn outline<'a>(parts: &[Part<'a>]) -> Vec<Outline<'a>> {
    Reader { parts, position: 0 }.block().0
}

struct Reader<'p, 'a> {
    parts: &'p [Part<'a>],
    position: usize,
}

impl<'a> Reader<'_, 'a> {
    /// What stands before the next tag that ends or divides a block, and that tag's first word.
    fn block(&mut self) -> (Vec<Outline<'a>>, &'a str) {
        let mut nodes = Vec::new();
        while let Some(part) = self.parts.get(self.position) {
            self.position += 1;
            match *part {
                Part::Text(text) => nodes.push(Outline::Text(text)),
                Part::Output(code) if is_raw(code.text) => nodes.push(Outline::Raw),
                Part::Output(code) => nodes.push(Outline::Value(code)),
                Part::Block(code) => {
                    let word = first_word(code.text);
                    if ends_block(word) {
                        return (nodes, word);
                    }
                    self.tag(word, code, &mut nodes);
                }
            }
        }
        (nodes, "")
    }

    fn tag(&mut self, word: &str, code: Code<'a>, nodes: &mut Vec<Outline<'a>>) {
        match word {
            "if" => {
                let mut choices = Vec::new();
                let mut decided = false;
                loop {
                    let (branch, end) = self.block();
                    choices.push(branch);
                    match end {
                        "elif" => {}
                        "else" => decided = true,
                        _ => break,
                    }
                }
                if !decided {
                    choices.push(Vec::new());
                }
                nodes.push(Outline::Choice(choices));
            }
            "for" => {
                let (body, end) = self.block();
                let otherwise = match end {
                    "else" => self.block().0,
                    _ => Vec::new(),
                };
                nodes.push(Outline::Loop(body, otherwise));
            }
            "with" | "autoescape" | "block" => {
                let (body, _) = self.block();
                nodes.extend(body);
            }
            // What these have in them comes out as one value, here or where it is called.
            "filter" | "call" => {
                self.block();
                nodes.push(Outline::Value(code));
            }
            "macro" => drop(self.block()),
            "set" if !is_assignment(code.text) => drop(self.block()),
            _ => {}
        }
    }
}

fn first_word(code: &str) -> &str {
    let end = code.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    code.split_at(end.unwrap_or(code.len())).0
}

fn ends_block(word: &str) -> bool {
    matches!(word, "elif" | "else") || (word.starts_with("end") && word != "endraw")
}

/// Whether `raw` is the last filter.
fn is_raw(code: &str) -> bool {
    code.strip_suffix("raw")
        .is_some_and(|before| before.trim_end().ends_with('|'))
}

/// Whether it is `set x = …`, which has no body.
fn is_assignment(code: &str) -> bool {
    let target = code.trim_start_matches("set");
    target
        .trim_start_matches(|c: char| c.is_alphanumeric() || c.is_whitespace() || "_.,()".contains(c))
        .starts_with('=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::scan::scan;

    #[test]
    fn branches_and_captured_blocks_are_told_apart() {
        let parts = scan("{% if a %}x{% elif b %}y{% endif %}{% set c %}z{% endset %}{% set d = 1 %}w");
        assert_eq!(
            outline(&parts),
            [
                Outline::Choice(vec![
                    vec![Outline::Text("x")],
                    vec![Outline::Text("y")],
                    Vec::new()
                ]),
                Outline::Text("w"),
            ]
        );
    }
}
