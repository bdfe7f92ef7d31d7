//! Exceptions from the rules of `check`.

use crate::diagnostic::{Code, Severity, nearest};
use crate::model::Allowance;

use super::decode::{Cursor, Fields, map, shown, text};

/// The findings that are allowed here, by their codes, each with its reason.
pub(crate) fn allow(fields: &mut Fields<'_>) -> Vec<Allowance> {
    let reasons = fields.optional("allow", |at| map(at, code, |_, at| text(at)));
    let allowance = |(code, reason): (Code, String)| Allowance {
        code: code.as_str().to_owned(),
        reason,
    };
    reasons.into_iter().flatten().map(allowance).collect()
}

/// The code of a finding that can be allowed: one that does not keep the runbook from being run.
fn code(at: Cursor<'_>, key: &str) -> Option<Code> {
    let allowed = || Code::ALL.iter().filter(|code| code.can_be_allowed());
    let refuse = |message: String, help: String| {
        let finding = at.finding(Code::InvalidValue, message).at_key();
        at.report(finding.label("cannot be allowed").help(help));
        None
    };
    match Code::ALL.iter().find(|code| code.as_str() == key) {
        Some(code) if code.can_be_allowed() => Some(*code),
        Some(code) if code.severity() == Severity::Error => refuse(
            format!("{} is an error, and cannot be allowed", shown(key)),
            "mend what it finds: with an error the runbook is not run".to_owned(),
        ),
        Some(_) => refuse(
            format!(
                "{} says that an exception is not needed, and cannot be one",
                shown(key)
            ),
            "remove the exception under which nothing is found".to_owned(),
        ),
        None => refuse(
            format!("there is no finding {}", shown(key)),
            match nearest(key, allowed().map(|code| code.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "write the code that stands in the warning, such as `unverified-change`".to_owned(),
            },
        ),
    }
}
