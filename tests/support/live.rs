//! A call that goes on: its lines are read as they come.

use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{Call, steady};

/// Longer than anything takes: when it has passed, what is waited for does not come.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Live {
    child: Child,
    lines: Receiver<String>,
    /// Every line so far, of both streams.
    seen: String,
}

impl Live {
    pub(crate) fn of(call: Call) -> Self {
        let mut child = call.start();
        let (sender, lines) = channel();
        read(child.stdout.take(), sender.clone());
        read(child.stderr.take(), sender);
        Self {
            child,
            lines,
            seen: String::new(),
        }
    }

    /// Waits until this stands on a line. Which of two streams a line came on first nobody can tell.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) {
        let begun = Instant::now();
        while !self.seen.contains(text) {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let _ = self.child.kill();
                panic!("waited for `{text}`\n{}", steady(&self.seen));
            };
            self.seen.push_str(&line);
        }
    }

    /// Sends it a signal, as somebody does from another terminal.
    pub(crate) fn is_sent(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it is there");
    }

    /// Waits for its end, and gives the exit code.
    #[track_caller]
    pub(crate) fn ends(self) -> i32 {
        self.told().0
    }

    /// The same with every line that it printed.
    #[track_caller]
    pub(crate) fn told(mut self) -> (i32, String) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.seen.push_str(&line),
                // Both streams are at their end.
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("waited for its end\n{}", steady(&self.seen));
                }
            }
        }
        let ended = self.child.wait().expect("it is ours");
        let code = ended.code();
        (
            code.unwrap_or_else(|| panic!("a signal ended it\n{}", steady(&self.seen))),
            self.seen,
        )
    }
}

fn read(stream: Option<impl Read + Send + 'static>, lines: Sender<String>) {
    let mut stream = BufReader::new(stream.expect("it is piped"));
    thread::spawn(move || {
        loop {
            let mut line = Vec::new();
            match stream.read_until(b'\n', &mut line) {
                Ok(1..) if lines.send(String::from_utf8_lossy(&line).into_owned()).is_ok() => {}
                _ => return,
            }
        }
    });
}
