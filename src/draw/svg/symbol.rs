use std::fmt::Write;

use crate::model::Effect;

use super::super::chart::{Kind, Symbol};
use super::super::layout::{Rect, Size};
use super::super::marks::Mark;
use super::glyph::{self, Badge};
use super::{escaped, measure};

/// The size of the letters of a title, how wide its rows are at most, how many there are at most, and how far they are apart.
const TITLE: (f64, f64, usize, f64) = (13.0, 185.0, 4, 17.0);

/// The size of the letters of an id.
const ID: f64 = 10.5;

/// The room that the sign of a person takes at the left.
const ICON: f64 = 22.0;

/// How far the points of a question reach out.
const POINT: f64 = 14.0;

/// What is written in a symbol: the rows of its title, and a smaller line below.
fn texts(symbol: &Symbol<'_>) -> (Vec<String>, String) {
    let (size, widest, most, _) = TITLE;
    let title = measure::cut(symbol.title, size, widest, most);
    let below = match (symbol.kind, symbol.effect) {
        (kind, _) if kind.is_an_end() => String::new(),
        // To change something is what a step does, unless it says otherwise.
        (_, Some(effect @ (Effect::Read | Effect::Destroy))) => format!("{} · {}", symbol.id, effect.verb()),
        _ => symbol.id.to_owned(),
    };
    (title, below)
}

/// How large a symbol is, so that its texts have room.
pub(super) fn size(symbol: &Symbol<'_>) -> Size {
    let (title, below) = texts(symbol);
    let (size, _, _, apart) = TITLE;
    let rows = title.iter().map(|row| measure::width(row, size));
    let widest = rows.fold(measure::fixed_width(&below, ID), f64::max);
    let (sides, least) = match symbol.kind {
        Kind::Question => (2.0 * POINT + 18.0, 90.0),
        Kind::Manual => (24.0 + ICON, 90.0),
        Kind::Milestone => (40.0, 90.0),
        Kind::Work => (24.0, 90.0),
        Kind::Stop => (28.0, 64.0),
        Kind::End => (24.0, 48.0),
    };
    let below = if below.is_empty() { 0.0 } else { 15.0 };
    Size {
        width: (widest + sides).max(least).ceil(),
        height: title.len() as f64 * apart + below + 18.0,
    }
}

/// Draws a symbol at its place.
pub(super) fn draw(out: &mut String, symbol: &Symbol<'_>, place: Rect) {
    let badge = symbol
        .mark
        .filter(|_| !symbol.kind.is_an_end())
        .and_then(Badge::of);
    let mut classes = format!("node {}", symbol.kind.name());
    if let Some(mark) = symbol.mark.filter(|mark| *mark != Mark::Pending) {
        let _ = write!(
            classes,
            " {} {}",
            mark.name().replace('_', "-"),
            glyph::class(mark.looks().tone)
        );
    }
    let mut title = symbol.title.to_owned();
    if let Some(mark) = symbol.mark.filter(|_| badge.is_some()) {
        let _ = write!(title, " ({})", mark.looks().word);
    }
    let _ = writeln!(
        out,
        r#"<g id="node-{}" class="{classes}"><title>{}</title>"#,
        symbol.name,
        escaped(&title)
    );
    shape(out, symbol.kind, place);
    let (rows, below) = texts(symbol);
    let (_, _, _, apart) = TITLE;
    let (mut x, _) = place.middle();
    if symbol.kind == Kind::Manual {
        glyph::person(out, place.left + 18.0, place.top + place.height / 2.0);
        x += ICON / 2.0;
    }
    let mut y = place.top + 9.0 - 4.0;
    for row in &rows {
        y += apart;
        let _ = writeln!(
            out,
            r#"<text class="middle" x="{x:.1}" y="{y:.1}">{}</text>"#,
            escaped(row)
        );
    }
    if !below.is_empty() {
        y += 15.0;
        let _ = writeln!(
            out,
            r#"<text class="id faint middle" x="{x:.1}" y="{y:.1}">{}</text>"#,
            escaped(&below)
        );
    }
    if let Some(badge) = badge {
        let aside = if symbol.kind == Kind::Question { POINT } else { 4.0 };
        badge.draw(out, place.left + place.width - aside, place.top + 1.0);
    }
    out.push_str("</g>\n");
}

fn shape(out: &mut String, kind: Kind, place: Rect) {
    let Rect {
        left,
        top,
        width,
        height,
    } = place;
    let _ = match kind {
        Kind::Question => {
            let (inner, half) = (width - 2.0 * POINT, height / 2.0);
            let start = left + POINT;
            writeln!(
                out,
                r#"<path class="shape" d="M{start:.1} {top:.1}h{inner:.1}l{POINT} {half:.1}l-{POINT} {half:.1}h-{inner:.1}l-{POINT} -{half:.1}z"/>"#
            )
        }
        Kind::Stop => {
            let cut = 10.0;
            let (inner, side) = (width - 2.0 * cut, height - 2.0 * cut);
            let start = left + cut;
            writeln!(
                out,
                r#"<path class="shape" d="M{start:.1} {top:.1}h{inner:.1}l{cut} {cut}v{side:.1}l-{cut} {cut}h-{inner:.1}l-{cut} -{cut}v-{side:.1}z"/>"#
            )
        }
        Kind::Work | Kind::Manual | Kind::Milestone | Kind::End => {
            let round = if matches!(kind, Kind::Milestone | Kind::End) {
                height / 2.0
            } else {
                6.0
            };
            writeln!(
                out,
                r#"<rect class="shape" x="{left:.1}" y="{top:.1}" width="{width:.1}" height="{height:.1}" rx="{round:.1}"/>"#
            )
        }
    };
}

/// The shape of a kind, small, for a legend.
pub(super) fn sample(out: &mut String, kind: Kind, x: f64, y: f64) {
    let _ = writeln!(out, r#"<g class="{}">"#, kind.name());
    let (scale, height) = (0.6, 22.0);
    let place = Rect {
        left: 0.0,
        top: -height / 2.0,
        width: 50.0,
        height,
    };
    let _ = writeln!(out, r#"<g transform="translate({x:.1} {y:.1}) scale({scale})">"#);
    shape(out, kind, place);
    if kind == Kind::Manual {
        glyph::person(out, place.width / 2.0, 0.0);
    }
    out.push_str("</g></g>\n");
}
