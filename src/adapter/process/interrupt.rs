use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use super::{later, timespec};

/// The wish that what runs ends: first orderly, then at once. Whoever waits for something else can wait for it too.
#[derive(Debug)]
pub struct Interrupt {
    orderly: Latch,
    at_once: Latch,
}

impl Interrupt {
    /// Nobody wishes it yet.
    ///
    /// # Errors
    ///
    /// When the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            orderly: Latch::new()?,
            at_once: Latch::new()?,
        })
    }

    /// Wishes that what runs ends; a second time, that it ends at once.
    pub fn raise(&self) {
        if !self.orderly.release() {
            self.at_once.release();
        }
    }

    /// Whether somebody wished it.
    pub fn is_raised(&self) -> bool {
        self.orderly.is_released()
    }

    /// Waits until it is raised or the time has passed; whether it is raised.
    pub fn wait(&self, pause: Duration) -> bool {
        self.wait_or(None, pause)
    }

    /// Waits until it is raised, the time has passed, or something can be read from `other`; whether it is raised.
    pub fn wait_or(&self, other: Option<BorrowedFd<'_>>, pause: Duration) -> bool {
        let until = later(pause);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let mut fds = vec![PollFd::from_borrowed_fd(self.orderly(), PollFlags::IN)];
            fds.extend(other.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
            match poll(&mut fds, Some(&timespec(left))) {
                // A signal handler ran; the time has not passed.
                Err(rustix::io::Errno::INTR) => {}
                _ => return self.is_raised(),
            }
        }
    }

    /// Can be read from once what runs should end.
    pub(super) fn orderly(&self) -> BorrowedFd<'_> {
        self.orderly.reader.as_fd()
    }

    /// Can be read from once it should end at once.
    pub(super) fn at_once(&self) -> BorrowedFd<'_> {
        self.at_once.reader.as_fd()
    }
}

/// A pipe whose write end is closed once: every poll of its read end then returns, in whatever thread.
#[derive(Debug)]
struct Latch {
    reader: PipeReader,
    writer: Mutex<Option<PipeWriter>>,
}

impl Latch {
    fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        Ok(Self {
            reader,
            writer: Mutex::new(Some(writer)),
        })
    }

    /// Whether this was the first time.
    fn release(&self) -> bool {
        self.writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .is_some()
    }

    fn is_released(&self) -> bool {
        self.writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }
}
