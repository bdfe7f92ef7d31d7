use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use crate::adapter::process::Kept;
use crate::adapter::secret::{Mask, Masked};
use crate::engine::{Report, Reports};
use crate::model::{NodeId, Stream};

/// How much of a stream is kept on disk at most.
const FILE_AT_MOST: u64 = 1024 * 1024 * 1024;

/// What becomes of a stream of a running action: without secrets, it is shown, kept on disk, and kept in memory for captures.
pub(super) struct Output<'a> {
    node: &'a NodeId,
    stream: Stream,
    reports: &'a Reports,
    masked: Masked,
    kept: Kept,
    /// Where it is kept on disk; nowhere any more once that went wrong.
    log: Option<Log>,
    problem: Option<io::Error>,
}

/// What is left of a stream at its end.
pub(super) struct Rest {
    /// Its beginning.
    pub(super) kept: Kept,
    /// Why it is not all on disk.
    pub(super) problem: Option<io::Error>,
}

impl<'a> Output<'a> {
    pub(super) fn new(
        node: &'a NodeId,
        stream: Stream,
        path: Option<PathBuf>,
        mask: &Mask,
        reports: &'a Reports,
    ) -> Self {
        Self {
            node,
            stream,
            reports,
            masked: mask.stream(),
            kept: Kept::default(),
            log: path.map(Log::at),
            problem: None,
        }
    }

    pub(super) fn push(&mut self, block: &[u8]) {
        let mut bytes = Vec::with_capacity(block.len());
        self.masked.push(block, &mut bytes);
        self.pass_on(bytes);
    }

    /// Ends it; `is_partial` if there could have been more.
    pub(super) fn finish(mut self, is_partial: bool) -> Rest {
        let mut bytes = Vec::new();
        self.masked.finish(&mut bytes);
        self.pass_on(bytes);
        if let Some(log) = self.log.take()
            && let Err(error) = log.finish(is_partial)
        {
            self.problem = Some(error);
        }
        Rest {
            kept: self.kept,
            problem: self.problem,
        }
    }

    fn pass_on(&mut self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.kept.push(&bytes);
        if let Some(log) = &mut self.log
            && let Err(error) = log.write(&bytes)
        {
            // A step is not to fail because its output cannot be kept, but people are told.
            self.problem = Some(error);
            self.log = None;
        }
        // When nobody listens any more, it is kept all the same.
        let _ = self.reports.send(Report::Output {
            node: self.node.clone(),
            stream: self.stream,
            bytes,
        });
    }
}

/// The file of a stream. Most streams stay silent: it is made when there is something to keep.
struct Log {
    path: PathBuf,
    file: Option<File>,
    length: u64,
    cut: u64,
}

impl Log {
    fn at(path: PathBuf) -> Self {
        Self {
            path,
            file: None,
            length: 0,
            cut: 0,
        }
    }

    fn file(&mut self) -> io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            none => {
                let file = OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(0o600)
                    .open(&self.path)?;
                Ok(none.insert(file))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = FILE_AT_MOST - self.length;
        let kept = &bytes[..usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len())];
        self.file()?.write_all(kept)?;
        self.length += kept.len() as u64;
        self.cut += (bytes.len() - kept.len()) as u64;
        Ok(())
    }

    /// Says in the file what is not in it.
    fn finish(mut self, is_partial: bool) -> io::Result<()> {
        let cut = self.cut;
        if cut > 0 {
            let mib = FILE_AT_MOST / 1024 / 1024;
            write!(
                self.file()?,
                "\n[cut here: only the first {mib} MiB are kept, {cut} bytes more were printed]\n"
            )?;
        }
        if is_partial {
            writeln!(
                self.file()?,
                "\n[cut here: what the command left running still held its output]"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_log_says_what_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut log = Log::at(path.clone());
        log.write(b"first").unwrap();
        log.length = FILE_AT_MOST - 2;
        log.write(b"second").unwrap();
        log.write(b"third").unwrap();
        log.finish(false).unwrap();
        assert_eq!(
            fs::read_to_string(path).unwrap(),
            "firstse\n[cut here: only the first 1024 MiB are kept, 9 bytes more were printed]\n"
        );
    }
}
