//! What other processes leave for a run in its folder: each letter a file, and beside it, once somebody has read it, the reply.
//!
//! A letter is whole at any time, as it is written beside and moved into place, and stays until it is on record: nothing is lost when a process goes
//! away, and nothing taken up twice, as each record that comes of a letter has its id.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::NamedTempFile;

use crate::adapter::journal::RunFolder;
use crate::engine::{Letter, Message, Reply, Report, Reports};
use crate::traverse::{LetterId, Rejected};

/// How long lies between two looks at what was left.
const PAUSE: Duration = Duration::from_millis(120);
const LETTER: &str = "letter";
const REPLY: &str = "reply";

/// The inbox of a run.
#[derive(Clone, Debug)]
pub struct Inbox {
    folder: PathBuf,
}

impl Inbox {
    /// The inbox in the folder of a run.
    pub fn of(run: &RunFolder) -> Self {
        Self { folder: run.inbox() }
    }

    /// Leaves a letter; it is durable when this returns.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn leave(&self, message: &Message) -> io::Result<LetterId> {
        match DirBuilder::new().mode(0o700).create(&self.folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // In the order of time, and never the same: a process has one name a nanosecond.
        let now = Timestamp::now().as_nanosecond();
        let id = LetterId(format!("{now:020}-{}", std::process::id()));
        self.write(&self.path(&id, LETTER), message)?;
        Ok(id)
    }

    /// The letters that nobody has read, the first first. One that cannot be understood is replied to.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn letters(&self) -> io::Result<Vec<Letter>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut ids = Vec::new();
        for entry in entries {
            let path = entry?.path();
            let id = path.file_stem().and_then(|name| name.to_str());
            if let Some(id) = id.filter(|_| path.extension().is_some_and(|kind| kind == LETTER)) {
                ids.push(LetterId(id.to_owned()));
            }
        }
        ids.sort();
        let mut letters = Vec::with_capacity(ids.len());
        for id in ids {
            match read::<Message>(&self.path(&id, LETTER)) {
                Ok(Some(message)) => letters.push(Letter { id, message }),
                // Who left it has taken it back.
                Ok(None) => {}
                Err(error) if error.kind() == ErrorKind::InvalidData => {
                    let message = format!("what was left for the run cannot be understood: {error}");
                    let help = "use the version of Switchback that has the run";
                    self.reply(&id, &Reply::Rejected(Rejected::new(message, help)))?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(letters)
    }

    /// Replies to a letter, which is then read.
    ///
    /// # Errors
    ///
    /// When the reply cannot be written; then the letter stays.
    pub fn reply(&self, letter: &LetterId, reply: &Reply) -> io::Result<()> {
        self.write(&self.path(letter, REPLY), reply)?;
        remove(&self.path(letter, LETTER))
    }

    /// Takes the reply to a letter, once it is there.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub fn take_reply(&self, letter: &LetterId) -> io::Result<Option<Reply>> {
        let path = self.path(letter, REPLY);
        let reply = read(&path)?;
        if reply.is_some() {
            remove(&path)?;
        }
        Ok(reply)
    }

    /// Takes a letter back that nobody has read.
    ///
    /// # Errors
    ///
    /// When it cannot be removed.
    pub fn take_back(&self, letter: &LetterId) -> io::Result<()> {
        remove(&self.path(letter, LETTER))
    }

    /// Brings the engine what is left from now on, as long as what is given back lives.
    ///
    /// # Errors
    ///
    /// When no thread can be started for it.
    pub fn watch(self, reports: &Reports) -> io::Result<Watch> {
        let reports = reports.clone();
        let (end, ended) = channel();
        let look = move || self.bring(&reports, &ended);
        let thread = thread::Builder::new().name("inbox".to_owned()).spawn(look)?;
        Ok(Watch {
            end: Some(end),
            thread: Some(thread),
        })
    }

    fn bring(&self, reports: &Reports, ended: &Receiver<()>) {
        while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
            // What cannot be read now is looked for again: it stays where it is.
            for letter in self.letters().unwrap_or_default() {
                let id = letter.id.clone();
                let (replies, reply) = sync_channel(1);
                // Where the engine is gone, whoever left it finds that out.
                if reports.send(Report::Told { letter, replies }).is_err() {
                    return;
                }
                let Ok(reply) = reply.recv() else { return };
                let _ = self.reply(&id, &reply);
            }
        }
    }

