//! A terminal whose screen can be read, with the program at it.

use std::io::Read;
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use expectrl::Session;
use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use regex::Regex;

use crate::support::{Call, steady};

/// Longer than anything takes: when it has passed, what is waited for does not come.
const PATIENCE: Duration = Duration::from_secs(120);

/// What else differs from one look to the next: how long something has taken so far, and how a spinner stands.
const FILTERS: &[(&str, &str)] = &[
    (r"\b(\d+m )?\d+s of ", "#s of "),
    (r"· \d+s(\n|$)", "· #s$1"),
    // Cut off by a terminal that became narrower.
    (r"(?m)· \d+\.$", "· #"),
    (r"‹took›", "#s"),
    (r"(?m)^(\s*)[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] ", "$1⠿ "),
    (r"(?m)^[|/\\-] ", "@ "),
];

pub(crate) struct Watched {
    session: OsSession,
    blocks: Receiver<Vec<u8>>,
    terminal: vt100::Parser,
    /// Every byte that came.
    pub(crate) bytes: Vec<u8>,
}

impl Watched {
    /// Starts a program at a terminal of this size.
    pub(crate) fn new(call: Call, columns: u16, rows: u16) -> Self {
        let mut session = Session::spawn(call.into_command()).expect("there are terminals left");
        let process = session.get_process_mut();
        process
            .set_window_size(columns, rows)
            .expect("the terminal is ours");
        let mut reader = process.get_raw_handle().expect("the terminal is open");
        let (sender, blocks) = channel();
        thread::spawn(move || {
            let mut block = vec![0; 64 * 1024];
            // When the program has gone, there is an error instead of an end.
            while let Ok(count @ 1..) = reader.read(&mut block) {
                if sender.send(block[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            session,
            blocks,
            terminal: vt100::Parser::new(size(rows), size(columns), 0),
            bytes: Vec::new(),
        }
    }

    /// Waits until this stands on the screen.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        self.comes(text, |screen| screen.contains(text));
    }

    /// Waits until this does not stand on the screen any more.
    #[track_caller]
    pub(crate) fn hides(&mut self, text: &str) {
        self.comes(text, |screen| !screen.contains(text));
    }

    #[track_caller]
    fn comes(&mut self, what: &str, is_there: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !(self.is_drawn_to_its_end() && is_there(&self.terminal.screen().contents())) {
            match self
                .blocks
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(block) => self.take(&block),
                Err(why) => panic!("waited for `{what}`: {why}\n{}", self.screen()),
            }
        }
    }

    /// What stands on the screen, without what differs from one time to the next.
    pub(crate) fn screen(&self) -> String {
        let contents = steady(&self.terminal.screen().contents());
        FILTERS.iter().fold(contents, |text, (pattern, instead)| {
            let pattern = Regex::new(pattern).expect("it is one");
            pattern.replace_all(&text, *instead).into_owned()
        })
    }

    /// The rows on the screen as they are, down to the last that is not empty.
    pub(crate) fn rows(&self) -> Vec<String> {
        let contents = self.terminal.screen().contents();
        contents.lines().map(|row| row.trim_end().to_owned()).collect()
    }

    /// The rows on the screen that go on to the next one.
    pub(crate) fn broken_rows(&self) -> Vec<String> {
        let screen = self.terminal.screen();
        let (_, columns) = screen.size();
        let rows = screen.rows(0, columns.get()).zip(0..);
        let broken = rows.filter(|(_, row)| screen.row_wrapped(*row));
        broken.map(|(text, _)| text).collect()
    }

    pub(crate) fn types(&mut self, keys: &str) {
        use expectrl::Expect;
        self.session.send(keys).expect("the program reads");
    }

    /// Makes the terminal larger or smaller, as somebody does with its window.
    pub(crate) fn resizes(&mut self, columns: u16, rows: u16) {
        self.terminal.screen_mut().set_size(size(rows), size(columns));
        let resized = self.session.get_process_mut().set_window_size(columns, rows);
        resized.expect("the terminal is ours");
    }

    /// Waits for the end, and gives the exit code.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> i32 {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self
                .blocks
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(block) => self.take(&block),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end\n{}", self.screen()),
            }
        }
        match self.session.get_process().wait() {
            Ok(WaitStatus::Exited(_, code)) => code,
            other => panic!("it ended with {other:?}\n{}", self.screen()),
        }
    }

    /// Whether nothing is half drawn: a block may end anywhere.
    fn is_drawn_to_its_end(&self) -> bool {
        let last = |sign: &[u8]| self.bytes.windows(sign.len()).rposition(|window| window == sign);
        last(b"\x1b[?7l") <= last(b"\x1b[?7h")
    }

    fn take(&mut self, block: &[u8]) {
        self.terminal.process(block);
        self.bytes.extend_from_slice(block);
    }
}

fn size(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has rows and columns")
}
