use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Which runs a removing keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Keep {
    /// So many, the newest.
    Newest(usize),
    /// All on whose record something happened since.
    Since(Timestamp),
}

/// A moment, as people write it: so long ago, a day, or a time.
///
/// # Errors
///
/// What can be written, for something else.
pub(in crate::cli) fn since(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    // Every time that is shown is of UTC, and so is one that is written without more.
    let of_utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| of_utc(text.parse().ok()?))
        .or_else(|| ago(text))
        .ok_or_else(|| {
            "write how long ago, `2h`, `3d` or `2w`; a day or a time of UTC, `2026-11-22` or `2026-11-22T13:50`; \
             or a time with its zone, `2026-11-22T13:50:00+01:00`"
                .to_owned()
        })
}

/// How much a removing keeps, as people write it: a number of runs, or an age.
///
/// # Errors
///
/// What can be written, for something else.
pub(in crate::cli) fn keep(text: &str) -> Result<Keep, String> {
    let text = text.trim();
    if let Ok(number) = text.parse() {
        return Ok(Keep::Newest(number));
    }
    ago(text)
        .map(Keep::Since)
        .ok_or_else(|| "write a number of runs, `50`; or an age, `12h`, `90d` or `8w`".to_owned())
}

/// The moment that is so long ago. A day has 24 hours: there is no other in UTC.
fn ago(text: &str) -> Option<Timestamp> {
    let span: Span = text.parse().ok()?;
    let now = Timestamp::now().to_zoned(TimeZone::UTC);
    Some(now.checked_sub(span.abs()).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_many_ways() {
        for (text, means) in [
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("2026-11-22T13:50", "2026-11-22T13:50:00Z"),
            ("2026-11-22 13:50:07", "2026-11-22T13:50:07Z"),
            ("2026-11-22T13:50:00+01:00", "2026-11-22T12:50:00Z"),
            ("2026-11-22T13:50:00Z", "2026-11-22T13:50:00Z"),
        ] {
            assert_eq!(since(text).unwrap().to_string(), means, "{text}");
        }
        for (text, seconds) in [
            ("2h", 7_200),
            (" 3d ", 259_200),
            ("2w", 1_209_600),
            ("1h 30m", 5_400),
            ("2 hours ago", 7_200),
        ] {
            let then = since(text).unwrap();
            let passed = Timestamp::now().duration_since(then).as_secs();
            assert!((seconds..seconds + 60).contains(&passed), "{text}: {passed}");
        }
        for wrong in ["", "yesterday-ish", "22.11.2026", "2026-13-01", "h", "7"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_kept_is_a_number_or_an_age() {
        assert_eq!(keep("50"), Ok(Keep::Newest(50)));
        assert_eq!(keep("0"), Ok(Keep::Newest(0)));
        assert!(matches!(keep("90d"), Ok(Keep::Since(_))));
        for wrong in ["", "all", "-1", "90 runs", "2026-11-22"] {
            assert!(keep(wrong).is_err(), "{wrong}");
        }
    }
}
