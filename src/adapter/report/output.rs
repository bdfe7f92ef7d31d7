use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::adapter::journal::RunFolder;
use crate::model::{NodeId, Stream};

use super::harmless::Lines;

/// How many of the last lines of a step are kept, for the report of its failure.
const TAIL: usize = 5;
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
    tail: VecDeque<String>,
}

impl Output {
    /// Nothing yet, but for what the run's folder has of earlier attempts.
    pub(super) fn after(kept: Option<RunFolder>) -> Self {
        Self {
            kept,
            ..Self::default()
        }
    }

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

    /// The last lines that a step has printed since this call of the program began.
    pub(super) fn printed(&self, node: &NodeId) -> Vec<String> {
        self.printed
            .get(node)
            .map_or_else(Vec::new, |printed| printed.tail.iter().cloned().collect())
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
    let mut printed = Printed::default();
    let mut end = Vec::new();
    let read = File::open(path).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LOOK_BACK)))?;
        file.read_to_end(&mut end)
    });
    if read.is_ok() {
        let mut lines = printed.stdout.take(&end);
        lines.extend(printed.stdout.flush());
        printed.remember(&lines);
    }
    printed.tail
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
