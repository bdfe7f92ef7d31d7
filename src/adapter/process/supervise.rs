use std::fmt;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};

use crate::model::Stream;
use crate::traverse::Outcome;

use super::child::Child;
use super::{Interrupt, later, timespec};

/// How much is read at once: what a pipe holds.
const BLOCK: usize = 64 * 1024;
/// For how long after a command's end its pipes must be quiet to be given up.
const QUIET: Duration = Duration::from_millis(200);
/// For how long after a command's end its pipes are read, quiet or not.
const DRAIN: Duration = Duration::from_secs(2);
/// How often is looked at what nothing tells about.
const TICK: Duration = Duration::from_millis(5);

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this exit code.
    Exited(i32),
    /// By a signal.
    Signalled(i32),
    /// It was ended, as its time had passed.
    TimedOut(Duration),
    /// It was ended, as we were asked to end. How it took that is no sign of its success.
    Interrupted,
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "exited with {code}"),
            Self::Signalled(signal) => write!(f, "was ended by signal {signal}"),
            Self::TimedOut(after) => write!(f, "took longer than {after:?} and was ended"),
            Self::Interrupted => f.write_str("was interrupted"),
        }
    }
}

impl From<End> for Outcome {
    fn from(end: End) -> Self {
        match end {
            End::Exited(code) => Self::Exited(code),
            End::Signalled(signal) => Self::Signalled(signal),
            End::TimedOut(after) => Self::TimedOut(after),
            // What it exited with then says nothing about its work.
            End::Interrupted => Self::Interrupted,
        }
    }
}

/// The end of a command.
#[derive(Clone, Copy, Debug)]
pub struct Ended {
    /// How.
    pub end: End,
    /// Whether something that it left behind still holds its output, so that not all of that was read.
    pub left_behind: bool,
    /// How long it took.
    pub took: Duration,
}

/// Why a command is being ended.
#[derive(Clone, Copy)]
enum Cause {
    Timeout,
    Interrupt,
}

/// Where the life of a command stands.
enum Phase {
    /// It runs.
    Running,
    /// It was sent TERM.
    Ending { cause: Cause, kill_at: Instant },
    /// It was sent KILL.
    Killed { cause: Cause },
}

struct Supervision<'a> {
    child: Child,
    stdin: &'a [u8],
    phase: Phase,
    /// Since when it has ended.
    ended_at: Option<Instant>,
    /// When it last printed something.
    heard_at: Instant,
    grace: Duration,
}

/// What of it is ready.
struct Ready {
    stdin: bool,
    stdout: PollFlags,
    stderr: PollFlags,
    interrupted: bool,
    killed: bool,
}

/// Sees a command to its end.
pub(super) fn supervise(
    child: Child,
    stdin: &[u8],
    (timeout, grace): (Option<Duration>, Duration),
    interrupt: &Interrupt,
    sink: &mut dyn FnMut(Stream, &[u8]),
) -> Ended {
    let began = Instant::now();
    let timeout = timeout.unwrap_or(Duration::MAX);
    let deadline = later(timeout);
    let mut block = Vec::new();
    let mut it = Supervision {
        child,
        stdin,
        phase: Phase::Running,
        ended_at: None,
        heard_at: began,
        grace,
    };
    while !it.is_over() {
        let ready = it.wait(deadline, interrupt);
        it.exchange(&ready, &mut block, sink);
        it.go_on(&ready, deadline);
    }
    Ended {
        end: it.end(timeout),
        left_behind: it.child.stdout.is_some() || it.child.stderr.is_some(),
        took: it.ended_at.unwrap_or_else(Instant::now) - began,
    }
}

