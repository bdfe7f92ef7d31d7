use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{CheckId, Command, Expression, Feed, Template, Value};

/// How long lies between two tries of a check where nobody says otherwise.
pub const DEFAULT_EVERY: Duration = Duration::from_secs(1);

/// How long one HTTP request of a check may take where nobody says otherwise.
pub const DEFAULT_REQUEST: Duration = Duration::from_secs(10);

/// A look at the world: with `T` a [`Template`] as authored, with `T` a `String` as it is carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check<T = Template> {
    /// Its id, by which a person's word can refer to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<CheckId>,
    /// What holds when it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Held and failed are turned round.
    #[serde(default)]
    pub negated: bool,
    /// It is tried until it holds or this has passed; none means once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<Duration>,
    /// How long lies between two tries.
    pub every: Duration,
    /// What is looked at.
    pub look: Look<T>,
}

/// What a check looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look<T = Template> {
    /// A command and what it leaves.
    Run {
        /// The command.
        command: Command<T>,
        /// The exit code that is wanted.
        exit: i32,
        /// What its standard output must be.
        stdout: Matcher<T>,
        /// What its standard error must be.
        stderr: Matcher<T>,
    },
    /// An HTTP request and its answer.
    Http(Http<T>),
    /// A file that exists.
    File {
        /// Where.
        path: T,
        /// What must be in it.
        content: Matcher<T>,
    },
    /// A symbolic link.
    Link {
        /// Where.
        path: T,
        /// What its target, as written, must be.
        to: Matcher<T>,
    },
    /// An expression that is true.
    Expr(Expression),
    /// A question that a person says yes to.
    Confirm(T),
}

/// An HTTP request and what its answer must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Http<T = Template> {
    /// The address.
    pub url: T,
    /// The method.
    pub method: Method,
    /// Headers of the request.
    #[serde(default = "IndexMap::new", skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Feed<T>>,
    /// The statuses that are wanted; none given means any 2xx.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// What the body must be.
    pub body: Matcher<T>,
    /// How long one request may take.
    pub timeout: Duration,
}

/// The methods of HTTP that only look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Ask for headers and body.
    #[default]
    Get,
    /// Ask for the headers.
    Head,
}

/// What a text must be. Every part that is given must hold; none given always holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matcher<T = Template> {
    /// It is this, up to one newline at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<T>,
    /// It has this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contains: Option<T>,
    /// It starts with this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_with: Option<T>,
    /// It ends with this, up to one newline at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_with: Option<T>,
    /// This regular expression matches somewhere in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<String>,
    /// It is JSON, with this in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub json: Option<JsonMatcher>,
}

impl<T> Default for Matcher<T> {
    fn default() -> Self {
        Self {
            equals: None,
            contains: None,
            starts_with: None,
            ends_with: None,
            matches: None,
            json: None,
        }
    }
}

/// What a JSON text must have at a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JsonMatcher {
    /// The place, as in RFC 6901; empty is the whole document.
    pub pointer: String,
    /// What must stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Value>,
    /// How long the list, map or string there must be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<usize>,
}

impl<T> Matcher<T> {
    /// The same with every text turned by `f`.
    ///
    /// # Errors
    ///
    /// The first error of `f`.
    pub fn try_map<U, E>(&self, mut f: impl FnMut(&T) -> Result<U, E>) -> Result<Matcher<U>, E> {
        Ok(Matcher {
            equals: self.equals.as_ref().map(&mut f).transpose()?,
            contains: self.contains.as_ref().map(&mut f).transpose()?,
            starts_with: self.starts_with.as_ref().map(&mut f).transpose()?,
            ends_with: self.ends_with.as_ref().map(&mut f).transpose()?,
            matches: self.matches.clone(),
            json: self.json.clone(),
        })
    }
}

impl<T> Check<T> {
    /// Whether only a person can carry it out.
    pub fn is_a_persons(&self) -> bool {
        matches!(self.look, Look::Confirm(_))
    }

    /// Whether this is its name: its id, or its place among the checks of its owner, from 0.
    pub fn is_called(&self, index: usize, name: &str) -> bool {
        let id = self.id.as_ref().map(CheckId::as_str);
        id == Some(name) || name.parse() == Ok(index)
    }

