//! Findings, shown in the text they are about.

use std::fmt::Write;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError, MietteSpanContents,
    Report, SourceCode, SourceSpan, SpanContents,
};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Source;

use super::console::Console;

/// Shows every finding: its place, the line underlined, the code, and what to write instead.
pub(super) fn show(source: &Source, diagnostics: &[Diagnostic], console: &Console) {
    if diagnostics.is_empty() {
        return;
    }
    let theme = match (console.style.colour, console.style.unicode) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme {
            styles: miette::ThemeStyles::ansi(),
            ..GraphicalTheme::ascii()
        },
        (false, true) => GraphicalTheme::unicode_nocolor(),
        (false, false) => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(console.style.width)
        .with_links(false);
    let shared = std::sync::Arc::new(Lines::of(source));
    let mut out = String::new();
    for finding in diagnostics {
        if !out.is_empty() {
            out.push('\n');
        }
        let report = Report::new(of(finding)).with_source_code(std::sync::Arc::clone(&shared));
        if handler.render_report(&mut out, report.as_ref()).is_err() {
            // A place that the handler cannot draw is still said.
            let _ = writeln!(out, "{}: {}", finding.code, finding.message);
        }
    }
    console.say(out.trim_end());
    console.say("");
}

/// A text that knows where its lines begin. Without that each finding is looked for from the start of the text.
#[derive(Debug)]
struct Lines {
    source: Source,
    starts: Vec<usize>,
}

impl Lines {
    fn of(source: &Source) -> Self {
        let text = source.text.as_bytes();
        let ends_line = |at: &usize| match text[*at] {
            b'\r' => text.get(at + 1) != Some(&b'\n'),
            byte => byte == b'\n',
        };
        let ends = (0..text.len()).filter(ends_line);
        Self {
            source: source.clone(),
            starts: std::iter::once(0).chain(ends.map(|end| end + 1)).collect(),
        }
    }
}

impl SourceCode for Lines {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let line = self.starts.partition_point(|start| *start <= span.offset()) - 1;
        let first = line.saturating_sub(before + 1);
        let start = self.starts[first];
        let part = &self.source.text.as_bytes()[start..];
        let near = SourceSpan::from((span.offset() - start, span.len()));
        let contents = part.read_span(&near, before, after)?;
        let place = contents.span();
        Ok(Box::new(MietteSpanContents::new_named(
            self.source.name.clone(),
            contents.data(),
            SourceSpan::from((place.offset() + start, place.len())),
            contents.line() + first,
            contents.column(),
            contents.line_count() + first,
        )))
    }
}

fn of(finding: &Diagnostic) -> MietteDiagnostic {
    let severity = match finding.severity {
        Severity::Error => miette::Severity::Error,
        Severity::Warning => miette::Severity::Warning,
    };
    let mut shown = MietteDiagnostic::new(&finding.message)
        .with_code(finding.code.as_str())
        .with_severity(severity);
    if !finding.help.is_empty() {
        shown = shown.with_help(&finding.help);
    }
    if let Some(span) = finding.span {
        let label = (!finding.label.is_empty()).then(|| finding.label.clone());
        shown = shown.with_label(LabeledSpan::new(label, span.start, span.end - span.start));
    }
    shown
}
