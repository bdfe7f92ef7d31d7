use super::exit_code::Exit;

/// A command that did not come to its work: what is wrong, what to do about it, and the exit code.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) exit: Exit,
    pub(super) error: anyhow::Error,
    /// What to do instead; may be empty.
    pub(super) help: String,
}

pub(super) type Outcome = Result<Exit, Refusal>;

impl Refusal {
    /// The command line is not right.
    pub(super) fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            exit: Exit::Usage,
            error: anyhow::Error::msg(message.into()),
            help: help.into(),
        }
    }
}

/// Anything that is not said otherwise is a fault of the program or of the machine under it.
impl<E: Into<anyhow::Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self {
            exit: Exit::Internal,
            error: error.into(),
            help: String::new(),
        }
    }
}

/// Makes a usage error of any error: for input that the person at the keyboard can mend.
pub(super) trait OrUsage<T> {
    /// The same, with what to do instead.
    fn or_usage(self, help: &str) -> Result<T, Refusal>;
}

impl<T, E: Into<anyhow::Error>> OrUsage<T> for Result<T, E> {
    fn or_usage(self, help: &str) -> Result<T, Refusal> {
        self.map_err(|error| Refusal {
            exit: Exit::Usage,
            error: error.into(),
            help: help.to_owned(),
        })
    }
}