    /// The same check with every text turned by `f`; a shell script is turned by `script`.
    ///
    /// # Errors
    ///
    /// The first error of either function.
    pub fn try_map<U, E>(
        &self,
        mut f: impl FnMut(&T) -> Result<U, E>,
        script: impl FnOnce(&T) -> Result<U, E>,
    ) -> Result<Check<U>, E> {
        let look = match &self.look {
            Look::Run {
                command,
                exit,
                stdout,
                stderr,
            } => Look::Run {
                command: command.try_map(&mut f, script)?,
                exit: *exit,
                stdout: stdout.try_map(&mut f)?,
                stderr: stderr.try_map(&mut f)?,
            },
            Look::Http(http) => Look::Http(Http {
                url: f(&http.url)?,
                method: http.method,
                headers: http
                    .headers
                    .iter()
                    .map(|(name, feed)| Ok((name.clone(), feed.try_map(&mut f)?)))
                    .collect::<Result<_, E>>()?,
                status: http.status.clone(),
                body: http.body.try_map(&mut f)?,
                timeout: http.timeout,
            }),
            Look::File { path, content } => Look::File {
                path: f(path)?,
                content: content.try_map(&mut f)?,
            },
            Look::Link { path, to } => Look::Link {
                path: f(path)?,
                to: to.try_map(&mut f)?,
            },
            Look::Expr(expression) => Look::Expr(expression.clone()),
            Look::Confirm(text) => Look::Confirm(f(text)?),
        };
        Ok(Check {
            id: self.id.clone(),
            title: self.title.clone(),
            negated: self.negated,
            within: self.within,
            every: self.every,
            look,
        })
    }
}

impl Look<String> {
    /// What must be in what it finds, in words, beside what the check's own words say.
    pub fn wanted(&self) -> Vec<String> {
        match self {
            Self::Run { stdout, stderr, .. } => [stdout.wanted("stdout"), stderr.wanted("stderr")].concat(),
            Self::Http(http) => http.body.wanted("body"),
            Self::File { content, .. } => content.wanted("content"),
            Self::Link { to, .. } => Matcher {
                equals: None,
                ..to.clone()
            }
            .wanted("target"),
            Self::Expr(_) | Self::Confirm(_) => Vec::new(),
        }
    }
}

impl Matcher<String> {
    /// Each part that is given, in words.
    fn wanted(&self, what: &str) -> Vec<String> {
        let texts = [
            ("equals", &self.equals),
            ("contains", &self.contains),
            ("starts with", &self.starts_with),
            ("ends with", &self.ends_with),
            ("matches", &self.matches),
        ];
        let texts = texts.into_iter().filter_map(|(how, text)| {
            let text = text.as_ref()?;
            Some(format!("{what} {how} `{}`", text.trim_end_matches('\n')))
        });
        texts
            .chain(self.json.iter().map(|json| format!("{what} is JSON{json}")))
            .collect()
    }
}

/// Where in a JSON text, and what must stand there, in words.
impl fmt::Display for JsonMatcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.pointer.is_empty() {
            write!(f, ", at `{}`", self.pointer)?;
        }
        if let Some(value) = &self.equals {
            write!(f, " equal to {value}")?;
        }
        if let Some(length) = self.length {
            write!(f, " of length {length}")?;
        }
        Ok(())
    }
}

/// What it looks at, in words.
impl fmt::Display for Check<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("not: ")?;
        }
        match &self.look {
            Look::Run { command, exit, .. } => {
                write!(f, "`{}` exits with {exit}", command.run.argv().join(" "))
            }
            Look::Http(http) => {
                let method = match http.method {
                    Method::Get => "GET",
                    Method::Head => "HEAD",
                };
                let wanted: Vec<String> = http.status.iter().map(u16::to_string).collect();
                let wanted = if wanted.is_empty() {
                    "2xx".to_owned()
                } else {
                    wanted.join(" or ")
                };
                write!(f, "{method} {} answers {wanted}", http.url)
            }
            Look::File { path, .. } => write!(f, "file {path}"),
            Look::Link { path, to } => match &to.equals {
                Some(target) => write!(f, "link {path} → {target}"),
                None => write!(f, "link {path}"),
            },
            Look::Expr(expression) => write!(f, "`{}`", expression.0),
            Look::Confirm(text) => f.write_str(text),
        }
    }
}
