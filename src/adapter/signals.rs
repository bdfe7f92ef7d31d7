//! The wish from outside that the program ends.

use std::io;
use std::thread;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};

use crate::engine::{Report, Reports};

/// Takes signals over for as long as it lives.
#[derive(Debug)]
pub struct Watch(Handle);

/// Reports INT, TERM and HUP from now on, instead of letting them end the program on the spot.
///
/// # Errors
///
/// When the signals cannot be taken over.
pub fn watch(reports: &Reports) -> io::Result<Watch> {
    let reports = reports.clone();
    each(move |signal| {
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
