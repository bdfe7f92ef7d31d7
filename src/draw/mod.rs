//! The runbook as pictures and pages: text for a terminal, Mermaid for a page, DOT for Graphviz, SVG as it is; and what people have to do
//! as a checklist.
//!
//! All pictures draw the same [`Chart`], so they never tell different stories.

mod chart;
mod checklist;
mod dot;
mod layout;
mod marks;
mod mermaid;
mod rows;
mod svg;
mod text;

pub use chart::Chart;
pub use checklist::checklist;
pub use dot::dot;
pub use layout::TooLarge;
pub use marks::{GateMark, Mark, Marks, Tone};
pub use mermaid::mermaid;
pub use svg::svg;
pub use text::{Pen, text};
