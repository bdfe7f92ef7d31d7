use std::fmt;
use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use crate::traverse::{Owner, Rendered};

use super::live::{Live, Size};
use super::paper::{Held, Last, Manner, Paper, Sheet};
use super::phrase;
use super::style::{Line, Style};
use super::view::View;

/// How often what is under way is drawn.
const TICK: Duration = Duration::from_millis(100);

/// The terminal that a live report and a person's prompts share: it knows what stands on it, so that neither repeats the other. What is
/// final is printed line by line; what is under way is drawn below, again and again. While a prompt stands open it gives way, and what is
/// reported is held back until that is answered.
#[derive(Clone)]
pub struct Screen {
    paper: Arc<Mutex<Paper>>,
    /// Whether what is printed here belongs to the prompt that stands open.
    at_prompt: bool,
}

impl Screen {
    /// A screen that can be drawn on: `out` is standard error, outside tests, and `size` says how large it is now, if that is known.
    pub fn drawn(
        out: impl Write + Send + 'static,
        style: Style,
        size: impl Fn() -> Option<Size> + Send + 'static,
    ) -> Self {
        Self::of(out, style, Manner::Drawn(Box::new(size)))
    }

    /// A screen on which nothing is ever drawn again and every mark is a word: what a screen reader says, and what any terminal can show.
    pub fn spoken(out: impl Write + Send + 'static, style: Style) -> Self {
        let style = Style {
            colour: false,
            ..style
        };
        Self::of(out, style, Manner::Spoken)
    }

    /// A screen of lines and nothing else.
    #[cfg(test)]
    pub(super) fn printed(out: impl Write + Send + 'static, style: Style) -> Self {
        Self::of(out, style, Manner::Printed)
    }

    fn of(out: impl Write + Send + 'static, style: Style, manner: Manner) -> Self {
        Self {
            paper: Arc::new(Mutex::new(Paper::new(out, style, manner))),
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

    /// How it looks now.
    pub fn style(&self) -> Style {
        self.paper().style()
    }

    /// Whether everything is said once, in words, and nothing is drawn.
    pub(in crate::adapter) fn is_spoken(&self) -> bool {
        self.paper().is_spoken()
    }

    /// Prints a line above what is under way. What is indented and what is not are kept apart by an empty line.
    pub fn print(&self, line: &Line) {
        self.print_all(std::slice::from_ref(line));
    }

    /// Prints lines.
    pub fn print_all(&self, lines: &[Line]) {
        if lines.is_empty() {
            return;
        }
        let mut paper = self.paper();
        match &mut paper.held {
            Some(held) if !self.at_prompt => held.take(lines),
            _ => paper.write(lines),
        }
    }

    /// Leaves an empty line, if there is none.
    pub fn space(&self) {
        if self.sheet(|sheet| sheet.last) != Last::Empty {
            self.print(&Line::empty());
        }
    }

    /// Has an empty line come before the next one that is not indented.
    pub(super) fn part(&self) {
        self.sheet(|sheet| sheet.last = Last::Inner);
    }

    /// Has no empty line come before the next one.
    pub(super) fn join(&self) {
        self.sheet(|sheet| sheet.last = Last::Outer);
    }

    /// Holds back what is reported from now on, and draws nothing: a prompt stands open. What goes on beside it is said before.
    pub(in crate::adapter) fn hold(&self) {
        let mut paper = self.paper();
        if paper.can_draw() {
            let beside: Vec<Line> = paper.live.beside().collect();
            paper.write(&beside);
        }
        paper.erase();
        paper.held = Some(Held::new());
    }

    /// Whether a prompt stands open.
    pub(in crate::adapter) fn has_prompt(&self) -> bool {
        self.paper().held.is_some()
    }

    /// Prints what was held back: no prompt stands open any more.
    pub(in crate::adapter) fn release(&self) {
        self.paper().release();
    }

    /// The same where no prompt stood open, but a program had the terminal.
    pub(in crate::adapter) fn release_below(&self) {
        self.paper().release_below();
    }

    /// Runs `prompt`, which draws on the terminal by itself. Nothing is locked, so that a report need not wait for it.
    pub fn lend<T>(&self, prompt: impl FnOnce() -> T) -> T {
        let value = prompt();
        self.sheet(Sheet::was_drawn_on);
        value
    }

    /// Goes on below what a program left on the terminal, which may have ended in the middle of a line.
    pub(super) fn go_on_below(&self) {
        self.paper().go_on_below();
    }

    /// Leaves the lines of a prompt that will not be answered: what comes begins on a line of its own. Whether a prompt stood open.
    pub(in crate::adapter) fn leave_prompt(&self) -> bool {
        let mut paper = self.paper();
        let stood_open = paper.held.is_some();
        if stood_open {
            paper.leave_prompt();
        }
        stood_open
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

    /// What comes is the end of this owner's step: it stands right below its lines, if these come last.
    pub(super) fn conclude(&self, owner: &Owner) {
        self.sheet(|sheet| {
            if sheet.opened.take().as_ref() == Some(owner) && sheet.last == Last::Inner {
                sheet.last = Last::Outer;
            }
        });
    }

    /// A person has just said something of this owner's step at a prompt, which left it on the screen.
    pub(in crate::adapter) fn was_said(&self, owner: &Owner) {
        self.paper().said.push(owner.clone());
    }

    /// Whether that is so; it is told once.
    pub(super) fn take_said(&self, owner: &Owner) -> bool {
        let said = &mut self.paper().said;
        let place = said.iter().position(|said| said == owner);
        place.map(|place| said.remove(place)).is_some()
    }

    /// Changes what is under way. It is drawn soon, and not at once: what takes no time is not worth a look.
    pub(super) fn live<T>(&self, change: impl FnOnce(&mut Live) -> T) -> T {
        let mut paper = self.paper();
        let value = change(&mut paper.live);
        if paper.can_draw() && !paper.live.is_idle() && !paper.is_ticking {
            let weak = Arc::downgrade(&self.paper);
            let ticker = thread::Builder::new().name("screen".to_owned());
            // Without a thread nothing is drawn, and what is final is printed all the same.
            paper.is_ticking = ticker.spawn(move || tick(&weak)).is_ok();
        }
        value
    }

    /// Takes what is under way off the screen at once: the terminal is somebody else's now, or whoever did it is gone.
    pub fn give_way(&self) {
        let mut paper = self.paper();
        paper.live.clear();
        paper.erase();
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

/// Draws what is under way for as long as something is.
fn tick(paper: &Weak<Mutex<Paper>>) {
    loop {
        thread::sleep(TICK);
        let Some(paper) = paper.upgrade() else { return };
        let mut paper = paper.lock().unwrap_or_else(PoisonError::into_inner);
        paper.draw();
        if paper.live.is_idle() {
            paper.is_ticking = false;
            return;
        }
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screen")
            .field("style", &self.style())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::reporter::screen;
    use crate::adapter::reporter::style::Mark;

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
