use std::borrow::Cow;
use std::fmt::Write;

use super::chart::{Chart, Kind, Line, Symbol, Trace};
use super::marks::Mark;

/// Words that Mermaid keeps for itself, so that no node can be called so there.
const TAKEN: &[&str] = &[
    "call",
    "class",
    "click",
    "constructor",
    "default",
    "direction",
    "flowchart",
    "graph",
    "href",
    "interpolate",
    "style",
    "subgraph",
];

/// The flowchart in Mermaid, as Markdown pages embed it. The colours are good on a light page and on a dark one.
pub fn mermaid(chart: &Chart<'_>) -> String {
    let mut out = String::from("flowchart TD\n");
    // Writing to a String cannot fail; the results are only there because the trait is shared.
    for symbol in &chart.symbols {
        let (open, close) = match symbol.kind {
            Kind::Question => ("{{", "}}"),
            Kind::Work => ("[", "]"),
            Kind::Manual => ("[/", "/]"),
            Kind::Milestone => ("([", "])"),
            Kind::Stop => ("(((", ")))"),
            Kind::End => ("((", "))"),
        };
        let _ = writeln!(
            out,
            "    {}{open}\"{}\"{close}:::{}",
            id(symbol),
            escaped(&label(symbol)),
            class(symbol)
        );
    }
    for arrow in &chart.arrows {
        let line = if arrow.line == Line::Wait { "-.->" } else { "-->" };
        let label = match arrow.label {
            "" => String::new(),
            label => format!("|{}|", escaped(label)),
        };
        let (from, to) = (&chart.symbols[arrow.from], &chart.symbols[arrow.to]);
        let _ = writeln!(out, "    {} {line}{label} {}", id(from), id(to));
    }
    for (name, style) in classes(chart) {
        let _ = writeln!(out, "    classDef {name} {style}");
    }
    for (trace, style) in [
        (Trace::Taken, "stroke-width:4px"),
        (Trace::Dead, "stroke-width:1px,opacity:0.35"),
    ] {
        let lines: Vec<String> = (0..chart.arrows.len())
            .filter(|position| chart.arrows[*position].trace == trace)
            .map(|position| position.to_string())
            .collect();
        if !lines.is_empty() {
            let _ = writeln!(out, "    linkStyle {} {style}", lines.join(","));
        }
    }
    out
}

fn id<'a>(symbol: &'a Symbol<'_>) -> Cow<'a, str> {
    let name = &*symbol.name;
    if TAKEN.contains(&name) {
        // No id of a runbook has a capital letter, so this one is free.
        return format!("N_{name}").into();
    }
    name.into()
}

fn label(symbol: &Symbol<'_>) -> String {
    match symbol.mark {
        Some(mark) if mark != Mark::Pending && !symbol.kind.is_an_end() => {
            format!("{} {}", mark.looks().unicode, symbol.title)
        }
        _ => symbol.title.to_owned(),
    }
}

/// The class of a symbol: what became of it, else what it is.
fn class(symbol: &Symbol<'_>) -> String {
    match symbol.mark {
        Some(mark) if mark != Mark::Pending => mark.name(),
        _ => symbol.kind.name().to_owned(),
    }
}

/// The classes that are used, and how they look.
fn classes(chart: &Chart<'_>) -> Vec<(String, &'static str)> {
    let mut classes = Vec::new();
    for kind in chart.kinds() {
        let style = match kind {
            Kind::Question => "fill:#fef3c7,stroke:#b45309,color:#451a03",
            Kind::Work => "fill:#e0e7ff,stroke:#4f46e5,color:#1e1b4b",
            Kind::Manual => "fill:#fce7f3,stroke:#be185d,color:#500724",
            Kind::Milestone => "fill:#f1f5f9,stroke:#475569,color:#0f172a",
            Kind::End => "fill:#f1f5f9,stroke:#475569,color:#0f172a",
            Kind::Stop => "fill:#fee2e2,stroke:#b91c1c,color:#450a0a",
        };
        classes.push((kind.name().to_owned(), style));
    }
    for mark in Mark::ALL.into_iter().filter(|mark| *mark != Mark::Pending) {
        let style = match mark {
            Mark::Done => "fill:#dcfce7,stroke:#15803d,color:#052e16,stroke-width:2px",
            Mark::Failed | Mark::InDoubt => "fill:#fee2e2,stroke:#b91c1c,color:#450a0a,stroke-width:3px",
            Mark::Running | Mark::Waiting => "fill:#ffedd5,stroke:#c2410c,color:#431407,stroke-width:3px",
            _ => "fill:#f8fafc,stroke:#94a3b8,color:#64748b,stroke-dasharray:4",
        };
        classes.push((mark.name(), style));
    }
    classes.retain(|(name, _)| chart.symbols.iter().any(|symbol| class(symbol) == *name));
    classes
}

/// A text between double quotes: Mermaid reads HTML entities there, its own (`#35;`), formulas between `$$`, and Markdown between back-ticks; and
/// directives (`%%{…}%%`) wherever they stand.
fn escaped(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('%', "#37;")
        .replace('$', "#36;")
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('`', "&#96;")
        .replace(char::is_control, " ")
}
