use std::borrow::Cow;
use std::io::{self, Write};

use super::{Forge, github};

/// Where lines are written that a forge must not take for its commands. Each write is of whole lines.
#[derive(Debug)]
pub struct Tame<W> {
    out: W,
    /// None where nothing has to be tamed: no line of ours can be a marker of GitLab, and without a forge there are no commands.
    tame: Option<fn(&str) -> Cow<'_, str>>,
}

impl<W: Write> Tame<W> {
    /// For lines that people read.
    pub fn text(out: W, forge: Option<Forge>) -> Self {
        let tame = (forge == Some(Forge::GitHub)).then_some(github::tame as _);
        Self { out, tame }
    }

    /// For lines of JSON.
    pub fn json(out: W, forge: Option<Forge>) -> Self {
        let tame = (forge == Some(Forge::GitHub)).then_some(github::tame_json as _);
        Self { out, tame }
    }

    /// Writes a line that is a command.
    pub(super) fn command(&mut self, line: &str) {
        // A reader that went away does not end the run: the journal has it all.
        let _ = self
            .out
            .write_all(line.as_bytes())
            .and_then(|()| self.out.flush());
    }
}

impl<W: Write> Write for Tame<W> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let Some(tame) = self.tame else {
            return self.out.write(lines);
        };
        let text =
            str::from_utf8(lines).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.out.write_all(tame(text).as_bytes())?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
