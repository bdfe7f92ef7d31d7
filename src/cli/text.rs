use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::parse::MAX_BYTES;

/// Reads a file that a person names, as far as a file may be long: what has no end, such as `/dev/zero`, is refused, not swallowed.
pub(super) fn read(file: &Path) -> io::Result<String> {
    let mut text = Vec::new();
    File::open(file)?
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut text)?;
    if text.len() > MAX_BYTES {
        let message = format!("it is larger than {} MiB", MAX_BYTES >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, message));
    }
    String::from_utf8(text)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8"))
}
