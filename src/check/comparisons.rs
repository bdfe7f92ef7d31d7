//! What expressions compare with what: `answers.last_deploy == "yes"`.

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::model::{ChoiceId, Domain, Expression, Form, Kind, NODE_STATES, Runbook, Value};
use crate::template::Trail;

/// A name that is compared with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Comparison<'e> {
    pub(super) name: &'e str,
    pub(super) text: &'e str,
    /// With `==`; else with `!=`.
    pub(super) is_equal: bool,
}

/// What the values of a name are, as far as a text can be one of them.
pub(super) enum Values<'r> {
    /// These texts.
    Texts(Vec<&'r str>),
    /// No texts, but these, in words.
    Other(&'static str),
}

/// The values of a name, if it has few enough to be listed.
pub(super) fn values<'r>(runbook: &'r Runbook, name: &str) -> Option<Values<'r>> {
    let path: Vec<&str> = name.split('.').collect();
    match path.as_slice() {
        ["answers", id] => match &runbook.nodes.get(*id)?.question()?.form {
            Form::Choices(choices) => Some(Values::Texts(choices.keys().map(ChoiceId::as_str).collect())),
            Form::Input { domain, .. } => of_domain(domain),
        },
        ["nodes", id, "state"] => runbook
            .nodes
            .contains_key(*id)
            .then(|| Values::Texts(NODE_STATES.to_vec())),
        [parameter] => of_domain(&runbook.parameters.get(*parameter)?.domain),
        _ => None,
    }
}

fn of_domain(domain: &Domain) -> Option<Values<'_>> {
    match domain.kind {
        Kind::Boolean => Some(Values::Other("true or false")),
        Kind::Integer | Kind::Number => Some(Values::Other("a number")),
        Kind::String | Kind::Text if domain.one_of.is_empty() => None,
        Kind::String | Kind::Text => Some(Values::Texts(
            domain.one_of.iter().filter_map(Value::as_str).collect(),
        )),
    }
}

/// Every comparison of an expression with a text that the value never is.
pub(super) fn impossible(runbook: &Runbook, at: &Trail<'_>, expression: &Expression) -> Vec<Diagnostic> {
    let comparisons = comparisons(&expression.0).into_iter();
    comparisons
        .filter_map(|comparison| {
            let Comparison { name, text, is_equal } = comparison;
            let (message, help) = match values(runbook, name)? {
                Values::Texts(texts) if texts.contains(&text) => return None,
                Values::Texts(texts) => {
                    let help = match nearest(text, texts.iter().copied()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => {
                            let all: Vec<String> = texts.iter().map(|text| format!("`{text}`")).collect();
                            format!("it is one of {}", all.join(", "))
                        }
                    };
                    (format!("`{name}` is never `{text}`"), help)
                }
                Values::Other("true or false") => (
                    format!("`{name}` is true or false, and never the text `{text}`"),
                    format!("write `{name}` or `not {name}`"),
                ),
                Values::Other(what) => (
                    format!("`{name}` is {what}, and never the text `{text}`"),
                    "leave the quotes away".to_owned(),
                ),
            };
            let label = if is_equal { "never true" } else { "always true" };
            let finding = Diagnostic::new(Code::ImpossibleComparison, at.path(), message);
            Some(finding.label(label).help(help))
        })
        .collect()
}

/// The comparison that an expression consists of, if it is one.
pub(super) fn only(expression: &Expression) -> Option<Comparison<'_>> {
    match tokens(&expression.0).as_slice() {
        [a, b, c] => comparison(*a, *b, *c),
        _ => None,
    }
}

fn comparisons(source: &str) -> Vec<Comparison<'_>> {
    if !source.contains("==") && !source.contains("!=") {
        return Vec::new();
    }
    let tokens = tokens(source);
    let begins = |token: Option<&Token<'_>>| match token {
        None | Some(Token::Other('(')) => true,
        Some(Token::Name(word)) => matches!(*word, "and" | "or" | "not" | "if" | "else"),
        Some(_) => false,
    };
    let ends = |token: Option<&Token<'_>>| match token {
        None | Some(Token::Other(')')) => true,
        Some(Token::Name(word)) => matches!(*word, "and" | "or" | "if" | "else"),
        Some(_) => false,
    };
    let windows = tokens.windows(3).enumerate();
    windows
        .filter(|(place, _)| {
            begins(place.checked_sub(1).and_then(|before| tokens.get(before))) && ends(tokens.get(place + 3))
        })
        .filter_map(|(_, window)| comparison(window[0], window[1], window[2]))
        .collect()
}

fn comparison<'e>(a: Token<'e>, b: Token<'e>, c: Token<'e>) -> Option<Comparison<'e>> {
    let Token::Compare { is_equal } = b else {
        return None;
    };
    match (a, c) {
        (Token::Name(name), Token::Text(text)) | (Token::Text(text), Token::Name(name)) => {
            Some(Comparison { name, text, is_equal })
        }
        _ => None,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'e> {
    Name(&'e str),
    Text(&'e str),
    Compare { is_equal: bool },
    Other(char),
}

fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' | '"' => {
                let inner = &rest[1..];
                let end = inner.find(first).unwrap_or(inner.len());
                let text = &inner[..end];
                // One with an escape in it is not read.
                let token = if text.contains('\\') {
                    Token::Other(first)
                } else {
                    Token::Text(text)
                };
                (token, (end + 2).min(rest.len()))
            }
            c if c.is_alphanumeric() || c == '_' => {
                let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                (Token::Name(&rest[..end]), end)
            }
            _ if rest.starts_with("==") => (Token::Compare { is_equal: true }, 2),
            _ if rest.starts_with("!=") => (Token::Compare { is_equal: false }, 2),
            c => (Token::Other(c), c.len_utf8()),
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_with_texts_are_read() {
        let shown = |source: &str| -> Vec<String> {
            let all = comparisons(source).into_iter();
            all.map(|c| format!("{} {} {}", c.name, c.is_equal, c.text))
                .collect()
        };
        assert_eq!(
            shown("answers.a == 'x' and (\"y\" != b)"),
            ["answers.a true x", "b false y"]
        );
        for other in [
            "a | lower == 'x'",
            "a == 'x' ~ b",
            "a == b",
            "a.b() == 'x'",
            "f(a == 'x', 1)",
            "a == 'x\\'y'",
        ] {
            assert_eq!(shown(other), Vec::<String>::new(), "{other}");
        }
    }

    #[test]
    fn an_expression_may_be_one_comparison() {
        let only_of = |source: &str| only(&Expression::from(source)).map(|c| c.name.to_owned());
        assert_eq!(only_of(" a == 'x' ").as_deref(), Some("a"));
        assert_eq!(only_of("a == 'x' or b"), None);
    }
}
