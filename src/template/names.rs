use std::collections::HashSet;

use crate::model::{Expression, Template};

use super::environment::PLAIN;
use super::{TemplateError, bounded, bounded_code, is_literal};

/// The functions that every template has.
const FUNCTIONS: [&str; 3] = ["dict", "namespace", "range"];

/// Words that are no names where a name could stand.
const KEYWORDS: [&str; 15] = [
    "and", "elif", "else", "false", "False", "for", "if", "in", "is", "none", "None", "not", "or", "true",
    "True",
];

/// The names that a template uses and does not define itself, as paths such as `["answers", "good_tag"]`, sorted.
///
/// # Errors
///
/// That it cannot be parsed.
pub fn names(template: &Template) -> Result<Vec<Vec<String>>, TemplateError> {
    let source = template.0.as_str();
    if is_literal(source) {
        return Ok(Vec::new());
    }
    if let Some(paths) = simple(source) {
        return Ok(sorted(paths));
    }
    bounded(source)?;
    PLAIN
        .template_from_str(source)
        .map(|compiled| sorted(undeclared(&compiled.undeclared_variables(true))))
        .map_err(|error| TemplateError::from_engine(&error, source))
}

/// The names that an expression uses, as [`names`] gives them.
///
/// # Errors
///
/// That it cannot be parsed.
pub(super) fn expression_names(expression: &Expression) -> Result<Vec<Vec<String>>, TemplateError> {
    let source = expression.0.as_str();
    bounded_code(source, 1)?;
    PLAIN
        .compile_expression(source)
        .map(|compiled| sorted(undeclared(&compiled.undeclared_variables(true))))
        .map_err(|error| TemplateError::from_engine(&error, source))
}

/// The names of a template that does nothing but put named values in, which most do: it is known to parse, so that a large
/// runbook is checked without compiling each of them.
pub(super) fn simple(source: &str) -> Option<Vec<&str>> {
    let mut paths = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find('{') {
        rest = &rest[start + 1..];
        if rest.starts_with(['%', '#']) {
            return None;
        }
        let Some(code) = rest.strip_prefix('{') else {
            continue;
        };
        let (code, after) = code.split_once("}}")?;
        let path = code.trim_matches(' ');
        if !path.split('.').all(is_name) || FUNCTIONS.contains(&path) {
            return None;
        }
        paths.push(path);
        rest = after;
    }
    Some(paths)
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !KEYWORDS.contains(&word)
}

/// Dotted names, without the functions that every template has.
fn undeclared(names: &HashSet<String>) -> Vec<&str> {
    let names = names.iter().map(String::as_str);
    names.filter(|name| !FUNCTIONS.contains(name)).collect()
}

fn sorted(mut names: Vec<&str>) -> Vec<Vec<String>> {
    names.sort_unstable();
    names.dedup();
    let mut paths: Vec<Vec<String>> = names
        .into_iter()
        .map(|name| name.split('.').map(str::to_owned).collect())
        .collect();
    paths.sort_unstable();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_templates_have_the_names_that_the_engine_finds() {
        for source in [
            "{{ b }}{{a}} {{ answers.x }} {{ a }}",
            "{ {{ a.b.c }} }",
            "}} {{ a }} {",
            "{{{ a }}}",
        ] {
            let compiled = PLAIN
                .template_from_str(source)
                .map(|t| t.undeclared_variables(true));
            let slow = compiled.as_ref().map(|names| sorted(undeclared(names))).ok();
            let quick = simple(source).map(sorted);
            assert!(quick.is_none() || quick == slow, "{source}");
        }
        for source in [
            "{{ a | b }}",
            "{{ a",
            "{{ true }}",
            "{{ range }}",
            "{% if a %}",
            "{{- a }}",
            "{{ a. }}",
            "{{ 1 }}",
        ] {
            assert_eq!(simple(source), None, "{source}");
        }
        assert_eq!(simple("x {{ a.b }}"), Some(vec!["a.b"]));
    }

    #[test]
    fn the_functions_are_those_of_the_engine() {
        let mut functions: Vec<String> = PLAIN.globals().map(|(name, _)| name.to_owned()).collect();
        functions.sort_unstable();
        assert_eq!(functions, FUNCTIONS);
    }
}
