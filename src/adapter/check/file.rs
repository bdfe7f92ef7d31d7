use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::adapter::secret::Mask;
use crate::model::Matcher;

use super::look::{Sight, quoted};
use super::matcher::matches;

/// How much of a file is looked at.
const READ_AT_MOST: u64 = 10 * 1024 * 1024;

/// Whether a file is there, with the content that is wanted.
pub(super) fn look_at_file(folder: &Path, path: &str, content: &Matcher<String>, mask: &Mask) -> Sight {
    let place = folder.join(path);
    if let Err(error) = fs::metadata(&place) {
        return missing(path, &error);
    }
    let text = if *content == Matcher::default() {
        Ok(String::new())
    } else {
        read(&place)
    };
    match text {
        Ok(text) => judge_file(path, content, &text, mask),
        Err(error) => missing(path, &error),
    }
}

/// Whether a file that is there has the content that is wanted.
pub(super) fn judge_file(path: &str, content: &Matcher<String>, text: &str, mask: &Mask) -> Sight {
    if *content == Matcher::default() {
        return Sight::Held(format!("`{path}` is there"));
    }
    match matches(content, text, mask) {
        Ok(()) => Sight::Held(format!("`{path}` holds {}", quoted(text, mask))),
        Err(mismatch) => Sight::Failed {
            wanted: match mismatch.seen {
                Some(_) => mismatch.wanted,
                None => format!("it {}", mismatch.wanted),
            },
            seen: match mismatch.seen {
                Some(seen) => format!("`{path}`: {seen}"),
                None => format!("`{path}` holds {}", quoted(text, mask)),
            },
        }
        .unless_unjudged(mismatch.unjudged),
    }
}

/// Whether a symbolic link is there and leads where it should.
pub(super) fn look_at_link(folder: &Path, path: &str, to: &Matcher<String>, mask: &Mask) -> Sight {
    let target = match fs::read_link(folder.join(path)) {
        Ok(target) => target.to_string_lossy().into_owned(),
        Err(error) if error.kind() == ErrorKind::InvalidInput => {
            return Sight::Failed {
                seen: format!("`{path}` is there"),
                wanted: "it to be a symbolic link".to_owned(),
            };
        }
        Err(error) => return missing(path, &error),
    };
    judge_link(path, to, &target, mask)
}

/// Whether a link that is there leads where it should.
pub(super) fn judge_link(path: &str, to: &Matcher<String>, target: &str, mask: &Mask) -> Sight {
    let seen = format!("{path} -> {target}");
    match matches(to, target, mask) {
        Ok(()) => Sight::Held(seen),
        Err(mismatch) => Sight::Failed {
            seen,
            wanted: format!("it {}", mismatch.wanted),
        }
        .unless_unjudged(mismatch.unjudged),
    }
}

fn read(place: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(place)?
        .take(READ_AT_MOST + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > READ_AT_MOST {
        return Err(io::Error::new(
            ErrorKind::FileTooLarge,
            "it is longer than 10 MiB",
        ));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What is not there is seen; what may not be looked at is not.
fn missing(path: &str, error: &io::Error) -> Sight {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => absent(path),
        _ => Sight::Unknown(format!("`{path}` cannot be looked at: {error}")),
    }
}

/// What is seen where nothing is.
pub(super) fn absent(path: &str) -> Sight {
    Sight::Failed {
        seen: format!("`{path}` is not there"),
        wanted: String::new(),
    }
}
