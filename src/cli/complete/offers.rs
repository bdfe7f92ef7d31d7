use clap_complete::engine::CompletionCandidate;

use crate::adapter::reporter::harmless;
use crate::cli::history::Brief;
use crate::diagnostic::Code;
use crate::model::{Action, Domain, Effect, Form, Gate, Kind, Node, Parameter, Runbook, plain};
use crate::traverse::{Resolution, State, Traversal};

use super::line::Line;

/// How many runs are offered, the newest first. Each is read to say what it is.
const RUNS_AT_MOST: usize = 20;

/// Something that could be said.
pub(super) struct Offer {
    /// What is typed; if it ends with `=` or `:`, more is typed after it.
    text: String,
    about: String,
    then: Vec<Offer>,
}

impl Offer {
    fn new(text: impl Into<String>, about: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            about: about.into(),
            then: Vec::new(),
        }
    }

    /// The same, followed by one of these.
    fn then(self, then: impl IntoIterator<Item = Self>) -> Self {
        Self {
            text: self.text + "=",
            then: then.into_iter().collect(),
            ..self
        }
    }

    /// What of it goes on from what is typed already.
    pub(super) fn fitting(self, typed: &str) -> Vec<CompletionCandidate> {
        if let Some(rest) = typed
            .strip_prefix(&self.text)
            .filter(|_| self.text.ends_with(['=', ':']))
        {
            let then = self.then.into_iter().flat_map(|offer| offer.fitting(rest));
            return then.map(|candidate| candidate.add_prefix(&self.text)).collect();
        }
        // A value is whatever its author wrote; one that would not stay on a line is not offered.
        if !self.text.starts_with(typed) || self.text.contains(char::is_control) {
            return Vec::new();
        }
        let about = self
            .about
            .lines()
            .next()
            .map(|about| harmless(about).into_owned());
        vec![CompletionCandidate::new(self.text).help(about.map(Into::into))]
    }
}

/// What there is to say, given what stands on the line; none if that is not known.
pub(super) type Offers = fn(&Line) -> Option<Vec<Offer>>;

/// What is offered for an argument, by its id.
pub(super) fn of(id: &str) -> Option<Offers> {
    Some(match id {
        "params" => |line| Some(parameters(&*line.runbook()?)),
        "answers" => |line| Some(answers(&*line.runbook()?)),
        "attest" => attest,
        "decide" => |line| Some(decide(&*line.runbook()?)),
        "confirm" => |line| {
            Some(actions(&*line.runbook()?, |action| {
                action.confirm.is_some() || action.effect == Effect::Destroy
            }))
        },
        "waive" => |line| Some(waive(&*line.runbook()?)),
        "only" => |line| Some(actions(&*line.runbook()?, |action| action.undo.is_some())),
        "resolve" => resolve,
        "set" => set,
        "scenario" => scenarios,
        "run" => runs,
        "question" => |line| Some(questions(&*line.runbook()?)),
        "value" => |line| {
            Some(values_of(
                line.runbook()?.nodes.get(line.typed("question")?.as_str())?,
            ))
        },
        "id" => |line| Some(attestable(&Traversal::new(line.runbook()?))),
        "outcome" => |line| Some(outcomes(line.runbook()?.gates.get(line.typed("id")?.as_str())?)),
        "node" => |line| Some(started(&line.run()?)),
        "code" => |_| Some(codes()),
        _ => return None,
    })
}

fn parameters(runbook: &Runbook) -> Vec<Offer> {
    let offer = |parameter: &Parameter| {
        let about = parameter.description.as_deref().unwrap_or_default();
        Offer::new(parameter.id.as_str(), about).then(values(&parameter.domain))
    };
    runbook.parameters.values().map(offer).collect()
}

/// The values of a domain that has only a few.
fn values(domain: &Domain) -> Vec<Offer> {
    let all = match domain.kind {
        Kind::Boolean => vec!["true".to_owned(), "false".to_owned()],
        _ => domain.one_of.iter().map(plain).collect(),
    };
    all.into_iter().map(|value| Offer::new(value, "")).collect()
}

fn answers(runbook: &Runbook) -> Vec<Offer> {
    let offer = |node: &Node| {
        let question = node.question()?;
        Some(Offer::new(node.id.as_str(), &question.title).then(values_of(node)))
    };
    runbook.nodes.values().filter_map(offer).collect()
}

/// The answers to a question that can be listed.
fn values_of(node: &Node) -> Vec<Offer> {
    match node.question().map(|question| &question.form) {
        Some(Form::Input { domain, .. }) => values(domain),
        Some(Form::Choices(choices)) => choices
            .iter()
            .map(|(id, choice)| Offer::new(id.as_str(), choice.label.as_deref().unwrap_or_default()))
            .collect(),
        None => Vec::new(),
    }
}

