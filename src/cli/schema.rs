use crate::adapter::notify;
use crate::schema::Document;

use super::args::{self, SchemaOf};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;

/// `switchback schema [KIND]`: the JSON Schema of what is read, or of what is printed.
pub(super) fn schema(args: &args::Schema, console: &Console) -> Outcome {
    let text = match args.document {
        SchemaOf::Runbook => Document::Runbook.text(),
        SchemaOf::Drill => Document::Drill.text(),
        SchemaOf::Test => Document::Test.text(),
        SchemaOf::Events => Document::Events.text(),
        SchemaOf::Notification => notify::schema(),
        SchemaOf::Report => Document::Report.text(),
    };
    console.print(&text);
    Ok(Exit::Complete)
}
