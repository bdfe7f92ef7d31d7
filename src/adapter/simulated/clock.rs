use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use jiff::Timestamp;

use crate::engine::Clock;

/// A clock that stands still until it is told that time has passed. Its clones are one clock.
#[derive(Clone, Debug)]
pub struct SimulatedClock(Rc<Cell<Timestamp>>);

impl SimulatedClock {
    /// A clock that stands at this moment.
    pub fn at(now: Timestamp) -> Self {
        Self(Rc::new(Cell::new(now)))
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        let now = self.0.get();
        // At the end of time it stands still.
        self.0.set(now.checked_add(time).unwrap_or(now));
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.0.get()
    }
}
