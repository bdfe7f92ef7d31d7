use crate::adapter::reporter::{Line, Screen, View};
use crate::model::NodeId;
use crate::traverse::{Ask, Owner, Word};

use super::prompts::{Choose, Heard, Offer, Prompts, Unsaid};
use super::question::ask;

/// What is asked of somebody, as it changes while they think.
pub(super) trait Standing {
    /// What they are asked now is about this owner; none means that it is about all.
    fn is_about(&self, owner: Option<&Owner>);

    /// Whether this owner's step is not asked any more; they are told, once.
    fn is_gone(&self, owner: &Owner) -> bool;
}

/// A question of a form.
struct Field<'a> {
    ask: &'a Ask,
    owner: Owner,
    was_asked: bool,
    /// The answer, unless it is left open.
    word: Option<Word>,
}

/// Asks questions that are ready together one after the other, and then shows them with their answers: nothing is said before somebody has seen
/// them together. What is left open has no word; what is withdrawn meanwhile is dropped. `can_go_back` says whether there is something to go back
/// to before the first of them.
pub(super) fn fill(
    asks: &[Ask],
    can_go_back: bool,
    run: &dyn View,
    screen: &Screen,
    prompts: &mut dyn Prompts,
    standing: &dyn Standing,
) -> Heard<Vec<(NodeId, Option<Word>)>> {
    screen.close();
    screen.space();
    let count = format!(
        "{} questions; nothing is sent before you have seen the answers together",
        asks.len()
    );
    screen.print(&Line::faint(&count));
    let mut fields: Vec<Field<'_>> = asks
        .iter()
        .map(|ask| Field {
            ask,
            owner: Owner::Node(ask.question.clone()),
            was_asked: false,
            word: None,
        })
        .collect();
    let mut is_seen = false;
    while !is_seen {
        fields.retain(|field| !standing.is_gone(&field.owner));
        match fields.iter().position(|field| !field.was_asked) {
            Some(next) => {
                standing.is_about(Some(&fields[next].owner));
                prompts.offer_back(next > 0 || can_go_back);
                let field = &mut fields[next];
                let before = field.word.as_ref().and_then(answer);
                match ask(field.ask, before, run, screen, prompts) {
                    Ok(word) => {
                        field.word = Some(word);
                        field.was_asked = true;
                    }
                    Err(Unsaid::Later) => {
                        field.word = None;
                        field.was_asked = true;
                    }
                    // It is dropped above, unless it was all that is withdrawn.
                    Err(Unsaid::Withdrawn) if standing.is_gone(&fields[next].owner) => {
                        fields.remove(next);
                    }
                    Err(Unsaid::Back) if next > 0 => fields[next - 1].was_asked = false,
                    Err(unsaid) => return Err(unsaid),
                }
            }
            None if fields.iter().all(|field| field.word.is_none()) => is_seen = true,
            None => {
                standing.is_about(None);
                prompts.offer_back(true);
                match look(&fields, run, prompts) {
                    Ok(Some(field)) => fields[field].was_asked = false,
                    Ok(None) => is_seen = true,
                    Err(Unsaid::Back) => fields
                        .iter_mut()
                        .rev()
                        .take(1)
                        .for_each(|last| last.was_asked = false),
                    Err(Unsaid::Later) => {
                        fields.iter_mut().for_each(|field| field.word = None);
                        is_seen = true;
                    }
                    Err(Unsaid::Withdrawn) => {
                        let before = fields.len();
                        fields.retain(|field| !standing.is_gone(&field.owner));
                        if fields.len() == before {
                            return Err(Unsaid::Withdrawn);
                        }
                    }
                    Err(unsaid) => return Err(unsaid),
                }
            }
        }
    }
    let said = fields
        .into_iter()
        .map(|field| (field.ask.question.clone(), field.word));
    Ok(said.collect())
}

