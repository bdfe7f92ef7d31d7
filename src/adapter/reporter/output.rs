use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::adapter::journal::RunFolder;
use crate::model::{NodeId, Stream};

use super::harmless::Lines;

/// How many of the last lines of a step are shown with its failure, at the end of a report.
const TAIL: usize = 5;
/// How many are kept while it is under way.
const KEPT: usize = 20;
/// How much of the end of a file is looked at for them.
const LOOK_BACK: u64 = 64 * 1024;

/// What steps print, as lines.
#[derive(Debug, Default)]
pub(super) struct Output {
    printed: HashMap<NodeId, Printed>,
    /// Where what earlier calls of the program saw is kept.
    kept: Option<RunFolder>,
}

#[derive(Debug, Default)]
struct Printed {
    stdout: Lines,
    stderr: Lines,
    tail: Tail,
}

/// The last lines with something on them.
#[derive(Debug, Default)]
struct Tail(VecDeque<String>);

impl Output {
    /// Nothing yet, but for what the run's folder has of earlier attempts.
    pub(super) fn after(kept: Option<RunFolder>) -> Self {
        Self {
            kept,
            ..Self::default()
        }
    }

    /// Takes a block of output, and gives the lines that it ends.
    pub(super) fn take(&mut self, node: &NodeId, stream: Stream, bytes: &[u8], mut each: impl FnMut(&str)) {
        let printed = self.printed.entry(node.clone()).or_default();
        let lines = match stream {
            Stream::Stdout => &mut printed.stdout,
            Stream::Stderr => &mut printed.stderr,
        };
        lines.take(bytes, |line| {
            printed.tail.push(line);
            each(line);
        });
    }

    /// The line that a step has begun and not ended, such as its own sign of progress.
    pub(super) fn begun(&self, node: &NodeId) -> Option<String> {
        let printed = self.printed.get(node)?;
        printed.stdout.begun().or_else(|| printed.stderr.begun())
    }

    /// What a step that ended has left without a line's end.
    pub(super) fn flush(&mut self, node: &NodeId, mut each: impl FnMut(&str)) {
        let Some(printed) = self.printed.get_mut(node) else {
            return;
        };
        for lines in [&mut printed.stdout, &mut printed.stderr] {
            lines.flush(|line| {
                printed.tail.push(line);
                each(line);
            });
        }
    }

    /// Forgets what an earlier attempt printed.
    pub(super) fn restart(&mut self, node: &NodeId) {
        self.printed.remove(node);
    }

    /// The last lines that a step has printed since this call of the program began.
    pub(super) fn printed(&self, node: &NodeId) -> Vec<String> {
        self.last(node, TAIL).map(str::to_owned).collect()
    }

    /// The last lines of a step, as many of them as are kept.
    pub(super) fn kept(&self, node: &NodeId) -> impl Iterator<Item = &str> {
        self.last(node, KEPT)
    }

    fn last(&self, node: &NodeId, count: usize) -> impl Iterator<Item = &str> {
        let tail = self.printed.get(node).map(|printed| &printed.tail.0);
        let skipped = tail.map_or(0, |tail| tail.len().saturating_sub(count));
        tail.into_iter().flatten().skip(skipped).map(String::as_str)
    }

    /// The last lines of an attempt at a step.
    pub(super) fn tail(&self, node: &NodeId, attempt: u32) -> Vec<String> {
        match &self.kept {
            Some(folder) if !self.printed.contains_key(node) => [Stream::Stdout, Stream::Stderr]
                .iter()
                .flat_map(|stream| last_lines(&folder.output(node, attempt, *stream)))
                .collect(),
            _ => self.printed(node),
        }
    }
}

/// The last lines of a file; none if it cannot be read.
fn last_lines(path: &Path) -> VecDeque<String> {
    let (mut lines, mut tail) = (Lines::default(), Tail::default());
    let mut end = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOOK_BACK)))?;
        file.read_to_end(&mut end)
    });
    if read.is_ok() {
        lines.take(&end, |line| tail.push(line));
        lines.flush(|line| tail.push(line));
    }
    tail.0.drain(..tail.0.len().saturating_sub(TAIL));
    tail.0
}

impl Tail {
    fn push(&mut self, line: &str) {
        if line.trim_start().is_empty() {
            return;
        }
        let mut kept = String::new();
        if self.0.len() == KEPT {
            // The oldest makes room, and leaves its memory.
            kept = self.0.pop_front().unwrap_or_default();
            kept.clear();
        }
        kept.push_str(line);
        self.0.push_back(kept);
    }
}
