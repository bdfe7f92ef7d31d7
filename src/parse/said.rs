//! What people say of a run and how it should end: the vocabulary that drills and tests share.

use indexmap::IndexMap;

use crate::model::{Expectation, GATE_VERDICTS, NODE_STATES, RUN_STATES, Said};

use super::decode::{Cursor, Fields, any_text, list, map, mentioned, one_of, text};
use super::links::node_list;

/// What people say.
pub(crate) fn said(fields: &mut Fields<'_>) -> Said {
    Said {
        answers: fields.optional("answers", texts).unwrap_or_default(),
        attest: fields.optional("attest", texts).unwrap_or_default(),
        decide: fields.optional("decide", texts).unwrap_or_default(),
        confirm: fields
            .optional("confirm", |at| list(at, text))
            .unwrap_or_default(),
        waive: fields.optional("waive", texts).unwrap_or_default(),
    }
}

/// How the run should stand at its end.
pub(crate) fn expectation(fields: &mut Fields<'_>) -> Expectation {
    Expectation {
        state: fields.optional("state", one_of(&RUN_STATES)),
        route: fields.optional("route", node_list),
        nodes: fields.optional("nodes", words(&NODE_STATES)).unwrap_or_default(),
        gates: fields
            .optional("gates", words(&GATE_VERDICTS))
            .unwrap_or_default(),
    }
}

/// Texts by the name of something in the runbook.
pub(crate) fn texts(at: Cursor<'_>) -> Option<IndexMap<String, String>> {
    map(at, mentioned, |_, at| any_text(at))
}

/// One of these words, by the id of something in the runbook.
fn words<K>(known: &[&'static str]) -> impl Fn(Cursor<'_>) -> Option<IndexMap<K, String>>
where
    K: std::hash::Hash + Eq + for<'a> From<&'a str>,
{
    let word = one_of(known);
    move |at| map(at, mentioned, |_, at| word(at))
}
