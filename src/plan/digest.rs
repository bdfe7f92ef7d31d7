use std::fmt;
use std::io;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::parts::{Of, Reviewed};

/// What a digest is of, and how its parts are written: a number that is raised with every change of that, so that what was reviewed with another
/// version is told from what somebody changed. The test `what_a_digest_is_of_is_pinned` says when.
pub(super) const FORMAT: u16 = 1;
/// What a digest begins with.
const PREFIX: &str = "sha256:";
/// How many digits of a digest are enough to mean it.
const LEAST: usize = 12;
/// Of how many parts there are sums, so that a digest can still be pasted.
const SUMS_AT_MOST: usize = 128;
/// The digits of a number of the second half, six bits each: those that stand in an address of the web as well, as in RFC 4648, section 5.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The digest of what was reviewed: `sha256:`, the 64 hexadecimal digits of that, and after another `:` numbers of two characters each: its format,
/// for how many parts there are sums, and the sums. The digits say whether something else would run, and may be cut short; the rest says what, and
/// may be left away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest {
    digits: String,
    /// None where it was cut short.
    format: Option<u16>,
    /// All of them, or none.
    sums: Vec<u16>,
}

/// That a text is no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not of the form `sha256:0123456789ab`, with 12 digits or more")]
pub struct NoDigest;

/// A part that is not what was reviewed, as far as a digest can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Differs {
    /// It is another one.
    Changed(Of),
    /// It is new, or stands at another place; or it is another one, and what stood beside it is gone.
    New(Of),
    /// Something behind this one is gone, or stands at another place.
    GoneAfter(Of),
}

impl Reviewed {
    /// Its digest.
    pub fn digest(&self) -> Digest {
        let mut hasher = Hasher(Sha256::new());
        let written = serde_json::to_writer(&mut hasher, &(FORMAT, self));
        debug_assert!(written.is_ok(), "every value has a form in JSON: {written:?}");
        let digits = hasher.0.finalize();
        Digest {
            digits: digits.iter().map(|byte| format!("{byte:02x}")).collect(),
            format: Some(FORMAT),
            sums: self.sums().into_iter().map(|(_, sum)| sum).collect(),
        }
    }

    fn sums(&self) -> Vec<(Of, u16)> {
        if self.count() > SUMS_AT_MOST {
            return Vec::new();
        }
        self.parts().map(|parts| parts.sums()).unwrap_or_default()
    }
}

impl Digest {
    /// Whether this one, which may be cut short, means the other.
    pub fn means(&self, whole: &Self) -> bool {
        whole.digits.starts_with(&self.digits)
    }

    /// Whether it is of another format: another version of Switchback made it. None where it does not tell.
    pub fn is_of_another_version(&self) -> Option<bool> {
        self.format.map(|format| format != FORMAT)
    }

    /// The digits that are enough to mean it.
    pub fn short(&self) -> String {
        format!("{PREFIX}{}", &self.digits[..LEAST])
    }

