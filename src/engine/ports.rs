use std::io;
use std::sync::mpsc::SyncSender;

use jiff::Timestamp;

use crate::model::{NodeId, Stream};
use crate::traverse::{Event, Owner, Person, Record, Step, Traversal, Word};

use super::elsewhere::{Letter, Replies};

/// How many reports may stand unread before a port has to wait: bounds the memory that output can take.
pub const REPORTS_AHEAD: usize = 64;

/// Where ports report to: the one channel that the engine reads.
pub type Reports = SyncSender<Report>;

/// What a port has to say.
#[derive(Debug)]
pub enum Report {
    /// A step is done, or something about it is to be put on record.
    Event(Event),
    /// A person said something.
    Said {
        /// What.
        word: Word,
        /// Who.
        by: Person,
    },
    /// Another process has something to say of the run, and waits for what comes of it.
    Told {
        /// What.
        letter: Letter,
        /// Where the reply goes; once it is there, what was said is durable.
        replies: Replies,
    },
    /// This owner's step was cut short as the program was asked to end, and says nothing: it is done anew when the run is resumed.
    Cut(Owner),
    /// Nobody is there for this owner's step: the run goes on without it as far as it can.
    Nobody(Owner),
    /// A running action printed something. Secrets are masked already.
    Output {
        /// Which action.
        node: NodeId,
        /// On which stream.
        stream: Stream,
        /// What: whole blocks, not lines.
        bytes: Vec<u8>,
    },
    /// Something about a running step that a person should see now and nobody needs later, such as what a check saw last.
    Note {
        /// Whose.
        owner: Owner,
        /// What.
        text: String,
    },
    /// The program was asked to end: no new step, what runs is ended, the run is kept.
    Interrupted {
        /// By which signal.
        signal: i32,
    },
}

/// Does the machine's steps: `Detect`, `Suggest`, `Wait`, `Execute`, `Write`, `Recall`, `Undo` and `Verify`. Each is started without waiting
/// for it, and ends in exactly one [`Report::Event`]: `Detected`, `Suggested`, `Waited`, `Finished`, `Finished`, `Recalled`, `Undone` and
/// `Checked`, or in [`Report::Cut`]. A command that runs is reported with `Spawned` before.
pub trait CommandRunner {
    /// Starts a step.
    fn start(&mut self, step: Step, reports: &Reports);

    /// Ends what is running, as the program was asked to end: orderly, and at once when asked again. Every step that runs still
    /// reports that it ended.
    fn interrupt(&mut self);
}

/// Brings a person's steps to a person: `Ask`, `Confirm`, `Attest`, `Decide` and `Resolve`.
pub trait Operator {
    /// Starts a step, or several questions that are ready together, without waiting for them; each ends in a [`Report::Said`] about it or in
    /// [`Report::Nobody`]. What is known at once is given back: the engine does not read its channel meanwhile. With a person who is there,
    /// it starts nothing more before each has ended or was withdrawn.
    fn start(&mut self, steps: Vec<Step>, run: &Traversal, reports: &Reports) -> Vec<Report>;

    /// Puts what somebody is being asked of this owner away, as it is not to be done any more, and says why. What they say of it is not heard.
    fn withdraw(&mut self, owner: &Owner, why: &str);

    /// Leaves off asking, as the program was asked to end: what somebody is being asked is not waited for any more.
    fn interrupt(&mut self);

    /// Gives the terminal to a step: what is typed there from now on, Ctrl-C too, is meant for that.
    fn lend(&mut self);

    /// Takes it back from a step that has ended.
    fn take_back(&mut self);

    /// Says what was wrong with a word, which is then asked for again.
    fn reject(&mut self, why: &crate::traverse::Rejected);

    /// Whether somebody is there: to be shown likely answers, and to use a program that takes the terminal.
    fn has_a_person(&self) -> bool;
}

/// Keeps the record.
pub trait Journal {
    /// Appends a record. It need not be durable yet.
    ///
    /// # Errors
    ///
    /// When it cannot be kept; then nothing more may start.
    fn append(&mut self, record: &Record) -> io::Result<()>;

    /// Hands everything appended to the system: it outlives this process then, though not the machine.
    ///
    /// # Errors
    ///
    /// When it cannot be kept; then nothing more may start.
    fn flush(&mut self) -> io::Result<()>;

    /// Makes everything appended durable.
    ///
    /// # Errors
    ///
    /// When it cannot be; then nothing more may start.
    fn sync(&mut self) -> io::Result<()>;
}

/// Tells the time.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Shows what happens.
pub trait Reporter {
    /// Something went on record; `run` has it applied.
    fn record(&mut self, record: &Record, run: &Traversal);

    /// A running action printed something.
    fn output(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]);

    /// Something about a running step.
    fn note(&mut self, owner: &Owner, text: &str);
}
