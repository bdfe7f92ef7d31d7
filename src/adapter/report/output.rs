use std::collections::{HashMap, VecDeque};

use crate::model::{NodeId, Stream};

use super::harmless::Lines;

/// How many of the last lines of a step are kept, for the report of its failure.
const TAIL: usize = 5;

/// What steps print, as lines.
#[derive(Debug, Default)]
pub(super) struct Output {
    printed: HashMap<NodeId, Printed>,
}

#[derive(Debug, Default)]
struct Printed {
    stdout: Lines,
    stderr: Lines,
    tail: VecDeque<String>,
}

impl Output {
    /// Takes a block of output, and gives the lines that it ends.
    pub(super) fn take(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]) -> Vec<String> {
        let printed = self.printed.entry(node.clone()).or_default();
        let lines = match stream {
            Stream::Stdout => printed.stdout.take(bytes),
            Stream::Stderr => printed.stderr.take(bytes),
        };
        printed.remember(&lines);
        lines
    }

    /// The line that a step has begun and not ended, such as its own sign of progress.
    pub(super) fn begun(&self, node: &NodeId) -> Option<String> {
        let printed = self.printed.get(node)?;
        printed.stdout.begun().or_else(|| printed.stderr.begun())
    }

    /// What a step that ended has left without a line's end.
    pub(super) fn flush(&mut self, node: &NodeId) -> Vec<String> {
        let Some(printed) = self.printed.get_mut(node) else {
            return Vec::new();
        };
        let lines: Vec<String> = printed
            .stdout
            .flush()
            .into_iter()
            .chain(printed.stderr.flush())
            .collect();
        printed.remember(&lines);
        lines
    }

    /// Forgets what an earlier attempt printed.
    pub(super) fn restart(&mut self, node: &NodeId) {
        self.printed.remove(node);
    }

    /// The last lines of a step.
    pub(super) fn tail(&self, node: &NodeId) -> Vec<String> {
        self.printed
            .get(node)
            .map_or_else(Vec::new, |printed| printed.tail.iter().cloned().collect())
    }
}

impl Printed {
    fn remember(&mut self, lines: &[String]) {
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            if self.tail.len() == TAIL {
                self.tail.pop_front();
            }
            self.tail.push_back(line.clone());
        }
    }
}
