use std::fmt;

use crate::engine::Reporter;
use crate::model::{NodeId, Stream};
use crate::traverse::{Owner, Record, Traversal};

/// Several reporters of one run: each is told everything, in this order.
pub struct Several(Vec<Box<dyn Reporter>>);

impl Several {
    /// One out of these.
    pub fn new(reporters: Vec<Box<dyn Reporter>>) -> Self {
        Self(reporters)
    }
}

impl Reporter for Several {
    fn record(&mut self, record: &Record, run: &Traversal) {
        for reporter in &mut self.0 {
            reporter.record(record, run);
        }
    }

    fn output(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]) {
        for reporter in &mut self.0 {
            reporter.output(node, stream, bytes);
        }
    }

    fn note(&mut self, owner: &Owner, text: &str) {
        for reporter in &mut self.0 {
            reporter.note(owner, text);
        }
    }
}

impl fmt::Debug for Several {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Several").field(&self.0.len()).finish()
    }
}
