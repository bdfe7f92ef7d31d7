//! From flags to what people say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, anyhow};

use crate::diagnostic::nearest;
use crate::model::{CaptureId, Form, Kind, NodeId, Parameter, Runbook, Value, plain};
use crate::template::{Scope, render};
use crate::traverse::{Identity, Person, Rejected, Resolution, Source, Traversal, Word};

use super::args::People;
use super::error::{OrUsage, Refusal};
use super::text;

/// What people say on the command line, in the order in which it is taken up. `me` is who typed it, for what names nobody else.
pub(super) fn words(run: &Traversal, people: &People, me: &Person) -> Result<Vec<(Word, Person)>, Refusal> {
    let mut words = Vec::new();
    let mut answers = answers(run.runbook(), people)?;
    // In the order of declaration, so that the record reads as the runbook does; what the runbook does not know is rejected after that.
    answers.sort_by_cached_key(|(question, _)| {
        run.runbook()
            .nodes
            .get_index_of(question.as_str())
            .unwrap_or(usize::MAX)
    });
    for (question, text) in answers {
        let word = Word::Answer {
            question: NodeId::from(question.as_str()),
            text,
            source: Source::Given,
        };
        words.push((word, me.clone()));
    }
    for typed in &people.attest {
        let (id, who) = pair(typed, "--attest", "ID=WHO[:NOTE]")?;
        let (by, note) = person(who, typed, "--attest", "ID=WHO[:NOTE]")?;
        let subject = run.subject(id).map_err(refused)?;
        words.push((Word::Attest { subject, note }, by));
    }
    for typed in &people.decide {
        let form = "GATE=OUTCOME:WHO[:NOTE]";
        let (gate, rest) = pair(typed, "--decide", form)?;
        let (outcome, who) = rest
            .split_once(':')
            .ok_or_else(|| not_of_the_form(typed, "--decide", form))?;
        let (by, note) = person(who, typed, "--decide", form)?;
        let word = Word::Decide {
            gate: gate.into(),
            outcome: outcome.to_owned(),
            note,
        };
        words.push((word, by));
    }
    for node in &people.confirm {
        words.push((Word::Confirm(node.as_str().into()), me.clone()));
    }
    for typed in &people.waive {
        let (gate, reason) = pair(typed, "--waive", "GATE=REASON")?;
        let word = Word::Waive {
            gate: gate.into(),
            reason: reason.to_owned(),
        };
        words.push((word, me.clone()));
    }
    Ok(words)
}

/// What to make of steps that failed or are in doubt.
pub(super) fn resolutions(
    resolve: &[String],
    set: &[String],
    reason: Option<&str>,
    me: &Person,
) -> Result<Vec<(Word, Person)>, Refusal> {
    let mut set = values(set)?;
    let form = "NODE=done|rerun|skip";
    let mut words = Vec::new();
    for typed in resolve {
        let (node, how) = pair(typed, "--resolve", form)?;
        let known = Resolution::WORDS.iter().find(|(word, _)| *word == how);
        let (_, how) = known.ok_or_else(|| not_of_the_form(typed, "--resolve", form))?;
        let word = Word::Resolve {
            node: node.into(),
            how: *how,
            reason: reason.unwrap_or_default().to_owned(),
            set: set.remove(node).unwrap_or_default(),
        };
        words.push((word, me.clone()));
    }
    match set.keys().next() {
        Some(node) => Err(Refusal::usage(
            format!("`--set` gives `{node}` values, and `{node}` is not resolved"),
            format!("add `--resolve {node}=done`"),
        )),
        None => Ok(words),
    }
}

/// Values for captures, by their step.
fn values(typed: &[String]) -> Result<BTreeMap<String, Vec<(CaptureId, String)>>, Refusal> {
    let form = "NODE.CAPTURE=VALUE";
    let mut values: BTreeMap<String, Vec<(CaptureId, String)>> = BTreeMap::new();
    for typed in typed {
        let (name, value) = pair(typed, "--set", form)?;
        let (node, capture) = name
            .split_once('.')
            .ok_or_else(|| not_of_the_form(typed, "--set", form))?;
        let of_node = values.entry(node.to_owned()).or_default();
        of_node.push((CaptureId::from(capture), value.to_owned()));
    }
    Ok(values)
}

