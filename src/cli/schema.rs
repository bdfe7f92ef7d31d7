use crate::schema::Document;

use super::args::{self, SchemaOf};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;

/// `switchback schema [KIND]`: the JSON Schema of the format.
pub(super) fn schema(args: &args::Schema, console: &Console) -> Outcome {
    let document = match args.document {
        SchemaOf::Runbook => Document::Runbook,
        SchemaOf::Drill => Document::Drill,
        SchemaOf::Test => Document::Test,
    };
    console.print(&document.text());
    Ok(Exit::Complete)
}
