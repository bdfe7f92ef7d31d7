//! What the parser says of the shape of a document, and what the schema says.

use switchback::diagnostic::{Code, Diagnostic, Severity};
use switchback::parse;
use switchback::schema::Document;
use switchback::source::Source;

/// What a fault is about.
#[derive(PartialEq)]
enum About {
    /// The text: a schema is asked about no document of it.
    Text,
    /// The shape, which a schema can see; but for messages with one of these in them, each with the reason why not.
    Shape(&'static [(&'static str, &'static str)]),
    /// The meaning, of which a schema knows nothing.
    Meaning,
}

const LIMITS: &str = "the limits of a value stand elsewhere in the document";

fn about(code: Code) -> About {
    match code {
        Code::Syntax | Code::TooLarge | Code::TooDeep | Code::Tag | Code::DuplicateKey => About::Text,
        Code::UnsupportedVersion
        | Code::UnknownField
        | Code::MissingField
        | Code::InvalidId
        | Code::QuestionWithoutChoices
        | Code::ConflictingFields
        | Code::RetryWithoutIdempotent => About::Shape(&[]),
        Code::WrongType | Code::UnquotedString => {
            About::Shape(&[("a key must be text", "to JSON every key is one")])
        }
        Code::InvalidValue => About::Shape(&[
            ("is not a regular expression", "a schema compiles none"),
            ("is none of the question's choices", LIMITS),
            ("must be one of ", LIMITS),
            ("must match ", LIMITS),
            ("must be at least ", LIMITS),
            ("must be at most ", LIMITS),
            ("must be an absolute address", LIMITS),
            ("`min` is greater than `max`", LIMITS),
            (
                "the first item of ",
                "for the first item alone a schema ends the completion of the others",
            ),
        ]),
        // What else there is, and will be: nodes, names, templates, how steps may be done.
        _ => About::Meaning,
    }
}

fn is_of_shape(finding: &Diagnostic) -> bool {
    match about(finding.code) {
        About::Shape(but) => but.iter().all(|(message, _)| !finding.message.contains(message)),
        About::Text | About::Meaning => false,
    }
}

/// Every error that the parser finds.
pub(crate) fn findings(document: Document, text: &str) -> Vec<Diagnostic> {
    let source = Source::new("document.yaml", text);
    let mut found = match document {
        Document::Runbook => parse::runbook(&source, &|_| Ok(String::new())).diagnostics,
        Document::Drill => parse::drill(&source).diagnostics,
        Document::Test => parse::test(&source).diagnostics,
        printed => panic!("{printed:?} is not read"),
    };
    found.retain(|finding| finding.severity == Severity::Error);
    found
}

/// Holds the schema of a kind of document against the parser.
pub(crate) struct Judge {
    document: Document,
    schema: jsonschema::Validator,
}

impl Judge {
    pub(crate) fn of(document: Document) -> Self {
        let schema = jsonschema::draft7::new(&document.schema()).expect("it is a schema");
        Self { document, schema }
    }

    /// Whether the shape of a text is right, where both say the same of it; nothing where a schema cannot be asked.
    pub(crate) fn agrees(&self, text: &str) -> Result<Option<bool>, String> {
        let found = findings(self.document, text);
        if found.iter().any(|finding| about(finding.code) == About::Text) {
            return Ok(None);
        }
        let Ok(value) = serde_yaml::from_str::<serde_json::Value>(text) else {
            return Ok(None);
        };
        let faults: Vec<&Diagnostic> = found.iter().filter(|finding| is_of_shape(finding)).collect();
        match (faults.as_slice(), self.schema.is_valid(&value)) {
            ([], true) => Ok(Some(true)),
            ([], false) => {
                let objections = self.schema.iter_errors(&value);
                let objections = objections.map(|error| format!("{}: {error}", error.instance_path()));
                Err(format!(
                    "only the schema objects: {:#?}",
                    objections.collect::<Vec<_>>()
                ))
            }
            (faults, true) => {
                let faults: Vec<_> = faults.iter().map(|fault| (fault.code, &fault.message)).collect();
                Err(format!("only the parser objects: {faults:#?}"))
            }
            (_, false) => Ok(Some(false)),
        }
    }
}
