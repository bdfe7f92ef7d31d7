use indexmap::IndexMap;
use serde::Serialize;

use super::{Expression, Feed, Template};

/// Somebody who is told how a run stands when the program lets go of it: with `T` a [`Template`] as authored, with `T` a `String` as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Notify<T = Template> {
    /// The address; one that comes to nothing means that nobody is told.
    pub webhook: Feed<T>,
    /// When.
    pub on: Vec<Occasion>,
    /// And only if this is true.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Expression>,
    /// Headers of the request.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub headers: IndexMap<String, Feed<T>>,
    /// What of the run's values is told.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub data: IndexMap<String, T>,
    /// What is sent in place of our own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cdevent: Option<CdEvent<T>>,
}

/// When somebody is told. What is over is told by the wider word too, so that nobody misses an end that they did not think of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// It waits for a person.
    Waiting,
    /// It did not work out: a step failed or is in doubt, or a required gate is open though everything is done.
    Failed,
    /// It is over and every required gate is closed, also after a failure that was handled.
    Complete,
    /// It is over, after a failure that was handled.
    Recovered,
    /// Everything is done, and a required gate is open.
    GatesUnmet,
    /// Nobody knows whether a step is done.
    InDoubt,
    /// A person stopped it.
    Stopped,
    /// A person gave it up.
    Cancelled,
}

/// An event in the words of <https://cdevents.dev>: the service was rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CdEvent<T = Template> {
    /// What happened.
    #[serde(rename = "type")]
    pub kind: CdEventKind,
    /// The id of the service.
    pub service: T,
    /// The id of the environment where it runs.
    pub environment: T,
    /// What runs there now, as a package URL.
    pub artifact: T,
    /// Who says so, as a reference to a URI; none means the runbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<T>,
}

/// The events that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum CdEventKind {
    /// A service was brought back to an earlier artifact.
    #[serde(rename = "service.rolledback")]
    ServiceRolledBack,
}

impl Occasion {
    /// Every one, by the word for it.
    pub const WORDS: [(&'static str, Self); 8] = [
        ("waiting", Self::Waiting),
        ("failed", Self::Failed),
        ("complete", Self::Complete),
        ("recovered", Self::Recovered),
        ("gates_unmet", Self::GatesUnmet),
        ("in_doubt", Self::InDoubt),
        ("stopped", Self::Stopped),
        ("cancelled", Self::Cancelled),
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, occasion)| *occasion == self);
        found.map_or("", |(word, _)| word)
    }
}

impl CdEventKind {
    /// Every one, by the word for it.
    pub const WORDS: [(&'static str, Self); 1] = [("service.rolledback", Self::ServiceRolledBack)];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceRolledBack => "service.rolledback",
        }
    }
}

impl Notify<String> {
    /// Whether the address comes to nothing, so that nobody is told.
    pub fn is_off(&self) -> bool {
        matches!(&self.webhook, Feed::Text(address) if address.trim().is_empty())
    }
}

impl<T> Notify<T> {
    /// The same with every text turned by `f`.
    ///
    /// # Errors
    ///
    /// The first error of `f`.
    pub fn try_map<U, E>(&self, mut f: impl FnMut(&T) -> Result<U, E>) -> Result<Notify<U>, E> {
        Ok(Notify {
            webhook: self.webhook.try_map(&mut f)?,
            on: self.on.clone(),
            when: self.when.clone(),
            headers: self
                .headers
                .iter()
                .map(|(name, feed)| Ok((name.clone(), feed.try_map(&mut f)?)))
                .collect::<Result<_, E>>()?,
            data: self
                .data
                .iter()
                .map(|(name, text)| Ok((name.clone(), f(text)?)))
                .collect::<Result<_, E>>()?,
            cdevent: match &self.cdevent {
                None => None,
                Some(event) => Some(CdEvent {
                    kind: event.kind,
                    service: f(&event.service)?,
                    environment: f(&event.environment)?,
                    artifact: f(&event.artifact)?,
                    source: event.source.as_ref().map(&mut f).transpose()?,
                }),
            },
        })
    }
}
