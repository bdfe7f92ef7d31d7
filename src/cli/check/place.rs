//! Where findings are, as programs say it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::source::Span;

use super::gather::Checked;

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// From 1.
    pub(super) line: usize,
    /// In characters, from 1.
    pub(super) column: usize,
    /// From 0.
    pub(super) byte: usize,
}

const START: Place = Place {
    line: 1,
    column: 1,
    byte: 0,
};

/// The findings of a file, each with where it begins and where the text goes on after it.
pub(super) fn placed(file: &Checked) -> Vec<(&Diagnostic, Place, Place)> {
    let span = |finding: &Diagnostic| finding.span.unwrap_or(Span { start: 0, end: 0 });
    let offsets = file.diagnostics.iter().map(span);
    let places = places(&file.source.text, offsets.flat_map(|span| [span.start, span.end]));
    let place = |offset: usize| places.get(&offset).copied().unwrap_or(START);
    let findings = file.diagnostics.iter();
    findings
        .map(|finding| (finding, place(span(finding).start), place(span(finding).end)))
        .collect()
}

/// The place of each offset. The text is gone through once, however many there are.
fn places(text: &str, offsets: impl Iterator<Item = usize>) -> BTreeMap<usize, Place> {
    let mut places: BTreeMap<usize, Place> = offsets.map(|offset| (offset, START)).collect();
    let mut last = START;
    for (offset, place) in &mut places {
        let between = &text[last.byte..text.floor_char_boundary(*offset)];
        let lines = memchr::memchr_iter(b'\n', between.as_bytes()).count();
        let (column, rest) = match between.rsplit_once('\n') {
            Some((_, rest)) => (1, rest),
            None => (last.column, between),
        };
        last = Place {
            line: last.line + lines,
            column: column + rest.chars().count(),
            byte: last.byte + between.len(),
        };
        *place = last;
    }
    places
}

/// A file's name from a folder on, where it is below that; else as it was given.
pub(super) fn relative(name: &str, folder: &Path) -> String {
    let whole = std::path::absolute(name).ok();
    let inside = whole.as_deref().and_then(|whole| whole.strip_prefix(folder).ok());
    inside.map_or_else(|| name.to_owned(), |inside| inside.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::line_and_column;
    use crate::source::Source;

    #[test]
    fn places_are_those_that_a_person_is_shown() {
        let text = "a: ü\n\nb: [日本, x]\r\nc";
        let source = Source::new("test.yaml", text);
        let offsets: Vec<usize> = (0..=text.len() + 3).rev().collect();
        let found = places(text, offsets.iter().copied());
        for offset in offsets {
            let place = found[&offset];
            assert_eq!(
                (place.line, place.column),
                line_and_column(&source, offset),
                "{offset}"
            );
        }
    }
}