    fn path(&self, id: &LetterId, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", id.0))
    }

    fn write(&self, path: &Path, content: &impl Serialize) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.folder)?;
        serde_json::to_writer(&mut file, content)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        File::open(&self.folder)?.sync_all()
    }
}

/// Looks at an inbox until it is dropped.
#[derive(Debug)]
pub struct Watch {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.end.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What is in a file; none if there is no such file.
fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        content => Ok(Some(serde_json::from_slice(&content?)?)),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::adapter::journal::StateDir;
    use crate::engine::channel as reports;
    use crate::traverse::{Identity, Person, RunId, Word};

    fn inbox() -> (tempfile::TempDir, Inbox) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::at(folder.path());
        let run = RunFolder::create(&state, &RunId("7".to_owned()), "switchback: 1\n", &[]).unwrap();
        (folder, Inbox::of(&run))
    }

    fn message(question: &str) -> Message {
        Message::Said {
            words: vec![Word::TakeBack(question.into())],
            by: Person {
                name: "bo".to_owned(),
                identity: Identity::Asserted,
            },
        }
    }

    #[test]
    fn letters_stay_in_order_until_they_are_replied_to() {
        let (_folder, inbox) = inbox();
        assert_eq!(inbox.letters().unwrap(), []);
        let ids = ["a", "b", "c"].map(|question| inbox.leave(&message(question)).unwrap());
        let mode = fs::metadata(&inbox.folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let left = |inbox: &Inbox| -> Vec<LetterId> {
            inbox
                .letters()
                .unwrap()
                .into_iter()
                .map(|letter| letter.id)
                .collect()
        };
        assert_eq!(left(&inbox), ids);
        assert_eq!(inbox.letters().unwrap()[1].message, message("b"));

        assert_eq!(inbox.take_reply(&ids[1]).unwrap(), None);
        inbox.reply(&ids[1], &Reply::Taken).unwrap();
        inbox.take_back(&ids[2]).unwrap();
        assert_eq!(left(&inbox), ids[..1]);
        assert_eq!(inbox.take_reply(&ids[1]).unwrap(), Some(Reply::Taken));
        assert_eq!(inbox.take_reply(&ids[1]).unwrap(), None);
    }

    #[test]
    fn what_nobody_understands_is_replied_to() {
        let (_folder, inbox) = inbox();
        let id = inbox.leave(&message("a")).unwrap();
        fs::write(inbox.path(&id, LETTER), r#"{"sung":[]}"#).unwrap();
        assert_eq!(inbox.letters().unwrap(), []);
        let Some(Reply::Rejected(why)) = inbox.take_reply(&id).unwrap() else {
            panic!("it is rejected");
        };
        assert!(
            why.message
                .starts_with("what was left for the run cannot be understood: unknown variant")
        );
    }

    #[test]
    fn what_is_left_is_brought_until_nobody_looks_any_more() {
        let (_folder, inbox) = inbox();
        let (sender, receiver) = reports();
        let watch = inbox.clone().watch(&sender).unwrap();
        let id = inbox.leave(&message("a")).unwrap();
        let Ok(Report::Told { letter, replies }) = receiver.recv() else {
            panic!("it is brought");
        };
        assert_eq!(
            letter,
            Letter {
                id,
                message: message("a")
            }
        );
        // The engine goes away without a word: the letter stays for whoever comes next.
        drop(replies);
        drop(receiver);
        drop(watch);
        assert_eq!(inbox.letters().unwrap(), [letter]);
    }
}
