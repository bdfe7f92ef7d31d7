use indexmap::IndexMap;

use crate::traverse::{Event, Identity, Person, Record, Source, Traversal};

use super::Participant;
use super::make::was_asked;

/// Everybody who had a part in a run, in the order in which they first did.
pub(super) fn people(run: &Traversal, records: &[Record]) -> Vec<Participant> {
    let mut all: IndexMap<(&str, bool), Participant> = IndexMap::new();
    for record in records {
        let Some((person, did)) = part(run, &record.event) else {
            continue;
        };
        let key = (person.name.as_str(), person.identity == Identity::Ci);
        let participant = all.entry(key).or_insert_with(|| Participant {
            name: person.name.clone(),
            identity: person.identity,
            did: IndexMap::new(),
        });
        *participant.did.entry(did.to_owned()).or_default() += 1;
    }
    all.into_values().collect()
}

/// Who had which part in an event.
fn part<'a>(run: &Traversal, event: &'a Event) -> Option<(&'a Person, &'static str)> {
    Some(match event {
        Event::RunStarted { by, .. } => (by, "started"),
        Event::RunResumed { by } => (by, "resumed"),
        Event::LockBroken { by, .. } => (by, "took_a_lock"),
        Event::RunCancelled { by, .. } => (by, "gave_up"),
        // The machine's answers bear the name of who started the run, who need not have seen them.
        Event::Answered {
            by,
            source: Source::Terminal | Source::Given,
            ..
        } => (by, "answered"),
        Event::AnswerTakenBack { by, .. } => (by, "took_back"),
        Event::Confirmed { node, by } if was_asked(run, node) => (by, "confirmed"),
        Event::Declined { by, .. } | Event::UndoDeclined { by, .. } => (by, "declined"),
        Event::Checked { by: Some(by), .. } => (by, "looked"),
        Event::Attested { by, .. } => (by, "stated"),
        Event::Refused { by, .. } => (by, "refused"),
        Event::Decided { by, .. } => (by, "decided"),
        Event::Waived { by, .. } => (by, "waived"),
        Event::Resolved { by, .. } | Event::UndoResolved { by, .. } => (by, "settled"),
        Event::UndoBegun { by, .. } => (by, "undid"),
        _ => return None,
    })
}
