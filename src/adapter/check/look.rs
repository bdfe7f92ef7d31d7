use crate::adapter::secret::Mask;
use crate::traverse::Verdict;

use super::Seen;

/// How long evidence is at most, in characters.
const EVIDENCE_AT_MOST: usize = 400;
/// How much of a text is quoted in it.
const QUOTED_AT_MOST: usize = 120;

/// What came of looking once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// It is as it should be: what was seen.
    Held(String),
    /// It is not.
    Failed {
        /// What was seen.
        seen: String,
        /// What should have been; may be empty.
        wanted: String,
    },
    /// It could not be looked at, and why.
    Unknown(String),
}

impl Sight {
    /// The same, but that a text which could not be judged is unknown, and not otherwise than wanted.
    pub(super) fn unless_unjudged(self, unjudged: bool) -> Self {
        match self {
            Self::Failed { seen, wanted } if unjudged => Self::Unknown(format!("{seen}, wanted {wanted}")),
            sight => sight,
        }
    }

    /// As a verdict and its evidence. Turning round leaves unknown what is unknown.
    pub(super) fn judged(self, negated: bool, mask: &Mask) -> Seen {
        let (verdict, evidence) = match (self, negated) {
            (Self::Held(seen), false) => (Verdict::Held, seen),
            (Self::Held(seen), true) => (Verdict::Failed, format!("{seen}, wanted it not to be so")),
            (Self::Failed { seen, wanted }, false) if wanted.is_empty() => (Verdict::Failed, seen),
            (Self::Failed { seen, wanted }, false) => (Verdict::Failed, format!("{seen}, wanted {wanted}")),
            (Self::Failed { seen, .. }, true) => (Verdict::Held, seen),
            (Self::Unknown(why), _) => (Verdict::Unknown, why),
        };
        Seen {
            verdict,
            evidence: shortened(&mask.text(&evidence), EVIDENCE_AT_MOST),
        }
    }
}

/// The beginning of a text in quotes, on one line. Secrets go first: half of one would be recognised by nobody.
pub(super) fn quoted(text: &str, mask: &Mask) -> String {
    format!("{:?}", shortened(mask.text(text).trim(), QUOTED_AT_MOST))
}

/// The beginning of a text.
fn shortened(text: &str, length: usize) -> String {
    match text.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_round_leaves_unknown_what_is_unknown() {
        let mask = Mask::default();
        let failed = Sight::Failed {
            seen: "HTTP 502".to_owned(),
            wanted: "200".to_owned(),
        };
        let seen = |sight: Sight, negated| {
            let seen = sight.judged(negated, &mask);
            (seen.verdict, seen.evidence)
        };
        assert_eq!(
            seen(failed.clone(), false),
            (Verdict::Failed, "HTTP 502, wanted 200".to_owned())
        );
        assert_eq!(seen(failed, true), (Verdict::Held, "HTTP 502".to_owned()));
        let held = Sight::Held("HTTP 200".to_owned());
        assert_eq!(
            seen(held, true),
            (Verdict::Failed, "HTTP 200, wanted it not to be so".to_owned())
        );
        assert_eq!(
            seen(Sight::Unknown("why".to_owned()), true),
            (Verdict::Unknown, "why".to_owned())
        );
    }

    #[test]
    fn evidence_is_short_and_on_one_line() {
        assert_eq!(quoted("two\nlines\n", &Mask::default()), r#""two\nlines""#);
        assert_eq!(
            quoted(&"ü".repeat(500), &Mask::default()).chars().count(),
            120 + 3
        );
    }
}