    /// Which parts of what would run now differ from what this is the digest of. Nothing where the digest does not tell: it was cut short, or
    /// there are too many parts.
    pub fn differences(&self, now: &Reviewed) -> Vec<Differs> {
        let parts = now.sums();
        let sums: Vec<u16> = parts.iter().map(|(_, sum)| *sum).collect();
        // The first part, the runbook itself, is always there.
        let (Some((runbook_before, before)), Some((runbook, after))) =
            (self.sums.split_first(), sums.split_first())
        else {
            return Vec::new();
        };
        let part = |index: usize| parts[index + 1].0.clone();
        let mut found = Vec::new();
        if runbook_before != runbook {
            found.push(Differs::Changed(Of::Runbook));
        }
        for op in capture_diff_slices(Algorithm::Myers, before, after) {
            let (gone, new) = (op.old_range().len(), op.new_range());
            match op {
                DiffOp::Equal { .. } => {}
                _ if gone == new.len() => found.extend(new.map(part).map(Differs::Changed)),
                _ => {
                    let behind = parts[new.start].0.clone();
                    let is_less = gone > new.len();
                    found.extend(new.map(part).map(Differs::New));
                    found.extend(is_less.then_some(Differs::GoneAfter(behind)));
                }
            }
        }
        found
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.digits)?;
        let Some(format) = self.format else {
            return Ok(());
        };
        let count = u16::try_from(self.sums.len()).map_err(|_| fmt::Error)?;
        let digit = |six: u16| char::from(DIGITS[usize::from(six & 63)]);
        f.write_str(":")?;
        [format, count]
            .iter()
            .chain(&self.sums)
            .try_for_each(|number| write!(f, "{}{}", digit(number >> 6), digit(*number)))
    }
}

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(typed: &str) -> Result<Self, NoDigest> {
        let typed = typed.strip_prefix(PREFIX).unwrap_or(typed);
        let (digits, rest) = typed.split_once(':').unwrap_or((typed, ""));
        let is_right =
            (LEAST..=64).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_right {
            return Err(NoDigest);
        }
        let six = |digit: u8| DIGITS.iter().position(|known| *known == digit);
        let rest: Option<Vec<u16>> = rest
            .bytes()
            .map(|digit| u16::try_from(six(digit)?).ok())
            .collect();
        let rest = rest.ok_or(NoDigest)?;
        let (pairs, odd) = rest.as_chunks::<2>();
        let mut numbers = pairs.iter().map(|[high, low]| high << 6 | low);
        let (format, count) = (numbers.next(), numbers.next());
        let sums: Vec<u16> = numbers.collect();
        // Where it was cut short, nobody knows which sums are missing.
        let is_whole = odd.is_empty() && count.map(usize::from) == Some(sums.len());
        Ok(Self {
            digits: digits.to_ascii_lowercase(),
            format,
            sums: if is_whole { sums } else { Vec::new() },
        })
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl TryFrom<String> for Digest {
    type Error = NoDigest;

    fn try_from(text: String) -> Result<Self, NoDigest> {
        text.parse()
    }
}

/// Everything that is written goes into the sum.
struct Hasher(Sha256);

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Result<Digest, NoDigest> {
        typed.parse()
    }

    fn whole() -> Digest {
        Digest {
            digits: "0123456789abcdef".repeat(4),
            format: Some(FORMAT),
            sums: vec![0, 0xfff, 0x123],
        }
    }

    #[test]
    fn a_digest_may_be_cut_short_but_not_too_short() {
        let whole = whole();
        assert_eq!(read(&whole.to_string()), Ok(whole.clone()));
        for typed in [
            &whole.to_string()[..40],
            "sha256:0123456789ab",
            "0123456789ABCDEF",
        ] {
            assert!(read(typed).is_ok_and(|digest| digest.means(&whole)), "{typed}");
        }
        assert!(read("0123456789ac").is_ok_and(|digest| !digest.means(&whole)));
        for typed in [
            "sha256:0123456789a",
            "reviewed.json",
            "",
            "sha256:",
            "0123456789ab:??",
        ] {
            assert_eq!(read(typed), Err(NoDigest), "{typed}");
        }
    }

    #[test]
    fn a_second_half_that_was_cut_short_has_no_sums() {
        let whole = whole();
        let text = whole.to_string();
        let half = text.len() - "sha256:".len() - 64;
        for cut in 1..=half {
            let read = read(&text[..text.len() - cut]).unwrap();
            assert!(read.means(&whole), "{cut}");
            assert_eq!(read.sums, [0; 0], "{cut}");
            assert_eq!(read.format, (half - cut > 2).then_some(FORMAT), "{cut}");
        }
        // Nor has one with a sum more.
        assert_eq!(read(&format!("{text}AA")).unwrap().sums, [0; 0]);
    }
}
