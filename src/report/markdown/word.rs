//! The words and signs of states, people and times in Markdown.

use jiff::Timestamp;

use crate::report::GateState;
use crate::traverse::{Identity, Person, Verdict};

use super::escape::text;

/// Somebody, and how strong that is.
pub(super) fn who(person: &Person) -> String {
    let strength = match person.identity {
        Identity::Asserted => "asserted",
        Identity::Ci => "CI",
    };
    format!("{} ({strength})", text(&person.name))
}

pub(super) fn identity(identity: Identity) -> &'static str {
    match identity {
        Identity::Asserted => "asserted: they or somebody else said so",
        Identity::Ci => "CI: the system that started the run says so",
    }
}

pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

pub(super) fn of_state(state: &str) -> &'static str {
    match state {
        "complete" | "recovered" => "✓",
        "failed" | "gates_unmet" => "✗",
        "in_doubt" => "?",
        "stopped" | "cancelled" => "!",
        _ => "…",
    }
}

pub(super) fn sign(verdict: GateState) -> &'static str {
    match verdict {
        GateState::Met => "✓",
        GateState::Unmet => "✗",
        GateState::Unknown => "?",
        GateState::Waiting => "…",
        GateState::NotApplicable => "–",
        GateState::Waived => "⚠",
    }
}

pub(super) fn words(verdict: GateState) -> &'static str {
    match verdict {
        GateState::Met => "met",
        GateState::Unmet => "unmet",
        GateState::Unknown => "unknown",
        GateState::Waiting => "waiting",
        GateState::NotApplicable => "not applicable",
        GateState::Waived => "**waived**",
    }
}

pub(super) fn verdict(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Held) => "✓ held",
        Some(Verdict::Failed) => "✗ failed",
        Some(Verdict::Unknown) => "? unknown",
        None => "– not made",
    }
}

pub(super) fn advance(in_advance: bool) -> &'static str {
    if in_advance { " *in advance*" } else { "" }
}
