//! Files that are written whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Writes a file, in the place of what is there, which gives it its mode. Through a link, what it leads to is written; the link stays. Whoever
/// reads it meanwhile sees the old or the new one; it is durable when this returns.
///
/// # Errors
///
/// What the system refuses; the file is then as it was.
pub fn replace(place: &Path, content: &str) -> io::Result<()> {
    let (new, place) = beside(place, content)?;
    new.persist(&place)?;
    sync_folder_of(&place)
}

/// Writes a file where there is none. Nobody sees a part of it; it is durable when this returns.
///
/// # Errors
///
/// That something is there, or what the system refuses.
pub fn create(place: &Path, content: &str) -> io::Result<()> {
    let (new, place) = beside(place, content)?;
    new.persist_noclobber(&place)?;
    sync_folder_of(&place)
}

/// A file with this content in the same folder, and the place that it is for.
fn beside(place: &Path, content: &str) -> io::Result<(NamedTempFile, PathBuf)> {
    let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
    // A new file is as open as the umask lets it be; one that is replaced stays as it was.
    let mut new = tempfile::Builder::new()
        .prefix(".switchback-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder_of(&place))?;
    if let Ok(there) = fs::metadata(&place) {
        new.as_file().set_permissions(there.permissions())?;
    }
    new.write_all(content.as_bytes())?;
    new.as_file().sync_all()?;
    Ok((new, place))
}

fn sync_folder_of(place: &Path) -> io::Result<()> {
    File::open(folder_of(place))?.sync_all()
}

fn folder_of(place: &Path) -> &Path {
    match place.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) => Path::new("."),
        None => Path::new("/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_replaced_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("x.md");
        fs::write(&place, "mine").unwrap();
        fs::set_permissions(&place, Permissions::from_mode(0o640)).unwrap();
        replace(&place, "ours").unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "ours");
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("real"), "old").unwrap();
        std::os::unix::fs::symlink("real", folder.path().join("link")).unwrap();
        replace(&folder.path().join("link"), "new").unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("real")).unwrap(), "new");
        assert!(folder.path().join("link").is_symlink());
    }

    #[test]
    fn what_is_there_is_not_created() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("x.md");
        create(&place, "mine").unwrap();
        let refused = create(&place, "ours").unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&place).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
