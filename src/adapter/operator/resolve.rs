use crate::adapter::reporter::{Line, Mark, Screen, View};
use crate::model::NodeId;
use crate::traverse::{Owner, Rendered, Resolution, Word};

use super::prompts::{Choose, Heard, Offer, Prompts, Type, Unsaid};
use super::statement::later;

/// Has somebody say what to make of a step of which only the start is on record.
pub(super) fn resolve(
    node: &NodeId,
    work: Option<&Rendered>,
    run: &dyn View,
    screen: &Screen,
    prompts: &mut dyn Prompts,
) -> Heard<Word> {
    screen.open(&Owner::Node(node.clone()), work, run);
    let doubt = "it was started, and nobody knows whether it is done: look before you say";
    screen.print(&Line::new(Mark::Unknown, doubt).at(1));
    let mut offers: Vec<Offer> = Resolution::WORDS
        .iter()
        .map(|(word, resolution)| Offer::new(word, Some(means(*resolution))))
        .collect();
    offers.push(later());
    let chosen = prompts.choose(&Choose {
        depth: 1,
        message: "What is to be made of it?",
        help: "arrows or typing, Enter takes it",
        options: &offers,
        start: offers.len() - 1,
    })?;
    let (_, how) = Resolution::WORDS.get(chosen).ok_or(Unsaid::Later)?;
    let reason = prompts.line(&Type {
        depth: 1,
        message: "Why:",
        help: "what you saw; it stays on record",
        default: None,
        suggestions: &[],
        check: &|typed| match typed.trim() {
            "" => Err("say why, so that others can follow it".to_owned()),
            _ => Ok(()),
        },
    })?;
    let mut set = Vec::new();
    if *how == Resolution::Done {
        for capture in run.captures_wanted(node) {
            let value = prompts.line(&Type {
                depth: 1,
                message: &format!("What is its {capture}?"),
                help: "it would have printed it, and what comes after uses it",
                default: None,
                suggestions: &[],
                check: &|_| Ok(()),
            })?;
            set.push((capture, value));
        }
    }
    Ok(Word::Resolve {
        node: node.clone(),
        how: *how,
        reason: reason.trim().to_owned(),
        set,
    })
}

fn means(resolution: Resolution) -> &'static str {
    match resolution {
        Resolution::Done => "its work is done; its checks look once more",
        Resolution::Rerun => "run it once more",
        Resolution::Skip => "pass it over",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::operator::script::Script;
    use crate::adapter::reporter::{Told, rollback, screen};

    #[test]
    fn a_reason_is_needed_and_later_is_where_the_cursor_stands() {
        let said = |script: &mut Script| {
            resolve(
                &"rollback".into(),
                None,
                &Told::new(rollback()),
                &screen().0,
                script,
            )
        };
        let mut script = Script::new(&["done", "", "the link points back"]);
        let word = Word::Resolve {
            node: "rollback".into(),
            how: Resolution::Done,
            reason: "the link points back".to_owned(),
            set: Vec::new(),
        };
        assert_eq!(said(&mut script), Ok(word));
        assert_eq!(script.refused, ["say why, so that others can follow it"]);
        assert_eq!(said(&mut Script::new(&[""])), Err(Unsaid::Later));
    }
}
