use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::model::{Choice, ChoiceId, Next};

use super::decode::{Cursor, Fields, id_map, map, mentioned, name, text};
use super::links::next;
use super::tree::Tree;

/// The choices of a question; one that leads nowhere of its own goes where the question goes.
pub(crate) fn choices(at: Cursor<'_>, question_next: &Next) -> Option<IndexMap<ChoiceId, Choice>> {
    if matches!(at.tree, Tree::Map(entries) if entries.is_empty()) {
        let message = "a question without choices has no answer";
        let finding = at.finding(Code::QuestionWithoutChoices, message);
        let help = "add a choice, or use `input` for a value that is typed";
        at.report(finding.label("no choices").help(help));
        return None;
    }
    id_map(at, |_, at| choice(at, question_next))
}

fn choice(at: Cursor<'_>, question_next: &Next) -> Option<Choice> {
    if matches!(at.tree, Tree::Null) {
        let message = format!("the choice {} leads nowhere", at.name());
        let finding = at.finding(Code::WrongType, message);
        let help =
            "write the node it leads to, `end` to end the branch, or `{}` to go where the question goes";
        at.report(finding.label("nothing stands here").help(help));
        return None;
    }
    if !matches!(at.tree, Tree::Map(_)) {
        return Some(Choice {
            label: None,
            next: next(at)?,
            decides: IndexMap::new(),
        });
    }
    let mut fields = Fields::of(at, "a choice")?;
    let choice = Choice {
        label: fields.optional("label", text),
        next: fields
            .optional("next", next)
            .unwrap_or_else(|| question_next.clone()),
        decides: fields
            .optional("decides", |at| map(at, mentioned, |_, at| name(at)))
            .unwrap_or_default(),
    };
    fields.finish();
    Some(choice)
}
