use sha2::{Digest, Sha256};

/// What stands between a record and its sum. The sum is the last member of a line, so that all before it can be hashed as it stands.
const BEFORE: &[u8] = b",\"sum\":\"";
const AFTER: &[u8] = b"\"}";
/// How many characters a sum has.
const SUM: usize = 64;

/// The hash chain over a journal: the sum of each record is the SHA-256 of the sum before it and of the record as it is written.
/// Who changes, drops or adds one has to change all that follow, and the last sum then is another.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// The last sum, in hexadecimal; empty before the first record.
    last: Vec<u8>,
}

impl Chain {
    /// Closes a record, which is a JSON object from `start` to the end of `lines`, with its sum and the end of its line.
    pub(super) fn seal(&mut self, lines: &mut Vec<u8>, start: usize) {
        lines.pop();
        self.take(&lines[start..]);
        lines.extend_from_slice(BEFORE);
        lines.extend_from_slice(&self.last);
        lines.extend_from_slice(AFTER);
        lines.push(b'\n');
    }

    /// Whether a line, without its end, carries the sum that follows; only then is it taken up.
    pub(super) fn follows(&mut self, line: &[u8]) -> bool {
        let Some((record, sum)) = split(line) else {
            return false;
        };
        let mut next = self.clone();
        next.take(record);
        let follows = next.last == sum;
        if follows {
            *self = next;
        }
        follows
    }

    /// The last sum; empty before the first record.
    pub(super) fn sum(&self) -> String {
        String::from_utf8_lossy(&self.last).into_owned()
    }

    fn take(&mut self, record: &[u8]) {
        let sum = Sha256::new()
            .chain_update(&self.last)
            .chain_update(record)
            .finalize();
        self.last.clear();
        for byte in sum {
            self.last
                .extend([byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
        }
    }
}

/// A line's record without its closing brace, and its sum.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.strip_suffix(AFTER)?;
    let (rest, sum) = line.split_at_checked(line.len().checked_sub(SUM)?)?;
    Some((rest.strip_suffix(BEFORE)?, sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_sum_is_over_all_that_came_before() {
        let mut lines = Vec::new();
        let mut chain = Chain::default();
        for record in [r#"{"a":1}"#, r#"{"b":2}"#] {
            let start = lines.len();
            lines.extend_from_slice(record.as_bytes());
            chain.seal(&mut lines, start);
        }
        let text = String::from_utf8(lines).unwrap();
        let [one, two] = text.lines().collect::<Vec<_>>()[..] else {
            panic!("two lines: {text}");
        };
        // printf '{"a":1' | sha256sum
        assert!(one.starts_with(r#"{"a":1,"sum":"8b0f0d75"#), "{one}");
        let mut read = Chain::default();
        assert!(!read.follows(two.as_bytes()), "nothing was before it");
        assert!(read.follows(one.as_bytes()));
        assert!(!read.follows(two.replace('2', "3").as_bytes()), "it was changed");
        assert!(read.follows(two.as_bytes()));
        assert_eq!(read.sum(), chain.sum());
    }
}
