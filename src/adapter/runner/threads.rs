use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::engine::{Report, Reports};

/// What a thread is to do, and whom it tells when that is done.
pub(super) struct Work {
    pub(super) task: Box<dyn FnOnce() -> Report + Send>,
    pub(super) reports: Reports,
}

/// Threads that are used again: steps one after another need one, as many side by side need as many. They end once this is dropped and
/// their work is done.
pub(super) struct Threads {
    queue: Sender<Work>,
    room: Arc<Room>,
}

/// Where threads wait for work.
struct Room {
    queue: Mutex<Receiver<Work>>,
    /// How many have nothing to do, and nothing in the queue for them.
    idle: AtomicUsize,
}

impl Default for Threads {
    fn default() -> Self {
        let (sender, receiver) = channel();
        Self {
            queue: sender,
            room: Arc::new(Room {
                queue: Mutex::new(receiver),
                idle: AtomicUsize::new(0),
            }),
        }
    }
}

impl Threads {
    /// Has something done at once.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub(super) fn start(&self, work: Work) -> io::Result<()> {
        let one_less = |idle: usize| idle.checked_sub(1);
        let idle = &self.room.idle;
        if idle
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less)
            .is_err()
        {
            let room = Arc::clone(&self.room);
            thread::Builder::new()
                .name("step".to_owned())
                .spawn(move || room.work())?;
        }
        // The receiver lives as long as this does.
        let _ = self.queue.send(work);
        Ok(())
    }
}

impl Room {
    fn work(&self) {
        loop {
            let next = self.queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Work { task, reports }) = next else {
                return;
            };
            let report = task();
            // Before the word is out, so that what follows on it finds this thread.
            self.idle.fetch_add(1, Ordering::AcqRel);
            // When nobody listens any more, nobody waits.
            let _ = reports.send(report);
        }
    }
}
