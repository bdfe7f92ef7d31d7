//! Having a word in a run that another process may be driving.

use std::time::{Duration, Instant};

use crate::adapter::inbox::Inbox;
use crate::adapter::journal::{self, RunFolder, StateDir};
use crate::adapter::reporter::named;
use crate::engine::{Message, Reply};
use crate::model::plain;
use crate::traverse::{Event, LetterId, Person, Word};

use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;
use super::session::{self, Recorded};
use super::{locking, words};

/// How long lies between two looks for a reply.
const PAUSE: Duration = Duration::from_millis(40);
/// How long a reply takes at most, unless something is in its way.
const SOON: Duration = Duration::from_secs(3);

/// Says something of a run, in the name of somebody, and what came of it.
pub(super) fn say(
    run: &str,
    words: Vec<Word>,
    by: Person,
    state_dir: Option<&std::path::Path>,
    console: &Console,
) -> Outcome {
    let state = session::state_dir(state_dir)?;
    // `last` may be another in a moment.
    let run = &session::open(run, &state)?.id().0;
    let folder = session::find(run, &state)?;
    let question = words.last().map(Word::owner);
    let (letter, reply) = deliver(&folder, &Message::Said { words, by }, console)?;
    match reply {
        Reply::Rejected(why) => return Err(words::refused(why)),
        Reply::Taken => {
            for record in journal::read(&folder.journal())? {
                if record.letter.as_ref() == Some(&letter)
                    && let Some(line) = in_words(&record.event)
                {
                    console.say(&line);
                }
            }
        }
        Reply::Known => {
            let run = session::open(run, &state)?;
            let question = question.map(|owner| owner.to_string()).unwrap_or_default();
            if let Some(given) = run.who_gave(&question.as_str().into()) {
                console.say(&format!(
                    "`{question}` was answered {given}: nothing new is on record"
                ));
            }
            return Ok(Exit::Complete);
        }
    }
    console.say(&how_it_goes_on(run, &state, state_dir)?);
    Ok(Exit::Complete)
}

/// Puts on record what was left for a run that no process has. A process that has it does so by itself.
pub(super) fn read_all(folder: &RunFolder) -> Result<(), Refusal> {
    if Inbox::of(folder).letters()?.is_empty() {
        return Ok(());
    }
    match Recorded::of(folder.clone())? {
        Some(mut recorded) => recorded.read_letters(),
        None => Ok(()),
    }
}

/// Leaves a message for a run, and waits for what comes of it: the process that drives the run reads it, or, if there is none, this one.
fn deliver(folder: &RunFolder, message: &Message, console: &Console) -> Result<(LetterId, Reply), Refusal> {
    let inbox = Inbox::of(folder);
    let letter = inbox.leave(message)?;
    let since = Instant::now();
    let mut is_told = false;
    loop {
        if let Err(refusal) = read_all(folder) {
            // Nobody can read it as things are, and who comes later need not know of it.
            inbox.take_back(&letter)?;
            return Err(refusal);
        }
        if let Some(reply) = inbox.take_reply(&letter)? {
            return Ok((letter, reply));
        }
        if since.elapsed() > SOON && !is_told {
            is_told = true;
            console.say("the process that drives the run does not take it up; it will when it goes on (Ctrl-C leaves it there)");
        }
        std::thread::sleep(PAUSE);
    }
}

/// What was put on record.
fn in_words(event: &Event) -> Option<String> {
    let in_advance = |in_advance: &bool| {
        if *in_advance {
            ", in advance: the run has not come to it"
        } else {
            ""
        }
    };
    Some(match event {
        Event::Answered {
            question, value, by, ..
        } => format!("`{question}` is answered `{}` by {by}", plain(value)),
        Event::AnswerTakenBack { question, value, by } => {
            format!(
                "the answer `{}` to `{question}` is taken back by {by}",
                plain(value)
            )
        }
        Event::Attested {
            subject,
            by,
            in_advance: early,
            ..
        } => format!("`{subject}` is attested by {by}{}", in_advance(early)),
        Event::Refused { subject, by, .. } => format!("`{subject}` is refused by {by}"),
        Event::Decided {
            gate,
            outcome,
            by,
            in_advance: early,
            ..
        } => format!("`{gate}` is decided by {by}: {outcome}{}", in_advance(early)),
        _ => return None,
    })
}

fn how_it_goes_on(
    run: &str,
    state: &StateDir,
    state_dir: Option<&std::path::Path>,
) -> Result<String, Refusal> {
    let run = session::open(run, state)?;
    let id = run.id();
    Ok(if run.recorded_state().is_over() {
        format!("run {id} is {}", run.recorded_state())
    } else if locking::is_driven(&id, state) {
        format!("run {id} goes on with it")
    } else {
        format!(
            "no process drives run {id}; to go on: `switchback resume {}`",
            named(&id, state_dir)
        )
    })
}
