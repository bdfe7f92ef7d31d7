//! The wish from outside that the program ends.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::{Handle, Signals};

use crate::engine::{Report, Reports};

/// Ctrl-C: ours, but while a step has the terminal.
#[derive(Debug, Default)]
pub struct CtrlC {
    lent: AtomicBool,
    /// It was typed, and what watches for signals has not come to it yet.
    is_new: Arc<AtomicBool>,
}

impl CtrlC {
    /// From now on it is meant for the step that has the terminal.
    pub fn lend(&self) {
        self.lent.store(true, Ordering::SeqCst);
    }

    /// From now on it is ours. What was typed before is not, also when what watches for signals comes to it only afterwards.
    pub fn take_back(&self) {
        self.is_new.store(false, Ordering::SeqCst);
        self.lent.store(false, Ordering::SeqCst);
    }

    fn is_ours(&self) -> bool {
        // In this order: when it is taken back in between, it is not new any more.
        let lent = self.lent.load(Ordering::SeqCst);
        self.is_new.swap(false, Ordering::SeqCst) && !lent
    }
}

/// Takes signals over for as long as it lives.
#[derive(Debug)]
pub struct Watch(Handle);

/// Reports INT, TERM and HUP from now on, instead of letting them end the program on the spot.
///
/// # Errors
///
/// When the signals cannot be taken over.
pub fn watch(reports: &Reports, ctrl_c: Arc<CtrlC>) -> io::Result<Watch> {
    let reports = reports.clone();
    // Before what watches is told, so that it finds it set.
    flag::register(SIGINT, Arc::clone(&ctrl_c.is_new))?;
    each(move |signal| {
        if signal == SIGINT && !ctrl_c.is_ours() {
            return;
        }
        // Where the engine is gone, so is the need to tell it.
        let _ = reports.send(Report::Interrupted { signal });
    })
}

/// Does something at each INT, TERM and HUP from now on, instead of letting them end the program on the spot.
///
/// # Errors
///
/// When the signals cannot be taken over.
pub fn each(mut hear: impl FnMut(i32) + Send + 'static) -> io::Result<Watch> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    let watch = Watch(signals.handle());
    thread::spawn(move || signals.forever().for_each(&mut hear));
    Ok(watch)
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ctrl_c_is_whose_terminal_it_was_when_it_was_typed() {
        let ctrl_c = CtrlC::default();
        let typed = || ctrl_c.is_new.store(true, Ordering::SeqCst);
        typed();
        assert!(ctrl_c.is_ours());
        ctrl_c.lend();
        typed();
        assert!(!ctrl_c.is_ours());
        typed();
        ctrl_c.take_back();
        assert!(!ctrl_c.is_ours(), "it is only heard afterwards");
        typed();
        assert!(ctrl_c.is_ours());
    }
}
