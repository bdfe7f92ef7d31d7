use std::io;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process};

use crate::adapter::process::Interrupt;
use crate::adapter::signals::{self, Watch};

/// How a drill hears that it should end: it does not die of it, as its sandbox has to be taken down first.
pub(super) struct Ending {
    heard: Arc<Heard>,
    _watch: Watch,
}

struct Heard {
    /// Ends the drill's own commands.
    interrupt: Interrupt,
    /// The first signal; 0 while there was none.
    signal: AtomicI32,
    /// The program in the sandbox, while it runs.
    program: Mutex<Option<Pid>>,
}

impl Ending {
    /// Takes signals over.
    pub(super) fn watch() -> io::Result<Self> {
        let heard = Arc::new(Heard {
            interrupt: Interrupt::new()?,
            signal: AtomicI32::new(0),
            program: Mutex::new(None),
        });
        let shared = Arc::clone(&heard);
        Ok(Self {
            heard,
            _watch: signals::each(move |signal| shared.hear(signal))?,
        })
    }

    /// What ends the drill's own commands.
    pub(super) fn interrupt(&self) -> &Interrupt {
        &self.heard.interrupt
    }

    /// The signal by which the drill was asked to end.
    pub(super) fn signal(&self) -> Option<i32> {
        Some(self.heard.signal.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
    }

    /// Waits for the program in the sandbox, which is passed what is heard meanwhile. `reading` is done while it runs.
    pub(super) fn see_out<T>(
        &self,
        mut child: Child,
        reading: impl FnOnce() -> T,
    ) -> io::Result<(ExitStatus, T)> {
        *self.heard.lock() = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let read = reading();
        let status = child.wait();
        *self.heard.lock() = None;
        Ok((status?, read))
    }
}

impl Heard {
    fn hear(&self, signal: i32) {
        let _ = self
            .signal
            .compare_exchange(0, signal, Ordering::Relaxed, Ordering::Relaxed);
        self.interrupt.raise();
        // Ctrl-C at the terminal reaches the program by itself; told twice, it would take it for the second time.
        let passed = Signal::from_named_raw(signal).filter(|signal| *signal != Signal::INT);
        if let (Some(program), Some(signal)) = (*self.lock(), passed) {
            // It may have ended just now, which is what was wanted.
            let _ = kill_process(program, signal);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Pid>> {
        self.program.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
