use crate::draw;

use super::args::{self, GraphFormat};
use super::console::Console;
use super::error::Outcome;
use super::exit_code::Exit;
use super::load;

/// `switchback graph FILE`: the flowchart as a drawing.
pub(super) fn graph(args: &args::Graph, console: &Console) -> Outcome {
    let runbook = load::valid(&args.file, console)?.runbook;
    let drawing = match args.format {
        GraphFormat::Text => draw::text(&runbook),
        GraphFormat::Mermaid => draw::mermaid(&runbook),
        GraphFormat::Dot => draw::dot(&runbook),
    };
    console.print(&drawing);
    Ok(Exit::Complete)
}
