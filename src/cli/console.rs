use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::adapter::reporter::{Forge, Screen, Size, Style, Tame, harmless};

use super::args::Color;
use super::error::Refusal;

/// Where the program speaks: data goes to standard output, everything else to standard error.
pub(super) struct Console {
    /// How text on standard error looks.
    pub(super) style: Style,
    /// How data on standard output looks, where it is made for people.
    pub(super) data_style: Style,
    /// Whether a person is at the other end: both standard input and standard error are terminals.
    pub(super) has_a_person: bool,
    /// Whose job log it speaks into; none where it is no job of a forge.
    pub(super) forge: Option<Forge>,
    has_lost_data: AtomicBool,
}

impl Console {
    pub(super) fn new(color: Color) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let colour = |is_terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            // https://no-color.org: any value but the empty one
            Color::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        let style = Style {
            colour: colour(is_terminal),
            unicode: speaks_unicode(),
            width: size().map_or(80, |size| size.columns),
        };
        Self {
            style,
            data_style: Style {
                colour: colour(std::io::stdout().is_terminal()),
                ..style
            },
            has_a_person: is_terminal && std::io::stdin().is_terminal(),
            forge: forge(),
            has_lost_data: AtomicBool::new(false),
        }
    }

    /// Where a person watches a run and is asked. Where the terminal cannot move its cursor, everything is said in words too.
    pub(super) fn screen(&self, plain: bool) -> Screen {
        if plain || is_dumb() {
            Screen::spoken(std::io::stderr(), self.style)
        } else {
            Screen::drawn(std::io::stderr(), self.style, size)
        }
    }

    /// Whether something that comes and goes can be shown to a person.
    pub(super) fn can_draw(&self, plain: bool) -> bool {
        self.has_a_person && !plain && !is_dumb()
    }

    /// Prints data to standard output. A reader that has gone away is no fault of ours; anything else that is lost is said, and remembered.
    pub(super) fn print(&self, text: &str) {
        self.pass_on(text.as_bytes());
    }

    /// The same for bytes, whatever they are; whether more of them can be printed.
    pub(super) fn pass_on(&self, bytes: &[u8]) -> bool {
        let mut out = std::io::stdout().lock();
        match out.write_all(bytes).and_then(|()| out.flush()) {
            Ok(()) => true,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => false,
            Err(error) => {
                self.say(&format!("error: standard output cannot be written: {error}"));
                self.has_lost_data.store(true, Ordering::Relaxed);
                false
            }
        }
    }

    /// How many columns there are for data that is made for people; none where nobody looks at it, and nothing is to be shortened.
    pub(super) fn data_width(&self) -> Option<usize> {
        std::io::stdout().is_terminal().then_some(self.data_style.width)
    }

    /// Whether something that was to be printed could not be.
    pub(super) fn has_lost_data(&self) -> bool {
        self.has_lost_data.load(Ordering::Relaxed)
    }

    /// Says a line to the person.
    pub(super) fn say(&self, line: &str) {
        let mut out = Tame::text(std::io::stderr().lock(), self.forge);
        let _ = out.write_all(format!("{line}\n").as_bytes());
    }

    /// Says why a command did not come to its work.
    pub(super) fn refuse(&self, refusal: &Refusal) {
        let mut lines = format!("error: {:#}", refusal.error);
        if !refusal.help.is_empty() {
            lines.push_str(&format!("\n  help: {}", refusal.help.replace('\n', "\n  ")));
        }
        // What was typed is in there, and must not move the cursor.
        for line in lines.lines() {
            self.say(&harmless(line));
        }
    }
}

/// How large the terminal is at this moment; none if it does not say.
fn size() -> Option<Size> {
    let size = rustix::termios::tcgetwinsize(std::io::stderr()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then(|| Size {
        columns: usize::from(size.ws_col),
        rows: usize::from(size.ws_row),
    })
}

/// As terminals say of themselves that they only print.
fn is_dumb() -> bool {
    std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// As the forges say it to their jobs.
fn forge() -> Option<Forge> {
    let is_true = |name: &str| std::env::var(name).is_ok_and(|value| value == "true");
    if is_true("GITHUB_ACTIONS") {
        Some(Forge::GitHub)
    } else if is_true("GITLAB_CI") {
        Some(Forge::GitLab)
    } else {
        None
    }
}

/// As the C library decides it: the first of these that is set and not empty.
fn speaks_unicode() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty())
        .is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}
