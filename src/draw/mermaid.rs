use std::fmt::Write;

use crate::model::Runbook;

use super::{Arrow, Shape, arrows, shape};

/// The flowchart in Mermaid, as Markdown pages embed it.
pub fn mermaid(runbook: &Runbook) -> String {
    let mut out = String::from("flowchart TD\n");
    for node in runbook.nodes.values() {
        let title = escaped(node.title());
        let (open, close) = match shape(node) {
            Shape::Question => ("{", "}"),
            Shape::Work => ("[", "]"),
            Shape::Manual => ("[/", "/]"),
            Shape::Milestone => ("([", "])"),
        };
        // Writing to a String cannot fail; the result is only there because the trait is shared.
        let _ = writeln!(out, "    {}{open}\"{title}\"{close}", node.id);
    }
    let arrows = arrows(runbook);
    if arrows.iter().any(|arrow| arrow.to.is_none()) {
        out.push_str("    stop(((stop)))\n");
    }
    for Arrow {
        from,
        to,
        label,
        is_wait,
    } in &arrows
    {
        let to = to.map_or("stop", |to| to.as_str());
        let line = if *is_wait { "-.->" } else { "-->" };
        let label = if label.is_empty() {
            String::new()
        } else {
            format!("|{}|", escaped(label))
        };
        let _ = writeln!(out, "    {from} {line}{label} {to}");
    }
    out
}

/// A text between double quotes: Mermaid reads HTML entities there.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace(['\n', '\r'], " ")
}
