//! What is called by name and is no node: gates, their outcomes, and secrets.

use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, Guesses};
use crate::model::{Check, Command, Feed, Form, GateId, Look, NodeKind, OutcomeId, Runbook, SecretId, Work};
use crate::source::Path;
use crate::template::Trail;

/// Every name of a gate, an outcome or a secret that does not exist.
pub(super) fn references(runbook: &Runbook) -> Vec<Diagnostic> {
    let mut names = Names {
        runbook,
        guesses: Guesses::default(),
        found: Vec::new(),
    };
    let nodes = Trail::root("nodes");
    for node in runbook.nodes.values() {
        let at = nodes.key(node.id.as_str());
        match &node.kind {
            NodeKind::Question(question) => {
                if let Some(detect) = &question.detect {
                    names.command(&at.key("detect"), detect);
                }
                match &question.form {
                    Form::Choices(choices) => {
                        let at = at.key("choices");
                        for (id, choice) in choices {
                            names.decides(&at.key(id.as_str()).key("decides"), &choice.decides);
                        }
                    }
                    Form::Input { suggest, .. } => {
                        if let Some(suggest) = suggest {
                            names.command(&at.key("suggest"), &suggest.command);
                        }
                    }
                }
            }
            NodeKind::Action(action) => {
                if let Work::Run { command, .. } = &action.work {
                    names.command(&at, command);
                }
                names.checks(&at.key("verify"), &action.verify);
                if let Some(undo) = &action.undo {
                    names.command(&at.key("undo"), undo);
                }
            }
        }
    }
    let gates = Trail::root("gates");
    for gate in runbook.gates.values() {
        let at = gates.key(gate.id.as_str());
        if runbook.nodes.contains_key(gate.id.as_str()) {
            let message = format!("`{}` is a node already", gate.id);
            let finding = Diagnostic::new(Code::DuplicateId, at.path(), message).at_key();
            let help = "give the gate another id: people attest gates and nodes by their id alone";
            names.found.push(finding.label("the same id").help(help));
        }
        names.checks(&at.key("verify"), &gate.verify);
    }
    let notify = Trail::root("notify");
    for (index, told) in runbook.notify.iter().enumerate() {
        let at = notify.index(index);
        names.feed(&told.webhook, &at.key("webhook"));
        for (name, feed) in &told.headers {
            names.feed(feed, &at.key("headers").key(name));
        }
    }
    names.found
}

struct Names<'a> {
    runbook: &'a Runbook,
    guesses: Guesses,
    found: Vec<Diagnostic>,
}

impl Names<'_> {
    fn decides(&mut self, at: &Trail<'_>, decides: &IndexMap<GateId, OutcomeId>) {
        for (id, outcome) in decides {
            let at = at.key(id.as_str());
            let Some(gate) = self.runbook.gates.get(id) else {
                let known = self.runbook.gates.keys().map(GateId::as_str);
                let finding = unknown(
                    &self.guesses,
                    at.path(),
                    "gate",
                    id.as_str(),
                    known,
                    "declare it under `gates`",
                );
                self.found.push(finding.at_key());
                continue;
            };
            if !gate.decide.contains(outcome) {
                let known = gate.decide.iter().map(OutcomeId::as_str);
                let help = format!("name it in the gate: `decide: [{outcome}, …]`");
                let mut finding = unknown(
                    &self.guesses,
                    at.path(),
                    "outcome",
                    outcome.as_str(),
                    known,
                    &help,
                );
                finding.message = format!("the gate `{id}` has no outcome `{outcome}`");
                self.found.push(finding);
            }
        }
    }

    fn checks(&mut self, at: &Trail<'_>, checks: &[Check]) {
        for (index, check) in checks.iter().enumerate() {
            match &check.look {
                Look::Run { command, .. } => self.command(&at.index(index), command),
                Look::Http(http) => {
                    for (name, feed) in &http.headers {
                        self.feed(feed, &at.index(index).key("http").key("headers").key(name));
                    }
                }
                _ => {}
            }
        }
    }

    fn command(&mut self, at: &Trail<'_>, command: &Command) {
        for (name, feed) in &command.env {
            self.feed(feed, &at.key("env").key(name));
        }
        if let Some(stdin) = &command.stdin {
            self.feed(stdin, &at.key("stdin"));
        }
    }

    fn feed(&mut self, feed: &Feed, at: &Trail<'_>) {
        if let Some(id) = feed.secret().filter(|id| !self.runbook.secrets.contains_key(*id)) {
            let known = self.runbook.secrets.keys().map(SecretId::as_str);
            let help = format!("declare where it comes from: `secrets: {{ {id}: {{ env: NAME }} }}`");
            let path = at.key("secret").path();
            self.found
                .push(unknown(&self.guesses, path, "secret", id.as_str(), known, &help));
        }
    }
}

fn unknown<'a>(
    guesses: &Guesses,
    path: Path,
    what: &str,
    id: &str,
    known: impl Iterator<Item = &'a str>,
    otherwise: &str,
) -> Diagnostic {
    let help = guesses
        .nearest(id, known)
        .map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"));
    Diagnostic::new(Code::UnknownName, path, format!("there is no {what} `{id}`"))
        .label("not declared")
        .help(help)
}
