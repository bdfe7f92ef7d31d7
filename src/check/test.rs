use indexmap::IndexMap;

use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::model::{
    CaptureId, Case, Check, CheckId, GateId, Look, Node, NodeId, ParameterId, Runbook, Scene, Simulated,
    Simulation, Test, Value, Which, Work,
};
use crate::source::Path;

use super::{expected, said};

/// What a test names that the runbook does not have, and what it simulates or has people say that never happens.
pub(super) fn test(test: &Test, runbook: &Runbook) -> Vec<Diagnostic> {
    let root = Path::root();
    let mut found = parameters(&test.parameters, &root, runbook);
    found.extend(simulations(&test.simulate, &root, runbook));
    for (id, case) in &test.cases {
        let at = Path::from(["cases", id.as_str()]);
        found.extend(parameters(&case.parameters, &at, runbook));
        found.extend(said::said(case, &at, runbook));
        found.extend(simulations(&case.simulate, &at, runbook));
        found.extend(expectation(case, &at.join("expect"), runbook));
    }
    found
}

fn parameters(given: &IndexMap<ParameterId, Value>, at: &Path, runbook: &Runbook) -> Vec<Diagnostic> {
    let known = || runbook.parameters.keys().map(ParameterId::as_str);
    let mut found = Vec::new();
    for (id, value) in given {
        let path = at.join("parameters").join(id.as_str());
        let Some(parameter) = runbook.parameters.get(id) else {
            let unknown = expected::unknown(Code::UnknownName, path, "parameter", id.as_str(), known());
            found.push(unknown.at_key());
            continue;
        };
        if let Err(why) = parameter.domain.allows(value) {
            let message = format!("the parameter `{id}` {why}");
            let finding = Diagnostic::new(Code::InvalidValue, path, message).label("not allowed");
            found.push(
                finding.help("write a value as `-p` would take it; text that looks like a number in quotes"),
            );
        }
    }
    found
}

fn simulations(simulate: &[Simulation], at: &Path, runbook: &Runbook) -> Vec<Diagnostic> {
    let found = simulate.iter().filter_map(|simulation| {
        let about = match &simulation.what {
            Simulated::Command { which, .. } => of_command(which, runbook),
            Simulated::Check { owner, check, scene } => of_check(owner, check, scene, runbook),
        };
        about.map(|wrong| wrong.below(&at.join("simulate").join(simulation.index)))
    });
    found.collect()
}

/// What is wrong with an entry, at one of its keys.
struct Wrong {
    code: Code,
    key: &'static str,
    message: String,
    label: &'static str,
    help: String,
}

impl Wrong {
    fn below(self, at: &Path) -> Diagnostic {
        let finding = Diagnostic::new(self.code, at.join(self.key), self.message);
        finding.label(self.label).help(self.help)
    }

    /// It names what there is, and nothing is there to be simulated.
    fn never(key: &'static str, message: String, help: impl Into<String>) -> Self {
        Self {
            code: Code::InvalidValue,
            key,
            message,
            label: "never happens",
            help: help.into(),
        }
    }

    fn unknown<'a>(key: &'static str, what: &str, id: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let code = if what == "node" {
            Code::UnknownNode
        } else {
            Code::UnknownName
        };
        let finding = expected::unknown(code, Path::root(), what, id, known);
        Self {
            code,
            key,
            message: finding.message,
            label: "not declared",
            help: finding.help,
        }
    }
}

fn of_command(which: &Which, runbook: &Runbook) -> Option<Wrong> {
    let (key, id) = match which {
        Which::Node { node, .. } => ("node", node),
        Which::Detect(question) => ("detect", question),
        Which::Matching(_) => return None,
    };
    let Some(node) = runbook.nodes.get(id) else {
        let nodes = runbook.nodes.keys().map(NodeId::as_str);
        return Some(Wrong::unknown(key, "node", id.as_str(), nodes));
    };
    let (is_there, what) = match which {
        Which::Detect(_) => (
            node.question().is_some_and(|question| question.detect.is_some()),
            "`detect`",
        ),
        _ => (
            node.action()
                .is_some_and(|action| matches!(action.work, Work::Run { .. } | Work::Write(_))),
            "`run` or `write`",
        ),
    };
    if !is_there {
        let message = format!("`{id}` has no {what}, and so nothing to simulate");
        return Some(Wrong::never(
            key,
            message,
            "take this out, or name a node that has one",
        ));
    }
    let Which::Node {
        attempt: Some(attempt),
        ..
    } = which
    else {
        return None;
    };
    let retries = node
        .action()
        .and_then(|action| action.retry)
        .map_or(0, |retry| retry.times);
    (*attempt > retries.saturating_add(1)).then(|| {
        let message = match retries {
            0 => format!("`{id}` is tried once: there is no attempt {attempt}"),
            _ => format!(
                "`{id}` is tried {} times at most: there is no attempt {attempt}",
                retries.saturating_add(1)
            ),
        };
        let help = format!(
            "name an attempt that there is, or allow it in the runbook: `retry: {{ times: {} }}`",
            attempt - 1
        );
        Wrong::never("attempt", message, help)
    })
}

