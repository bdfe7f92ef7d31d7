//! The progress of what takes long beside a run, drawn at the foot of the terminal and gone without a trace when it is done.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::console::Console;

/// How long a picture of the spinner stands.
const TURN: Duration = Duration::from_millis(100);

/// What is drawn while it lives; nothing where nobody would see it. Nothing else may be said meanwhile.
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Something that takes as long as it takes: what it is, and how long it has taken so far.
    pub(super) fn spinner(console: &Console, plain: bool, what: &'static str) -> Self {
        let pictures = if console.style.unicode {
            "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ "
        } else {
            "|/-\\ "
        };
        let style = style("{spinner} {msg}  {elapsed}").tick_chars(pictures);
        let bar = drawn(console, plain, ProgressBar::no_length().with_style(style));
        bar.set_message(what);
        bar.enable_steady_tick(TURN);
        Self { bar }
    }

    /// So many pieces of work: how many are done, and which was begun last.
    pub(super) fn bar(console: &Console, count: usize) -> Self {
        let signs = if console.style.unicode { "━─" } else { "#-" };
        let style = style("{bar:20} {pos} of {len}  {wide_msg}").progress_chars(signs);
        let bar = ProgressBar::new(count as u64).with_style(style);
        Self {
            bar: drawn(console, false, bar),
        }
    }

    /// Does a piece of the work, which is called so meanwhile.
    pub(super) fn piece<T>(&self, name: String, work: impl FnOnce() -> T) -> T {
        self.bar.set_message(name);
        let done = work();
        self.bar.inc(1);
        done
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// The bar, drawn where somebody sees it.
fn drawn(console: &Console, plain: bool, bar: ProgressBar) -> ProgressBar {
    bar.set_draw_target(if console.can_draw(plain) {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    bar
}

/// The templates are those above, which are right.
fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
