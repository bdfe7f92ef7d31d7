mod foot;
mod glyph;
mod measure;
mod palette;
mod symbol;

use std::fmt::Write;

use super::chart::{Arrow, Chart, Line, Trace};
use super::layout::{Layout, Link, Pass, Route, Size, TooLarge, layout};

/// What is left free around everything.
const MARGIN: f64 = 28.0;

/// The size of the letters of a label, and the height of one.
const LABEL: (f64, f64) = (11.5, 18.0);

/// The flowchart and the gates as a picture that needs nothing else: no font, no script, no other file. It suits a light page and a dark one.
///
/// # Errors
///
/// The flowchart is too large to be laid out.
pub fn svg(chart: &Chart<'_>) -> Result<String, TooLarge> {
    let mut sizes: Vec<Size> = chart.symbols.iter().map(symbol::size).collect();
    widen(&mut sizes, chart);
    let links: Vec<Link> = chart.arrows.iter().map(link).collect();
    let layout = layout(&sizes, &links)?;
    let foot = foot::Foot::of(chart, layout.width);
    let width = layout.width.max(foot.width) + 2.0 * MARGIN;
    let top = MARGIN + head_height(chart);
    let left = (width - layout.width) / 2.0;
    let height = top + layout.height + foot.height + MARGIN;
    let mut out = String::new();
    // Writing to a String cannot fail; the results are only there because the trait is shared.
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="switchback" role="{}" aria-labelledby="chart-title chart-desc" width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}">"#,
        // Within a picture nothing is read on its own, and so no link would be.
        if chart.is_linked { "group" } else { "img" },
    );
    let _ = writeln!(out, r#"<title id="chart-title">{}</title>"#, escaped(chart.title));
    let _ = writeln!(
        out,
        r#"<desc id="chart-desc">{}</desc>"#,
        escaped(&description(chart))
    );
    let _ = writeln!(out, "<style>\n{}</style>", palette::style_sheet());
    let _ = writeln!(out, r#"<rect class="paper" width="100%" height="100%"/>"#);
    head(&mut out, chart, width);
    let _ = writeln!(out, r#"<g transform="translate({left:.1} {top:.1})">"#);
    arrows(&mut out, chart, &layout);
    for (symbol, place) in chart.symbols.iter().zip(&layout.boxes) {
        let link = chart.is_linked && !symbol.kind.is_an_end();
        linked(&mut out, link.then_some(("step", symbol.id)), |out| {
            symbol::draw(out, symbol, *place);
        });
    }
    let _ = writeln!(out, "</g>");
    let _ = writeln!(
        out,
        r#"<g transform="translate({MARGIN:.1} {:.1})">"#,
        top + layout.height
    );
    foot.draw(&mut out, chart);
    out.push_str("</g>\n</svg>\n");
    Ok(out)
}

/// How much of a side each arrow at it takes.
const APART: f64 = 16.0;

/// Gives symbols with many arrows the room for them, so that their heads stand side by side.
fn widen(sizes: &mut [Size], chart: &Chart<'_>) {
    let mut ends = vec![(0, 0); sizes.len()];
    for arrow in &chart.arrows {
        ends[arrow.from].0 += 1;
        ends[arrow.to].1 += 1;
    }
    for (size, (out, into)) in sizes.iter_mut().zip(ends) {
        size.width = size.width.max(f64::from(out.max(into)) * APART);
    }
}

fn link(arrow: &Arrow<'_>) -> Link {
    let label = Some(arrow.label).filter(|label| !label.is_empty() && arrow.line != Line::Wait);
    Link {
        from: arrow.from,
        to: arrow.to,
        label: label.map(|label| Size {
            width: measure::width(label, LABEL.0) + 10.0,
            height: LABEL.1,
        }),
        weight: if arrow.line == Line::Wait { 0.2 } else { 1.0 },
    }
}

/// What is told to who cannot see the picture.
fn description(chart: &Chart<'_>) -> String {
    let nodes = chart
        .symbols
        .iter()
        .filter(|symbol| !symbol.kind.is_an_end())
        .count();
    let mut text = format!(
        "A flowchart of {nodes} nodes, with {} completion gates below.",
        chart.gates.len()
    );
    if !chart.caption.is_empty() {
        let _ = write!(text, " It shows {}.", chart.caption);
    }
    text
}

fn head_height(chart: &Chart<'_>) -> f64 {
    if chart.caption.is_empty() { 44.0 } else { 66.0 }
}

fn head(out: &mut String, chart: &Chart<'_>, width: f64) {
    let title = measure::cut(chart.title, 18.0, width - 2.0 * MARGIN, 1);
    let title = title.first().map_or("", String::as_str);
    let y = MARGIN + 12.0;
    let _ = writeln!(
        out,
        r#"<text class="heading" x="{MARGIN:.1}" y="{y:.1}">{}</text>"#,
        escaped(title)
    );
    if !chart.caption.is_empty() {
        let y = y + 22.0;
        let caption = escaped(&chart.caption);
        let _ = writeln!(
            out,
            r#"<text class="faint" x="{MARGIN:.1}" y="{y:.1}">{caption}</text>"#
        );
    }
}

/// The arrows, those that a run went along over the others.
fn arrows(out: &mut String, chart: &Chart<'_>, layout: &Layout) {
    for trace in [Trace::Dead, Trace::Open, Trace::Taken] {
        for (arrow, route) in chart.arrows.iter().zip(&layout.routes) {
            if arrow.trace == trace {
                draw_arrow(out, chart, arrow, route);
            }
        }
    }
}

fn draw_arrow(out: &mut String, chart: &Chart<'_>, arrow: &Arrow<'_>, route: &Route) {
    let line = match arrow.line {
        Line::Way => "way",
        Line::Failure => "failure",
        Line::Wait => "wait",
    };
    let trace = match arrow.trace {
        Trace::Open => "",
        Trace::Taken => " taken",
        Trace::Dead => " dead",
    };
    let (from, to) = (&chart.symbols[arrow.from].name, &chart.symbols[arrow.to].name);
    let title = match (arrow.line, arrow.label) {
        (Line::Wait, label) => format!("{to} {label} {from}"),
        (_, "") => format!("{from} → {to}"),
        (_, label) => format!("{from} → {to}: {label}"),
    };
    let _ = writeln!(
        out,
        r#"<g class="arrow {line}{trace}"><title>{}</title>"#,
        escaped(&title)
    );
    let _ = writeln!(out, r#"<path class="line" d="{}"/>"#, path(&route.passes));
    if let Some(end) = route.passes.last() {
        let (x, y) = (end.x, end.bottom);
        let _ = writeln!(out, r#"<path class="head" d="M{x:.1} {y:.1}l-4.5 -8.5h9z"/>"#);
    }
    if let Some(place) = route.label {
        let (x, y) = place.middle();
        let label = escaped(arrow.label);
        let _ = writeln!(
            out,
            r#"<text class="label" x="{x:.1}" y="{:.1}">{label}</text>"#,
            y + 4.0
        );
    }
    out.push_str("</g>\n");
}

/// Straight through each pass, and a bend that begins and ends straight down between two. It ends where its head begins.
fn path(passes: &[Pass]) -> String {
    let mut path = String::new();
    let mut last: Option<Pass> = None;
    for (number, pass) in passes.iter().enumerate() {
        let bottom = if number + 1 == passes.len() {
            pass.bottom - 6.0
        } else {
            pass.bottom
        };
        let _ = match last {
            None => write!(path, "M{:.1} {:.1}V{bottom:.1}", pass.x, pass.top),
            // One that would only be crooked by a hair is straight.
            Some(last) if (last.x - pass.x).abs() < 0.1 => write!(path, "V{bottom:.1}"),
            Some(last) => {
                let middle = (last.bottom + pass.top) / 2.0;
                let (from, to, top) = (last.x, pass.x, pass.top);
                write!(
                    path,
                    "C{from:.1} {middle:.1} {to:.1} {middle:.1} {to:.1} {top:.1}V{bottom:.1}"
                )
            }
        };
        last = Some(*pass);
    }
    path
}

/// Draws something, as a link to `#PREFIX-ID` of the page if there is one.
fn linked(out: &mut String, link: Option<(&str, &str)>, draw: impl FnOnce(&mut String)) {
    if let Some((prefix, id)) = link {
        let _ = writeln!(out, r##"<a href="#{prefix}-{id}">"##);
    }
    draw(out);
    if link.is_some() {
        out.push_str("</a>\n");
    }
}

/// A text as it stands in XML. What XML cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\r' | '\t' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}
