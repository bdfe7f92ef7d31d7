//! What did not come as a case expects it.

use serde::Serialize;
use serde_json::{Value, json};

use crate::model::{CaseExpectation, ExpectedWork, Invocation, NodeId};
use crate::traverse::{Rendered, Traversal};

use super::play::Played;

/// Something that is not as it was expected.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Difference {
    /// The keys that lead to it under `expect`.
    #[serde(serialize_with = "joined")]
    pub(super) at: Vec<String>,
    /// What the test says.
    pub(super) expected: Value,
    /// What came of it; null if nothing did.
    pub(super) got: Value,
    /// Why, in the run's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}

fn joined<S: serde::Serializer>(keys: &[String], to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&keys.join("."))
}

/// Everything that is not as expected, in the order of the format's keys.
pub(super) fn differences(expect: &CaseExpectation, played: &Played) -> Vec<Difference> {
    let run = &played.run;
    let mut found = Found::default();
    let exit = played.exit.code();
    let expected = json!(expect.exit.unwrap_or(0));
    found.compare(&["exit"], expected, json!(exit), played.refused.clone());
    if played.refused.is_some() && !found.0.is_empty() {
        // Of a run that did not begin, nothing else is worth a word.
        return found.0;
    }
    if let Some(state) = &expect.run.state {
        found.compare(&["state"], json!(state), json!(run.recorded_state()), None);
    }
    if let Some(route) = &expect.run.route {
        let taken: Vec<&NodeId> = run.route().collect();
        found.compare(&["route"], json!(route), json!(taken), None);
    }
    for (node, state) in &expect.run.nodes {
        let got = json!(run.state(node));
        found.compare(&["nodes", node.as_str()], json!(state), got, why(run, node));
    }
    for (gate, verdict) in &expect.run.gates {
        let stands = run.gate(gate);
        let reason = Some(stands.reason().to_owned()).filter(|reason| !reason.is_empty());
        let got = json!(stands.as_str());
        found.compare(&["gates", gate.as_str()], json!(verdict), got, reason);
    }
    for (node, work) in &expect.commands {
        found.compare_work(run, node, work);
    }
    for (node, captures) in &expect.captures {
        for (capture, value) in captures {
            let got = run.captures(node).and_then(|found| found.get(capture.as_str()));
            let got = got.cloned().unwrap_or_default();
            let nothing = got.is_null().then(|| why_not(run, node));
            let at = ["captures", node.as_str(), capture.as_str()];
            found.compare(&at, value.clone(), got, nothing);
        }
    }
    found.0
}

/// The differences so far.
#[derive(Default)]
struct Found(Vec<Difference>);

impl Found {
    fn compare(&mut self, at: &[&str], expected: Value, got: Value, why: Option<String>) {
        if expected != got {
            self.0.push(Difference {
                at: at.iter().map(|key| (*key).to_owned()).collect(),
                expected,
                got,
                why,
            });
        }
    }

    fn compare_work(&mut self, run: &Traversal, node: &NodeId, wanted: &ExpectedWork) {
        let at = ["commands", node.as_str()];
        let got = run.work(node);
        // Of a file, its place and its content are two things.
        if let (
            ExpectedWork::Write { path, content },
            Some(Rendered::Write {
                path: to,
                content: text,
                ..
            }),
        ) = (wanted, got)
        {
            self.compare(&[at[0], at[1], "path"], json!(path), json!(to), None);
            if let Some(content) = content {
                self.compare(
                    &[at[0], at[1], "content"],
                    json!(content),
                    like(text, content),
                    None,
                );
            }
            return;
        }
        let expected = match wanted {
            ExpectedWork::Exec(argv) => json!(argv),
            ExpectedWork::Text(text) => json!(text),
            ExpectedWork::Write { path, content } => json!({ "path": path, "content": content }),
        };
        let text = expected.as_str().unwrap_or_default();
        let got = match got {
            None => Value::Null,
            Some(Rendered::Run(command)) => match &command.run {
                Invocation::Exec(argv) => json!(argv),
                Invocation::Shell { script, .. } => like(script, text),
            },
            Some(Rendered::Manual(manual)) => like(manual, text),
            Some(Rendered::Write { path, content, .. }) => json!({ "path": path, "content": content }),
        };
        let nothing = got.is_null().then(|| why_not(run, node));
        self.compare(&at, expected, got, nothing);
    }
}

/// A text, without a difference to another that is nothing but the newline at its end: how a text is quoted in YAML decides over that.
fn like(text: &str, other: &str) -> Value {
    let bare = |text: &str| {
        text.strip_suffix('\n')
            .map_or_else(|| text.to_owned(), str::to_owned)
    };
    json!(if bare(text) == bare(other) { other } else { text })
}

fn why(run: &Traversal, node: &NodeId) -> Option<String> {
    run.why(node).map(|why| why.to_string())
}

/// Why nothing came of a node.
fn why_not(run: &Traversal, node: &NodeId) -> String {
    let state = run.state(node).as_str().replace('_', " ");
    match why(run, node) {
        Some(why) => format!("`{node}` is {state}: {why}"),
        None => format!("`{node}` is {state}"),
    }
}
