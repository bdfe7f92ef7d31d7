//! The format as it is written, as types: for the JSON Schemas by which an editor completes keys, explains them and marks what is wrong.
//!
//! The parser reads a tree by hand, so that all faults come in one go; it has no types that a schema could be made from. These are such types,
//! and nothing else: no value of one is ever made. There is a file for each part of the format, as in `parse`; the documentation of a field is what an
//! author reads who hovers over the key. What the two rooms say is held together by `tests/schema`: they know the same keys and words at the same
//! places, and agree on which documents have the right shape.
//!
//! A schema knows one document and no meaning: whether a node exists, a template can be rendered or a pattern compiles is for `check` to say.

pub mod action;
pub mod check;
pub mod command;
pub mod drill;
pub mod gate;
pub mod node;
pub mod notify;
pub mod parameter;
pub mod question;
pub mod runbook;
pub mod scalar;
pub mod test;

mod finish;
mod rule;

use schemars::generate::SchemaSettings;

/// A kind of document that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// A runbook.
    Runbook,
    /// The drill of a runbook, `NAME.drill.yaml`.
    Drill,
    /// The tests of a runbook, `NAME.test.yaml`.
    Test,
}

impl Document {
    /// Every kind, by the word for it.
    pub const WORDS: [(&'static str, Self); 3] = [
        ("runbook", Self::Runbook),
        ("drill", Self::Drill),
        ("test", Self::Test),
    ];

    /// Its JSON Schema. Of draft 7, which the language servers of all editors know.
    pub fn schema(self) -> serde_json::Value {
        let mut settings = SchemaSettings::draft07();
        settings.transforms = finish::transforms();
        let generator = settings.into_generator();
        let schema = match self {
            Self::Runbook => generator.into_root_schema_for::<runbook::Runbook>(),
            Self::Drill => generator.into_root_schema_for::<drill::Drill>(),
            Self::Test => generator.into_root_schema_for::<test::Test>(),
        };
        schema.to_value()
    }

    /// The same as a text, as it stands in `schemas/`.
    pub fn text(self) -> String {
        format!("{:#}\n", self.schema())
    }
}
