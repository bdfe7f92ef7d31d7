//! Findings get their place in the text only here, when there is something to show.

use crate::diagnostic::{Diagnostic, Target};
use crate::source::{Path, Source, Span};

use super::spans::Spans;

/// Fills in the span of every finding that has none, from its path and target, and sorts them by place.
///
/// The longest part of a path that exists counts, as a file may use a short form.
pub fn locate(source: &Source, diagnostics: &mut [Diagnostic]) {
    if diagnostics.iter().any(|finding| finding.span.is_none()) {
        let positions = Positions::of(&source.text);
        for finding in diagnostics.iter_mut() {
            let (path, target) = (&finding.path, finding.target);
            let span = finding.span;
            finding.span = span.or_else(|| Some(positions.find(path, target)));
        }
    }
    diagnostics.sort_by(|a, b| (a.span, a.code, &a.path).cmp(&(b.span, b.code, &b.path)));
}

/// The places of a document's values. To find them, the whole text is read: it is made once for all that is looked for.
pub struct Positions<'a> {
    text: &'a str,
    root: Spans<'a>,
}

impl<'a> Positions<'a> {
    /// The places of the values of a text.
    pub fn of(text: &'a str) -> Self {
        let root = Spans::of(text);
        Self { text, root }
    }

    /// The stretch to be marked: of what goes over several lines, the first.
    pub(crate) fn find(&self, path: &Path, target: Target) -> Span {
        let (key, Spans { span: value, .. }, whole) = self.walk(path);
        let span = match key {
            // A key without a value stands for the nothing that follows it.
            Some(key) if whole && (target == Target::Key || value.start == value.end) => key,
            _ => *value,
        };
        self.first_line(span)
    }

    /// The value as it is written.
    pub(crate) fn written(&self, path: &Path) -> &'a str {
        let (_, Spans { span, .. }, whole) = self.walk(path);
        let text = whole.then(|| self.text.get(span.start..span.end)).flatten();
        text.unwrap_or_default()
    }

    /// Where the value that a path leads to is written: exactly its own text, from its first byte to its last. None if the path leads nowhere.
    pub fn place(&self, path: &Path) -> Option<Span> {
        let (key, value, whole) = self.walk(path);
        let before = key.map_or(value.span.start, |key| key.end);
        // A text of several lines begins after its sign.
        let sign = self.text.get(before..value.span.start)?.find(['|', '>']);
        let span = Span {
            start: sign.map_or(value.span.start, |sign| before + sign),
            end: value.last(self.text),
        };
        let text = self.text.get(span.start..span.end).filter(|_| whole)?;
        Some(Span {
            end: span.start + text.trim_end().len(),
            ..span
        })
    }

    /// The last key and value on a path, and whether the path goes no further.
    fn walk(&self, path: &Path) -> (Option<Span>, &Spans<'a>, bool) {
        let (mut key, mut value) = (None, &self.root);
        for segment in path.segments() {
            match value.step(segment) {
                Some(next) => (key, value) = next,
                None => return (key, value, false),
            }
        }
        (key, value, true)
    }

    fn first_line(&self, span: Span) -> Span {
        let text = self.text.get(span.start..span.end).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default().trim_end();
        Span {
            end: span.start + line.len(),
            ..span
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Segment;

    const TEXT: &str = "a:\n  b: [x, y]\n  'c': |\n    text\n  b: z\nd:\n";

    fn found(path: Path, target: Target) -> &'static str {
        let span = Positions::of(TEXT).find(&path, target);
        &TEXT[span.start..span.end]
    }

    #[test]
    fn a_path_leads_to_a_key_or_a_value() {
        assert_eq!(found(Path::from(["a", "b"]).join(1), Target::Value), "y");
        assert_eq!(found(Path::from(["a", "c"]), Target::Key), "'c'");
        let second = Path::from(["a"]).join(Segment::Entry(2));
        assert_eq!(found(second, Target::Value), "z");
    }

    #[test]
    fn a_value_is_placed_to_its_last_byte() {
        let text = "a:\n  b:\n    - x\n    - {y: 1}\n\n  # about c\n  c: |\n    one\n\n    two\n\n# the end\nd: [1,\n  2] # two\ne: 'f'\n";
        let placed = |path: Path| {
            let span = Positions::of(text).place(&path);
            span.map(|span| &text[span.start..span.end])
        };
        assert_eq!(placed(Path::from(["a", "b"])), Some("- x\n    - {y: 1}"));
        assert_eq!(placed(Path::from(["a", "c"])), Some("|\n    one\n\n    two"));
        assert_eq!(placed(Path::from(["d"])), Some("[1,\n  2]"));
        assert_eq!(placed(Path::from(["e"])), Some("'f'"));
        assert!(placed(Path::from(["a"])).is_some_and(|all| all.starts_with("b:") && all.ends_with("two")));
        assert_eq!(placed(Path::from(["a", "z"])), None);
    }

    #[test]
    fn of_a_path_that_is_too_long_the_deepest_value_counts() {
        assert_eq!(
            found(Path::from(["a", "b"]).join(0).join("next"), Target::Key),
            "x"
        );
    }

    #[test]
    fn a_missing_value_is_shown_by_its_key_and_a_long_one_by_its_first_line() {
        assert_eq!(found(Path::from(["d"]), Target::Value), "d");
        assert_eq!(found(Path::from(["a"]), Target::Value), "b: [x, y]");
    }
}
