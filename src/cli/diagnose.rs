//! Findings, shown in the text they are about.

use std::fmt::Write;

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError, MietteSpanContents,
    Report, SourceCode, SourceSpan, SpanContents,
};

use crate::diagnostic::{Diagnostic, Severity};
use crate::parse::line_and_column;
use crate::source::{Source, Span};

use crate::adapter::reporter::one_line;

use super::console::Console;

/// How many findings are shown: nobody reads more in one go, and a hostile file has no end of them.
const SHOWN_AT_MOST: usize = 100;
/// How much of a text is drawn around a finding.
const DRAWN_AT_MOST: usize = 4_000;

/// Shows the findings: the place of each, the line underlined, the code, and what to write instead.
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
    // An error must not be hidden by a hundred warnings before it.
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics
        .iter()
        .partition(|finding| finding.severity == Severity::Error);
    let few = diagnostics.len() <= SHOWN_AT_MOST;
    let chosen: Vec<&Diagnostic> = if few {
        diagnostics.iter().collect()
    } else {
        errors.into_iter().chain(warnings).take(SHOWN_AT_MOST).collect()
    };
    for finding in chosen {
        if !out.is_empty() {
            out.push('\n');
        }
        let drawn = finding.span.is_none_or(|span| is_short(&source.text, span));
        let report = if drawn {
            Report::new(of(finding)).with_source_code(std::sync::Arc::clone(&shared))
        } else {
            Report::new(placed(source, finding))
        };
        if handler.render_report(&mut out, report.as_ref()).is_err() {
            // A place that the handler cannot draw is still said.
            let _ = writeln!(out, "{}: {}", finding.code, finding.message);
        }
    }
    if !few {
        let more = diagnostics.len() - SHOWN_AT_MOST;
        let _ = write!(out, "\nand {more} more: these are the first {SHOWN_AT_MOST}");
    }
    console.say(out.trim_end());
    console.say("");
}

/// Whether the lines around a span, which are all drawn, are short enough to be.
fn is_short(text: &str, span: Span) -> bool {
    let bytes = text.as_bytes();
    let end = span.end.min(bytes.len());
    let start = span.start.min(end);
    let is_break = |byte: &&u8| **byte == b'\n';
    let before = bytes[..start].iter().rev().take(DRAWN_AT_MOST);
    let after = bytes[end..].iter().take(DRAWN_AT_MOST);
    let near_start = start < DRAWN_AT_MOST || before.filter(is_break).count() > 1;
    let near_end = bytes.len() - end < DRAWN_AT_MOST || after.filter(is_break).count() > 1;
    near_start && near_end && end - start < DRAWN_AT_MOST
}

/// A finding whose line is too long to be drawn, with its place in words.
fn placed(source: &Source, finding: &Diagnostic) -> MietteDiagnostic {
    let mut shown = of(finding);
    let (line, column) = line_and_column(source, finding.span.map_or(0, |span| span.start));
    shown.message = format!("{} ({}:{line}:{column})", shown.message, one_line(&source.name));
    shown.labels = None;
    shown
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
            one_line(&self.source.name),
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
    let mut shown = MietteDiagnostic::new(one_line(&finding.message))
        .with_code(finding.code.as_str())
        .with_severity(severity);
    if !finding.help.is_empty() {
        shown = shown.with_help(one_line(&finding.help));
    }
    if let Some(span) = finding.span {
        let label = (!finding.label.is_empty()).then(|| one_line(&finding.label));
        shown = shown.with_label(LabeledSpan::new(label, span.start, span.end - span.start));
    }
    shown
}
