use crate::adapter::reporter::{Line, Mark, Screen, View, so_far};
use crate::model::{GateId, OutcomeId};
use crate::traverse::{Owner, Person, Statement, Subject, Word};

use super::prompts::{Choose, Heard, Offer, Prompts, Type, Unsaid};

/// Has somebody state that something is so. The cursor stands on `later`: nothing is stated by a slip.
pub(super) fn attest(
    statement: &Statement,
    owner: &Owner,
    by: &Person,
    run: &dyn View,
    screen: &Screen,
    prompts: &mut dyn Prompts,
) -> Heard<Word> {
    open(owner, run, screen);
    screen.print(&Line::new(Mark::None, statement.text.trim()).at(1));
    let (message, yes, no) = match &statement.subject {
        Subject::Node(_) => ("Is it done?", "it is done", "it cannot be done"),
        Subject::Gate(_) => ("Is it so?", "I state it", "it is not so"),
        Subject::Check { .. } => ("Is it so?", "I have seen it", "it is not so"),
    };
    let offers = [Offer::new("yes", Some(yes)), Offer::new("no", Some(no)), later()];
    let said = choose(message, &offers, &as_whom(by, &statement.by), prompts)?;
    let subject = statement.subject.clone();
    match said {
        0 => Ok(Word::Attest {
            subject,
            note: note(prompts)?,
        }),
        1 => Ok(Word::Refuse {
            subject,
            note: note(prompts)?,
        }),
        _ => Err(Unsaid::Later),
    }
}

/// Opens a step, with what is known of it before anybody has said anything.
fn open(owner: &Owner, run: &dyn View, screen: &Screen) {
    screen.open(owner, None, run);
    if run.checks(owner).iter().flatten().all(|made| made.by.is_none()) {
        screen.print_all(&so_far(owner, run));
    }
}

/// What is to be decided, and by whom.
pub(super) struct Decision<'a> {
    /// The gate.
    pub(super) gate: &'a GateId,
    /// The outcomes.
    pub(super) outcomes: &'a [OutcomeId],
    /// Who should say so.
    pub(super) should: &'a [String],
}

/// Has somebody say which outcome of a gate holds.
pub(super) fn decide(
    decision: &Decision<'_>,
    by: &Person,
    run: &dyn View,
    screen: &Screen,
    prompts: &mut dyn Prompts,
) -> Heard<Word> {
    open(&Owner::Gate(decision.gate.clone()), run, screen);
    let mut offers: Vec<Offer> = decision
        .outcomes
        .iter()
        .map(|outcome| Offer::new(outcome.as_str(), None))
        .collect();
    offers.push(later());
    let said = choose(
        "Which of these holds?",
        &offers,
        &as_whom(by, decision.should),
        prompts,
    )?;
    let outcome = decision.outcomes.get(said).ok_or(Unsaid::Later)?;
    Ok(Word::Decide {
        gate: decision.gate.clone(),
        outcome: outcome.to_string(),
        note: note(prompts)?,
    })
}

/// The offer not to say anything now.
pub(super) fn later() -> Offer {
    Offer::new(
        "later",
        Some("leave it open, and resume the run when it is known"),
    )
}

fn choose(message: &str, offers: &[Offer], help: &str, prompts: &mut dyn Prompts) -> Heard<usize> {
    let start = offers.len().saturating_sub(1);
    prompts.choose(&Choose {
        depth: 1,
        message,
        help,
        options: offers,
        start,
    })
}

/// In whose name it goes on record, and who is meant to say it.
fn as_whom(by: &Person, should: &[String]) -> String {
    let should = if should.is_empty() {
        String::new()
    } else {
        format!("; meant for {}", should.join(", "))
    };
    format!("on record as {by}{should}")
}

fn note(prompts: &mut dyn Prompts) -> Heard<Option<String>> {
    let typed = prompts.line(&Type {
        depth: 1,
        message: "Note:",
        help: "what you saw, if you like; Enter leaves it out",
        default: None,
        suggestions: &[],
        check: &|_| Ok(()),
    })?;
    let typed = typed.trim();
    Ok((!typed.is_empty()).then(|| typed.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::operator::script::Script;
    use crate::adapter::reporter::{Told, ana, rollback, screen};

    fn attested(script: &mut Script) -> (Heard<Word>, String) {
        let statement = Statement {
            subject: Subject::Gate("verified_live".into()),
            text: "Production loads,\nand a payment went through.\n".to_owned(),
            by: vec!["on call".to_owned(), "product".to_owned()],
        };
        let (screen, printed) = screen();
        let owner = Owner::Gate("verified_live".into());
        let said = attest(
            &statement,
            &owner,
            &ana(),
            &Told::new(rollback()),
            &screen,
            script,
        );
        (said, printed.text())
    }

    #[test]
    fn nothing_is_stated_by_a_slip() {
        let mut script = Script::new(&[""]);
        let (said, printed) = attested(&mut script);
        assert_eq!(said, Err(Unsaid::Later));
        insta::assert_snapshot!(printed, @"
        ▸ Production loads  gate verified_live
          Production loads,
          and a payment went through.
        ");
        assert_eq!(
            script.seen,
            ["Is it so? [yes, no, later; at later] (on record as ana; meant for on call, product)"]
        );
    }

    #[test]
    fn a_statement_may_carry_a_note_and_a_no_is_a_word_too() {
        let subject = Subject::Gate("verified_live".into());
        let (said, _) = attested(&mut Script::new(&["yes", " paid 1.00 "]));
        assert_eq!(
            said,
            Ok(Word::Attest {
                subject: subject.clone(),
                note: Some("paid 1.00".to_owned())
            })
        );
        let (said, _) = attested(&mut Script::new(&["no", ""]));
        assert_eq!(said, Ok(Word::Refuse { subject, note: None }));
        assert_eq!(attested(&mut Script::new(&["yes"])).0, Err(Unsaid::Later));
    }

    #[test]
    fn an_outcome_is_chosen() {
        let outcomes = ["reversed".into(), "restored".into()];
        let decision = Decision {
            gate: &"fix_queued".into(),
            outcomes: &outcomes,
            should: &[],
        };
        let mut script = Script::new(&["restored", ""]);
        let said = decide(
            &decision,
            &ana(),
            &Told::new(rollback()),
            &screen().0,
            &mut script,
        );
        assert_eq!(
            said,
            Ok(Word::Decide {
                gate: "fix_queued".into(),
                outcome: "restored".to_owned(),
                note: None
            })
        );
    }
}
