use std::fmt::Write;

use crate::model::{Gate, Look};

use super::super::chart::{Chart, Kind, Line, Trace};
use super::super::marks::GateMark;
use super::glyph::{self, Badge};
use super::{escaped, linked, measure, symbol};

/// The size of the letters, and how far two rows are apart.
const ROW: (f64, f64) = (13.0, 18.0);

/// The same of the smaller rows below a title.
const NOTE: (f64, f64) = (10.5, 15.0);

/// How narrow it may be.
const NARROWEST: f64 = 440.0;

/// Where the texts of gates begin.
const INDENT: f64 = 48.0;

/// What stands below the flowchart: the gates, and what the signs mean.
pub(super) struct Foot {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The rows of each gate's title, and the smaller ones below.
    gates: Vec<(Vec<String>, Vec<String>)>,
    /// The entries of the legend, with their places.
    legend: Vec<(Entry, f64, f64)>,
}

/// What a legend explains.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Kind(Kind),
    Wait,
    Taken,
}

impl Foot {
    pub(super) fn of(chart: &Chart<'_>, width: f64) -> Self {
        let width = width.max(NARROWEST);
        let gates: Vec<(Vec<String>, Vec<String>)> = chart
            .gates
            .iter()
            .map(|(gate, mark)| {
                (
                    measure::cut(&gate.title, ROW.0, width - INDENT, 3),
                    measure::cut_fixed(&note(gate, *mark), NOTE.0, width - INDENT, 3),
                )
            })
            .collect();
        let of_gates: f64 = gates.iter().map(height).sum();
        let mut y = 34.0;
        if !gates.is_empty() {
            y += 22.0 + of_gates + 22.0;
        }
        let waits = chart.arrows.iter().any(|arrow| arrow.line == Line::Wait);
        let taken = chart.arrows.iter().any(|arrow| arrow.trace == Trace::Taken);
        let entries = chart.kinds().map(Entry::Kind);
        let entries = entries.chain(waits.then_some(Entry::Wait));
        let mut x = 0.0;
        let mut legend = Vec::new();
        for entry in entries.chain(taken.then_some(Entry::Taken)) {
            let own = 38.0 + measure::width(entry.word(), 11.0) + 20.0;
            if x > 0.0 && x + own > width {
                x = 0.0;
                y += 22.0;
            }
            legend.push((entry, x, y));
            x += own;
        }
        Self {
            width,
            height: y + 8.0,
            gates,
            legend,
        }
    }

    pub(super) fn draw(&self, out: &mut String, chart: &Chart<'_>) {
        let mut y = 34.0;
        if !self.gates.is_empty() {
            let _ = writeln!(
                out,
                r#"<path class="rule" d="M0 {:.1}h{:.1}"/>"#,
                y - 14.0,
                self.width
            );
            y += 8.0;
            let _ = writeln!(
                out,
                r#"<text class="strong" x="0" y="{y:.1}">Complete when</text>"#
            );
            y += 14.0;
            for ((gate, mark), texts) in chart.gates.iter().zip(&self.gates) {
                let link = chart.is_linked.then_some(("closing", gate.id.as_str()));
                linked(out, link, |out| of_gate(out, gate, *mark, texts, y));
                y += height(texts);
            }
        }
        for (entry, x, y) in &self.legend {
            entry.draw(out, *x, *y);
        }
    }
}

fn height((rows, note): &(Vec<String>, Vec<String>)) -> f64 {
    rows.len() as f64 * ROW.1 + note.len() as f64 * NOTE.1 + 9.0
}

/// Whether a person has to say something to close it.
fn is_of_people(gate: &Gate) -> bool {
    let mut looks = gate.verify.iter().map(|check| &check.look);
    gate.attest.is_some() || !gate.decide.is_empty() || looks.any(|look| matches!(look, Look::Confirm(_)))
}

fn note(gate: &Gate, mark: Option<GateMark>) -> String {
    let mut parts = vec![gate.id.to_string()];
    parts.extend(mark.map(|mark| mark.looks().word.to_owned()));
    if !gate.by.is_empty() {
        parts.push(format!("by {}", gate.by.join(", ")));
    }
    if let Some(when) = &gate.when {
        parts.push(format!("only if {}", when.0));
    }
    if !gate.required {
        parts.push("not required".to_owned());
    }
    parts.join(" · ")
}

fn of_gate(
    out: &mut String,
    gate: &Gate,
    mark: Option<GateMark>,
    texts: &(Vec<String>, Vec<String>),
    top: f64,
) {
    let badge = Badge::of_gate(mark);
    let _ = writeln!(
        out,
        r#"<g id="gate-{}" class="gate {}"><title>{}</title>"#,
        gate.id,
        glyph::class(badge.tone),
        escaped(&gate.title)
    );
    badge.draw(out, 10.0, top + 10.0);
    let _ = writeln!(
        out,
        r#"<g class="{}">"#,
        if is_of_people(gate) { "manual" } else { "step" }
    );
    if is_of_people(gate) {
        glyph::person(out, 33.0, top + 10.0);
    } else {
        glyph::machine(out, 33.0, top + 10.0);
    }
    out.push_str("</g>\n");
    let mut y = top - 3.0;
    for row in &texts.0 {
        y += ROW.1;
        let _ = writeln!(out, r#"<text x="{INDENT}" y="{y:.1}">{}</text>"#, escaped(row));
    }
    for row in &texts.1 {
        y += NOTE.1;
        let _ = writeln!(
            out,
            r#"<text class="id faint" x="{INDENT}" y="{y:.1}">{}</text>"#,
            escaped(row)
        );
    }
    out.push_str("</g>\n");
}

impl Entry {
    fn word(self) -> &'static str {
        match self {
            Self::Kind(kind) => kind.word(),
            Self::Wait => "waits for",
            Self::Taken => "the way taken",
        }
    }

    fn draw(self, out: &mut String, x: f64, y: f64) {
        match self {
            Self::Kind(kind) => symbol::sample(out, kind, x, y),
            Self::Wait | Self::Taken => {
                let class = if matches!(self, Self::Wait) {
                    "wait"
                } else {
                    "taken"
                };
                let _ = writeln!(
                    out,
                    r#"<g class="{class}"><path class="line" d="M{x:.1} {y:.1}h24"/><path class="head" d="M{:.1} {y:.1}l-8.5 -4.5v9z"/></g>"#,
                    x + 30.0
                );
            }
        }
        let _ = writeln!(
            out,
            r#"<text class="small faint" x="{:.1}" y="{:.1}">{}</text>"#,
            x + 38.0,
            y + 4.0,
            self.word()
        );
    }
}
