//! Values that fit: for parameters and questions of any runbook.

use switchback::model::{Domain, Form, Kind, Question, Runbook, Value, plain};

/// What a string may look like. The first that is allowed is taken, so a runbook with a stricter pattern needs a line here.
const LIKELY: &[&str] = &[
    "something",
    "v1.2.3",
    "https://example.org",
    "1",
    "/srv/something",
    "a text that is long enough for whatever asks for a text",
];

/// A value that is allowed.
pub(crate) fn fitting(domain: &Domain) -> String {
    if let Some(first) = domain.one_of.first() {
        return plain(first);
    }
    let least = domain.min.unwrap_or(1.0).to_string();
    let likely: Vec<&str> = match domain.kind {
        Kind::Boolean => vec!["true"],
        Kind::Integer | Kind::Number => vec![least.as_str()],
        Kind::String | Kind::Text => LIKELY.to_vec(),
    };
    let fits = likely.iter().find(|text| domain.read(text).is_ok());
    fits.unwrap_or_else(|| panic!("add a value for {domain:?}"))
        .to_string()
}

/// A value for each parameter, as it is typed.
pub(crate) fn parameters(runbook: &Runbook) -> Vec<(String, String)> {
    let parameters = runbook.parameters.values();
    parameters
        .map(|parameter| {
            let value = match &parameter.default {
                Some(default) => plain(default),
                None => fitting(&parameter.domain),
            };
            (parameter.id.to_string(), value)
        })
        .collect()
}

/// The same, as values.
pub(crate) fn parameter_values(runbook: &Runbook) -> serde_json::Map<String, Value> {
    parameters(runbook)
        .into_iter()
        .map(|(name, typed)| {
            let domain = &runbook.parameters[name.as_str()].domain;
            let value = domain.read(&typed).expect("it fits");
            (name, value)
        })
        .collect()
}

/// Every answer that makes a difference: each choice, or one value that fits.
pub(crate) fn answers(question: &Question) -> Vec<String> {
    match &question.form {
        Form::Choices(choices) => choices.keys().map(ToString::to_string).collect(),
        Form::Input { domain, .. } => vec![fitting(domain)],
    }
}
