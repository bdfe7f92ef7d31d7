use std::io;

use crate::engine::{Journal, Reporter};
use crate::model::{NodeId, Stream};
use crate::traverse::{Owner, Record, Traversal};

/// A journal that keeps nothing: the run itself is all that is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct Forgotten;

impl Journal for Forgotten {
    fn append(&mut self, _record: &Record) -> io::Result<()> {
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reporter that nobody listens to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unheard;

impl Reporter for Unheard {
    fn record(&mut self, _record: &Record, _run: &Traversal) {}

    fn output(&mut self, _node: &NodeId, _stream: Stream, _bytes: &[u8]) {}

    fn note(&mut self, _owner: &Owner, _text: &str) {}
}