fn of_check(owner: &str, name: &str, scene: &Scene, runbook: &Runbook) -> Option<Wrong> {
    let node = runbook.nodes.get(owner).and_then(Node::action);
    let checks = match (node, runbook.gates.get(owner)) {
        (Some(action), _) => &action.verify,
        (None, Some(gate)) => &gate.verify,
        (None, None) => {
            let actions = runbook.nodes.values().filter(|node| node.action().is_some());
            let owners = actions.map(|node| node.id.as_str());
            let owners = owners.chain(runbook.gates.keys().map(GateId::as_str));
            return Some(Wrong::unknown("check", "action or gate", owner, owners));
        }
    };
    let Some(check) = named(checks, name) else {
        let ids = checks
            .iter()
            .filter_map(|check| check.id.as_ref())
            .map(CheckId::as_str);
        let help = match checks.len() {
            0 => format!("`{owner}` has no check at all: take this out"),
            1 => format!("its only check is `{owner}.0`"),
            count => format!("its checks are `{owner}.0` to `{owner}.{}`", count - 1),
        };
        return Some(Wrong {
            help: nearest(name, ids).map_or(help, |near| format!("did you mean `{owner}.{near}`?")),
            ..Wrong::unknown("check", "check", &format!("{owner}.{name}"), std::iter::empty())
        });
    };
    let sees = match (&check.look, scene) {
        (Look::Confirm(_), _) => {
            let message = format!("`{owner}.{name}` is a person's to answer");
            let help = format!("say it: `attest: {{ {owner}.{name}: WHO }}`");
            return Some(Wrong::never("check", message, help));
        }
        (Look::Expr(_), _) => {
            let message = format!("`{owner}.{name}` is evaluated, and not simulated");
            let help = "simulate what its expression speaks of";
            return Some(Wrong::never("check", message, help));
        }
        (_, Scene::Held(_) | Scene::Failed(_) | Scene::Unknown(_))
        | (Look::Run { .. }, Scene::Ended(_))
        | (Look::Http(_), Scene::Answered { .. })
        | (Look::File { .. }, Scene::File(_) | Scene::Nothing)
        | (Look::Link { .. }, Scene::Link(_) | Scene::Nothing) => return None,
        (Look::Run { .. }, _) => "a command: it sees `exit`, `stdout` and `stderr`",
        (Look::Http(_), _) => "an answer over HTTP: it sees `status` and `body`",
        (Look::File { .. }, _) => "a file: it sees `content`, or `exists: false`",
        (Look::Link { .. }, _) => "a link: it sees `target`, or `exists: false`",
    };
    Some(Wrong {
        code: Code::ConflictingFields,
        key: "check",
        message: format!("`{owner}.{name}` cannot see that"),
        label: "looks at something else",
        help: format!("it looks at {sees}"),
    })
}

/// The check of this id, or at this place.
fn named<'a>(checks: &'a [Check], name: &str) -> Option<&'a Check> {
    checks
        .iter()
        .enumerate()
        .find_map(|(index, check)| check.is_called(index, name).then_some(check))
}

fn expectation(case: &Case, at: &Path, runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = expected::unknowns(&case.expect.run, at, runbook);
    for id in case.expect.commands.keys() {
        let at = at.join("commands").join(id.as_str());
        if runbook.nodes.get(id).is_some_and(|node| node.action().is_none()) {
            let finding = Diagnostic::new(
                Code::InvalidValue,
                at,
                format!("`{id}` is a question, and has no work"),
            );
            let help = "name an action, or take this out";
            found.push(finding.label("never happens").help(help).at_key());
            continue;
        }
        found.extend(expected::node(id, at, runbook).map(Diagnostic::at_key));
    }
    for (id, wanted) in &case.expect.captures {
        let at = at.join("captures").join(id.as_str());
        let Some(node) = runbook.nodes.get(id) else {
            found.extend(expected::node(id, at, runbook).map(Diagnostic::at_key));
            continue;
        };
        let known = || {
            let action = node.action().into_iter();
            action
                .flat_map(|action| action.work.captures())
                .map(CaptureId::as_str)
        };
        for capture in wanted
            .keys()
            .filter(|capture| known().all(|id| id != capture.as_str()))
        {
            let name = format!("{id}.{capture}");
            let near = nearest(capture.as_str(), known());
            let finding = expected::unknown(
                Code::UnknownName,
                at.join(capture.as_str()),
                "capture",
                &name,
                std::iter::empty(),
            );
            found.push(match near {
                Some(near) => finding.at_key().help(format!("did you mean `{near}`?")),
                None => finding.at_key(),
            });
        }
    }
    found
}
