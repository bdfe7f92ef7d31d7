use crate::model::SecretSource;

use super::command::{Defaults, bare};
use super::decode::{Cursor, Fields, text};

/// Where a secret comes from.
///
/// A command that fetches one is not given the environment of the file's `defaults`: secrets may stand in it.
pub(crate) fn secret(at: Cursor<'_>, defaults: &Defaults) -> Option<SecretSource> {
    let mut fields = Fields::of(at, "a secret")?;
    let source = match fields.exactly_one(&["env", "file", "command"]) {
        Some("env") => fields.optional("env", text).map(SecretSource::Env),
        Some("file") => fields.optional("file", text).map(SecretSource::File),
        Some(_) => {
            let command = fields.optional("command", |at| bare(at, &defaults.without_env()));
            command.map(Box::new).map(SecretSource::Command)
        }
        None => None,
    };
    fields.finish();
    source
}
