use std::fmt;

use minijinja::ErrorKind;

/// What is wrong with a template or expression. It reads as one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// It cannot be parsed.
    #[error("{message}{}", At(*line))]
    Syntax {
        /// What is wrong.
        message: String,
        /// The line in the template, from 1.
        line: Option<usize>,
    },
    /// It uses a filter, test or function that does not exist.
    #[error("there is no {what} `{name}`{}", At(*line))]
    Unknown {
        /// `filter`, `test`, `function`, …
        what: &'static str,
        /// Its name, as written.
        name: String,
        /// The line in the template, from 1.
        line: Option<usize>,
    },
    /// It uses a value that is not there.
    #[error("`{expression}` is undefined{}", At(*line))]
    Undefined {
        /// What is undefined, as written.
        expression: String,
        /// The line in the template, from 1.
        line: Option<usize>,
    },
    /// A value stands in a script where no escape is safe.
    #[error("`{{{{ {expression} }}}}` stands {place}, where no value is safe{}", At(*line))]
    Unsafe {
        /// The value, as written.
        expression: String,
        /// Where it stands, such as `in a comment`.
        place: &'static str,
        /// What to write instead.
        fix: &'static str,
        /// The line in the template, from 1.
        line: Option<usize>,
    },
    /// An expression that must be true or false is neither.
    #[error("must be true or false, and is {found}")]
    NotABoolean {
        /// What it is.
        found: String,
    },
    /// A value that cannot be used as it is used here.
    #[error("{message}{}", At(*line))]
    Value {
        /// What is wrong.
        message: String,
        /// The line in the template, from 1.
        line: Option<usize>,
    },
    /// It works for longer, or makes more, than a template may.
    #[error("the template does more work than a template may")]
    TooMuch,
}

impl TemplateError {
    /// What to write instead, where that is known.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unsafe { fix, .. } => Some((*fix).to_owned()),
            Self::Undefined { expression, .. } => Some(format!(
                "where it may be missing, write `{expression} | default(\"\")`"
            )),
            Self::NotABoolean { .. } => {
                Some("compare it with something, such as `answers.x == \"yes\"`".to_owned())
            }
            Self::Syntax { .. } => Some(
                "a value is `{{ name }}`, a condition `{% if … %}…{% endif %}`; braces that mean nothing stand between \
                 `{% raw %}` and `{% endraw %}`"
                    .to_owned(),
            ),
            Self::Unknown { what: "method", .. } => {
                Some("values have no methods here: use a filter, such as `{{ name | trim }}`".to_owned())
            }
            Self::Unknown { what, .. } => Some(format!(
                "https://docs.rs/minijinja/latest/minijinja/{what}s/ lists the {what}s that there are"
            )),
            Self::Value { .. } | Self::TooMuch => None,
        }
    }

    /// The line in the template, from 1, where it is known.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::Syntax { line, .. }
            | Self::Unknown { line, .. }
            | Self::Undefined { line, .. }
            | Self::Unsafe { line, .. }
            | Self::Value { line, .. } => *line,
            Self::NotABoolean { .. } | Self::TooMuch => None,
        }
    }

    /// An error of the template engine, about a template of this source.
    pub(super) fn from_engine(error: &minijinja::Error, source: &str) -> Self {
        let line = error.line();
        let expression = || {
            let range = error.range().and_then(|range| source.get(range));
            range.unwrap_or("value").trim().to_owned()
        };
        let message = || match error.detail() {
            Some(detail) => detail.to_owned(),
            None => error.kind().to_string(),
        };
        let unknown = |what| Self::Unknown {
            what,
            name: named(&message()).unwrap_or_else(expression),
            line,
        };
        match error.kind() {
            ErrorKind::SyntaxError | ErrorKind::BadEscape => Self::Syntax {
                message: message(),
                line,
            },
            ErrorKind::UnknownFilter => unknown("filter"),
            ErrorKind::UnknownTest => unknown("test"),
            ErrorKind::UnknownFunction => unknown("function"),
            ErrorKind::UnknownMethod => unknown("method"),
            ErrorKind::UndefinedError => Self::Undefined {
                expression: expression(),
                line,
            },
            ErrorKind::OutOfFuel => Self::TooMuch,
            _ => Self::Value {
                message: message(),
                line,
            },
        }
    }
}

/// The name in the engine's words `filter NAME is unknown` and `NAME is unknown`.
fn named(message: &str) -> Option<String> {
    let words = message.strip_suffix(" is unknown")?;
    words.split(' ').next_back().map(str::to_owned)
}

/// ` (line 3)`; the first line goes without saying, as most templates have but one.
struct At(Option<usize>);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(line) if line > 1 => write!(f, " (line {line})"),
            _ => Ok(()),
        }
    }
}
