use crate::traverse::{Event, Person, Record, Rejected, Traversal, Word};

/// The events that open a run, or take it up again: the first, and then what people say on the way in. They are tried on a copy, so
/// that a word that is rejected leaves nothing behind.
///
/// # Errors
///
/// The first word that cannot be taken.
pub fn rehearse(run: &Traversal, first: Event, words: Vec<(Word, Person)>) -> Result<Vec<Event>, Rejected> {
    let mut copy = run.clone();
    try_out(&mut copy, &first)?;
    let mut events = vec![first];
    events.extend(say(&mut copy, words)?);
    Ok(events)
}

/// The events that words make, one after the other, of a copy of a run.
pub(super) fn say(
    copy: &mut Traversal,
    words: impl IntoIterator<Item = (Word, Person)>,
) -> Result<Vec<Event>, Rejected> {
    let mut events = Vec::new();
    for (word, by) in words {
        let event = copy.hear(word, by)?;
        try_out(copy, &event)?;
        events.push(event);
    }
    Ok(events)
}

fn try_out(copy: &mut Traversal, event: &Event) -> Result<(), Rejected> {
    let applied = copy.apply(&Record::unkept(event.clone()));
    applied.map_err(|unfit| Rejected::new(unfit.problem, ""))
}
