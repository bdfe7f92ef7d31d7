use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::model::Value;

use super::digest::{Digest, FORMAT};
use super::parts::{Of, Parts, Reviewed};

/// Where what would run is not what was reviewed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Of what: a parameter, a step, a gate, or the runbook itself.
    pub of: Of,
    /// Which part of it, such as `run.timeout`; empty for all of it.
    pub part: String,
    /// What was reviewed; none for what was not there.
    pub from: Option<Value>,
    /// What is there now; none for what is not.
    pub to: Option<Value>,
}

/// A plan that was reviewed, as it was kept for programs.
#[derive(Clone, Debug, Deserialize)]
pub struct Kept {
    /// Its digest.
    pub digest: Digest,
    reviewed: Parts,
}

/// Why a plan that was kept cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// Another version of Switchback made it, and writes its plans otherwise.
    #[error("it was made by another version of Switchback")]
    AnotherVersion,
    /// It is none.
    #[error(transparent)]
    NoPlan(#[from] serde_json::Error),
}

impl Kept {
    /// Reads a plan that was kept.
    ///
    /// # Errors
    ///
    /// That it is none, or one of another format.
    pub fn read(text: &str) -> Result<Self, NotKept> {
        /// What a plan of any format has.
        #[derive(Deserialize)]
        struct Head {
            #[serde(rename = "digest")]
            _digest: IgnoredAny,
            format: Option<u16>,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.format != Some(FORMAT) {
            return Err(NotKept::AnotherVersion);
        }
        Ok(serde_json::from_str(text)?)
    }

    /// Where what would run now is not what was reviewed.
    ///
    /// # Errors
    ///
    /// None that a plan of this version raises.
    pub fn changes_to(&self, now: &Reviewed) -> Result<Vec<Change>, serde_json::Error> {
        let now = now.parts()?;
        let mut changes = Vec::new();
        let before = &self.reviewed;
        for name in names(before.parameters.keys(), now.parameters.keys()) {
            let values = (before.parameters.get(name), now.parameters.get(name));
            compare(&Of::Parameter(name.clone()), values, &mut changes);
        }
        let (before, now) = (&before.runbook, &now.runbook);
        for (of, before, now) in [
            (Of::Step as fn(String) -> Of, &before.nodes, &now.nodes),
            (Of::Gate, &before.gates, &now.gates),
        ] {
            for id in names(before.keys(), now.keys()) {
                compare(&of(id.clone()), (before.get(id), now.get(id)), &mut changes);
            }
        }
        for name in names(before.rest.keys(), now.rest.keys()) {
            let mut found = Vec::new();
            compare(
                &Of::Runbook,
                (before.rest.get(name), now.rest.get(name)),
                &mut found,
            );
            changes.extend(found.into_iter().map(|change| Change {
                part: join(name, &change.part),
                ..change
            }));
        }
        for (part, before, now) in [
            ("the order of its steps", &before.nodes, &now.nodes),
            ("the order of its gates", &before.gates, &now.gates),
        ] {
            let common = |of: &IndexMap<String, Value>, in_both: &IndexMap<String, Value>| -> Value {
                of.keys()
                    .filter(|id| in_both.contains_key(*id))
                    .cloned()
                    .collect()
            };
            let (from, to) = (common(before, now), common(now, before));
            if from != to {
                changes.push(Change {
                    of: Of::Runbook,
                    part: part.to_owned(),
                    from: Some(from),
                    to: Some(to),
                });
            }
        }
        Ok(changes)
    }
}

/// The names of both, each once: those of the second, and then what only the first has.
fn names<'a>(
    before: impl Iterator<Item = &'a String>,
    now: impl Iterator<Item = &'a String>,
) -> indexmap::IndexSet<&'a String> {
    now.chain(before).collect()
}

/// Finds the parts in which two values differ, without recursion: what was kept may be anything.
fn compare(of: &Of, values: (Option<&Value>, Option<&Value>), changes: &mut Vec<Change>) {
    let mut open = vec![(String::new(), values.0, values.1)];
    while let Some((part, from, to)) = open.pop() {
        match (from, to) {
            (from, to) if from == to => {}
            // A length of time is one thing.
            (Some(Value::Object(from)), Some(Value::Object(to))) if !from.contains_key("secs") => {
                let all: Vec<_> = names(from.keys(), to.keys()).into_iter().collect();
                let parts = all.into_iter().rev();
                open.extend(parts.map(|name| (join(&part, name), from.get(name), to.get(name))));
            }
            // A list of words is one thing, a command say.
            (Some(Value::Array(from)), Some(Value::Array(to)))
                if from.len() == to.len() && !from.iter().chain(to).all(Value::is_string) =>
            {
                let items = from.iter().zip(to).enumerate().rev();
                open.extend(items.map(|(i, (from, to))| (format!("{part}[{i}]"), Some(from), Some(to))));
            }
            (from, to) => changes.push(Change {
                of: of.clone(),
                part,
                from: from.cloned(),
                to: to.cloned(),
            }),
        }
    }
}

/// The steps on the way to a part that a file does not have.
const UNWRITTEN: [&str; 10] = [
    "action", "question", "form", "work", "command", "exec", "script", "look", "domain", "text",
];

/// A part of a part, as somebody who writes runbooks would call it.
fn join(part: &str, name: &str) -> String {
    let last = part.rsplit('.').next().unwrap_or_default();
    if UNWRITTEN.contains(&name) || last == name || name.is_empty() {
        part.to_owned()
    } else if part.is_empty() {
        name.to_owned()
    } else {
        format!("{part}.{name}")
    }
}
