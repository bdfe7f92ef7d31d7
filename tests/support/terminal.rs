//! A person at a terminal: sees what is on the screen, and types.

use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{Eof, Expect, Session};

use super::{Call, steady};

pub(crate) const ENTER: &str = "\r";
pub(crate) const DOWN: &str = "\x1b[B";
pub(crate) const INTERRUPT: &str = "\x03";

/// Longer than anything takes: when it has passed, what is waited for does not come.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Terminal {
    session: OsSession,
    /// What was on the screen up to what was waited for last.
    seen: String,
}

impl Terminal {
    /// Starts a program at a terminal of its own.
    pub(crate) fn of(call: Call) -> Self {
        // Without colour what is looked for is in one piece.
        let call = call
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .env("LANG", "C.UTF-8");
        let mut session = Session::spawn(call.into_command()).expect("there are terminals left");
        let size = session.get_process_mut().set_window_size(120, 50);
        size.expect("the terminal is ours");
        session.set_expect_timeout(Some(PATIENCE));
        Self {
            session,
            seen: String::new(),
        }
    }

    /// Waits until this is on the screen, after what was waited for before.
    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) {
        match self.session.expect(text) {
            Ok(found) => self.keep(&[found.before(), text.as_bytes()].concat()),
            Err(error) => self.give_up(text, &error),
        }
    }

    /// Types; what is typed is on the screen or not, as the program has it.
    pub(crate) fn types(&mut self, keys: &str) {
        self.session.send(keys).expect("the program reads");
    }

    /// Waits for a question and for the line that says how to answer it, which is drawn last.
    #[track_caller]
    pub(crate) fn is_asked(&mut self, question: &str, how: &str) {
        self.sees(&format!("? {question}"));
        self.sees(how);
    }

    /// Sends the program a signal, as somebody does from another terminal.
    pub(crate) fn is_sent(&self, signal: rustix::process::Signal) {
        let program = rustix::process::Pid::from_raw(self.session.get_process().pid().as_raw());
        let sent = program.map(|program| rustix::process::kill_process(program, signal));
        assert_eq!(sent, Some(Ok(())), "the program is there");
    }

    /// Waits for the end, and gives the exit code.
    #[track_caller]
    pub(crate) fn ends(mut self) -> i32 {
        match self.session.expect(Eof) {
            Ok(rest) => self.keep(rest.as_bytes()),
            Err(error) => self.give_up("its end", &error),
        }
        match self.session.get_process().wait() {
            Ok(WaitStatus::Exited(_, code)) => code,
            other => panic!("it ended with {other:?} after\n{}", steady(&self.seen)),
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.seen.push_str(&String::from_utf8_lossy(bytes));
    }

    #[track_caller]
    fn give_up(&mut self, text: &str, error: &expectrl::Error) -> ! {
        let mut rest = [0; 64 * 1024];
        let read = self.session.try_read(&mut rest).unwrap_or(0);
        self.keep(&rest[..read]);
        // What still runs is asked to end, so that it puts away what it made.
        let _ = self.session.send(INTERRUPT);
        let _ = self.session.expect(Eof);
        panic!("waited for `{text}`: {error}\n{}", steady(&self.seen))
    }
}
