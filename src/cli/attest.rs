use crate::model::OutcomeId;
use crate::traverse::{Identity, Person, Subject, Traversal, Word};

use super::args;
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::{letters, session, words};

/// `switchback attest RUN ID`: states something of a run, or decides it, whoever drives the run.
pub(super) fn attest(args: &args::Attest, console: &Console) -> Outcome {
    let state_dir = args.state_dir.as_deref();
    let run = session::open(&args.run, &session::state_dir(state_dir)?)?;
    let by = match &args.who {
        Some(name) => Person {
            name: name.clone(),
            identity: Identity::Asserted,
        },
        None => session::person(),
    };
    letters::say(&args.run, vec![word(args, &run)?], by, state_dir, console)
}

fn word(args: &args::Attest, run: &Traversal) -> Result<Word, Refusal> {
    let note = args.note.clone().filter(|note| !note.trim().is_empty());
    if let Some(outcome) = &args.outcome {
        return Ok(Word::Decide {
            gate: args.id.as_str().into(),
            outcome: outcome.clone(),
            note,
        });
    }
    let gate = run.runbook().gates.get(args.id.as_str());
    if let Some(gate) = gate.filter(|gate| gate.attest.is_none() && !gate.decide.is_empty()) {
        let outcomes: Vec<&str> = gate.decide.iter().map(OutcomeId::as_str).collect();
        return Err(Refusal::usage(
            format!("`{}` is decided, not attested", gate.id),
            format!("say which outcome holds: `--outcome {}`", outcomes.join("|")),
        ));
    }
    let subject: Subject = run.subject(&args.id).map_err(words::refused)?;
    Ok(if args.refuse {
        Word::Refuse { subject, note }
    } else {
        Word::Attest { subject, note }
    })
}
