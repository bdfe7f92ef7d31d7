use std::fmt::Write;

use super::chart::{Chart, Kind, Line, Symbol, Trace};
use super::marks::{Mark, Tone};
use super::rows::{columns, rows};

/// The flowchart in DOT, for Graphviz.
pub fn dot(chart: &Chart<'_>) -> String {
    let mut out = format!(
        "digraph \"{}\" {{\n    node [fontname=\"sans-serif\", style=filled];\n    edge [fontname=\"sans-serif\", color=\"#64748b\"];\n",
        escaped(chart.name)
    );
    // Writing to a String cannot fail; the results are only there because the trait is shared.
    for symbol in &chart.symbols {
        let _ = writeln!(
            out,
            "    \"{}\" [{}, label=\"{}\"];",
            symbol.name,
            look(symbol),
            escaped(&label(symbol))
        );
    }
    for arrow in &chart.arrows {
        let mut attributes = match (arrow.label, arrow.line) {
            ("", _) => Vec::new(),
            (label, _) => vec![format!("label=\"{}\"", escaped(label))],
        };
        if arrow.line == Line::Wait {
            attributes.push("style=dashed".to_owned());
        }
        match arrow.trace {
            Trace::Open => {}
            Trace::Taken => attributes.push("color=\"#0f172a\", penwidth=3".to_owned()),
            Trace::Dead => attributes.push("color=\"#cbd5e1\", fontcolor=\"#94a3b8\"".to_owned()),
        }
        let (from, to) = (&chart.symbols[arrow.from].name, &chart.symbols[arrow.to].name);
        let _ = if attributes.is_empty() {
            writeln!(out, "    \"{from}\" -> \"{to}\";")
        } else {
            writeln!(out, "    \"{from}\" -> \"{to}\" [{}];", attributes.join(", "))
        };
    }
    out.push_str("}\n");
    out
}

/// How wide a row of a title is: Graphviz breaks no line by itself.
const WIDEST: f64 = 30.0;

fn label(symbol: &Symbol<'_>) -> String {
    let mut rows = rows(symbol.title, WIDEST, &columns);
    let marked = symbol
        .mark
        .filter(|mark| *mark != Mark::Pending && !symbol.kind.is_an_end());
    rows.extend(marked.map(|mark| format!("{} {}", mark.looks().unicode, mark.looks().word)));
    rows.join("\n")
}

fn look(symbol: &Symbol<'_>) -> String {
    let (shape, fill) = match symbol.kind {
        Kind::Question => ("hexagon", "#fef3c7"),
        Kind::Work => ("box", "#e0e7ff"),
        Kind::Manual => ("parallelogram", "#fce7f3"),
        Kind::Milestone => ("oval", "#f1f5f9"),
        Kind::Stop => ("octagon", "#fee2e2"),
        Kind::End => ("circle", "#f1f5f9"),
    };
    let fill = if symbol.is_dead() { "#ffffff" } else { fill };
    let line = match symbol.mark.map(|mark| mark.looks().tone) {
        None | Some(Tone::Plain | Tone::Strong) => "color=\"#475569\"",
        Some(Tone::Good) => "color=\"#15803d\", penwidth=3",
        Some(Tone::Bad) => "color=\"#b91c1c\", penwidth=3",
        Some(Tone::Warn) => "color=\"#b45309\", penwidth=3",
        Some(Tone::Faint) => "color=\"#cbd5e1\", fontcolor=\"#94a3b8\"",
    };
    format!("shape={shape}, fillcolor=\"{fill}\", {line}")
}

/// A text between double quotes. A line break in it is one in the drawing.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\r', " ")
        .replace('\n', "\\n")
}
