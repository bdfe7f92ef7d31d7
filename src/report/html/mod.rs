//! The report as one page of HTML, which needs nothing else and lets nothing else in: no font, no picture, no script but its own, no network.

mod word;

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::draw::TooLarge;

use super::text::visible_within;
use super::{Account, Entry};

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// A picture that is no wider is made a little smaller, so that all of it is seen at once; a wider one would be too small to read, and scrolls.
const NEARLY_FITS: u32 = 1350;

/// The templates, of which the first is the page. Their names end so that what is put into them is escaped for HTML.
const TEMPLATES: [(&str, &str); 6] = [
    ("page.html", include_str!("page.html")),
    ("parts.html", include_str!("parts.html")),
    ("gates.html", include_str!("gates.html")),
    ("timeline.html", include_str!("timeline.html")),
    ("steps.html", include_str!("steps.html")),
    ("record.html", include_str!("record.html")),
];

static PAGES: LazyLock<Result<Environment<'static>, minijinja::Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    environment.set_syntax(syntax?);
    word::teach(&mut environment);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// The entries of the timeline of one day.
#[derive(Serialize)]
struct Day<'a> {
    day: String,
    entries: Vec<&'a Entry>,
}

/// The page. `chart` is the flowchart of the run as SVG, with links, or why there is none.
///
/// # Errors
///
/// When a template of this program is wrong.
pub fn html(account: &Account, chart: &Result<String, TooLarge>) -> Result<String, minijinja::Error> {
    let pages = PAGES.as_ref().map_err(|error| {
        // The fault of a template is the same for every page.
        minijinja::Error::new(error.kind(), error.to_string())
    })?;
    let (chart, no_chart) = match chart {
        Ok(chart) => (Some(chart.as_str()), None),
        Err(why) => (None, Some(why.to_string())),
    };
    let chart_style = chart.and_then(style_of);
    let styles: Vec<String> = [Some(STYLE), chart_style]
        .into_iter()
        .flatten()
        .map(source)
        .collect();
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        styles.join(" "),
        source(SCRIPT)
    );
    let page = pages.get_template("page.html")?;
    page.render(context! {
        policy => policy,
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        chart => chart.map(|chart| Value::from_safe_string(chart.to_owned())),
        no_chart => no_chart,
        fits => chart.and_then(width_of).is_some_and(|width| width <= NEARLY_FITS),
        days => shown(&days(&account.timeline))?,
        ..shown(account)?
    })
}

/// Data as a template sees it: with every text fit for a page.
fn shown(data: &impl Serialize) -> Result<Value, minijinja::Error> {
    let mut data = serde_json::to_value(data)
        .map_err(|error| minijinja::Error::new(minijinja::ErrorKind::BadSerialization, error.to_string()))?;
    visible_within(&mut data);
    Ok(Value::from(Serde(data)))
}

fn days(timeline: &[Entry]) -> Vec<Day<'_>> {
    let mut days: Vec<Day<'_>> = Vec::new();
    for entry in timeline {
        let day = entry.at.strftime("%Y-%m-%d").to_string();
        match days.last_mut() {
            Some(last) if last.day == day => last.entries.push(entry),
            _ => days.push(Day {
                day,
                entries: vec![entry],
            }),
        }
    }
    days
}

/// The style sheet within a picture.
fn style_of(chart: &str) -> Option<&str> {
    let (_, rest) = chart.split_once("<style>")?;
    rest.split_once("</style>").map(|(style, _)| style)
}

/// How wide a picture is.
fn width_of(chart: &str) -> Option<u32> {
    let (_, rest) = chart.split_once(" width=\"")?;
    rest.split_once('"')?.0.parse().ok()
}

/// How a policy names what stands in the page itself.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}
