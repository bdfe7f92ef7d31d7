use crate::schema::Document;

use super::args::{self, SchemaOf};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;

/// `switchback schema [KIND]`: the JSON Schema of what is read, or of what is printed.
pub(super) fn schema(args: &args::Schema, console: &Console) -> Outcome {
    let document = match args.document {
        SchemaOf::Runbook => Document::Runbook,
        SchemaOf::Drill => Document::Drill,
        SchemaOf::Test => Document::Test,
        SchemaOf::Events => Document::Events,
    };
    console.print(&document.text());
    Ok(Exit::Complete)
}
