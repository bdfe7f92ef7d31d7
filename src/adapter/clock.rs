//! What time it is.

use std::cell::Cell;

use jiff::{SignedDuration, Timestamp};

use crate::engine::Clock;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that goes on by the same step whenever it is read, so that a run's record is the same every time.
#[derive(Clone, Debug)]
pub struct FixedClock {
    next: Cell<Timestamp>,
    step: SignedDuration,
}

impl FixedClock {
    /// A clock that first tells `start`.
    pub fn new(start: Timestamp, step: SignedDuration) -> Self {
        Self {
            next: Cell::new(start),
            step,
        }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        let now = self.next.get();
        // At the end of time it stands still.
        self.next.set(now.checked_add(self.step).unwrap_or(now));
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_goes_on_by_its_step() {
        let clock = FixedClock::new(Timestamp::UNIX_EPOCH, SignedDuration::from_secs(2));
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now().as_second(), 2);
        assert_eq!(clock.now().as_second(), 4);
    }
}
