use std::collections::HashSet;

use crate::model::{Expression, Template};

use super::environment::PLAIN;
use super::{TemplateError, is_literal};

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
    PLAIN
        .template_from_str(source)
        .map(|compiled| paths(compiled.undeclared_variables(true)))
        .map_err(|error| TemplateError::from_engine(&error, source))
}

/// The names that an expression uses, as [`names`] gives them.
///
/// # Errors
///
/// That it cannot be parsed.
pub fn expression_names(expression: &Expression) -> Result<Vec<Vec<String>>, TemplateError> {
    let source = expression.0.as_str();
    PLAIN
        .compile_expression(source)
        .map(|compiled| paths(compiled.undeclared_variables(true)))
        .map_err(|error| TemplateError::from_engine(&error, source))
}

/// Dotted names as paths, without the functions that every template has.
fn paths(names: HashSet<String>) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = names
        .into_iter()
        .filter(|name| !PLAIN.globals().any(|(global, _)| global == name))
        .map(|name| name.split('.').map(str::to_owned).collect())
        .collect();
    paths.sort_unstable();
    paths
}
