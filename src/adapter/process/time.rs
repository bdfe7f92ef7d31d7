use std::time::{Duration, Instant};

use rustix::event::Timespec;

/// Longer than anything here lives, and short enough to be added to any instant.
const FOREVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// The instant after a pause.
pub(super) fn later(pause: Duration) -> Instant {
    Instant::now() + pause.min(FOREVER)
}

/// A duration as poll takes it.
pub(super) fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}
