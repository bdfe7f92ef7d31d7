use crate::adapter::reporter::{Line, Mark, Screen, View};
use crate::model::{Domain, Form, Kind, Question, Value, plain};
use crate::traverse::{Ask, Source, Word};

use super::prompts::{Choose, Heard, Offer, Prompts, Type, Unsaid};

const CHOOSE: &str = "arrows or typing, Enter takes it, Esc leaves it open";
const TYPE: &str = "Esc leaves it open";
const PICK: &str = "typing, or arrows to pick; Esc leaves it open";
const LINES: &str = "several lines, an empty one ends it; Esc leaves it open";

/// Asks a question: by its choices, by a list of what is allowed, by a line, or by several.
/// `before` is what the same person has answered a moment ago.
pub(super) fn ask(
    ask: &Ask,
    before: Option<&str>,
    run: &dyn View,
    screen: &Screen,
    prompts: &mut dyn Prompts,
) -> Heard<Word> {
    let node = run.runbook().nodes.get(&ask.question);
    let Some((node, question)) = node.and_then(|node| Some((node, node.question()?))) else {
        return Err(Unsaid::Later);
    };
    screen.close();
    screen.space();
    if let Some(help) = &ask.help {
        for line in help.trim().lines() {
            screen.print(&Line::faint(line));
        }
    }
    let (preset, origin) = preset(ask, before, question);
    let preset = preset.as_deref();
    let text = match &question.form {
        Form::Choices(choices) => {
            let offers: Vec<Offer> = choices
                .iter()
                .map(|(id, choice)| Offer::new(id.as_str(), choice.label.as_deref()))
                .collect();
            choose(node.title(), &offers, preset, origin, prompts)?
        }
        Form::Input { domain, .. } => match allowed(domain) {
            Some(offers) => choose(node.title(), &offers, preset, origin, prompts)?,
            None if domain.kind == Kind::Text => lines(node.title(), question, screen, prompts)?,
            None => line(node.title(), question, preset, origin, &ask.suggestions, prompts)?,
        },
    };
    Ok(Word::Answer {
        question: ask.question.clone(),
        text,
        source: Source::Terminal,
    })
}

/// The answer that the cursor stands on at first, and where it is from.
fn preset(ask: &Ask, before: Option<&str>, question: &Question) -> (Option<String>, &'static str) {
    if let Some(before) = before {
        return (Some(before.to_owned()), "is your answer");
    }
    match (&ask.detected, &question.default) {
        (Some(found), _) => (Some(plain(found)), "was detected"),
        (None, Some(default)) => (Some(plain(default)), "is the default"),
        (None, None) => (None, ""),
    }
}

/// The values allowed, where they can be listed.
fn allowed(domain: &Domain) -> Option<Vec<Offer>> {
    if domain.kind == Kind::Boolean {
        return Some(vec![Offer::new("yes", None), Offer::new("no", None)]);
    }
    let offers = domain
        .one_of
        .iter()
        .map(|value: &Value| Offer::new(&plain(value), None));
    (!domain.one_of.is_empty()).then(|| offers.collect())
}

fn choose(
    title: &str,
    offers: &[Offer],
    preset: Option<&str>,
    origin: &str,
    prompts: &mut dyn Prompts,
) -> Heard<String> {
    // A truth value is found as `true` and offered as `yes`.
    let preset = preset.map(|text| match text {
        "true" if offers.iter().all(|offer| offer.id != text) => "yes",
        "false" if offers.iter().all(|offer| offer.id != text) => "no",
        text => text,
    });
    let start = preset.and_then(|preset| offers.iter().position(|offer| offer.id == preset));
    let help = match start.and_then(|start| offers.get(start)) {
        Some(offer) => format!("`{}` {origin}; {CHOOSE}", offer.id),
        None => CHOOSE.to_owned(),
    };
    let start = start.unwrap_or(0);
    let chosen = prompts.choose(&Choose {
        depth: 0,
        message: title,
        help: &help,
        options: offers,
        start,
    })?;
    offers
        .get(chosen)
        .map(|offer| offer.id.clone())
        .ok_or(Unsaid::Later)
}

