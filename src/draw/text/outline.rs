use super::super::chart::{Arrow, Chart, Line, Symbol, Trace};
use super::super::marks::{Mark, Tone};
use super::super::rows::{columns, rows};
use super::{Pen, glyph, sign};

/// How wide ids are at most to stand beside their titles.
const WIDEST: usize = 24;

/// Every symbol once, after all that lead to it, with its ways below.
pub(super) fn outline(chart: &Chart<'_>, pen: &Pen<'_>) -> String {
    let mut out = String::new();
    let widths = chart.symbols.iter().map(|symbol| symbol.id.len());
    let ids = widths.filter(|width| *width <= WIDEST).max().unwrap_or(0);
    let mut ways: Vec<Vec<&Arrow<'_>>> = vec![Vec::new(); chart.symbols.len()];
    let mut waits = ways.clone();
    for arrow in &chart.arrows {
        if arrow.line == Line::Wait {
            waits[arrow.to].push(arrow);
        } else {
            ways[arrow.from].push(arrow);
        }
    }
    for position in &chart.order {
        let symbol = &chart.symbols[*position];
        if symbol.kind.is_an_end() {
            continue;
        }
        first_line(&mut out, chart, symbol, ids, pen);
        let margin = margin(chart);
        for label in ["needs", "after"] {
            let names: Vec<&str> = waits[*position]
                .iter()
                .filter(|arrow| arrow.label == label)
                .map(|arrow| chart.symbols[arrow.from].id)
                .collect();
            if !names.is_empty() {
                let indent = margin + 2;
                let text = format!("{label} {}", names.join(", "));
                let rows = wrapped(&text, room(pen, indent));
                for row in rows {
                    push(&mut out, indent, &(pen.paint)(Tone::Faint, &row));
                }
            }
        }
        branches(&mut out, chart, &ways[*position], margin, pen);
    }
    out
}

/// How far the ids are from the left.
fn margin(chart: &Chart<'_>) -> usize {
    if chart.is_marked() { 4 } else { 2 }
}

/// The line of a symbol: mark, sign, id, title; the title goes on below itself.
fn first_line(out: &mut String, chart: &Chart<'_>, symbol: &Symbol<'_>, ids: usize, pen: &Pen<'_>) {
    let tone = match symbol.mark {
        Some(mark) => mark.looks().tone,
        None => Tone::Strong,
    };
    let mut start = String::new();
    if chart.is_marked() {
        let mark = symbol.mark.unwrap_or(Mark::Pending).looks();
        start = format!("{:<2}", glyph(mark, pen));
    }
    start.push_str(&format!("{:<2}", sign(symbol.kind, pen)));
    let beside = symbol.id.len() <= ids && room(pen, margin(chart) + ids + 2) >= WIDEST;
    let indent = margin(chart) + if beside { ids + 2 } else { 2 };
    let mut rows = wrapped(symbol.title, room(pen, indent)).into_iter();
    let id = if beside {
        format!("{start}{:<ids$}  ", symbol.id)
    } else {
        format!("{start}{}", symbol.id)
    };
    out.push_str(&(pen.paint)(tone, &id));
    let of_title = if tone == Tone::Faint {
        Tone::Faint
    } else {
        Tone::Plain
    };
    if beside {
        out.push_str(&(pen.paint)(of_title, &rows.next().unwrap_or_default()));
    }
    out.push('\n');
    for row in rows {
        push(out, indent, &(pen.paint)(of_title, &row));
    }
}

/// The ways out of a symbol, each with where it leads.
fn branches(out: &mut String, chart: &Chart<'_>, ways: &[&Arrow<'_>], margin: usize, pen: &Pen<'_>) {
    let widest = ways.iter().map(|arrow| arrow.label.len()).max().unwrap_or(0);
    for (number, arrow) in ways.iter().enumerate() {
        let is_last = number + 1 == ways.len();
        let line = match (is_last, pen.unicode) {
            (false, true) => "├─ ",
            (true, true) => "└─ ",
            (_, false) => "`- ",
        };
        let head = head_of(arrow.trace, pen);
        let tone = match arrow.trace {
            Trace::Open => Tone::Plain,
            Trace::Taken => Tone::Strong,
            Trace::Dead => Tone::Faint,
        };
        let to = &chart.symbols[arrow.to];
        let name = match to.kind {
            kind if kind.is_an_end() => format!("{} {}", sign(kind, pen), to.id),
            _ => to.id.to_owned(),
        };
        let text = if widest == 0 {
            format!("{head} {name}")
        } else {
            format!("{:<widest$} {head} {name}", arrow.label)
        };
        push(out, margin, &format!("{line}{}", (pen.paint)(tone, &text)));
    }
}

/// How an arrow is written.
fn head_of(trace: Trace, pen: &Pen<'_>) -> &'static str {
    match (trace, pen.unicode) {
        (Trace::Open, true) => "→",
        (Trace::Taken, true) => "⇒",
        (Trace::Dead, true) => "⇢",
        (Trace::Open, false) => "->",
        (Trace::Taken, false) => "=>",
        (Trace::Dead, false) => "..>",
    }
}

/// What its arrows mean.
pub(super) fn legend(pen: &Pen<'_>) -> String {
    let (taken, dead) = (head_of(Trace::Taken, pen), head_of(Trace::Dead, pen));
    format!("{taken} the way taken   {dead} not taken")
}

fn push(out: &mut String, indent: usize, text: &str) {
    out.push_str(&" ".repeat(indent));
    out.push_str(text);
    out.push('\n');
}

/// How many columns are left of an indent.
fn room(pen: &Pen<'_>, indent: usize) -> usize {
    pen.width
        .map_or(usize::MAX, |width| width.saturating_sub(indent).max(8))
}

fn wrapped(text: &str, width: usize) -> Vec<String> {
    rows(text, width as f64, &columns)
}
