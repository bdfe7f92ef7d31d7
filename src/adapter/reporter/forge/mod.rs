//! Reports in the job log of a forge: the plain lines, folded and annotated in the forge's own forms.

mod github;
mod gitlab;
mod remarks;
mod tame;

use std::io::Write;

use jiff::Timestamp;

use crate::engine::Reporter;
use crate::model::{NodeId, Stream};
use crate::traverse::{Event, Owner, Record, Rendered, Traversal, Verdict};

use super::harmless::one_line;
use super::phrase::{opening, phrase};
use super::plain::PlainReporter;
use super::view::View;

pub use github::workflow_command;
pub use tame::Tame;

use remarks::{Remark, of_run, of_undo};

/// Whose job log it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
}

/// Reports as [`PlainReporter`] does, in the job log of a forge. The lines of a step that the machine does can be folded, up to where it
/// goes wrong; what somebody should look at is shown beside the log as well, where the forge can do that.
#[derive(Debug)]
pub struct ForgeReporter<W> {
    forge: Forge,
    plain: PlainReporter<Tame<W>>,
    /// Whether one thing is done at a time. Lines of several cannot be folded, as blocks stand one after the other.
    folds: bool,
    block: Option<Block>,
    now: Timestamp,
}

/// Lines of a step that can be folded.
#[derive(Debug)]
struct Block {
    node: NodeId,
    /// No other block of the run is called so.
    name: String,
}

impl<W: Write> ForgeReporter<W> {
    /// A reporter around another; `folds` says that one step is done at a time.
    pub fn new(forge: Forge, plain: PlainReporter<Tame<W>>, folds: bool) -> Self {
        Self {
            forge,
            plain,
            folds,
            block: None,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    fn before(&mut self, record: &Record, run: &dyn View) {
        self.now = record.at;
        match &record.event {
            Event::Prepared {
                node,
                work: Rendered::Run(_) | Rendered::Write { .. },
            }
            | Event::UndoPrepared { node, .. } => self.begin(node, 1, record, run),
            Event::Started { node, attempt } | Event::UndoStarted { node, attempt } => {
                if !self.is_open(node) {
                    self.begin(node, *attempt, record, run);
                }
            }
            Event::RunEnded { state, gates } => {
                self.end();
                self.remark(&of_run(*state, gates, run));
            }
            Event::UndoEnded { .. } => {
                self.end();
                self.remark(&of_undo(run));
            }
            event => {
                let owner = phrase(record, run).owner;
                if is_bad(event) || !self.is_about_the_block(owner.as_ref()) {
                    self.end();
                }
            }
        }
    }

    fn begin(&mut self, node: &NodeId, attempt: u32, record: &Record, run: &dyn View) {
        self.end();
        if !self.folds {
            return;
        }
        let opening = opening(node, run);
        let mut title = one_line(&format!("{} · {}", opening.text, opening.aside));
        if attempt > 1 {
            title.push_str(&format!(" · attempt {attempt}"));
        }
        let block = Block {
            node: node.clone(),
            name: format!("{}.{node}.{}", run.id(), record.seq),
        };
        let begun = match self.forge {
            Forge::GitHub => github::begin(&title),
            Forge::GitLab => gitlab::begin(&block.name, &title, self.now),
        };
        self.plain.paper().command(&begun);
        // The block has its title on it.
        self.plain.is_headed(node);
        self.block = Some(block);
    }

    fn end(&mut self) {
        let Some(block) = self.block.take() else {
            return;
        };
        let ended = match self.forge {
            Forge::GitHub => github::end(),
            Forge::GitLab => gitlab::end(&block.name, self.now),
        };
        self.plain.paper().command(&ended);
    }

    fn remark(&mut self, remarks: &[Remark]) {
        match self.forge {
            Forge::GitHub => {
                for remark in remarks {
                    self.plain.paper().command(&github::annotation(remark));
                }
            }
            // It shows nothing beside a log; the end of the report says it all.
            Forge::GitLab => {}
        }
    }

    fn is_open(&self, node: &NodeId) -> bool {
        self.block.as_ref().is_some_and(|block| block.node == *node)
    }

    fn is_about_the_block(&self, owner: Option<&Owner>) -> bool {
        matches!(owner, Some(Owner::Node(node)) if self.is_open(node))
    }
}

/// Whether an event tells that something went wrong. That is never folded away.
fn is_bad(event: &Event) -> bool {
    match event {
        Event::Finished { outcome, .. } | Event::Undone { outcome, .. } => !outcome.is_success(),
        Event::Checked { verdict, .. } => *verdict != Verdict::Held,
        Event::Failed { .. } => true,
        _ => false,
    }
}

impl<W: Write> Reporter for ForgeReporter<W> {
    fn record(&mut self, record: &Record, run: &Traversal) {
        self.before(record, run);
        self.plain.record(record, run);
    }

    fn output(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]) {
        self.plain.output(node, stream, bytes);
    }

    fn note(&mut self, owner: &Owner, text: &str) {
        if !self.is_about_the_block(Some(owner)) {
            self.end();
        }
        self.plain.note(owner, text);
    }
}