/// A rejected word, as an error of the command line.
pub(super) fn refused(why: Rejected) -> Refusal {
    let help = why.help.clone();
    Refusal {
        help,
        ..Refusal::usage(why.message, "")
    }
}

/// Splits `NAME=VALUE`.
pub(super) fn pair<'a>(typed: &'a str, flag: &str, form: &str) -> Result<(&'a str, &'a str), Refusal> {
    typed
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| not_of_the_form(typed, flag, form))
}

fn not_of_the_form(typed: &str, flag: &str, form: &str) -> Refusal {
    Refusal::usage(
        format!("`{flag} {typed}` is not of the form `{form}`"),
        format!("write `{flag} {form}`"),
    )
}

/// Which of two values is meant is not for us to guess.
fn twice(what: &str, name: &str, flag: &str) -> Refusal {
    Refusal::usage(
        format!("the {what} `{name}` is given twice"),
        format!("keep one `{flag} {name}=VALUE`"),
    )
}

/// Splits `WHO[:NOTE]`.
fn person(who: &str, typed: &str, flag: &str, form: &str) -> Result<(Person, Option<String>), Refusal> {
    let (name, note) = match who.split_once(':') {
        Some((name, note)) => (name, Some(note.trim().to_owned())),
        None => (who, None),
    };
    if name.trim().is_empty() {
        return Err(not_of_the_form(typed, flag, form));
    }
    let person = Person {
        name: name.trim().to_owned(),
        identity: Identity::Asserted,
    };
    Ok((person, note.filter(|note| !note.is_empty())))
}

/// Answers of the file, then of the flags: a flag has the last word.
fn answers(runbook: &Runbook, people: &People) -> Result<Vec<(String, String)>, Refusal> {
    let mut answers = match &people.answers_file {
        Some(file) => answers_of_file(runbook, file)?,
        None => BTreeMap::new(),
    };
    let mut typed_before = BTreeSet::new();
    for typed in &people.answers {
        let (question, value) = pair(typed, "--answer", "QUESTION=VALUE")?;
        if !typed_before.insert(question) {
            return Err(twice("answer to", question, "--answer"));
        }
        answers.insert(question.to_owned(), value.to_owned());
    }
    Ok(answers.into_iter().collect())
}

fn answers_of_file(runbook: &Runbook, file: &Path) -> Result<BTreeMap<String, String>, Refusal> {
    let shown = file.display();
    let text = text::read(file)
        .with_context(|| format!("the answers file `{shown}` cannot be read"))
        .or_usage("give a file of lines `question: value`")?;
    let values: BTreeMap<String, Value> = serde_yaml::from_str(&text)
        .with_context(|| format!("the answers file `{shown}` is not a map of answers"))
        .or_usage("write one line for each answer: `question: value`")?;
    values
        .into_iter()
        .map(|(question, value)| {
            let wanted = runbook
                .nodes
                .get(question.as_str())
                .and_then(|node| node.question());
            let kind = wanted.map(|question| match &question.form {
                Form::Choices(_) => Kind::String,
                Form::Input { domain, .. } => domain.kind,
            });
            let is_text = matches!(kind, None | Some(Kind::String | Kind::Text));
            if is_text && !value.is_string() {
                return Err(anyhow!("the answer to `{question}` in `{shown}` is not text"))
                    .or_usage(&format!("put it in quotes: `{question}: \"…\"`"));
            }
            Ok((question, plain(&value)))
        })
        .collect()
}

