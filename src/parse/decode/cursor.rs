use std::cell::RefCell;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Path, Segment};

use super::super::locate::Positions;
use super::super::tree::Tree;
use super::shown;

/// The findings so far.
#[derive(Debug, Default)]
pub(crate) struct Findings(RefCell<Vec<Finding>>);

#[derive(Debug)]
struct Finding {
    diagnostic: Diagnostic,
    /// Its help is to show the value as it is written, in quotes.
    quote: bool,
}

impl Findings {
    fn push(&self, diagnostic: Diagnostic, quote: bool) {
        self.0.borrow_mut().push(Finding { diagnostic, quote });
    }

    /// All of them, with the text looked up where a help shows it.
    pub(crate) fn into_diagnostics(self, text: &str) -> Vec<Diagnostic> {
        let findings = self.0.into_inner();
        let quoted = findings.iter().any(|finding| finding.quote);
        let positions = quoted.then(|| Positions::of(text));
        let finish = |finding: Finding| {
            let positions = positions.as_ref().filter(|_| finding.quote);
            let written = positions.map(|it| it.written(&finding.diagnostic.path));
            match written {
                // An alias says nothing about the value's form.
                Some(written) if !written.is_empty() && !written.starts_with('*') => {
                    let help = format!("write `\"{written}\"`");
                    finding.diagnostic.help(help)
                }
                _ => finding.diagnostic,
            }
        };
        findings.into_iter().map(finish).collect()
    }
}

/// A value of the document, and the way to it.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'c> {
    pub(crate) tree: &'c Tree<'c>,
    way: Way<'c>,
    findings: &'c Findings,
}

/// The way from the root, linked upwards: it costs nothing until there is a finding.
#[derive(Clone, Copy)]
enum Way<'c> {
    Root,
    Key(&'c Way<'c>, &'c str),
    Index(&'c Way<'c>, usize),
    Entry(&'c Way<'c>, usize),
}

impl<'c> Cursor<'c> {
    /// At the root of a document.
    pub(crate) fn root(tree: &'c Tree<'c>, findings: &'c Findings) -> Self {
        let way = Way::Root;
        Self { tree, way, findings }
    }

    /// At the value under a key.
    pub(crate) fn key<'x>(&'x self, key: &'x str, tree: &'x Tree<'x>) -> Cursor<'x> {
        let way = Way::Key(&self.way, key);
        Cursor { tree, way, ..*self }
    }

    /// At an item of a list.
    pub(crate) fn index<'x>(&'x self, index: usize, tree: &'x Tree<'x>) -> Cursor<'x> {
        let way = Way::Index(&self.way, index);
        Cursor { tree, way, ..*self }
    }

    /// At the value of an entry by its position, where its key does not say which one it is.
    pub(crate) fn entry<'x>(&'x self, position: usize, tree: &'x Tree<'x>) -> Cursor<'x> {
        let way = Way::Entry(&self.way, position);
        Cursor { tree, way, ..*self }
    }

    /// What a message calls the value.
    pub(crate) fn name(&self) -> String {
        match self.way {
            Way::Root => "the document".to_owned(),
            Way::Key(_, key) => shown(key),
            Way::Index(Way::Key(_, key), index) => format!("item {} of {}", index + 1, shown(key)),
            Way::Index(..) => "the item".to_owned(),
            Way::Entry(..) => "the value".to_owned(),
        }
    }

    /// A finding about the value, to be reported.
    pub(crate) fn finding(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        let mut segments = Vec::new();
        let mut way = &self.way;
        loop {
            let (parent, segment) = match way {
                Way::Root => break,
                Way::Key(parent, key) => (*parent, Segment::from(*key)),
                Way::Index(parent, index) => (*parent, Segment::Index(*index)),
                Way::Entry(parent, position) => (*parent, Segment::Entry(*position)),
            };
            segments.push(segment);
            way = parent;
        }
        segments.reverse();
        Diagnostic::new(code, Path::from(segments), message)
    }

    /// Reports a finding.
    pub(crate) fn report(&self, finding: Diagnostic) {
        self.findings.push(finding, false);
    }

    /// Reports a finding whose help is the value as it is written, in quotes.
    pub(crate) fn report_unquoted(&self, finding: Diagnostic) {
        self.findings.push(finding, true);
    }

    /// Reports that the value is not of the kind that is wanted, such as `a list`.
    pub(crate) fn wrong_type(&self, wanted: &str) {
        let (name, found) = (self.name(), self.tree.describe());
        let (message, help) = match (self.way, self.tree) {
            (Way::Root, Tree::Null) => {
                let help = "begin it with the version of the format, as in `switchback: 1`";
                ("there is nothing in this file".to_owned(), help.to_owned())
            }
            (_, Tree::Null) => {
                let help = "give it a value, or remove the key".to_owned();
                (format!("{name} has no value; it takes {wanted}"), help)
            }
            (_, tree) => {
                let help = how_to_write(wanted, tree);
                (format!("{name} takes {wanted}, not {found}"), help)
            }
        };
        let finding = self.finding(Code::WrongType, message);
        self.report(finding.label(format!("this is {found}")).help(help));
    }

    /// Reports a value that is of the right kind and still not allowed.
    pub(crate) fn invalid(&self, message: impl Into<String>, help: impl Into<String>) {
        let finding = self.finding(Code::InvalidValue, message);
        self.report(finding.label("not allowed").help(help));
    }
}

/// What to write where something else stands.
fn how_to_write(wanted: &str, instead: &Tree<'_>) -> String {
    let is_template =
        matches!(instead, Tree::Map(entries) if matches!(entries.as_slice(), [(Tree::Map(_), _)]));
    match wanted {
        _ if is_template => "quote a value that begins with `{{`: to YAML it is a mapping".to_owned(),
        "a mapping" => "write keys and their values, as in `{ key: value }`".to_owned(),
        "a list" => "write a list, as in `[one, two]`".to_owned(),
        "text" => "write a text".to_owned(),
        other => format!("write {other}"),
    }
}
