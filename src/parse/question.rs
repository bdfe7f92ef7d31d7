use crate::model::{ChoiceId, Domain, Form, Next, Question, Suggest, Value};

use super::choices::choices;
use super::command::{Defaults, command, command_of};
use super::decode::{Cursor, Fields, all_of, integer, json, template, text};
use super::parameter::{input, value};

/// How many suggestions are shown where nobody says otherwise.
const DEFAULT_LIMIT: usize = 10;

/// A question, whose edges are read already.
pub(crate) fn question_of(fields: &mut Fields<'_>, next: &Next, defaults: &Defaults) -> Option<Question> {
    let title = fields.required("question", text);
    let help = fields.optional("help", template);
    let detect = fields.optional("detect", |at| command(at, defaults));
    let suggest = fields.optional("suggest", |at| suggest(at, defaults));
    fields.belong_to("input", &["suggest"]);
    let one = fields.exactly_one(&["choices", "input"]);
    let choices = fields.optional("choices", |at| choices(at, next));
    let domain = fields.optional("input", input);
    let form = match one {
        Some("choices") => choices.map(Form::Choices),
        Some(_) => domain.map(|domain| Form::Input { domain, suggest }),
        None => None,
    };
    let default = fields.optional("default", |at| match &form {
        Some(Form::Choices(choices)) => one_of(at, choices.keys().map(ChoiceId::as_str)),
        Some(Form::Input { domain, .. }) => typed(at, domain),
        None => json(at),
    });
    Some(Question {
        title: title?,
        help,
        form: form?,
        detect,
        default,
    })
}

fn suggest(at: Cursor<'_>, defaults: &Defaults) -> Option<Suggest> {
    let mut fields = Fields::of(at, "`suggest`")?;
    let command = command_of(&mut fields, defaults);
    let limit = fields.optional("limit", integer(1, 1000));
    fields.finish();
    Some(Suggest {
        command: command?,
        limit: limit.unwrap_or(DEFAULT_LIMIT),
    })
}

fn one_of<'a>(at: Cursor<'_>, choices: impl Iterator<Item = &'a str> + Clone) -> Option<Value> {
    let choice = text(at)?;
    if !choices.clone().any(|known| known == choice) {
        let message = "`default` is none of the question's choices";
        at.invalid(message, format!("the choices are {}", all_of(choices)));
        return None;
    }
    Some(Value::from(choice))
}

fn typed(at: Cursor<'_>, domain: &Domain) -> Option<Value> {
    value(at, domain)
}