/// The parameters, as given and by default; every one that the runbook asks for must be there.
pub(super) fn parameters(
    runbook: &Runbook,
    typed: &[String],
) -> Result<serde_json::Map<String, Value>, Refusal> {
    let values = given(runbook, typed)?;
    let all = runbook.parameters.values();
    let missing: Vec<&Parameter> = all
        .filter(|parameter| !values.contains_key(parameter.id.as_str()))
        .collect();
    if missing.is_empty() {
        return Ok(values);
    }
    let names = listed(missing.iter().map(|parameter| parameter.id.as_str()));
    let word = if missing.len() == 1 {
        "parameter"
    } else {
        "parameters"
    };
    Err(Refusal::usage(
        format!("`{}` needs the {word} {names}", runbook.name),
        format!("add\n  {}", flags(&missing).join("\n  ")),
    ))
}

/// The flag that gives each of these parameters a value, with what it is.
pub(super) fn flags(parameters: &[&Parameter]) -> Vec<String> {
    let widest = parameters
        .iter()
        .map(|parameter| parameter.id.as_str().len())
        .max();
    let widest = widest.unwrap_or_default() + "=VALUE".len();
    let flag = |parameter: &&Parameter| {
        let about = parameter.description.as_deref().unwrap_or_default();
        let flag = format!("{}=VALUE", parameter.id);
        format!("-p {flag:<widest$}  {about}").trim_end().to_owned()
    };
    parameters.iter().map(flag).collect()
}

/// The parameters, as given and by default; one that has neither is left out.
pub(super) fn given(runbook: &Runbook, typed: &[String]) -> Result<serde_json::Map<String, Value>, Refusal> {
    let mut given = BTreeMap::new();
    for typed in typed {
        let (name, value) = pair(typed, "-p", "NAME=VALUE")?;
        if !runbook.parameters.contains_key(name) {
            let known = runbook.parameters.keys().map(|id| id.as_str());
            let help = match nearest(name, known.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if runbook.parameters.is_empty() => "it has no parameters at all".to_owned(),
                None => format!("its parameters are {}", listed(known)),
            };
            return Err(Refusal::usage(
                format!("`{}` has no parameter `{name}`", runbook.name),
                help,
            ));
        }
        if given.insert(name, value).is_some() {
            return Err(twice("parameter", name, "-p"));
        }
    }
    let mut values = serde_json::Map::new();
    for parameter in runbook.parameters.values() {
        let name = parameter.id.as_str();
        let value = match (given.get(name), &parameter.default) {
            (Some(typed), _) => parameter.domain.read(typed).map_err(|why| {
                let about = parameter.description.as_deref().unwrap_or_default();
                let help = format!(
                    "{about}{}write `-p {name}=VALUE`",
                    if about.is_empty() { "" } else { ": " }
                );
                Refusal::usage(format!("the parameter `{name}` {why}, but is `{typed}`"), help)
            })?,
            (None, Some(default)) => default.clone(),
            (None, None) => continue,
        };
        values.insert(name.to_owned(), value);
    }
    Ok(values)
}

/// The key of which only one run at a time may have one.
pub(super) fn key(
    runbook: &Runbook,
    parameters: &serde_json::Map<String, Value>,
) -> Result<Option<String>, Refusal> {
    let Some(lock) = &runbook.lock else {
        return Ok(None);
    };
    let help = "give the parameters that the `lock` of the runbook is made of a value";
    let key = render(lock, &before_the_run(parameters)).or_usage(help)?;
    if key.trim().is_empty() {
        return Err(Refusal::usage("the `lock` of the runbook is an empty text", help));
    }
    Ok(Some(key))
}

/// The commands that must be there.
pub(super) fn required(
    runbook: &Runbook,
    parameters: &serde_json::Map<String, Value>,
) -> Result<Vec<String>, Refusal> {
    let scope = before_the_run(parameters);
    let names = runbook.requires.iter().map(|name| render(name, &scope));
    names
        .collect::<Result<_, _>>()
        .or_usage("give the parameters that the `requires` of the runbook is made of a value")
}

/// All that is known before a run starts.
fn before_the_run(parameters: &serde_json::Map<String, Value>) -> Scope {
    Scope {
        parameters: Arc::new(parameters.clone()),
        ..Scope::default()
    }
}

pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match all.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}
