use std::collections::BTreeMap;

use ascii_dag::render::engine::{EdgeStyle, EdgeStyleCtx, LineWeight};
use ascii_dag::{Graph, RenderOptions};

use super::super::chart::{Arrow, Chart, Kind, Line, Symbol, Trace};
use super::super::marks::{Mark, Tone};
use super::{Pen, glyph, sign};

/// How many symbols are laid out: what more there is would not fit on a screen, and the time it takes grows fast.
const AT_MOST: usize = 60;

/// What stands before the label of an arrow that a run went along, and of one that it did not.
const TAKEN: char = '✓';
const DEAD: char = '–';

/// What its lines mean.
pub(super) const LEGEND: &str = "═ the way taken";

/// Symbols and arrows, top to bottom; none if that does not fit, leaves something out, or would mislead. What only waits is listed below it.
pub(super) fn layered(chart: &Chart<'_>, pen: &Pen<'_>) -> Option<String> {
    if chart.symbols.len() > AT_MOST || !pen.unicode {
        return None;
    }
    let labels: Vec<String> = chart.symbols.iter().map(|symbol| label(symbol, pen)).collect();
    let mut drawing = Graph::new();
    for (position, label) in labels.iter().enumerate() {
        drawing.add_node(number(chart, position), label.as_str());
    }
    let lines = lines(chart);
    if !can_share(&lines) {
        return None;
    }
    for ((from, to), label) in &lines {
        let label = (!label.is_empty()).then_some(label.as_str());
        drawing.add_edge(number(chart, *from), number(chart, *to), label);
    }
    let mut options = RenderOptions::plain();
    if chart.is_marked() {
        options.plan.edge_style_fn = style;
    }
    let layout = drawing.compute_layout();
    if pen.width.is_some_and(|width| layout.width() > width) {
        return None;
    }
    let drawn = layout.render_string(&options);
    let is_whole = lines.values().all(|label| drawn.contains(label.as_str()));
    if !is_whole {
        return None;
    }
    let mut rows: Vec<Vec<char>> = drawn
        .lines()
        .map(|row| row.trim_end().chars().collect())
        .collect();
    while rows.last().is_some_and(Vec::is_empty) {
        rows.pop();
    }
    let mut boxes: BTreeMap<usize, Vec<(usize, usize, Tone)>> = BTreeMap::new();
    for node in layout.nodes() {
        if let Some(symbol) = chart.symbols.get(node.id >> 1) {
            let row = boxes.entry(node.y).or_default();
            row.push((node.x, node.x + node.width, tone(symbol)));
        }
    }
    let mut out = String::new();
    for (y, row) in rows.iter().enumerate() {
        out.push_str(&painted(row, boxes.get(&y).map_or(&[], Vec::as_slice), pen));
        out.push('\n');
    }
    for arrow in chart.arrows.iter().filter(|arrow| arrow.line == Line::Wait) {
        let Arrow { from, to, label, .. } = *arrow;
        let line = format!("{} {label} {}", chart.symbols[to].id, chart.symbols[from].id);
        out.push_str(&format!("\n{}", (pen.paint)(Tone::Faint, &line)));
    }
    if chart.arrows.iter().any(|arrow| arrow.line == Line::Wait) {
        out.push('\n');
    }
    Some(out)
}

/// The number of a symbol in the drawing. The last bit says whether a run passed it, for the style of a line is told by numbers and labels alone.
fn number(chart: &Chart<'_>, position: usize) -> usize {
    let has_passed = matches!(chart.symbols[position].mark, Some(Mark::Done | Mark::NotNeeded));
    position << 1 | usize::from(has_passed)
}

/// Several ways between the same two symbols are one line with all their labels.
fn lines(chart: &Chart<'_>) -> BTreeMap<(usize, usize), String> {
    let mut lines: BTreeMap<(usize, usize), Vec<&Arrow<'_>>> = BTreeMap::new();
    for arrow in chart.arrows.iter().filter(|arrow| arrow.line != Line::Wait) {
        lines.entry((arrow.from, arrow.to)).or_default().push(arrow);
    }
    let labelled = |arrows: Vec<&Arrow<'_>>| {
        let labels: Vec<&str> = arrows.iter().map(|arrow| arrow.label).collect();
        let label = labels.join(" | ");
        let has = |trace| arrows.iter().any(|arrow| arrow.trace == trace);
        if label.is_empty() {
            label
        } else if has(Trace::Taken) {
            format!("{TAKEN} {label}")
        } else if has(Trace::Dead) {
            format!("{DEAD} {label}")
        } else {
            label
        }
    };
    lines
        .into_iter()
        .map(|(ends, arrows)| (ends, labelled(arrows)))
        .collect()
}

/// Whether the lines that lead to the same symbol say the same. They meet above their labels, so that of two with different ones each would
/// seem to have that of the other.
fn can_share(lines: &BTreeMap<(usize, usize), String>) -> bool {
    let mut labels: BTreeMap<usize, &str> = BTreeMap::new();
    lines
        .iter()
        .all(|((_, to), label)| *labels.entry(*to).or_insert(label) == label)
}

/// A line that a run went along is double.
fn style(line: EdgeStyleCtx<'_>) -> EdgeStyle {
    let is_taken = match line.label {
        Some(label) => label.starts_with(TAKEN),
        None => line.from_id & 1 == 1,
    };
    EdgeStyle {
        weight: is_taken.then_some(LineWeight::Double),
        ..EdgeStyle::default()
    }
}

fn label(symbol: &Symbol<'_>, pen: &Pen<'_>) -> String {
    let mark = symbol
        .mark
        .filter(|mark| *mark != Mark::Pending && !symbol.kind.is_an_end());
    let mark = mark.map_or("", |mark| glyph(mark.looks(), pen));
    let parts = [mark, sign(symbol.kind, pen), symbol.id];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn tone(symbol: &Symbol<'_>) -> Tone {
    match symbol.mark {
        Some(mark) => mark.looks().tone,
        None if symbol.kind == Kind::Question => Tone::Strong,
        None => Tone::Plain,
    }
}

/// A row with its boxes in their tones, and the lines between them faint.
fn painted(row: &[char], boxes: &[(usize, usize, Tone)], pen: &Pen<'_>) -> String {
    let piece = |from: usize, to: usize| {
        row[from.min(row.len())..to.min(row.len())]
            .iter()
            .collect::<String>()
    };
    let mut boxes = boxes.to_vec();
    boxes.sort_by_key(|(start, ..)| *start);
    let mut out = String::new();
    let mut done = 0;
    for (start, end, tone) in boxes {
        out.push_str(&piece(done, start));
        out.push_str(&(pen.paint)(tone, &piece(start, end)));
        done = end;
    }
    out.push_str(&piece(done, row.len()));
    out
}
