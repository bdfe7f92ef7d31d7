use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// Why a command never started.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// It has no words at all.
    #[error("the command is empty")]
    Empty,
    /// There is no such directory.
    #[error("the directory `{}` is not there: make it, or change `cwd`", .0.display())]
    NoFolder(PathBuf),
    /// There is no such program.
    #[error("`{0}` was not found in `PATH`: install it, or write its path")]
    NotFound(String),
    /// There is no such program at this path.
    #[error("`{name}` is not a program in `{}`: is it there, and executable?", folder.display())]
    NoProgram {
        /// As it is written.
        name: String,
        /// Where a relative path starts.
        folder: PathBuf,
    },
    /// The system refused.
    #[error("`{program}`: {error}{}", hint(error))]
    Refused {
        /// As it is written.
        program: String,
        /// Its reason.
        #[source]
        error: io::Error,
    },
}

/// What to do about a refusal whose reason is hard to read.
fn hint(error: &io::Error) -> &'static str {
    match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
        Some(rustix::io::Errno::NOEXEC) => "; a script needs a first line such as `#!/bin/sh`",
        Some(rustix::io::Errno::TOOBIG) => "; give long texts to `stdin` instead",
        _ => "",
    }
}

/// The absolute path of a program, found as the command itself would find it: with its own `PATH`, from its own directory.
///
/// A path spares the fork: with a bare name and an environment of its own, a process cannot be started by `posix_spawn`.
pub(super) fn find(name: &str, path: Option<&OsString>, folder: &Path) -> Result<PathBuf, NotStarted> {
    let found = which::which_in(name, path, folder).map_err(|_| {
        if name.contains('/') {
            NotStarted::NoProgram {
                name: name.to_owned(),
                folder: folder.to_owned(),
            }
        } else {
            NotStarted::NotFound(name.to_owned())
        }
    })?;
    // `PATH` can have relative folders in it.
    Ok(folder.join(found))
}
