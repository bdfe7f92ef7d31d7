use std::collections::BTreeMap;

use ascii_dag::{Graph, RenderOptions};

use crate::model::Runbook;

use super::{Shape, arrows, shape};

/// The flowchart as text, top to bottom, with a legend below.
pub fn text(runbook: &Runbook) -> String {
    let labels: Vec<String> = runbook
        .nodes
        .values()
        .map(|node| {
            let mark = match shape(node) {
                Shape::Question => "? ",
                Shape::Work => "",
                Shape::Manual => "✋ ",
                Shape::Milestone => "○ ",
            };
            format!("{mark}{}", node.id)
        })
        .collect();
    let arrows = arrows(runbook);
    let stop = labels.len();
    let mut drawing = Graph::new();
    for (node, label) in labels.iter().enumerate() {
        drawing.add_node(node, label.as_str());
    }
    if arrows.iter().any(|arrow| arrow.to.is_none()) {
        drawing.add_node(stop, "■ stop");
    }
    // Several ways between the same two nodes are one line with all their labels; what only waits is listed below instead.
    let mut lines: BTreeMap<(usize, usize), Vec<&str>> = BTreeMap::new();
    for arrow in arrows.iter().filter(|arrow| !arrow.is_wait) {
        let from = runbook.nodes.get_index_of(arrow.from).unwrap_or(stop);
        let to = arrow
            .to
            .and_then(|to| runbook.nodes.get_index_of(to))
            .unwrap_or(stop);
        lines.entry((from, to)).or_default().push(&arrow.label);
    }
    let lines: Vec<_> = lines
        .into_iter()
        .map(|(ends, labels)| (ends, labels.join(" | ")))
        .collect();
    for ((from, to), label) in &lines {
        let label = (!label.is_empty()).then_some(label.as_str());
        drawing.add_edge(*from, *to, label);
    }
    let mut out = drawing.compute_layout().render_string(&RenderOptions::plain());
    out = out.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    out.truncate(out.trim_end().len());
    out.push_str("\n\n? question   ✋ by hand   ○ milestone   ■ ends the run\n");
    for wait in arrows.iter().filter(|arrow| arrow.is_wait) {
        if let Some(to) = wait.to {
            out.push_str(&format!("{to} {} {}\n", wait.label, wait.from));
        }
    }
    out
}
