use crate::diagnostic::{Code, nearest};

use super::super::tree::Tree;
use super::map::entries;
use super::{Cursor, all_of, shown};

/// As many keys as a node is asked for.
const MANY_KEYS: usize = 48;

/// A mapping whose keys are the format's.
///
/// It remembers which keys it was asked for: what else stands there when all is read is unknown.
pub(crate) struct Fields<'c> {
    at: Cursor<'c>,
    /// What the mapping is, as a message says it: `an action`.
    kind: &'static str,
    entries: Vec<(&'c str, &'c Tree<'c>)>,
    asked: Vec<&'static str>,
    /// Unknown keys that were reported already.
    reported: Vec<&'c str>,
}

impl<'c> Fields<'c> {
    /// The fields of a mapping.
    pub(crate) fn of(at: Cursor<'c>, kind: &'static str) -> Option<Self> {
        let entries = entries(at)?;
        Some(Self {
            at,
            kind,
            entries,
            asked: Vec::with_capacity(MANY_KEYS),
            reported: Vec::new(),
        })
    }

    /// Says more exactly what the mapping is: now its keys are those of that kind.
    pub(crate) fn turns_out_as(&mut self, kind: &'static str) {
        self.kind = kind;
        self.asked.clear();
    }

    /// The keys that stand there.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'c str> {
        self.entries.iter().map(|(key, _)| *key)
    }

    /// Whether a key stands there.
    pub(crate) fn has(&mut self, key: &'static str) -> bool {
        self.value(key).is_some()
    }

    /// Those of some keys that stand there.
    pub(crate) fn present(&mut self, keys: &[&'static str]) -> Vec<&'static str> {
        let present = keys.iter().filter(|key| self.has(key));
        present.copied().collect()
    }

    fn value(&mut self, key: &'static str) -> Option<&'c Tree<'c>> {
        self.asked.push(key);
        let entry = self.entries.iter().find(|(name, _)| *name == key);
        entry.map(|(_, value)| *value)
    }

    /// The value of a key that may be left out.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Cursor<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(key)?;
        read(self.at.key(key, value))
    }

    /// The value of a key that must be there.
    pub(crate) fn required<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Cursor<'_>) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(key, format!("add `{key}:`"));
        }
        self.optional(key, read)
    }

    /// Reports a key that must be there and is not.
    pub(crate) fn missing(&self, key: &str, help: impl Into<String>) {
        let message = format!("{} needs `{key}`", self.kind);
        let finding = self.at.finding(Code::MissingField, message).at_key();
        let label = format!("`{key}` is missing");
        self.at.report(finding.label(label).help(help));
    }

    /// Reports that what a key says cannot stand beside the rest.
    pub(crate) fn conflict(&self, key: &str, message: impl Into<String>, help: impl Into<String>) {
        let label = "cannot stand here";
        self.report_at(key, Code::ConflictingFields, label, message, help);
    }

    /// Reports a finding about a key.
    pub(crate) fn report_at(
        &self,
        key: &str,
        code: Code,
        label: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        let at = self.at.key(key, self.at.tree);
        let finding = at.finding(code, message).at_key();
        at.report(finding.label(label).help(help));
    }

    /// Reports those of `keys` that stand there without the key that they belong to.
    pub(crate) fn belong_to(&mut self, owner: &'static str, keys: &[&'static str]) {
        let present = self.present(keys);
        if self.has(owner) {
            return;
        }
        for key in present {
            let message = format!("`{key}` has no meaning without `{owner}`");
            self.conflict(key, message, format!("add `{owner}`, or remove `{key}`"));
        }
    }

    /// The one of `keys` that stands there; anything but exactly one is reported. To be asked for last, as a key that nothing
    /// asked for yet may be meant to be one of them.
    pub(crate) fn exactly_one(&mut self, keys: &[&'static str]) -> Option<&'static str> {
        let one = self.at_most_one(keys)?;
        if one.is_none() {
            self.none_of(keys);
        }
        one
    }

    fn none_of(&mut self, keys: &[&'static str]) {
        let known = || keys.iter().copied();
        let strange = self.keys().filter(|key| !self.asked.contains(key));
        let typo = strange
            .filter_map(|key| Some((key, nearest(key, known())?)))
            .next();
        if let Some((typo, near)) = typo {
            let message = format!("{} is not a key of {}", shown(typo), self.kind);
            let help = format!("did you mean `{near}`?");
            self.report_at(typo, Code::UnknownField, "unknown key", message, help);
            self.reported.push(typo);
            return;
        }
        let message = format!("{} needs one of {}", self.kind, all_of(known()));
        let finding = self.at.finding(Code::ConflictingFields, message).at_key();
        let finding = finding.label("none of them is here");
        self.at.report(finding.help("add one of them"));
    }

    /// The one of `keys` that stands there, if any does; several are reported.
    pub(crate) fn at_most_one(&mut self, keys: &[&'static str]) -> Option<Option<&'static str>> {
        let present = self.present(keys);
        let mut present = present.into_iter();
        let first = present.next();
        let mut alone = true;
        for (first, other) in present.filter_map(|other| Some((first?, other))) {
            alone = false;
            let message = format!("`{other}` cannot stand beside `{first}`");
            let help = format!("{} has only one of them: remove one", self.kind);
            self.conflict(other, message, help);
        }
        alone.then_some(first)
    }

    /// Reports every key that nothing asked for.
    pub(crate) fn finish(self) {
        for (key, value) in &self.entries {
            if self.asked.contains(key) || self.reported.contains(key) {
                continue;
            }
            let at = self.at.key(key, value);
            let message = format!("{} is not a key of {}", shown(key), self.kind);
            let finding = at.finding(Code::UnknownField, message).at_key();
            let mut known = self.asked.clone();
            known.sort_unstable();
            known.dedup();
            let help = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its keys are {}", all_of(known)),
            };
            at.report(finding.label("unknown key").help(help));
        }
    }
}
