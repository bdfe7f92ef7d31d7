use crate::diagnostic::{Code, Diagnostic};
use crate::model::Runbook;
use crate::source::Path;
use crate::template::{
    TemplateError, Text, Trail, examine, examine_expression, examine_script, expression_names,
    names as template_names, runbook_texts,
};

use super::boolean;
use super::names::Names;

/// What is wrong with the templates and expressions of a runbook.
pub(super) fn texts(runbook: &Runbook) -> Vec<Diagnostic> {
    let names = Names::new(runbook);
    let mut found = Vec::new();
    runbook_texts(runbook, &mut |at, text| look(&names, at, text, &mut found));
    found
}

fn look(names: &Names<'_>, at: &Trail<'_>, text: Text<'_>, found: &mut Vec<Diagnostic>) {
    let (examined, used) = match text {
        Text::Plain(template) => (examine(template), template_names(template)),
        Text::Script(template) => (examine_script(template), template_names(template)),
        Text::Expression(expression) => (examine_expression(expression), expression_names(expression)),
    };
    if let Err(error) = examined {
        found.push(finding(at.path(), text, &error));
    }
    // A text that does not parse has no names, and has been reported.
    let used = used.unwrap_or_default();
    for path in &used {
        if let Some(unknown) = names.unknown(path) {
            found.push(unknown.at(at.path()));
        }
    }
    if let Text::Expression(expression) = text
        && let Some(what) = boolean::plainly_not(names, expression, &used)
    {
        found.push(
            Diagnostic::new(
                Code::NotABoolean,
                at.path(),
                format!("`{}` is {what}, and must be true or false", expression.0.trim()),
            )
            .label("neither true nor false")
            .help(format!(
                "compare it with something, such as `{} == \"yes\"`",
                expression.0.trim()
            )),
        );
    }
}

fn finding(path: Path, text: Text<'_>, error: &TemplateError) -> Diagnostic {
    let (code, label) = match error {
        TemplateError::Unsafe { .. } => (Code::UnsafeInterpolation, "no escape is safe here"),
        _ => (Code::TemplateSyntax, "cannot be understood"),
    };
    let help = match text {
        Text::Expression(expression)
            if expression.0.contains("{{") || matches!(error, TemplateError::Syntax { .. }) =>
        {
            "an expression stands without braces: `when: answers.x == \"yes\"`".to_owned()
        }
        _ => error.help().unwrap_or_default(),
    };
    Diagnostic::new(code, path, error.to_string())
        .label(label)
        .help(help)
}
