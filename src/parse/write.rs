use crate::diagnostic::Code;
use crate::model::{Content, Template, Write};

use super::ReadFile;
use super::decode::{Cursor, Fields, any_template, shown, template, text, word};

const IF_EXISTS: [(&str, bool); 2] = [("fail", false), ("overwrite", true)];

/// What stands in a file of which nobody says what: an incident note, made of what is on record.
pub const INCIDENT_NOTE: &str = include_str!("incident.md");

/// A file that an action writes.
pub(crate) fn write(at: Cursor<'_>, files: ReadFile<'_>) -> Option<Write> {
    let mut fields = Fields::of(at, "`write`")?;
    let path = fields.required("path", template);
    let content = match fields.at_most_one(&["content", "template"]) {
        Some(Some("content")) => fields.optional("content", any_template).map(Content::Inline),
        Some(Some(_)) => fields.optional("template", |at| file(at, files)),
        Some(None) => Some(Content::Note(Template::from(INCIDENT_NOTE))),
        None => None,
    };
    let overwrite = fields.optional("if_exists", word(&IF_EXISTS));
    fields.finish();
    Some(Write {
        path: path?,
        content: content?,
        overwrite: overwrite.unwrap_or(false),
    })
}

fn file(at: Cursor<'_>, files: ReadFile<'_>) -> Option<Content> {
    let path = text(at)?;
    match files(&path) {
        Ok(text) => {
            let text = Template(text);
            Some(Content::File { path, text })
        }
        Err(why) => {
            let message = format!("the file {} cannot be read: {why}", shown(&path));
            let finding = at.finding(Code::UnreadableFile, message);
            at.report(
                finding
                    .label("not readable")
                    .help("a path starts at the runbook's own folder"),
            );
            None
        }
    }
}
