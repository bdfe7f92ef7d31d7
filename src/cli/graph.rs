use crate::adapter::reporter::{Tint, harmless};
use crate::draw::{self, Chart, Pen, Tone};
use crate::report;

use super::args::{self, GraphFormat};
use super::console::Console;
use super::error::{OrUsage, Outcome, Refusal};
use super::exit_code::Exit;
use super::history::Following;
use super::{load, session};

/// `switchback graph FILE`, or `--run RUN`: the flowchart as a drawing.
pub(super) fn graph(args: &args::Graph, console: &Console) -> Outcome {
    let drawing = match (&args.run, &args.file) {
        (Some(run), _) => {
            let state = session::state_dir(args.state_dir.as_deref())?;
            let mut following = Following::open(session::find(run, &state)?)?;
            let standing = following.catch_up(|_| {})?;
            let run = following.run();
            let marks = report::marks(run, standing.words());
            draw(&Chart::of(run.runbook()).marked(&marks), args, console)
        }
        (None, Some(file)) => draw(&Chart::of(&load::valid(file, console)?.runbook), args, console),
        (None, None) => Err(Refusal::usage(
            "neither a runbook nor a run is named",
            "`switchback graph FILE`, or `switchback graph --run RUN`",
        )),
    };
    console.print(&drawing?);
    Ok(Exit::Complete)
}

fn draw(chart: &Chart<'_>, args: &args::Graph, console: &Console) -> Result<String, Refusal> {
    let style = console.data_style;
    match args.format {
        GraphFormat::Text => Ok(draw::text(
            chart,
            &Pen {
                width: Some(args.width.unwrap_or(style.width)),
                unicode: style.unicode,
                paint: &|tone, text| style.paint(tint(tone), &harmless(text)),
            },
        )),
        GraphFormat::Mermaid => Ok(draw::mermaid(chart)),
        GraphFormat::Dot => Ok(draw::dot(chart)),
        GraphFormat::Svg => {
            draw::svg(chart).or_usage("`--format dot` leaves that to Graphviz; `--format text` is an outline")
        }
    }
}

fn tint(tone: Tone) -> Tint {
    match tone {
        Tone::Plain => Tint::Plain,
        Tone::Strong => Tint::Strong,
        Tone::Faint => Tint::Faint,
        Tone::Good => Tint::Good,
        Tone::Bad => Tint::Bad,
        Tone::Warn => Tint::Warn,
    }
}
