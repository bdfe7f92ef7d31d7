//! What is known of what an expression makes of its values. It need not be right about every expression: what it does not know may be anything.

use crate::model::{Runbook, is_id};

use super::values::{Traits, traits};
use super::words::{Piece, Word};

/// Of what stands between two braces.
pub(super) fn made(runbook: &Runbook, code: &str) -> Traits {
    joined(runbook, code).unwrap_or(Traits::ANYTHING)
}

/// Of a whole word.
pub(super) fn of_word(runbook: &Runbook, word: &Word<'_>) -> Traits {
    let pieces = word.0.iter().map(|piece| match piece {
        Piece::Text(text) => Traits::of_text(text),
        Piece::Value(code) => made(runbook, code),
        Piece::Variable(_) | Piece::Output => Traits::ANYTHING,
    });
    pieces.fold(Traits::NOTHING, Traits::then)
}

/// The name that an interpolation puts in, if all that it may be comes from there.
pub(super) fn name_in(code: &str) -> Option<&str> {
    let mut parts = split(code, '|').into_iter();
    let name = parts.next().filter(|name| is_name(name))?;
    let keeps = |filter: &str| match filter.split_once('(') {
        None => ["default", "d", "lower", "string", "upper"].contains(&filter),
        Some(("default" | "d", argument)) => argument.strip_suffix(')').and_then(literal).is_some(),
        Some(_) => false,
    };
    parts.all(keeps).then_some(name)
}

/// `a ~ b`; none where it is something else, and so also what stands before and behind it.
fn joined(runbook: &Runbook, code: &str) -> Option<Traits> {
    let mut all = Traits::NOTHING;
    for operand in split(code, '~') {
        let mut parts = split(operand, '|').into_iter();
        let mut one = value(runbook, parts.next()?)?;
        for filter in parts {
            one = filtered(runbook, one, filter)?;
        }
        all = all.then(one);
    }
    Some(all)
}

fn value(runbook: &Runbook, code: &str) -> Option<Traits> {
    if let Some(text) = literal(code) {
        return Some(Traits::of_text(text));
    }
    if is_name(code) {
        return Some(traits(runbook, code).unwrap_or(Traits::ANYTHING));
    }
    // `a[1:]` and `f(a)` make a value of their own; an operator or an `if` takes in what stands around it.
    let is_one = outside(code).all(|(_, c)| c.is_ascii_alphanumeric() || "_.[](){}".contains(c));
    is_one.then_some(Traits::ANYTHING)
}

fn filtered(runbook: &Runbook, of: Traits, filter: &str) -> Option<Traits> {
    let (name, arguments) = match filter.split_once('(') {
        Some((name, arguments)) => (name, arguments.strip_suffix(')')?),
        None => (filter, ""),
    };
    Some(match name {
        "lower" | "string" | "upper" => of,
        "default" | "d" => of.or(joined(runbook, split(arguments, ',').first()?)?),
        "length" | "count" => Traits::HARMLESS,
        // White space before a number is not special to it, and so `-` may come behind some.
        "int" => Traits {
            dash: of.dash || of.special,
            ..Traits::HARMLESS
        },
        "trim" if !of.special && arguments.is_empty() => of,
        _ => is_id(name).then_some(Traits::ANYTHING)?,
    })
}

fn is_name(code: &str) -> bool {
    code.split('.').all(is_id)
}

/// What a literal says, if it is one without escapes.
fn literal(code: &str) -> Option<&str> {
    if code.is_empty() || (!code.starts_with('0') && code.bytes().all(|byte| byte.is_ascii_digit())) {
        return Some(code);
    }
    ['\'', '"'].into_iter().find_map(|quote| {
        let text = code.strip_prefix(quote)?.strip_suffix(quote)?;
        (!text.contains([quote, '\\'])).then_some(text)
    })
}

/// Where a separator stands between texts and brackets, the code is taken apart.
fn split(code: &str, separator: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (place, _) in outside(code).filter(|(_, c)| *c == separator) {
        parts.push(code[start..place].trim());
        start = place + separator.len_utf8();
    }
    parts.push(code[start..].trim());
    parts
}

/// The characters of an expression that stand in no text and in no bracket, with the brackets themselves.
fn outside(code: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let (mut quote, mut depth, mut escaped) = (None, 0_usize, false);
    code.char_indices().filter(move |(_, c)| {
        if let Some(open) = quote {
            if !escaped && *c == open {
                quote = None;
            }
            escaped = !escaped && *c == '\\';
            return false;
        }
        match c {
            '\'' | '"' => quote = Some(*c),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        depth == 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_when_nothing_is_made_of_it() {
        assert_eq!(name_in("answers.tag"), Some("answers.tag"));
        assert_eq!(name_in("tag | default('x')"), Some("tag"));
        assert_eq!(name_in("tag | default(x)"), None);
        assert_eq!(name_in("tag | trim"), None);
        assert_eq!(name_in("'v' ~ tag"), None);
    }

    #[test]
    fn an_expression_is_taken_apart_between_texts_and_brackets() {
        assert_eq!(split("a ~ '~' ~ f(b ~ c)[~]", '~'), ["a", "'~'", "f(b ~ c)[~]"]);
        assert_eq!(split(r"'\'~' ~ a", '~'), [r"'\'~'", "a"]);
    }
}