fn outcomes(gate: &Gate) -> Vec<Offer> {
    gate.decide
        .iter()
        .map(|outcome| Offer::new(outcome.as_str(), ""))
        .collect()
}

fn questions(runbook: &Runbook) -> Vec<Offer> {
    let questions = runbook.nodes.values().filter(|node| node.question().is_some());
    questions
        .map(|node| Offer::new(node.id.as_str(), node.title()))
        .collect()
}

fn attest(line: &Line) -> Option<Vec<Offer>> {
    let attestable = attestable(&Traversal::new(line.runbook()?)).into_iter();
    Some(attestable.map(|offer| offer.then([])).collect())
}

fn attestable(run: &Traversal) -> Vec<Offer> {
    let all = run.attestable().into_iter();
    all.map(|id| Offer::new(id, "")).collect()
}

fn decide(runbook: &Runbook) -> Vec<Offer> {
    let gates = runbook.gates.values().filter(|gate| !gate.decide.is_empty());
    let outcomes = |gate: &Gate| -> Vec<Offer> {
        gate.decide
            .iter()
            .map(|outcome| Offer::new(format!("{outcome}:"), ""))
            .collect()
    };
    gates
        .map(|gate| Offer::new(gate.id.as_str(), &gate.title).then(outcomes(gate)))
        .collect()
}

fn waive(runbook: &Runbook) -> Vec<Offer> {
    let gates = runbook.gates.values();
    gates
        .map(|gate| Offer::new(gate.id.as_str(), &gate.title).then([]))
        .collect()
}

fn actions(runbook: &Runbook, wanted: fn(&Action) -> bool) -> Vec<Offer> {
    let of_the_kind = runbook
        .nodes
        .values()
        .filter(|node| node.action().is_some_and(wanted));
    of_the_kind
        .map(|node| Offer::new(node.id.as_str(), node.title()))
        .collect()
}

fn resolve(line: &Line) -> Option<Vec<Offer>> {
    let how = || Resolution::WORDS.iter().map(|(word, _)| Offer::new(*word, ""));
    let nodes = match line.is_for("undo") {
        true => actions(&*line.runbook()?, |action| action.undo.is_some()),
        false => unsettled(&line.run()?),
    };
    Some(nodes.into_iter().map(|node| node.then(how())).collect())
}

/// The actions of a run that somebody has to settle.
fn unsettled(run: &Traversal) -> Vec<Offer> {
    let nodes = run.runbook().nodes.values();
    nodes
        .filter(|node| matches!(run.state(&node.id), State::Failed | State::InDoubt))
        .map(|node| Offer::new(node.id.as_str(), node.title()))
        .collect()
}

/// The actions of a run that were started, and may have printed something.
fn started(run: &Traversal) -> Vec<Offer> {
    let nodes = run.runbook().nodes.values();
    nodes
        .filter(|node| run.attempts(&node.id) > 0)
        .map(|node| Offer::new(node.id.as_str(), node.title()))
        .collect()
}

fn set(line: &Line) -> Option<Vec<Offer>> {
    let run = line.run()?;
    let captures = |node: &Offer| -> Vec<Offer> {
        let action = run.runbook().nodes.get(node.text.as_str()).and_then(Node::action);
        let captures = action.into_iter().flat_map(|action| action.work.captures());
        captures
            .map(|capture| Offer::new(format!("{}.{capture}", node.text), &node.about).then([]))
            .collect()
    };
    Some(unsettled(&run).iter().flat_map(captures).collect())
}

fn scenarios(line: &Line) -> Option<Vec<Offer>> {
    let scenarios = line.drill()?.scenarios;
    Some(
        scenarios
            .iter()
            .map(|(id, scenario)| Offer::new(id.as_str(), &scenario.about))
            .collect(),
    )
}

fn runs(line: &Line) -> Option<Vec<Offer>> {
    let state = line.state()?;
    let runs = state.runs().ok()?;
    let runs = runs.iter().take(RUNS_AT_MOST).filter_map(|id| {
        let brief = Brief::read(id, &state).ok()??;
        let about = format!("{}: {}", brief.runbook, brief.standing.words());
        Some(Offer::new(&*id.0, about))
    });
    let last = Offer::new("last", "the newest");
    Some(std::iter::once(last).chain(runs).collect())
}

fn codes() -> Vec<Offer> {
    Code::ALL
        .iter()
        .map(|code| Offer::new(code.as_str(), code.about()))
        .collect()
}
