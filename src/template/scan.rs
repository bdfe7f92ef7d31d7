/// A part of a template's source, with white space already as `{%-` and `-%}` leave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that is put out as it is.
    Text(&'a str),
    /// What stands in `{{ }}`.
    Output(Code<'a>),
    /// What stands in `{% %}`.
    Block(Code<'a>),
}

/// What stands between braces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code<'a> {
    /// The code, without the braces.
    pub text: &'a str,
    /// The line it begins on, from 1.
    pub line: usize,
}

/// Takes a template that is known to parse apart, in the order of its source.
pub fn scan(source: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = source;
    let mut trim = false;
    let (mut line, mut counted) = (1, 0);
    while !rest.is_empty() {
        let (text, tag) = rest.split_at(tag_start(rest).unwrap_or(rest.len()));
        let text = if trim { text.trim_start() } else { text };
        let Some(tag) = Tag::at(tag) else {
            parts.push(Part::Text(text));
            // Code that has no end is not known to parse, and is shown whole to who only asks how long it is.
            if !tag.is_empty() {
                parts.push(Part::Block(Code { text: tag, line }));
            }
            break;
        };
        let inner = tag.inner.strip_prefix(['-', '+']).unwrap_or(tag.inner);
        let keep = if tag.inner.starts_with('-') {
            text.trim_end()
        } else {
            text
        };
        if !keep.is_empty() {
            parts.push(Part::Text(keep));
        }
        // On from the last tag: from the start each time would take a long template the square of its length.
        let offset = source.len() - tag.rest.len() - tag.inner.len() - 2;
        line += source[counted..offset].matches('\n').count();
        counted = offset;
        let code = Code {
            text: inner.strip_suffix(['-', '+']).unwrap_or(inner).trim(),
            line,
        };
        trim = tag.inner.ends_with('-');
        rest = tag.rest;
        match tag.kind {
            '{' => parts.push(Part::Output(code)),
            '%' if code.text == "raw" => {
                let (verbatim, after) = rest.split_at(end_of_raw(rest));
                let verbatim = if trim { verbatim.trim_start() } else { verbatim };
                parts.push(Part::Text(verbatim));
                // The end of it is a tag like any other, and has no output.
                rest = after;
                trim = false;
            }
            '%' => parts.push(Part::Block(code)),
            _ => {}
        }
    }
    parts
}

/// A tag: `{{ … }}`, `{% … %}` or `{# … #}`.
struct Tag<'a> {
    kind: char,
    inner: &'a str,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// The tag that a source begins with.
    fn at(source: &'a str) -> Option<Self> {
        let kind = source.get(1..2)?.chars().next()?;
        let body = source.get(2..)?;
        let length = match kind {
            '#' => body.find("#}")?,
            '{' => code_length(body, "}}")?,
            _ => code_length(body, "%}")?,
        };
        Some(Self {
            kind,
            inner: body.get(..length)?,
            rest: body.get(length + 2..)?,
        })
    }
}

fn tag_start(source: &str) -> Option<usize> {
    source
        .as_bytes()
        .windows(2)
        .position(|pair| pair[0] == b'{' && matches!(pair[1], b'{' | b'%' | b'#'))
}

/// How long the code is before `end`, which means nothing in strings and brackets.
fn code_length(source: &str, end: &str) -> Option<usize> {
    let mut open = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (position, c) in source.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) => {
                if c == q {
                    quote = None;
                }
            }
            None if open == 0 && source[position..].starts_with(end) => return Some(position),
            None => match c {
                '\'' | '"' => quote = Some(c),
                '(' | '[' | '{' => open += 1,
                ')' | ']' | '}' => open = open.saturating_sub(1),
                _ => {}
            },
        }
    }
    None
}

/// Where `{% endraw %}` begins.
fn end_of_raw(source: &str) -> usize {
    source
        .match_indices("{%")
        .map(|(position, _)| position)
        .find(|position| {
            source[position + 2..]
                .trim_start_matches(['-', '+'])
                .trim_start()
                .starts_with("endraw")
        })
        .unwrap_or(source.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        scan(source)
            .iter()
            .map(|part| match part {
                Part::Text(text) => format!("text {text}"),
                Part::Output(code) => format!("output {}", code.text),
                Part::Block(code) => format!("block {}", code.text),
            })
            .collect()
    }

    #[test]
    fn strings_and_brackets_hide_the_end_of_a_tag() {
        assert_eq!(
            texts("a{{ '}}' }}b{{ {\"x\": {}} }}c"),
            ["text a", "output '}}'", "text b", "output {\"x\": {}}", "text c"]
        );
    }

    #[test]
    fn white_space_goes_where_a_dash_takes_it() {
        assert_eq!(
            texts("a \n{%- if x -%} b {%- endif %} c"),
            ["text a", "block if x", "text b", "block endif", "text  c"]
        );
    }

    #[test]
    fn comments_vanish_and_raw_blocks_are_text() {
        assert_eq!(
            texts("a{# {{ no }} #}b{% raw %}{{ x }}{% endraw %}c"),
            ["text a", "text b", "text {{ x }}", "block endraw", "text c"]
        );
    }

    #[test]
    fn code_knows_its_line() {
        let parts = scan("a\nb {{ x }}");
        assert!(matches!(parts[1], Part::Output(Code { line: 2, .. })));
    }
}
