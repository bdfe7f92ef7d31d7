use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::traverse::{Owner, Rendered};

use super::phrase;
use super::style::{Line, Style};
use super::view::View;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// The terminal that a live report and a person's prompts share: it knows what stands on it, so that neither repeats the other.
#[derive(Clone)]
pub struct Screen {
    progress: MultiProgress,
    style: Style,
    paper: Arc<Mutex<Paper>>,
}

struct Paper {
    out: Box<dyn Write + Send>,
    /// Whose step stands open, with its lines indented under it.
    opened: Option<Owner>,
    /// Whose step a person has just said something of, at a prompt.
    said: Option<Owner>,
    last: Last,
}

/// What the last line was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Empty,
    Outer,
    Inner,
}

impl Screen {
    /// A screen on which `progress` draws its spinners, and `out` its lines: standard error, outside tests.
    pub fn new(progress: MultiProgress, out: impl Write + Send + 'static, style: Style) -> Self {
        let paper = Paper {
            out: Box::new(out),
            opened: None,
            said: None,
            last: Last::Empty,
        };
        Self {
            progress,
            style,
            paper: Arc::new(Mutex::new(paper)),
        }
    }

    /// How it looks.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Prints a line above the spinners. What is indented and what is not are kept apart by an empty line.
    pub fn print(&self, line: &Line) {
        self.print_all(std::slice::from_ref(line));
    }

    /// Prints lines.
    pub fn print_all(&self, lines: &[Line]) {
        if !lines.is_empty() {
            self.progress.suspend(|| self.paper().write(lines, self.style));
        }
    }

    /// Leaves an empty line, if there is none.
    pub fn space(&self) {
        if self.paper().last != Last::Empty {
            self.print(&Line::empty());
        }
    }

    /// Runs `prompt`, which draws on the terminal by itself. Nothing else is under way then, so no spinner is in its way; and nothing
    /// is locked, so that a report of the run's end need not wait for it.
    pub fn lend<T>(&self, prompt: impl FnOnce() -> T) -> T {
        let value = prompt();
        let mut paper = self.paper();
        paper.last = if paper.opened.is_some() {
            Last::Inner
        } else {
            Last::Outer
        };
        value
    }

    /// Goes on below what a program left on the terminal, which may have ended in the middle of a line: blanks as wide as the screen come to the
    /// next line only from there.
    pub(super) fn go_on_below(&self) {
        let blanks = " ".repeat(self.style.width.saturating_sub(1));
        let mut paper = self.paper();
        // A terminal that has gone away needs none of this.
        let _ = write!(paper.out, "{blanks}\r\x1b[K");
        let _ = paper.out.flush();
    }

    /// Leaves the lines of a prompt that will not be answered: what comes begins on a line of its own, and the cursor shows.
    pub(in crate::adapter) fn leave_prompt(&self) {
        let mut paper = self.paper();
        // A terminal that has gone away needs none of this.
        let _ = paper.out.write_all(b"\x1b[?25h\x1b[?2004l\r\n");
        let _ = paper.out.flush();
    }

    /// Opens a node's or gate's step, unless it stands open: its title, and what it is going to do.
    pub(in crate::adapter) fn open(&self, owner: &Owner, work: Option<&Rendered>, run: &dyn View) {
        if self.paper().opened.as_ref() == Some(owner) {
            return;
        }
        self.space();
        self.print(&match owner {
            Owner::Node(node) => phrase::opening(node, run),
            Owner::Gate(gate) => phrase::gate_opening(gate, run),
        });
        let lines: Vec<Line> = work
            .into_iter()
            .flat_map(phrase::work)
            .map(|line| line.at(1))
            .collect();
        self.print_all(&lines);
        self.paper().opened = Some(owner.clone());
    }

    /// Whether this owner's step stands open.
    pub(super) fn is_open(&self, owner: &Owner) -> bool {
        self.paper().opened.as_ref() == Some(owner)
    }

    /// What comes does not belong to a step.
    pub(in crate::adapter) fn close(&self) {
        self.paper().opened = None;
    }

    /// A person has just said something of this owner's step at a prompt, which left it on the screen.
    pub(in crate::adapter) fn was_said(&self, owner: &Owner) {
        self.paper().said = Some(owner.clone());
    }

    /// Whether that is so; it is told once.
    pub(super) fn take_said(&self, owner: &Owner) -> bool {
        self.paper().said.take_if(|said| said == owner).is_some()
    }

    /// A spinner with the time that has passed.
    pub(super) fn spinner(&self, message: String) -> ProgressBar {
        let bar = self.progress.add(ProgressBar::new_spinner());
        let ticks: &[&str] = if self.style.unicode {
            &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏", " "]
        } else {
            &["|", "/", "-", "\\", " "]
        };
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {elapsed} {wide_msg}") {
            bar.set_style(style.tick_strings(ticks));
        }
        bar.set_message(message);
        bar.enable_steady_tick(TICK);
        bar
    }

    fn paper(&self) -> MutexGuard<'_, Paper> {
        self.paper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Paper {
    fn write(&mut self, lines: &[Line], style: Style) {
        let mut text = String::new();
        for line in lines {
            let is_empty = *line == Line::empty();
            if !is_empty && line.depth == 0 && self.last == Last::Inner {
                text.push('\n');
            }
            text.push_str(&style.line(line));
            text.push('\n');
            self.last = match line.depth {
                _ if is_empty => Last::Empty,
                0 => Last::Outer,
                _ => Last::Inner,
            };
        }
        // A terminal that went away does not end the run: the journal has it all.
        let _ = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen")
            .field("style", &self.style)
            .finish_non_exhaustive()
    }
}
