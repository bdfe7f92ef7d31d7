use std::borrow::Cow;

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

/// What a value reads as: a text as it is, anything else as JSON.
pub(super) fn text(value: &Value) -> Result<Cow<'_, str>, Error> {
    if let Some(text) = value.as_str() {
        return Ok(Cow::Borrowed(text));
    }
    match value.kind() {
        ValueKind::None => Err(refuse(
            "a value is null; where it may be, write `| default(\"\", true)`",
        )),
        ValueKind::Undefined => Ok(Cow::Borrowed("")),
        _ => serde_json::to_string(value)
            .map(Cow::Owned)
            .map_err(|_| refuse("a value has no text: write what of it is meant")),
    }
}

/// An error about a value.
pub(super) fn refuse(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
