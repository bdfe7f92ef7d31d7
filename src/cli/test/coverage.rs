//! What the cases of a runbook have seen of it.

use std::fmt;

use serde::Serialize;

use crate::graph::{Edge, Way};
use crate::model::{ChoiceId, Form, Gate, NodeId, Runbook};
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

/// What one run has seen of all that can be seen: for each edge, for each answer, and for each way in which a gate can stand.
pub(super) struct Seen {
    edges: Vec<bool>,
    answers: Vec<bool>,
    gates: Vec<bool>,
}

/// How a gate can stand.
#[derive(Clone, Copy)]
enum Stand {
    Closed,
    Open,
    NotApplicable,
}

impl Seen {
    pub(super) fn of(run: &Traversal) -> Self {
        let edges = 0..run.graph().edges().len();
        let gates = run.gates();
        let is_given = |(question, choice): (&NodeId, Option<&ChoiceId>)| {
            run.answer(question)
                .is_some_and(|answer| choice.is_none_or(|choice| answer.as_str() == Some(choice.as_str())))
        };
        Self {
            edges: edges.map(|edge| run.is_taken(edge) == Some(true)).collect(),
            answers: answers(run.runbook()).map(is_given).collect(),
            gates: gates
                .flat_map(|(gate, verdict)| stands(gate).map(move |stand| stand.is(gate, &verdict)))
                .collect(),
        }
    }
}

impl Coverage {
    /// What the runs of a runbook have seen of it. `empty` is one that never began.
    pub(super) fn of(empty: &Traversal, seen: &[Seen]) -> Self {
        let runbook = empty.runbook();
        let edges = empty.graph().edges().iter();
        let edges = edges.map(|edge| format!("never taken: {}", shown(edge, runbook)));
        let answers = answers(runbook).map(|(question, choice)| match choice {
            None => format!("never answered: {question}"),
            Some(choice) => format!("never answered: {question} = {choice}"),
        });
        let gates = runbook
            .gates
            .values()
            .flat_map(|gate| stands(gate).map(|stand| format!("never {}: {}", stand.as_str(), gate.id)));
        Self {
            edges: Figure::of(edges, seen, |seen| &seen.edges),
            answers: Figure::of(answers, seen, |seen| &seen.answers),
            gates: Figure::of(gates, seen, |seen| &seen.gates),
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
    /// Of each thing what to say if nobody has seen it, and who has seen what.
    fn of(never: impl Iterator<Item = String>, seen: &[Seen], part: fn(&Seen) -> &[bool]) -> Self {
        let mut figure = Self::default();
        for (position, never) in never.enumerate() {
            figure.total += 1;
            if seen.iter().any(|seen| part(seen)[position]) {
                figure.covered += 1;
            } else {
                figure.missing.push(never);
            }
        }
        figure
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

/// The answers to all questions: each choice; to a question for a value there is one, any value.
fn answers(runbook: &Runbook) -> impl Iterator<Item = (&NodeId, Option<&ChoiceId>)> {
    let questions = runbook
        .nodes
        .values()
        .filter_map(|node| Some((&node.id, node.question()?)));
    questions.flat_map(|(id, question)| {
        let choices: Vec<_> = match &question.form {
            Form::Choices(choices) => choices.keys().map(Some).collect(),
            Form::Input { .. } => vec![None],
        };
        choices.into_iter().map(move |choice| (id, choice))
    })
}

/// How a gate can stand: it applies unless it has a `when`.
fn stands(gate: &Gate) -> impl Iterator<Item = Stand> {
    let may_not_apply = gate.when.as_ref().map(|_| Stand::NotApplicable);
    [Stand::Closed, Stand::Open].into_iter().chain(may_not_apply)
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

impl Stand {
    fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::NotApplicable => "not applicable",
        }
    }

    /// Whether a gate stands so. It is closed by what it asks for, or by somebody who took it on themselves; it was seen to hold a run open where
    /// the machine looks because of what it saw, and else because nobody said a word.
    fn is(self, gate: &Gate, verdict: &GateVerdict) -> bool {
        match verdict {
            GateVerdict::Met { .. } | GateVerdict::Waived { .. } => matches!(self, Self::Closed),
            GateVerdict::NotApplicable { .. } => matches!(self, Self::NotApplicable),
            GateVerdict::Unmet { .. } | GateVerdict::Unknown { .. } => matches!(self, Self::Open),
            GateVerdict::Waiting { .. } => {
                matches!(self, Self::Open) && gate.verify.iter().all(|check| check.is_a_persons())
            }
        }
    }
}
