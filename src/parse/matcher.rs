use crate::model::{JsonMatcher, Matcher};

use super::decode::{Cursor, Fields, any_template, any_text, integer, json, regex};

/// What a text must be.
pub(crate) fn matcher(at: Cursor<'_>) -> Option<Matcher> {
    let mut fields = Fields::of(at, "a matcher")?;
    let matcher = Matcher {
        equals: fields.optional("equals", any_template),
        contains: fields.optional("contains", any_template),
        starts_with: fields.optional("starts_with", any_template),
        ends_with: fields.optional("ends_with", any_template),
        matches: fields.optional("matches", |at| regex(at).map(|it| it.to_string())),
        json: fields.optional("json", json_matcher),
    };
    if fields.keys().next().is_none() {
        let message = format!("{} has nothing to match", at.name());
        at.invalid(
            message,
            "write `{ contains: TEXT }`, for example, or remove the key",
        );
    }
    fields.finish();
    Some(matcher)
}

fn json_matcher(at: Cursor<'_>) -> Option<JsonMatcher> {
    let mut fields = Fields::of(at, "a `json` matcher")?;
    let pointer = fields.required("pointer", pointer);
    let one = fields.exactly_one(&["equals", "length"]);
    let equals = fields.optional("equals", json);
    let length = fields.optional("length", integer(0, i64::from(u32::MAX)));
    fields.finish();
    one?;
    Some(JsonMatcher {
        pointer: pointer?,
        equals,
        length,
    })
}

/// A JSON pointer.
pub(crate) fn pointer(at: Cursor<'_>) -> Option<String> {
    let text = any_text(at)?;
    if text.is_empty() || text.starts_with('/') {
        return Some(text);
    }
    let message = format!("{} is not a JSON pointer", at.name());
    at.invalid(
        message,
        "begin it with `/`, as in `/items/0/name`; `\"\"` is the whole document",
    );
    None
}
