use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How much of a stream is kept in memory at most.
pub const KEPT_AT_MOST: usize = 8 * 1024 * 1024;

/// The beginning of what a stream printed.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    bytes: Vec<u8>,
    was_longer: bool,
}

impl Kept {
    /// What was kept of a stream in a file.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let mut kept = Self::default();
        let mut bytes = Vec::new();
        let at_most = KEPT_AT_MOST as u64 + 1;
        File::open(path)?.take(at_most).read_to_end(&mut bytes)?;
        kept.push(&bytes);
        Ok(kept)
    }

    /// What is kept of a stream with this text.
    pub fn of(text: &str) -> Self {
        let mut kept = Self::default();
        kept.push(text.as_bytes());
        kept
    }

    /// Adds a block, as far as there is room.
    pub fn push(&mut self, block: &[u8]) {
        let room = KEPT_AT_MOST - self.bytes.len();
        self.bytes.extend_from_slice(&block[..block.len().min(room)]);
        self.was_longer |= block.len() > room;
    }

    /// What was kept, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// What was kept.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Whether the stream had more to say.
    pub fn was_longer(&self) -> bool {
        self.was_longer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_bounded() {
        let mut kept = Kept::default();
        kept.push(&vec![b'x'; KEPT_AT_MOST - 1]);
        kept.push(b"y");
        assert!(!kept.was_longer());
        kept.push(b"z");
        assert!(kept.was_longer());
        assert_eq!(kept.text().len(), KEPT_AT_MOST);
    }
}
