use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{OutputSpanKind, Value};

use crate::model::{Expression, Template};

use super::environment::{PLAIN, SCRIPT};
use super::missing::Missing;
use super::object::Root;
use super::shell::{Piece, Script};
use super::{Scope, TemplateError, bounded, bounded_code, is_literal, mark};

/// What a template says, with its values as they are: for arguments, paths and texts.
///
/// # Errors
///
/// What is wrong with the template, or with a value in it.
pub fn render(template: &Template, scope: &Scope) -> Result<String, TemplateError> {
    let source = template.0.as_str();
    if is_literal(source) {
        return Ok(source.to_owned());
    }
    bounded(source)?;
    let missing = Arc::<Missing>::default();
    let text = PLAIN
        .template_from_str(source)
        .and_then(|compiled| compiled.render(root(scope, &missing)))
        .map_err(|error| explained(&error, source, &missing))?;
    complete(&missing)?;
    if text.contains('\0') {
        return Err(refusal());
    }
    Ok(text)
}

/// What a script says, with every value written so that the shell takes it for data.
///
/// # Errors
///
/// What is wrong with the template, with a value in it, or with the place where a value stands.
pub fn render_script(template: &Template, scope: &Scope) -> Result<String, TemplateError> {
    let source = template.0.as_str();
    if source.contains(mark::is_refused) {
        return Err(refusal());
    }
    if is_literal(source) {
        return Ok(source.to_owned());
    }
    bounded(source)?;
    let missing = Arc::<Missing>::default();
    let (text, spans) = SCRIPT
        .template_from_str(source)
        .and_then(|compiled| compiled.render_with_spans(root(scope, &missing)))
        .map_err(|error| explained(&error, source, &missing))?;
    complete(&missing)?;

    let mut script = Script::default();
    let mut end = 0;
    for span in &spans {
        let range = span.output_range();
        let Some(written) = text.get(range.clone()).filter(|_| range.start == end) else {
            return Err(unaccounted());
        };
        end = range.end;
        script.push(match span.kind() {
            OutputSpanKind::Raw => Piece::Script(written),
            _ => Piece::of_value(
                written,
                source.get(span.source_range()).unwrap_or("value"),
                span.line(),
            ),
        });
    }
    if end != text.len() {
        return Err(unaccounted());
    }
    script.write()
}

/// Whether an expression holds.
///
/// # Errors
///
/// What is wrong with it; that it is neither true nor false, such as `a and missing`, is an error too.
pub fn evaluate(expression: &Expression, scope: &Scope) -> Result<bool, TemplateError> {
    let source = expression.0.as_str();
    bounded_code(source, 1)?;
    let missing = Arc::<Missing>::default();
    let value = PLAIN
        .compile_expression(source)
        .and_then(|compiled| compiled.eval(root(scope, &missing)))
        .map_err(|error| explained(&error, source, &missing))?;
    complete(&missing)?;
    if value.kind() == ValueKind::Bool {
        return Ok(value.is_true());
    }
    Err(TemplateError::NotABoolean {
        found: match value.kind() {
            ValueKind::Undefined => "undefined".to_owned(),
            kind => format!("a {kind}"),
        },
    })
}

/// The names, as the engine asks for them.
fn root(scope: &Scope, missing: &Arc<Missing>) -> Value {
    Value::from_object(Root::of(scope, missing))
}

/// An error of the engine; which name was missing is known better here.
fn explained(error: &minijinja::Error, source: &str, missing: &Missing) -> TemplateError {
    match TemplateError::from_engine(error, source) {
        TemplateError::Undefined { expression, line } => TemplateError::Undefined {
            expression: missing.first().unwrap_or(expression),
            line,
        },
        other => other,
    }
}

/// Refuses what was made with a name that was not there.
fn complete(missing: &Missing) -> Result<(), TemplateError> {
    match missing.first() {
        None => Ok(()),
        Some(expression) => Err(TemplateError::Undefined {
            expression,
            line: None,
        }),
    }
}

/// Text that cannot be given to any process.
fn refusal() -> TemplateError {
    TemplateError::Value {
        message: mark::REFUSAL.to_owned(),
        line: None,
    }
}

/// Output of which the engine does not say where it comes from is never taken for script.
fn unaccounted() -> TemplateError {
    TemplateError::Value {
        message: "a part of the script has no known origin".to_owned(),
        line: None,
    }
}
