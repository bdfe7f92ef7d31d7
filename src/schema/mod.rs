//! The format as it is written, as types: for the JSON Schemas by which an editor completes keys, explains them and marks what is wrong.
//!
//! The parser reads a tree by hand, so that all faults come in one go; it has no types that a schema could be made from. These are such types,
//! and nothing else: no value of one is ever made. There is a file for each part of the format, as in `parse`; the documentation of a field is what an
//! author reads who hovers over the key. What the two rooms say is held together by `tests/schema`: they know the same keys and words at the same
//! places, and agree on which documents have the right shape.
//!
//! What the program prints for others to read is the other way round: it is made from the types that are printed themselves.
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

use crate::report::Account;
use crate::traverse::Record;

/// A kind of document that has a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// A runbook.
    Runbook,
    /// The drill of a runbook, `NAME.drill.yaml`.
    Drill,
    /// The tests of a runbook, `NAME.test.yaml`.
    Test,
    /// One line of what a run prints with `--output jsonl`, which is also a record of its journal.
    Events,
    /// The report of a run, which is written and not read: `switchback report RUN --format json`.
    Report,
}

impl Document {
    /// Every kind, by the word for it.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("runbook", Self::Runbook),
        ("drill", Self::Drill),
        ("test", Self::Test),
        ("events", Self::Events),
        ("report", Self::Report),
    ];

    /// Its JSON Schema. Of draft 7, which the language servers of all editors know.
    pub fn schema(self) -> serde_json::Value {
        let mut read = SchemaSettings::draft07();
        read.transforms = finish::of_the_read();
        let mut printed = SchemaSettings::draft07().for_serialize();
        printed.transforms.splice(..0, finish::of_the_printed());
        let (read, printed) = (read.into_generator(), printed.into_generator());
        let schema = match self {
            Self::Runbook => read.into_root_schema_for::<runbook::Runbook>(),
            Self::Drill => read.into_root_schema_for::<drill::Drill>(),
            Self::Test => read.into_root_schema_for::<test::Test>(),
            Self::Events => printed.into_root_schema_for::<Record>(),
            Self::Report => printed.into_root_schema_for::<Account>(),
        };
        schema.to_value()
    }

    /// The same as a text, as it stands in `schemas/`.
    pub fn text(self) -> String {
        format!("{:#}\n", self.schema())
    }
}