/// Shows the questions with their answers; the place of one that is to be answered otherwise, or none to go on.
fn look(fields: &[Field<'_>], run: &dyn View, prompts: &mut dyn Prompts) -> Heard<Option<usize>> {
    let mut offers = vec![Offer::new("go on", None)];
    offers.extend(fields.iter().map(|field| {
        let id = field.ask.question.as_str();
        let title = run.runbook().nodes.get(id).map_or(id, |node| node.title());
        let answer = field.word.as_ref().and_then(answer).unwrap_or("left open");
        let answer = answer.lines().next().unwrap_or_default();
        Offer::new(id, Some(&format!("{title} {answer}")))
    }));
    let chosen = prompts.choose(&Choose {
        depth: 0,
        message: match fields {
            [_] => "Go on with this answer?",
            _ => "Go on with these answers?",
        },
        help: "Enter goes on, arrows change one, Esc leaves all open",
        options: &offers,
        start: 0,
    })?;
    Ok(chosen.checked_sub(1))
}

fn answer(word: &Word) -> Option<&str> {
    match word {
        Word::Answer { text, .. } => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::adapter::operator::script::{BACK, CTRL_C, Script};
    use crate::adapter::reporter::{Told, rollback, screen};

    /// Withdraws a question once somebody is asked another.
    #[derive(Default)]
    struct Gone(RefCell<Option<(&'static str, &'static str)>>);

    impl Standing for Gone {
        fn is_about(&self, _: Option<&Owner>) {}

        fn is_gone(&self, owner: &Owner) -> bool {
            let mut gone = self.0.borrow_mut();
            gone.take_if(|(_, gone)| *owner == Owner::Node((*gone).into()))
                .is_some()
        }
    }

    fn filled(typed: &[&str], gone: &Gone) -> (Result<Vec<String>, Unsaid>, Vec<String>) {
        let asks = ["last_deploy", "good_tag"].map(|question| Ask {
            question: question.into(),
            help: None,
            detected: None,
            suggestions: Vec::new(),
        });
        let mut script = Script::new(typed);
        let filled = fill(
            &asks,
            false,
            &Told::new(rollback()),
            &screen().0,
            &mut script,
            gone,
        );
        let said = filled.map(|all| {
            let said = |(question, word): &(NodeId, Option<Word>)| {
                format!("{question}={}", word.as_ref().and_then(answer).unwrap_or("?"))
            };
            all.iter().map(said).collect()
        });
        (said, script.seen)
    }

    fn is(said: &[&str]) -> Result<Vec<String>, Unsaid> {
        Ok(said.iter().map(|said| (*said).to_owned()).collect())
    }

    #[test]
    fn the_answers_are_seen_together_before_they_count() {
        let (said, seen) = filled(&["yes", "v1.0.0", ""], &Gone::default());
        assert_eq!(said, is(&["last_deploy=yes", "good_tag=v1.0.0"]));
        assert_eq!(
            seen.last().map(String::as_str),
            Some(
                "Go on with these answers? [go on, last_deploy, good_tag; at go on] \
                 (Enter goes on, arrows change one, Esc leaves all open)"
            )
        );
    }

    #[test]
    fn an_answer_is_changed_and_a_question_is_gone_back_to() {
        let (said, seen) = filled(&["yes", "v1.0.0", "last_deploy", "no", ""], &Gone::default());
        assert_eq!(said, is(&["last_deploy=no", "good_tag=v1.0.0"]));
        assert!(seen[3].contains("at yes] (`yes` is your answer"), "{}", seen[3]);
        let (said, _) = filled(&["yes", BACK, "no", "v1.0.0", ""], &Gone::default());
        assert_eq!(said, is(&["last_deploy=no", "good_tag=v1.0.0"]));
        assert_eq!(filled(&[BACK], &Gone::default()).0, Err(Unsaid::Back));
    }

    #[test]
    fn what_is_left_open_leaves_the_others_alone() {
        let (said, _) = filled(
            &["yes", crate::adapter::operator::script::ESCAPE, ""],
            &Gone::default(),
        );
        assert_eq!(said, is(&["last_deploy=yes", "good_tag=?"]));
        let (said, seen) = filled(&[], &Gone::default());
        assert_eq!(said, is(&["last_deploy=?", "good_tag=?"]));
        assert_eq!(seen.len(), 2, "there is nothing to look at");
        assert_eq!(
            filled(&["yes", "v1.0.0"], &Gone::default()).0,
            is(&["last_deploy=?", "good_tag=?"])
        );
        assert_eq!(
            filled(&["yes", CTRL_C], &Gone::default()).0,
            Err(Unsaid::Interrupted)
        );
    }

    #[test]
    fn what_is_answered_elsewhere_is_dropped_and_the_rest_stays() {
        let gone = || Gone(RefCell::new(Some(("", "good_tag"))));
        let (said, seen) = filled(&["no", ""], &gone());
        assert_eq!((said, seen.len()), (is(&["last_deploy=no"]), 2));
    }
}
