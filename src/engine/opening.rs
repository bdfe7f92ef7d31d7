use crate::traverse::{Event, Person, Record, Rejected, Traversal, Word};

/// The events that open a run, or take it up again: the first, and then what people say on the way in. They are tried on a copy, so
/// that a word that is rejected leaves nothing behind.
///
/// # Errors
///
/// The first word that cannot be taken.
pub fn rehearse(run: &Traversal, first: Event, words: Vec<(Word, Person)>) -> Result<Vec<Event>, Rejected> {
    let mut copy = run.clone();
    let mut events = Vec::with_capacity(words.len() + 1);
    let mut take = |copy: &mut Traversal, event: Event| {
        let record = Record::unkept(event);
        let applied = copy.apply(&record);
        events.push(record.event);
        applied.map_err(|unfit| Rejected::new(unfit.problem, ""))
    };
    take(&mut copy, first)?;
    for (word, by) in words {
        let event = copy.hear(word, by)?;
        take(&mut copy, event)?;
    }
    Ok(events)
}
