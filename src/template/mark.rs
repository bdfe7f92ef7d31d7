//! What the formatter of scripts writes beside values, in characters that Unicode keeps out of texts.
//!
//! Marks say what kind of value was written; that a value was written at all is known from the engine's output spans, which
//! no value can forge. A text that has [`LIST`] or [`RAW`] in it was made from a list or from raw script, and is refused.

use serde_json::Value as Json;

/// An empty text, as empty output leaves no span.
pub(super) const EMPTY: char = '\u{fdd0}';
/// Before each item of a list.
pub(super) const LIST: char = '\u{fdd1}';
/// Before script that is put in as it is.
pub(super) const RAW: char = '\u{fdd2}';

/// Why a value is refused that has a mark or a NUL in it.
pub(super) const REFUSAL: &str =
    "a value has a character in it that no text may have (NUL or a Unicode non-character)";

/// Whether a character is refused in values and in scripts.
pub(super) fn is_refused(c: char) -> bool {
    matches!(c, '\0' | EMPTY | LIST | RAW)
}

/// A value without such characters: each is replaced by the sign for one that is not known.
pub(super) fn replaced(json: Json) -> Json {
    let replaced = |text: String| match text.contains(is_refused) {
        true => text.replace(is_refused, "\u{fffd}"),
        false => text,
    };
    match json {
        Json::String(text) => Json::String(replaced(text)),
        Json::Array(items) => items.into_iter().map(self::replaced).collect(),
        Json::Object(entries) => entries
            .into_iter()
            .map(|(key, value)| (replaced(key), self::replaced(value)))
            .collect(),
        other => other,
    }
}

/// Whether such a character is anywhere in a value.
pub(super) fn is_in(json: &Json) -> bool {
    match json {
        Json::String(text) => text.contains(is_refused),
        Json::Array(items) => items.iter().any(is_in),
        Json::Object(entries) => entries
            .iter()
            .any(|(key, value)| key.contains(is_refused) || is_in(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}
