use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::adapter::process::{End, Interrupt, Kept, Launch, NotStarted, Surroundings};
use crate::model::{Command, Feed, Runbook, SecretId, SecretSource, Stream};

use super::Mask;

/// A secret that is shorter than this stands in too many texts to be masked.
const LEAST: usize = 4;

/// Why a secret is not to be had. It names the secret and its source, never its value.
#[derive(Debug, thiserror::Error)]
pub enum Unresolved {
    /// The runbook has none of this name.
    #[error("secret `{0}` is not declared: add it to `secrets`")]
    Undeclared(SecretId),
    /// The variable is not set.
    #[error("secret `{id}`: the environment variable `{variable}` is not set; set it and resume")]
    NoVariable {
        /// The secret.
        id: SecretId,
        /// The variable.
        variable: String,
    },
    /// The file cannot be read.
    #[error("secret `{id}`: `{path}` cannot be read: {error}")]
    NoFile {
        /// The secret.
        id: SecretId,
        /// The file.
        path: String,
        /// Why.
        #[source]
        error: io::Error,
    },
    /// The command never started.
    #[error("secret `{id}`: {why}")]
    NotStarted {
        /// The secret.
        id: SecretId,
        /// Why.
        #[source]
        why: NotStarted,
    },
    /// The command did not end well.
    #[error("secret `{id}`: its command {how}; run `{command}` by hand to see why")]
    NoSuccess {
        /// The secret.
        id: SecretId,
        /// The command.
        command: String,
        /// How it ended.
        how: String,
    },
    /// The command needs a secret itself.
    #[error("secret `{0}`: its command cannot be given another secret")]
    Nested(SecretId),
    /// It is not a text.
    #[error("secret `{0}` is not UTF-8 text; encode it, with base64 say")]
    NotText(SecretId),
    /// It is so short that it cannot be masked.
    #[error("secret `{0}` is empty or has fewer than {LEAST} characters, which cannot be masked")]
    TooShort(SecretId),
    /// No mask can be made.
    #[error("secret `{0}` is too long to be masked")]
    TooLong(SecretId),
}

/// The secrets of a run: each is read when it is first needed, once, and held in memory only.
pub struct Secrets {
    runbook: Arc<Runbook>,
    surroundings: Surroundings,
    /// Held while one is read, so that nothing is read twice.
    values: Mutex<Values>,
    /// Apart from the values: who only masks does not wait for a command that prints a secret.
    mask: Mutex<Mask>,
}

type Values = BTreeMap<SecretId, String>;

impl Secrets {
    /// The secrets of a runbook. Those in the environment are masked from now on, as every command inherits them.
    pub fn new(runbook: Arc<Runbook>, surroundings: Surroundings) -> Self {
        let secrets = Self {
            runbook,
            surroundings,
            values: Mutex::default(),
            mask: Mutex::default(),
        };
        let mut values = Values::new();
        for (id, source) in &secrets.runbook.secrets {
            if let SecretSource::Env(variable) = source {
                // One that is missing or cannot be masked is an error only for the step that needs it.
                let _ = secrets
                    .variable(id, variable)
                    .and_then(|value| secrets.learn(&mut values, id, value));
            }
        }
        *lock(&secrets.values) = values;
        secrets
    }

    /// What hides every secret that was read so far.
    pub fn mask(&self) -> Mask {
        lock(&self.mask).clone()
    }

    /// The text that is fed to a command or a request.
    ///
    /// # Errors
    ///
    /// When it is a secret that is not to be had.
    pub fn feed(&self, feed: &Feed<String>, interrupt: &Interrupt) -> Result<String, Unresolved> {
        match feed {
            Feed::Text(text) => Ok(text.clone()),
            Feed::Secret { id, prefix } => Ok(format!("{prefix}{}", self.value(id, interrupt)?)),
        }
    }

    fn value(&self, id: &SecretId, interrupt: &Interrupt) -> Result<String, Unresolved> {
        let mut values = lock(&self.values);
        if let Some(value) = values.get(id) {
            return Ok(value.clone());
        }
        let source = self
            .runbook
            .secrets
            .get(id)
            .ok_or_else(|| Unresolved::Undeclared(id.clone()))?;
        let value = self.read(id, source, interrupt)?;
        self.learn(&mut values, id, value.clone())?;
        Ok(value)
    }

    /// Remembers a secret, and masks it from now on.
    fn learn(&self, values: &mut Values, id: &SecretId, value: String) -> Result<(), Unresolved> {
        if value.chars().count() < LEAST {
            return Err(Unresolved::TooShort(id.clone()));
        }
        let known = values.iter().map(|(id, value)| (id, value.as_str()));
        let mask = Mask::new(known.chain([(id, value.as_str())]));
        *lock(&self.mask) = mask.ok_or_else(|| Unresolved::TooLong(id.clone()))?;
        values.insert(id.clone(), value);
        Ok(())
    }

    fn read(
        &self,
        id: &SecretId,
        source: &SecretSource,
        interrupt: &Interrupt,
    ) -> Result<String, Unresolved> {
        let bytes = match source {
            SecretSource::Env(variable) => return self.variable(id, variable),
            SecretSource::File(path) => {
                let kept = Kept::of_file(&self.surroundings.folder.join(path));
                let kept = kept.map_err(|error| Unresolved::NoFile {
                    id: id.clone(),
                    path: path.clone(),
                    error,
                })?;
                if kept.was_longer() {
                    return Err(Unresolved::TooLong(id.clone()));
                }
                kept.into_bytes()
            }
            SecretSource::Command(command) => self.ask(id, command, interrupt)?,
        };
        let text = String::from_utf8(bytes).map_err(|_| Unresolved::NotText(id.clone()))?;
        let line = text.strip_suffix('\n').unwrap_or(&text);
        Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
    }

    fn variable(&self, id: &SecretId, variable: &str) -> Result<String, Unresolved> {
        let value = self.surroundings.environment.get(OsStr::new(variable));
        let value = value.ok_or_else(|| Unresolved::NoVariable {
            id: id.clone(),
            variable: variable.to_owned(),
        })?;
        value
            .to_str()
            .map(str::to_owned)
            .ok_or_else(|| Unresolved::NotText(id.clone()))
    }

    /// What a secret's command prints. Its texts are taken as written: a secret does not depend on the run.
    fn ask(&self, id: &SecretId, command: &Command, interrupt: &Interrupt) -> Result<Vec<u8>, Unresolved> {
        let nested = || Unresolved::Nested(id.clone());
        let command = command.try_map(|text| Ok(text.0.clone()), |script| Ok(script.0.clone()))?;
        let launch = Launch::of(&command, &self.surroundings, |feed| match feed {
            Feed::Text(text) => Ok(text.clone()),
            Feed::Secret { .. } => Err(nested()),
        })?;
        let mut kept = Kept::default();
        let ended = launch.run(interrupt, &mut |stream, block| {
            if stream == Stream::Stdout {
                kept.push(block);
            }
        });
        let ended = ended.map_err(|why| Unresolved::NotStarted { id: id.clone(), why })?;
        if ended.end == End::Exited(0) && !kept.was_longer() {
            return Ok(kept.into_bytes());
        }
        Err(Unresolved::NoSuccess {
            id: id.clone(),
            command: command.run.argv().join(" "),
            how: ended.end.to_string(),
        })
    }
}

/// A lock whose holder panicked guards nothing that could be half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
