//! Reports of a run: live at a terminal, as plain lines, in the job log of a forge, as JSON lines.
//!
//! What is said is the same for people wherever they read it: `phrase` has the words of each event, `summary` those of the
//! end. The reporters only differ in how they put them on paper.

mod ahead;
mod closing;
mod command;
mod fold;
mod forge;
mod harmless;
mod jsonl;
mod label;
mod live;
mod onward;
mod output;
mod paper;
mod phrase;
mod plain;
mod quote;
mod resume;
mod screen;
mod several;
mod spoken;
#[cfg(test)]
mod story;
mod style;
mod summary;
mod terminal;
#[cfg(test)]
mod told;
mod undone;
mod view;

pub use command::named;
pub use forge::{Forge, ForgeReporter, Tame, workflow_command};
pub use harmless::{Lines, harmless, one_line};
pub use jsonl::JsonlReporter;
pub use live::Size;
pub use onward::onward;
pub use plain::PlainReporter;
pub use quote::{quoted, shown};
pub use screen::Screen;
pub use several::Several;
pub use style::{Line, Mark, Style, Tint, elapsed};
pub use terminal::TerminalReporter;

pub(super) use ahead::now as wanted;
pub(super) use fold::so_far;
pub(super) use resume::resume;
pub(super) use view::View;

#[cfg(test)]
pub(super) use told::{Printed, Told, ana, command, record, rollback, screen, spoken};
