use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use crate::model::{NodeId, Stream};
use crate::traverse::RunId;

use super::StateDir;

/// The folder of one run. Only its owner may look into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

/// The runbook of a run and the files that it names, as they were when it started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The runbook's text.
    pub runbook: String,
    /// Each file's name, as the runbook has it, and its content.
    pub files: Vec<(String, String)>,
}

impl RunFolder {
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes the folder of a new run, with its snapshot. All of it is durable once its journal has been made, which makes it a run.
    ///
    /// # Errors
    ///
    /// When it cannot be written, or is there already.
    pub fn create(
        state: &StateDir,
        id: &RunId,
        runbook: &str,
        files: &[(String, String)],
    ) -> io::Result<Self> {
        let runs = state.runs_path();
        private().recursive(true).create(&runs)?;
        let folder = state.run(id);
        private().create(&folder.path)?;
        private().create(folder.path.join("output"))?;
        write(&folder.runbook(), runbook)?;
        if !files.is_empty() {
            private().create(folder.files())?;
            for (name, content) in files {
                write(&folder.files().join(encoded(name)), content)?;
            }
            sync_folder(&folder.files())?;
        }
        sync_folder(&runs)?;
        sync_folder(state.path())?;
        Ok(folder)
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The journal.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// Where other processes leave what they have to say of the run; made when the first does.
    pub fn inbox(&self) -> PathBuf {
        self.path.join("inbox")
    }

    /// The runbook as it was when the run started.
    pub fn runbook(&self) -> PathBuf {
        self.path.join("runbook.yaml")
    }

    /// What an attempt at an action printed on a stream.
    pub fn output(&self, node: &NodeId, attempt: u32, stream: Stream) -> PathBuf {
        self.printed(&format!("{node}.{attempt}"), stream)
    }

    /// What an attempt to undo an action printed on a stream.
    pub fn output_of_undo(&self, node: &NodeId, attempt: u32, stream: Stream) -> PathBuf {
        self.printed(&format!("{node}.undo.{attempt}"), stream)
    }

    fn printed(&self, name: &str, stream: Stream) -> PathBuf {
        let stream = match stream {
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        };
        self.path.join("output").join(format!("{name}.{stream}"))
    }

    /// Reads the snapshot.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn snapshot(&self) -> io::Result<Snapshot> {
        let mut files = Vec::new();
        // A runbook that names no file has no folder for them.
        let entries = match fs::read_dir(self.files()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            entries => Some(entries?),
        };
        for entry in entries.into_iter().flatten() {
            let entry = entry?;
            let name = decoded(&entry.file_name().to_string_lossy());
            files.push((name, fs::read_to_string(entry.path())?));
        }
        files.sort();
        Ok(Snapshot {
            runbook: fs::read_to_string(self.runbook())?,
            files,
        })
    }

    fn files(&self) -> PathBuf {
        self.path.join("files")
    }
}

/// Makes folders that only their owner may look into.
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the names in a folder durable.
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// A path as a single file name: whatever it says, it leads nowhere else.
fn encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for (place, byte) in name.bytes().enumerate() {
        match byte {
            b'%' | b'/' | 0 => encoded += &format!("%{byte:02X}"),
            b'.' if place == 0 => encoded += "%2E",
            _ if byte.is_ascii() => encoded.push(char::from(byte)),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

fn decoded(name: &str) -> String {
    let mut parts = name.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(part.len().min(2));
        bytes.extend(u8::from_str_radix(code, 16));
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_snapshot_is_read_as_it_was_made() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path().join("deep/state"));
        let files = ["../up.md", "/etc/100%/ü", "notes/incident.md"]
            .map(|name| (name.to_owned(), format!("of {name}")));
        let run = RunFolder::create(&state, &RunId("7".to_owned()), "switchback: 1\n", &files).unwrap();
        assert_eq!(
            run.snapshot().unwrap(),
            Snapshot {
                runbook: "switchback: 1\n".to_owned(),
                files: files.to_vec(),
            }
        );
        let mode = fs::metadata(run.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(RunFolder::create(&state, &RunId("7".to_owned()), "", &[]).is_err());
    }

    #[test]
    fn output_is_kept_by_node_attempt_and_stream() {
        let run = RunFolder::at("/runs/7".into());
        assert_eq!(
            run.output(&NodeId::from("deploy"), 2, Stream::Stderr),
            Path::new("/runs/7/output/deploy.2.stderr")
        );
    }
}