impl Supervision<'_> {
    /// Nothing more is to come, or to be waited for.
    fn is_over(&self) -> bool {
        let Some(ended_at) = self.ended_at else {
            return false;
        };
        let closed = self.child.stdout.is_none() && self.child.stderr.is_none();
        let quiet = ended_at.max(self.heard_at).elapsed() >= QUIET || ended_at.elapsed() >= DRAIN;
        match self.phase {
            Phase::Running | Phase::Killed { .. } => closed || quiet,
            Phase::Ending { .. } => !self.child.target.outlives_its_end() && (closed || quiet),
        }
    }

    /// Waits until something is ready or due.
    fn wait(&mut self, deadline: Instant, interrupt: &Interrupt) -> Ready {
        let due = match (&self.phase, self.ended_at) {
            // The group has nothing that could be waited for.
            (Phase::Ending { .. }, Some(_)) => Some(Instant::now() + TICK),
            (_, Some(ended_at)) => Some((ended_at.max(self.heard_at) + QUIET).min(ended_at + DRAIN)),
            (_, None) if self.child.end.is_none() => Some(Instant::now() + TICK),
            (Phase::Running, None) => Some(deadline),
            (Phase::Ending { kill_at, .. }, None) => Some(*kill_at),
            (Phase::Killed { .. }, None) => None,
        };
        let timeout = due.map(|due| timespec(due.saturating_duration_since(Instant::now())));
        let child = &self.child;
        let end = child.end.as_ref().filter(|_| self.ended_at.is_none());
        let signal = match self.phase {
            Phase::Running => Some(interrupt.orderly()).filter(|_| self.ended_at.is_none()),
            Phase::Ending { .. } => Some(interrupt.at_once()),
            Phase::Killed { .. } => None,
        };
        let sources = [
            (child.stdin.as_ref().map(AsFd::as_fd), PollFlags::OUT),
            (child.stdout.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (child.stderr.as_ref().map(AsFd::as_fd), PollFlags::IN),
            (signal, PollFlags::IN),
            (end.map(AsFd::as_fd), PollFlags::IN),
        ];
        let mut fds: Vec<PollFd<'_>> = sources
            .iter()
            .filter_map(|(fd, flags)| Some(PollFd::from_borrowed_fd((*fd)?, *flags)))
            .collect();
        // An error is a signal handler that ran: nothing is ready then, and the loop comes back.
        let _ = poll(&mut fds, timeout.as_ref());
        let mut results = fds.iter().map(PollFd::revents);
        let [stdin, stdout, stderr, signal, _] =
            sources.map(|(fd, _)| fd.and_then(|_| results.next()).unwrap_or(PollFlags::empty()));
        let signal = !signal.is_empty();
        Ready {
            stdin: !stdin.is_empty(),
            stdout,
            stderr,
            interrupted: signal && matches!(self.phase, Phase::Running),
            killed: signal && matches!(self.phase, Phase::Ending { .. }),
        }
    }

    /// Writes and reads what is ready.
    fn exchange(&mut self, ready: &Ready, block: &mut Vec<u8>, sink: &mut dyn FnMut(Stream, &[u8])) {
        if ready.stdin {
            self.write();
        }
        for (stream, events) in [(Stream::Stdout, ready.stdout), (Stream::Stderr, ready.stderr)] {
            let pipe = match stream {
                Stream::Stdout => &mut self.child.stdout,
                Stream::Stderr => &mut self.child.stderr,
            };
            let Some(reader) = pipe.as_mut().filter(|_| !events.is_empty()) else {
                continue;
            };
            // Nobody writes to it any more, and all that was written is read. Most commands print nothing and come no further.
            if events == PollFlags::HUP {
                *pipe = None;
                continue;
            }
            block.resize(BLOCK, 0);
            match reader.read(block) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => *pipe = None,
                Ok(length) => {
                    self.heard_at = Instant::now();
                    sink(stream, &block[..length]);
                }
            }
        }
    }

    /// Writes to its standard input, and closes that when all is said or nobody listens.
    fn write(&mut self) {
        let Some(pipe) = &mut self.child.stdin else { return };
        match pipe.write(self.stdin) {
            Ok(length) => self.stdin = &self.stdin[length..],
            Err(error)
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::Interrupted
                ) => {}
            Err(_) => self.stdin = &[],
        }
        if self.stdin.is_empty() {
            self.child.stdin = None;
        }
    }

    /// Notices its end, and ends it when that is due.
    fn go_on(&mut self, ready: &Ready, deadline: Instant) {
        if self.ended_at.is_none() && self.child.has_ended() {
            self.ended_at = Some(Instant::now());
        }
        let now = Instant::now();
        match self.phase {
            // What it leaves behind on purpose is not ours to end.
            Phase::Running if self.ended_at.is_some() => {}
            Phase::Running if ready.interrupted => self.terminate(Cause::Interrupt),
            Phase::Running if now >= deadline => self.terminate(Cause::Timeout),
            Phase::Ending { cause, kill_at } if ready.killed || now >= kill_at => {
                // When it has ended and is reaped, its group was there a moment ago, which keeps the number from being another's.
                if self.ended_at.is_none() || self.child.target.outlives_its_end() {
                    self.child.target.kill();
                }
                self.phase = Phase::Killed { cause };
            }
            Phase::Running | Phase::Ending { .. } | Phase::Killed { .. } => {}
        }
    }

    fn terminate(&mut self, cause: Cause) {
        self.child.target.terminate();
        self.phase = Phase::Ending {
            cause,
            kill_at: later(self.grace),
        };
    }

    fn end(&self, timeout: Duration) -> End {
        match self.phase {
            Phase::Ending { cause, .. } | Phase::Killed { cause } => match cause {
                Cause::Timeout => End::TimedOut(timeout),
                Cause::Interrupt => End::Interrupted,
            },
            Phase::Running => match self.child.status() {
                Some(status) => match (status.code(), status.signal()) {
                    (Some(code), _) => End::Exited(code),
                    (None, signal) => End::Signalled(signal.unwrap_or_default()),
                },
                None => End::Interrupted,
            },
        }
    }
}
