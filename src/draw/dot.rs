use std::fmt::Write;

use crate::model::Runbook;

use super::{Arrow, Shape, arrows, shape};

/// The flowchart in DOT, for Graphviz.
pub fn dot(runbook: &Runbook) -> String {
    let mut out = format!(
        "digraph \"{}\" {{\n    node [fontname=\"sans-serif\"];\n",
        escaped(&runbook.name)
    );
    for node in runbook.nodes.values() {
        let shape = match shape(node) {
            Shape::Question => "diamond",
            Shape::Work => "box",
            Shape::Manual => "parallelogram",
            Shape::Milestone => "oval",
        };
        // Writing to a String cannot fail; the result is only there because the trait is shared.
        let _ = writeln!(
            out,
            "    \"{}\" [shape={shape}, label=\"{}\"];",
            node.id,
            escaped(node.title())
        );
    }
    let arrows = arrows(runbook);
    if arrows.iter().any(|arrow| arrow.to.is_none()) {
        out.push_str("    \"stop\" [shape=doublecircle];\n");
    }
    for Arrow {
        from,
        to,
        label,
        is_wait,
    } in &arrows
    {
        let to = to.map_or("stop", |to| to.as_str());
        let style = if *is_wait { ", style=dashed" } else { "" };
        let _ = writeln!(
            out,
            "    \"{from}\" -> \"{to}\" [label=\"{}\"{style}];",
            escaped(label)
        );
    }
    out.push_str("}\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace(['\n', '\r'], " ")
}
