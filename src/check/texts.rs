use crate::diagnostic::{Code, Diagnostic};
use crate::model::Runbook;
use crate::source::Path;
use crate::template::{TemplateError, Text, Trail, runbook_texts};

use super::names::Names;
use super::uses::Uses;
use super::{boolean, comparisons, entries, steps};

/// What is wrong with the templates and expressions of a runbook, and what they speak of. They are walked once for all
/// rules, as most of the time goes there.
pub(super) fn texts(runbook: &Runbook) -> (Vec<Diagnostic>, Uses<'_>) {
    let names = Names::new(runbook);
    let (mut found, mut uses) = (Vec::new(), Uses::new(runbook));
    runbook_texts(runbook, &mut |at, text| {
        look(&names, at, text, &mut found, &mut uses);
        found.extend(steps::raw(at, text));
    });
    (found, uses)
}

fn look(names: &Names<'_>, at: &Trail<'_>, text: Text<'_>, found: &mut Vec<Diagnostic>, uses: &mut Uses<'_>) {
    let (examined, used) = text.examine();
    if let Err(error) = examined {
        found.push(finding(at.path(), text, &error));
    }
    for path in &used {
        if let Some(unknown) = names.unknown(path) {
            found.push(unknown.at(at.path()));
        }
        uses.note(at, path);
    }
    if let Text::Plain(template) | Text::Script(template) = text
        && used.iter().any(|path| path[0] == "run")
    {
        found.extend(
            entries::unknown(&template.0)
                .into_iter()
                .map(|unknown| unknown.at(at.path())),
        );
    }
    found.extend(steps::own_captures(names.runbook, at, &used));
    if let Text::Expression(expression) = text {
        found.extend(comparisons::impossible(names.runbook, at, expression));
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
