use std::io::stdin;

use rustix::process::getpgrp;
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp, tcsetattr};

/// How the terminal was set, and is set again when this is dropped.
pub(super) struct Modes(Option<Termios>);

impl Modes {
    /// As it is now; without a terminal there is nothing to keep.
    pub(super) fn now() -> Self {
        Self(tcgetattr(stdin()).ok())
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        let Some(modes) = &self.0 else { return };
        // Who sets a terminal that is somebody else's now is stopped.
        if tcgetpgrp(stdin()) == Ok(getpgrp()) {
            // If it has gone away there is nothing to put right. What was typed for the program is no answer to the next question.
            let _ = tcsetattr(stdin(), OptionalActions::Now, modes);
            let _ = tcflush(stdin(), QueueSelector::IFlush);
        }
    }
}
