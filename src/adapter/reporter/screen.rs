use std::collections::VecDeque;
use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::traverse::{Owner, Rendered};

use super::phrase;
use super::style::{Line, Mark, Style};
use super::view::View;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(120);
/// How many lines are held back while a prompt stands open: bounds the memory that output can take.
const HELD_AT_MOST: usize = 200;

/// The terminal that a live report and a person's prompts share: it knows what stands on it, so that neither repeats the other. What is
/// reported while a prompt stands open is held back until that is answered.
#[derive(Clone)]
pub struct Screen {
    progress: MultiProgress,
    style: Style,
    paper: Arc<Mutex<Paper>>,
    /// Whether what is printed here belongs to the prompt that stands open.
    at_prompt: bool,
}

struct Paper {
    out: Box<dyn Write + Send>,
    sheet: Sheet,
    /// What is reported while a prompt stands open.
    held: Option<Held>,
    /// Whose step a person has just said something of, at a prompt.
    said: Vec<Owner>,
}

/// What stands on the screen, or will once it is printed.
struct Sheet {
    /// Whose step stands open, with its lines indented under it.
    opened: Option<Owner>,
    last: Last,
}

struct Held {
    sheet: Sheet,
    lines: VecDeque<Line>,
    /// How many more there were.
    left_out: usize,
    /// Where spinners are drawn when the prompt is gone.
    spinners: bool,
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
            sheet: Sheet::empty(),
            held: None,
            said: Vec::new(),
        };
        Self {
            progress,
            style,
            paper: Arc::new(Mutex::new(paper)),
            at_prompt: false,
        }
    }

    /// The same screen, for what belongs to a prompt.
    pub(in crate::adapter) fn at_prompt(&self) -> Self {
        Self {
            at_prompt: true,
            ..self.clone()
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
        if lines.is_empty() {
            return;
        }
        self.progress.suspend(|| {
            let mut paper = self.paper();
            match &mut paper.held {
                Some(held) if !self.at_prompt => held.take(lines),
                _ => paper.write(lines, self.style),
            }
        });
    }

    /// Leaves an empty line, if there is none.
    pub fn space(&self) {
        if self.sheet(|sheet| sheet.last) != Last::Empty {
            self.print(&Line::empty());
        }
    }

    /// Holds back what is reported from now on, and keeps the spinners still: a prompt stands open.
    pub(in crate::adapter) fn hold(&self) {
        let spinners = !self.progress.is_hidden();
        if spinners {
            // A terminal that has gone away needs none of this.
            let _ = self.progress.clear();
            self.progress.set_draw_target(ProgressDrawTarget::hidden());
        }
        self.paper().held = Some(Held {
            sheet: Sheet::empty(),
            lines: VecDeque::new(),
            left_out: 0,
            spinners,
        });
    }

    /// Whether a prompt stands open.
    pub(in crate::adapter) fn has_prompt(&self) -> bool {
        self.paper().held.is_some()
    }

    /// Prints what was held back: no prompt stands open any more.
    pub(in crate::adapter) fn release(&self) {
        let spinners = self.progress.suspend(|| self.paper().release(self.style));
        if spinners {
            self.progress.set_draw_target(ProgressDrawTarget::stderr());
        }
    }

    /// Runs `prompt`, which draws on the terminal by itself. Nothing is locked, so that a report need not wait for it.
    pub fn lend<T>(&self, prompt: impl FnOnce() -> T) -> T {
        let value = prompt();
        self.sheet(Sheet::was_drawn_on);
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

    /// Leaves the lines of a prompt that will not be answered: what comes begins on a line of its own, and the cursor shows. Whether a prompt
    /// stood open.
    pub(in crate::adapter) fn leave_prompt(&self) -> bool {
        let mut paper = self.paper();
        if paper.held.is_none() {
            return false;
        }
        // A terminal that has gone away needs none of this.
        let _ = paper.out.write_all(b"\x1b[?25h\x1b[?2004l\r\n\x1b[J");
        let _ = paper.out.flush();
        paper.sheet.was_drawn_on();
        true
    }

    /// Opens a node's or gate's step, unless it stands open: its title, and what it is going to do.
    pub(in crate::adapter) fn open(&self, owner: &Owner, work: Option<&Rendered>, run: &dyn View) {
        if self.is_open(owner) {
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
        self.sheet(|sheet| sheet.opened = Some(owner.clone()));
    }

    /// Whether this owner's step stands open.
    pub(in crate::adapter) fn is_open(&self, owner: &Owner) -> bool {
        self.sheet(|sheet| sheet.opened.as_ref() == Some(owner))
    }

    /// What comes does not belong to a step.
    pub(in crate::adapter) fn close(&self) {
        self.sheet(|sheet| sheet.opened = None);
    }

    /// A person has just said something of this owner's step at a prompt, which left it on the screen.
    pub(in crate::adapter) fn was_said(&self, owner: &Owner) {
        self.paper().said.push(owner.clone());
    }

    /// Whether that is so; it is told once.
    pub(super) fn take_said(&self, owner: &Owner) -> bool {
        let said = &mut self.paper().said;
        said.iter()
            .position(|said| said == owner)
            .map(|place| said.remove(place))
            .is_some()
    }

    /// A spinner with the time that has passed.
    pub(super) fn spinner(&self, message: String, passed: Duration) -> ProgressBar {
        let bar = ProgressBar::new_spinner().with_elapsed(passed);
        let bar = self.progress.add(bar);
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

    /// Looks at the sheet on which this one prints now.
    fn sheet<T>(&self, look: impl FnOnce(&mut Sheet) -> T) -> T {
        let mut paper = self.paper();
        let paper = &mut *paper;
        look(match &mut paper.held {
            Some(held) if !self.at_prompt => &mut held.sheet,
            _ => &mut paper.sheet,
        })
    }

    fn paper(&self) -> MutexGuard<'_, Paper> {
        self.paper.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Paper {
    fn write(&mut self, lines: &[Line], style: Style) {
        let mut text = String::new();
        for line in lines {
            if self.sheet.follow(line) {
                text.push('\n');
            }
            text.push_str(&style.line(line));
            text.push('\n');
        }
        // A terminal that went away does not end the run: the journal has it all.
        let _ = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
    }

    /// Prints what was held back; whether spinners are to be drawn again.
    fn release(&mut self, style: Style) -> bool {
        let Some(held) = self.held.take() else {
            return false;
        };
        let mut lines = Vec::from(held.lines);
        if held.left_out > 0 {
            let note = format!("lines not shown: {}", held.left_out);
            lines.insert(0, Line::new(Mark::Skipped, &note).at(1));
        }
        if !lines.is_empty() {
            if self.sheet.last != Last::Empty && lines.first() != Some(&Line::empty()) {
                lines.insert(0, Line::empty());
            }
            self.write(&lines, style);
            self.sheet.opened = held.sheet.opened;
        }
        held.spinners
    }
}

impl Held {
    fn take(&mut self, lines: &[Line]) {
        for line in lines {
            self.sheet.follow(line);
            if self.lines.len() == HELD_AT_MOST {
                // The run's folder has what a command printed; what came of it is told here only.
                let mut kept = self.lines.iter();
                let first = kept.position(|line| line.mark == Mark::Output);
                self.lines.remove(first.unwrap_or(0));
                self.left_out += 1;
            }
            self.lines.push_back(line.clone());
        }
    }
}

impl Sheet {
    fn empty() -> Self {
        Self {
            opened: None,
            last: Last::Empty,
        }
    }

    /// Takes a line; whether an empty one goes before it.
    fn follow(&mut self, line: &Line) -> bool {
        let is_empty = *line == Line::empty();
        let is_apart = !is_empty && line.depth == 0 && self.last == Last::Inner;
        self.last = match line.depth {
            _ if is_empty => Last::Empty,
            0 => Last::Outer,
            _ => Last::Inner,
        };
        is_apart
    }

    /// A prompt has left its lines.
    fn was_drawn_on(&mut self) {
        self.last = if self.opened.is_some() {
            Last::Inner
        } else {
            Last::Outer
        };
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen")
            .field("style", &self.style)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::reporter::screen;

    #[test]
    fn what_is_reported_at_a_prompt_comes_after_it() {
        let (screen, printed) = screen();
        screen.print(&Line::new(Mark::Output, "before").at(1));
        screen.hold();
        screen.print(&Line::new(Mark::Output, "beside").at(1));
        screen.at_prompt().print(&Line::new(Mark::Mind, "asked"));
        screen.print(&Line::new(Mark::Good, "done"));
        assert_eq!(printed.text(), "  │ before\n\n! asked\n");
        screen.release();
        screen.print(&Line::new(Mark::Good, "more"));
        let text = "  │ before\n\n! asked\n\n  │ beside\n\n✓ done\n✓ more\n";
        assert_eq!(printed.text(), text);
    }

    #[test]
    fn of_much_that_is_held_back_the_last_lines_and_every_outcome_are_shown() {
        let (screen, printed) = screen();
        screen.hold();
        screen.print(&Line::new(Mark::Bad, "failed"));
        for number in 0..1000 {
            screen.print(&Line::new(Mark::Output, &number.to_string()));
        }
        screen.release();
        let text = printed.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), HELD_AT_MOST + 2);
        assert_eq!(lines[..4], ["  – lines not shown: 801", "", "✗ failed", "│ 801"]);
        assert_eq!(lines.last(), Some(&"│ 999"));
    }

    #[test]
    fn a_prompt_that_is_left_gives_way() {
        let (screen, printed) = screen();
        assert!(!screen.leave_prompt());
        screen.hold();
        screen.print(&Line::new(Mark::Bad, "failed"));
        assert!(screen.leave_prompt());
        screen.release();
        assert!(printed.text().ends_with("\x1b[J\n✗ failed\n"));
        assert!(!screen.leave_prompt());
    }
}
