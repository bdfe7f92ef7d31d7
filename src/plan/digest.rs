use std::fmt;
use std::io;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::parts::{Of, Reviewed};

/// What a digest begins with.
const PREFIX: &str = "sha256:";
/// How many digits of a digest are enough to mean it.
const LEAST: usize = 12;
/// Of how many parts there are sums, so that a digest can still be pasted.
const SUMS_AT_MOST: usize = 128;
/// The digits of a sum, six bits each: those that stand in an address of the web as well, as in RFC 4648, section 5.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The digest of what was reviewed: `sha256:`, the 64 hexadecimal digits of that, and after another `:` two characters for each part. The digits say
/// whether something else would run, and may be cut short; the rest says what, and may be left away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest {
    digits: String,
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
        let written = serde_json::to_writer(&mut hasher, self);
        debug_assert!(written.is_ok(), "every value has a form in JSON: {written:?}");
        let digits = hasher.0.finalize();
        Digest {
            digits: digits.iter().map(|byte| format!("{byte:02x}")).collect(),
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
        if !self.sums.is_empty() {
            f.write_str(":")?;
        }
        self.sums.iter().try_for_each(|sum| {
            let digit = |six: u16| char::from(DIGITS[usize::from(six & 63)]);
            write!(f, "{}{}", digit(sum >> 6), digit(*sum))
        })
    }
}

impl FromStr for Digest {
    type Err = NoDigest;

    fn from_str(typed: &str) -> Result<Self, NoDigest> {
        let typed = typed.strip_prefix(PREFIX).unwrap_or(typed);
        let (digits, sums) = typed.split_once(':').unwrap_or((typed, ""));
        let is_right =
            (LEAST..=64).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_right {
            return Err(NoDigest);
        }
        let six = |digit: &u8| DIGITS.iter().position(|known| known == digit);
        let sums: Option<Vec<u16>> = sums
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| u16::try_from(six(&pair[0])? << 6 | six(&pair[1])?).ok())
            .collect();
        Ok(Self {
            digits: digits.to_ascii_lowercase(),
            sums: sums.ok_or(NoDigest)?,
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

    #[test]
    fn a_digest_may_be_cut_short_but_not_too_short() {
        let whole = Digest {
            digits: "0123456789abcdef".repeat(4),
            sums: vec![0, 0xfff, 0x123],
        };
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
}