fn line(
    title: &str,
    question: &Question,
    preset: Option<&str>,
    origin: &str,
    suggestions: &[String],
    prompts: &mut dyn Prompts,
) -> Heard<String> {
    let how = if suggestions.is_empty() { TYPE } else { PICK };
    let help = match preset {
        Some(preset) => format!("Enter takes `{preset}`, which {origin}; {how}"),
        None => how.to_owned(),
    };
    prompts.line(&Type {
        depth: 0,
        message: title,
        help: &help,
        default: preset,
        suggestions,
        check: &|typed| check(question, typed),
    })
}

/// Lines until an empty one. What was typed is kept when it is not allowed yet.
fn lines(title: &str, question: &Question, screen: &Screen, prompts: &mut dyn Prompts) -> Heard<String> {
    let mut typed: Vec<String> = Vec::new();
    loop {
        let message = if typed.is_empty() { title } else { "" };
        let next = Type {
            depth: 0,
            message,
            help: LINES,
            default: None,
            suggestions: &[],
            check: &|_| Ok(()),
        };
        let line = prompts.line(&next)?;
        if !line.trim().is_empty() {
            typed.push(line);
            continue;
        }
        let text = typed.join("\n");
        match check(question, &text) {
            Ok(()) => return Ok(text),
            Err(why) => screen.print(&Line::new(Mark::Mind, &why)),
        }
    }
}

fn check(question: &Question, typed: &str) -> Result<(), String> {
    question
        .read(typed)
        .map(|_| ())
        .map_err(|why| format!("it {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::operator::script::Script;
    use crate::adapter::reporter::{Told, rollback, screen};

    fn asked(question: &str, detected: Option<&str>, script: &mut Script) -> Heard<Word> {
        let step = Ask {
            question: question.into(),
            help: Some("`dep releases` lists them.".to_owned()),
            detected: detected.map(Value::from),
            suggestions: vec!["v1.9.0".to_owned()],
        };
        ask(&step, None, &Told::new(rollback()), &screen().0, script)
    }

    fn answer(question: &str, text: &str) -> Heard<Word> {
        Ok(Word::Answer {
            question: question.into(),
            text: text.to_owned(),
            source: Source::Terminal,
        })
    }

    #[test]
    fn a_choice_starts_where_the_answer_was_found() {
        let mut script = Script::new(&[""]);
        assert_eq!(
            asked("last_deploy", Some("no"), &mut script),
            answer("last_deploy", "no")
        );
        assert_eq!(
            script.seen,
            [
                "Was it the last deploy? [yes, no; at no] (`no` was detected; arrows or typing, Enter takes it, Esc leaves it open)"
            ]
        );
    }

    #[test]
    fn a_line_is_typed_freely_and_checked() {
        let mut script = Script::new(&["two\nlines", "v1.10.0"]);
        assert_eq!(
            asked("good_tag", None, &mut script),
            answer("good_tag", "v1.10.0")
        );
        assert_eq!(script.refused, ["it must be a string of one line"]);
    }

    #[test]
    fn escape_and_the_end_of_input_answer_nothing() {
        assert_eq!(asked("good_tag", None, &mut Script::new(&[])), Err(Unsaid::Later));
    }

    #[test]
    fn several_lines_end_with_an_empty_one() {
        let mut run = Told::new(rollback());
        if let Some(node) = run.runbook.nodes.get_mut("good_tag")
            && let crate::model::NodeKind::Question(question) = &mut node.kind
        {
            let domain = Domain {
                min: Some(1.0),
                ..Domain::of(Kind::Text)
            };
            question.form = Form::Input {
                domain,
                suggest: None,
            };
        }
        let step = Ask {
            question: "good_tag".into(),
            help: None,
            detected: None,
            suggestions: Vec::new(),
        };
        let (screen, printed) = screen();
        let mut script = Script::new(&["", "one", "two", ""]);
        assert_eq!(
            ask(&step, None, &run, &screen, &mut script),
            answer("good_tag", "one\ntwo")
        );
        assert_eq!(printed.text(), "! it must be at least 1 characters\n");
    }
}
