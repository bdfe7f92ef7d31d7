use crate::diagnostic::Code;
use crate::model::Gate;

use super::allow::allow;
use super::check::checks;
use super::command::Defaults;
use super::decode::{
    Cursor, Fields, all_of, boolean, distinct, expression, filled, id, non_empty, template, text,
};

/// What closes a gate; each of them that is given must.
const CLOSING: &[&str] = &["verify", "attest", "decide"];

/// A completion gate.
pub(crate) fn gate(id_of_gate: &str, at: Cursor<'_>, defaults: &Defaults) -> Option<Gate> {
    let mut fields = Fields::of(at, "a gate")?;
    let title = fields.required("title", text);
    let when = fields.optional("when", expression);
    let verify = fields.optional("verify", |at| {
        filled(at)?;
        checks(at, defaults)
    });
    let attest = fields.optional("attest", template);
    let decide = fields.optional("decide", |at| distinct(at, non_empty(at, id)?));
    let by = fields.optional("by", |at| non_empty(at, text));
    let in_advance = fields.optional("in_advance", boolean);
    let required = fields.optional("required", boolean);
    if fields.present(CLOSING).is_empty() {
        let message = "a gate that holds nothing would always be closed";
        let finding = at.finding(Code::ConflictingFields, message).at_key();
        let help = format!("add one of {}", all_of(CLOSING.iter().copied()));
        at.report(finding.label("nothing closes it").help(help));
    }
    if fields.present(&["attest", "decide"]).is_empty() {
        for key in fields.present(&["by", "in_advance"]) {
            let message = format!("`{key}` has no meaning in a gate that no person closes");
            fields.conflict(
                key,
                message,
                format!("add `attest` or `decide`, or remove `{key}`"),
            );
        }
    }
    let allow = allow(&mut fields);
    fields.finish();
    Some(Gate {
        id: id_of_gate.into(),
        title: title?,
        when,
        verify: verify.unwrap_or_default(),
        attest,
        decide: decide.unwrap_or_default(),
        by: by.unwrap_or_default(),
        in_advance: in_advance.unwrap_or(true),
        required: required.unwrap_or(true),
        allow,
    })
}
