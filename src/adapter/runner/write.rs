use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::adapter::file;

/// Why a file is not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotWritten {
    /// It is there already.
    #[error("`{0}` is there with other content; move it away, or say `if_exists: overwrite`")]
    Other(String),
    /// The system refused.
    #[error("`{path}` cannot be written: {error}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        #[source]
        error: io::Error,
    },
}

/// Writes a file whole or not at all, with the folders above it; durable when it returns. One that has this content is left as it is.
pub(super) fn write(folder: &Path, path: &str, content: &str, overwrite: bool) -> Result<(), NotWritten> {
    let place = folder.join(path);
    let refused = |error| NotWritten::Io {
        path: path.to_owned(),
        error,
    };
    match has_content(&place, content) {
        Ok(true) => return Ok(()),
        Ok(false) if !overwrite => return Err(NotWritten::Other(path.to_owned())),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(refused(error)),
        Ok(false) | Err(_) => {}
    }
    put(&place, content, overwrite).map_err(|error| match error.kind() {
        // Somebody made it in the meantime.
        ErrorKind::AlreadyExists => NotWritten::Other(path.to_owned()),
        _ => refused(error),
    })
}

fn has_content(place: &Path, content: &str) -> io::Result<bool> {
    let there = fs::metadata(place)?;
    if there.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    Ok(there.len() == content.len() as u64 && fs::read(place)? == content.as_bytes())
}

fn put(place: &Path, content: &str, overwrite: bool) -> io::Result<()> {
    fs::create_dir_all(place.parent().unwrap_or(Path::new("/")))?;
    if overwrite {
        file::replace(place, content)
    } else {
        file::create(place, content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_with_the_folders_above_it() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "a/b/c.md", "text", false).unwrap();
        assert_eq!(
            fs::read_to_string(folder.path().join("a/b/c.md")).unwrap(),
            "text"
        );
        assert_eq!(fs::read_dir(folder.path().join("a/b")).unwrap().count(), 1);
    }

    #[test]
    fn other_content_is_replaced_only_when_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("x.md");
        fs::write(&place, "mine").unwrap();
        assert_eq!(
            write(folder.path(), "x.md", "ours", false)
                .unwrap_err()
                .to_string(),
            "`x.md` is there with other content; move it away, or say `if_exists: overwrite`"
        );
        assert!(write(folder.path(), "x.md", "mine", false).is_ok());
        assert_eq!(fs::read_to_string(&place).unwrap(), "mine");
        write(folder.path(), "x.md", "ours", true).unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "ours");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let refused = write(folder.path(), ".", "x", true).unwrap_err().to_string();
        assert!(refused.starts_with("`.` cannot be written: "), "{refused}");
    }
}
