//! The runs on this machine, looked at from outside: how each stands, and its record as it grows. Nothing here writes, and nobody who drives a
//! run is disturbed.

mod brief;
mod following;
mod moment;
mod standing;
mod table;

pub(super) use brief::Brief;
pub(super) use following::{Following, LOOK_AGAIN};
pub(super) use moment::{Keep, keep, since};
pub(super) use standing::Standing;
pub(super) use table::{Cell, Column, table};

use std::time::Duration;

use jiff::Timestamp;

use crate::traverse::{Identity, Person};

/// A person, and a sign of how the name is known if that is more than somebody's word.
pub(super) fn person(by: &Person) -> String {
    match by.identity {
        Identity::Asserted => by.name.clone(),
        Identity::Ci => format!("{} (CI)", by.name),
    }
}

/// How much time lies between two moments; none if a clock was set back.
pub(super) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// How much room something takes, as people say it.
pub(super) fn room(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while amount >= 1024.0 && units.len() > 0 {
        amount /= 1024.0;
        unit = units.next();
    }
    format!("{amount:.1} {}", unit.unwrap_or(&"TiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_said_in_units_that_people_know() {
        let said = [0, 1023, 1024, 1_600_000, 3 << 30, 9 << 50].map(room);
        assert_eq!(
            said,
            ["0 B", "1023 B", "1.0 KiB", "1.5 MiB", "3.0 GiB", "9216.0 TiB"]
        );
    }
}
