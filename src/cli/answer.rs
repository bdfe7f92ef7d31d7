use crate::model::NodeId;
use crate::traverse::{Source, Word};

use super::args;
use super::console::Console;
use super::error::Outcome;
use super::{letters, session};

/// `switchback answer RUN QUESTION VALUE`: answers a question, or takes an answer back, whoever drives the run.
pub(super) fn answer(args: &args::Answer, console: &Console) -> Outcome {
    let question = NodeId::from(args.question.as_str());
    let mut words = Vec::new();
    if args.instead || args.take_back {
        words.push(Word::TakeBack(question.clone()));
    }
    words.extend(args.value.as_ref().map(|value| Word::Answer {
        question,
        text: value.clone(),
        source: Source::Given,
    }));
    letters::say(
        &args.run,
        words,
        session::person(),
        args.state_dir.as_deref(),
        console,
    )
}
