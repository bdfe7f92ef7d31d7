//! What the cases of a runbook have seen of it.

use std::fmt;

use serde::Serialize;

use crate::graph::{Edge, Way};
use crate::model::{Form, Gate, Question, Runbook};
use crate::traverse::{GateVerdict, Traversal};

/// What was seen of a runbook, of all that can be seen of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Coverage {
    /// The edges of the flowchart that were taken.
    pub(super) edges: Figure,
    /// The choices that were made, and the questions for a value that were answered.
    pub(super) answers: Figure,
    /// The gates that were seen closed, seen open, and seen not to apply where they have a `when`.
    pub(super) gates: Figure,
}

/// So many of so many.
#[derive(Clone, Debug, Default)]
pub(super) struct Figure {
    covered: usize,
    total: usize,
    missing: Vec<String>,
}

impl Coverage {
    /// What these runs have seen of their runbook. `empty` is a run of it that never began.
    pub(super) fn of(empty: &Traversal, runs: &[&Traversal]) -> Self {
        let runbook = empty.runbook();
        let mut edges = Figure::default();
        for (position, edge) in empty.graph().edges().iter().enumerate() {
            let is_taken = runs.iter().any(|run| run.is_taken(position) == Some(true));
            edges.count(is_taken, || format!("never taken: {}", shown(edge, runbook)));
        }
        let mut answers = Figure::default();
        for node in runbook.nodes.values() {
            let Some(question) = node.question() else { continue };
            let given = |text: &str| {
                let mut answers = runs.iter().filter_map(|run| run.answer(&node.id));
                answers.any(|answer| text.is_empty() || answer.as_str() == Some(text))
            };
            for choice in ways(question) {
                let what = match choice {
                    "" => format!("never answered: {}", node.id),
                    choice => format!("never answered: {} = {choice}", node.id),
                };
                answers.count(given(choice), || what);
            }
        }
        let mut gates = Figure::default();
        for gate in runbook.gates.values() {
            let verdicts: Vec<GateVerdict> = runs.iter().map(|run| run.gate(&gate.id)).collect();
            let seen = |is: fn(&Gate, &GateVerdict) -> bool| verdicts.iter().any(|verdict| is(gate, verdict));
            gates.count(seen(is_closed), || format!("never closed: {}", gate.id));
            gates.count(seen(is_open), || format!("never open: {}", gate.id));
            if gate.when.is_some() {
                let not_applicable = seen(|_, verdict| matches!(verdict, GateVerdict::NotApplicable { .. }));
                gates.count(not_applicable, || format!("never not applicable: {}", gate.id));
            }
        }
        Self {
            edges,
            answers,
            gates,
        }
    }

    /// The figures by their names.
    pub(super) fn figures(&self) -> [(&'static str, &Figure); 3] {
        [
            ("edges", &self.edges),
            ("answers", &self.answers),
            ("gates", &self.gates),
        ]
    }

    /// The figures that are below so many percent.
    pub(super) fn below(&self, percent: u8) -> Vec<String> {
        let figures = self.figures().into_iter();
        let below = figures.filter(|(_, figure)| figure.percent() < percent);
        below
            .map(|(name, figure)| format!("{name} {} %", figure.percent()))
            .collect()
    }
}

impl Figure {
    fn count(&mut self, is_covered: bool, missing: impl FnOnce() -> String) {
        self.total += 1;
        if is_covered {
            self.covered += 1;
        } else {
            self.missing.push(missing());
        }
    }

    /// Rounded down, so that 100 is all of them. Of nothing, all is covered.
    fn percent(&self) -> u8 {
        let percent = (self.covered * 100).checked_div(self.total).unwrap_or(100);
        u8::try_from(percent).unwrap_or(100)
    }

    /// What was never seen, one line each.
    pub(super) fn missing(&self) -> &[String] {
        &self.missing
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} ({} %)", self.covered, self.total, self.percent())
    }
}

impl Serialize for Figure {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            covered: usize,
            total: usize,
            percent: u8,
            missing: &'a [String],
        }
        let shown = Shown {
            covered: self.covered,
            total: self.total,
            percent: self.percent(),
            missing: &self.missing,
        };
        shown.serialize(to)
    }
}

/// The ways to answer a question: its choices; of a question for a value there is one, any value.
fn ways(question: &Question) -> Vec<&str> {
    match &question.form {
        Form::Choices(choices) => choices.keys().map(|choice| choice.as_str()).collect(),
        Form::Input { .. } => vec![""],
    }
}

/// An edge as it is written: where it starts, when it is taken, where it leads.
fn shown(edge: &Edge, runbook: &Runbook) -> String {
    let id = |position: usize| {
        runbook
            .nodes
            .get_index(position)
            .map_or("", |(id, _)| id.as_str())
    };
    let (from, to) = (id(edge.from), id(edge.to));
    match &edge.way {
        Way::Choice(choice) => format!("{from} = {choice} → {to}"),
        Way::Next => format!("{from} → {to}"),
        Way::OnFailure => format!("{from} failed → {to}"),
    }
}

/// Whether a gate was closed by what it asks for, or by somebody who took it on themselves.
fn is_closed(_: &Gate, verdict: &GateVerdict) -> bool {
    matches!(verdict, GateVerdict::Met { .. } | GateVerdict::Waived { .. })
}

/// Whether a gate was seen to hold a run open: where the machine looks, because of what it saw, and else because nobody said a word.
fn is_open(gate: &Gate, verdict: &GateVerdict) -> bool {
    match verdict {
        GateVerdict::Unmet { .. } | GateVerdict::Unknown { .. } => true,
        GateVerdict::Waiting { .. } => gate.verify.iter().all(|check| check.is_a_persons()),
        _ => false,
    }
}
