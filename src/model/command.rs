use std::time::Duration;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SecretId, Template};

/// How long a command may take where nobody says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5 * 60);
/// How long a command that must end has between TERM and KILL where nobody says otherwise.
pub const DEFAULT_GRACE: Duration = Duration::from_secs(2);
/// The shell of the shell form where nobody says otherwise; the script is put after it.
pub const DEFAULT_SHELL: [&str; 3] = ["sh", "-eu", "-c"];

/// A command: with `T` a [`Template`] as authored, with `T` a `String` as it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Command", description = "A command, exactly as it runs.")]
pub struct Command<T = Template> {
    /// What is run.
    pub run: Invocation<T>,
    /// The directory; none means the runbook's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<T>,
    /// Added to the environment.
    #[serde(
        default = "IndexMap::<String, Feed<T>>::new",
        skip_serializing_if = "IndexMap::is_empty"
    )]
    pub env: IndexMap<String, Feed<T>>,
    /// Standard input; none means empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<Feed<T>>,
    /// Whether it is given the terminal, for a person to use it: then it has no other input, and nothing that it prints is read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub terminal: bool,
    /// How long it may take; none means as long as it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// How long it has between TERM and KILL.
    pub grace: Duration,
}

/// The two forms of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Invocation")]
#[serde(rename_all = "snake_case")]
pub enum Invocation<T = Template> {
    /// Program and arguments; no shell sees them.
    Exec(Vec<T>),
    /// A script for a shell.
    Shell {
        /// The shell and its options, before the script.
        shell: Vec<String>,
        /// The script.
        script: T,
    },
}

/// What is put into an environment variable, a header or standard input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Feed")]
#[serde(rename_all = "snake_case")]
pub enum Feed<T = Template> {
    /// A text.
    Text(T),
    /// A secret, which stays a reference until the adapter that uses it.
    Secret {
        /// Which.
        id: SecretId,
        /// What stands before it, such as `Bearer `.
        #[serde(default)]
        prefix: String,
    },
}

impl Invocation<String> {
    /// Program and arguments as they are started.
    pub fn argv(&self) -> Vec<String> {
        match self {
            Self::Exec(argv) => argv.clone(),
            Self::Shell { shell, script } => {
                let mut argv = shell.clone();
                argv.push(script.clone());
                argv
            }
        }
    }
}

impl<T> Command<T> {
    /// The same command with every text turned by `f`; a shell script is turned by `script`, as it is escaped in its own way.
    ///
    /// # Errors
    ///
    /// The first error of either function.
    pub fn try_map<U, E>(
        &self,
        mut f: impl FnMut(&T) -> Result<U, E>,
        script: impl FnOnce(&T) -> Result<U, E>,
    ) -> Result<Command<U>, E> {
        let run = match &self.run {
            Invocation::Exec(argv) => Invocation::Exec(argv.iter().map(&mut f).collect::<Result<_, _>>()?),
            Invocation::Shell { shell, script: s } => Invocation::Shell {
                shell: shell.clone(),
                script: script(s)?,
            },
        };
        Ok(Command {
            run,
            cwd: self.cwd.as_ref().map(&mut f).transpose()?,
            env: self
                .env
                .iter()
                .map(|(name, feed)| Ok((name.clone(), feed.try_map(&mut f)?)))
                .collect::<Result<_, E>>()?,
            stdin: self.stdin.as_ref().map(|feed| feed.try_map(&mut f)).transpose()?,
            terminal: self.terminal,
            timeout: self.timeout,
            grace: self.grace,
        })
    }

    /// The secrets that it refers to.
    pub fn secrets(&self) -> impl Iterator<Item = &SecretId> {
        self.env.values().chain(&self.stdin).filter_map(Feed::secret)
    }
}

impl<T> Feed<T> {
    /// The same with its text turned by `f`.
    ///
    /// # Errors
    ///
    /// The error of `f`.
    pub fn try_map<U, E>(&self, f: impl FnOnce(&T) -> Result<U, E>) -> Result<Feed<U>, E> {
        Ok(match self {
            Self::Text(text) => Feed::Text(f(text)?),
            Self::Secret { id, prefix } => Feed::Secret {
                id: id.clone(),
                prefix: prefix.clone(),
            },
        })
    }

    /// The secret, if it is one.
    pub fn secret(&self) -> Option<&SecretId> {
        match self {
            Self::Text(_) => None,
            Self::Secret { id, .. } => Some(id),
        }
    }
}
