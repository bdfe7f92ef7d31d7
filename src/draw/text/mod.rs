mod layered;
mod outline;

use super::chart::{Chart, Kind};
use super::marks::{Looks, Tone};
use super::rows::columns;

/// How a text is put on paper.
pub struct Pen<'a> {
    /// How many columns there are; none is as many as it takes.
    pub width: Option<usize>,
    /// Whether characters other than ASCII are used.
    pub unicode: bool,
    /// Makes a piece of text harmless, and gives it the colour of its tone.
    pub paint: &'a dyn Fn(Tone, &str) -> String,
}

/// The flowchart as text, with a legend below: drawn top to bottom where that fits, else as an outline, which always does.
pub fn text(chart: &Chart<'_>, pen: &Pen<'_>) -> String {
    let (body, ways) = match layered::layered(chart, pen) {
        Some(drawing) => (drawing, layered::LEGEND.to_owned()),
        None => (outline::outline(chart, pen), outline::legend(pen)),
    };
    format!("{body}\n{}", legend(chart, &ways, pen))
}

/// What stands before the id of a symbol.
fn sign(kind: Kind, pen: &Pen<'_>) -> &'static str {
    match (kind, pen.unicode) {
        (Kind::Question, _) => "?",
        (Kind::Work, _) => "",
        (Kind::Manual, true) => "☞",
        (Kind::Manual, false) => "@",
        (Kind::Milestone, true) => "○",
        (Kind::Milestone, false) => "o",
        (Kind::Stop, true) => "■",
        (Kind::Stop, false) => "#",
        (Kind::End, true) => "·",
        (Kind::End, false) => ".",
    }
}

fn glyph(looks: Looks, pen: &Pen<'_>) -> &'static str {
    if pen.unicode { looks.unicode } else { looks.ascii }
}

fn legend(chart: &Chart<'_>, ways: &str, pen: &Pen<'_>) -> String {
    let kinds = chart.kinds().filter(|kind| *kind != Kind::Work);
    let kinds: Vec<String> = kinds
        .map(|kind| format!("{} {}", sign(kind, pen), kind.word()))
        .collect();
    let marks = chart.marks().map(|mark| {
        let looks = mark.looks();
        let text = format!("{} {}", glyph(looks, pen), looks.word);
        (looks.tone, text)
    });
    let mut out = String::new();
    for entries in [
        kinds
            .into_iter()
            .map(|text| (Tone::Plain, text))
            .collect::<Vec<_>>(),
        marks.collect(),
        chart
            .is_marked()
            .then(|| (Tone::Plain, ways.to_owned()))
            .into_iter()
            .collect(),
    ] {
        out.push_str(&in_rows(&entries, pen));
    }
    if !chart.caption.is_empty() {
        out.push_str(&(pen.paint)(Tone::Strong, &chart.caption));
        out.push('\n');
    }
    out
}

/// Entries side by side, as many as fit in a line.
fn in_rows(entries: &[(Tone, String)], pen: &Pen<'_>) -> String {
    let mut out = String::new();
    let mut column = 0;
    for (tone, text) in entries {
        let width = text.chars().map(columns).sum::<f64>() as usize;
        if column > 0 && pen.width.is_some_and(|all| column + 3 + width > all) {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push_str("   ");
            column += 3;
        }
        out.push_str(&(pen.paint)(*tone, text));
        column += width;
    }
    if column > 0 {
        out.push('\n');
    }
    out
}
