//! Readers of texts, in all their meanings.

use crate::diagnostic::Code;
use crate::model::{Expression, Template, is_id};

use super::super::tree::Tree;
use super::{Cursor, shown};

/// A text that says something, to be shown as it stands.
pub(crate) fn text(at: Cursor<'_>) -> Option<String> {
    text_in_place(at).map(str::to_owned)
}

/// The same, not copied: most are only compared.
pub(crate) fn text_in_place<'c>(at: Cursor<'c>) -> Option<&'c str> {
    let text = borrowed(at)?;
    if text.contains("{{") {
        let finding = at.finding(Code::TemplateSyntax, format!("{} is not a template", at.name()));
        let help = "write it without `{{ … }}`: `help`, `description`, `expect` and `manual` are templates";
        at.report(finding.label("would be shown as it is").help(help));
    }
    Some(text)
}

/// A text that may be empty.
pub(crate) fn any_text(at: Cursor<'_>) -> Option<String> {
    unchecked(at).map(str::to_owned)
}

/// A template that says something.
pub(crate) fn template(at: Cursor<'_>) -> Option<Template> {
    borrowed(at).map(Template::from)
}

/// A template that may be empty.
pub(crate) fn any_template(at: Cursor<'_>) -> Option<Template> {
    unchecked(at).map(Template::from)
}

/// An expression that is true or false.
pub(crate) fn expression(at: Cursor<'_>) -> Option<Expression> {
    borrowed(at).map(Expression::from)
}

/// The name of something that is declared elsewhere: whether it exists is not for this room to say.
pub(crate) fn name<T: for<'a> From<&'a str>>(at: Cursor<'_>) -> Option<T> {
    borrowed(at).map(T::from)
}

/// An id that is declared here.
pub(crate) fn id<T: for<'a> From<&'a str>>(at: Cursor<'_>) -> Option<T> {
    let text = borrowed(at)?;
    if is_id(text) {
        return Some(T::from(text));
    }
    let finding = at.finding(Code::InvalidId, format!("{} is not an id", shown(text)));
    at.report(finding.label("not an id").help(id_help(text)));
    None
}

/// What to write instead of a text that is not an id.
pub(crate) fn id_help(text: &str) -> String {
    const RULE: &str = "an id is a lower-case letter, then lower-case letters, digits and `_`";
    let mut snake = String::new();
    let mut after_lower = false;
    for character in text.chars() {
        if character.is_uppercase() && after_lower {
            snake.push('_');
        }
        after_lower = character.is_lowercase() || character.is_ascii_digit();
        if character.is_ascii_alphanumeric() {
            snake.push(character.to_ascii_lowercase());
        } else if !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
    }
    let snake = snake.trim_end_matches('_');
    if is_id(snake) {
        format!("{RULE}: {}", shown(snake))
    } else {
        RULE.to_owned()
    }
}

/// Whether a text says nothing.
pub(crate) fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

fn borrowed<'c>(at: Cursor<'c>) -> Option<&'c str> {
    let text = unchecked(at)?;
    if is_blank(text) {
        let message = format!("{} is empty", at.name());
        at.invalid(message, "give it a text, or remove it");
        return None;
    }
    Some(text)
}

fn unchecked<'c>(at: Cursor<'c>) -> Option<&'c str> {
    match at.tree {
        Tree::Text(text) => return Some(text),
        Tree::Bool(_) | Tree::Number(_) | Tree::OddNumber => unquoted(at),
        Tree::Null => {
            let message = format!("{} has no value; it takes text", at.name());
            let finding = at.finding(Code::WrongType, message);
            let help = "give it a text, or remove it";
            at.report_unquoted(finding.label("text is wanted here").help(help));
        }
        _ => at.wrong_type("text"),
    }
    None
}

/// Reports a number or boolean where text is wanted.
pub(crate) fn unquoted(at: Cursor<'_>) {
    let (name, kind) = (at.name(), at.tree.describe());
    let message = format!("{name} takes text, and without quotes this is {kind}");
    let finding = at.finding(Code::UnquotedString, message);
    let label = format!("{kind}, to YAML");
    at.report_unquoted(finding.label(label).help("put it into quotes"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_id_is_proposed() {
        assert!(id_help("Last deploy?").ends_with("`last_deploy`"));
        assert!(id_help("lastDeploy").ends_with("`last_deploy`"));
        assert!(id_help("last-deploy").ends_with("`last_deploy`"));
        assert!(id_help("1").ends_with("digits and `_`"));
    }
}
