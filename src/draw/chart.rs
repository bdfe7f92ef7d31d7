use std::borrow::Cow;

use crate::graph::{Graph, Position, Way};
use crate::model::{ChoiceId, Effect, Gate, Next, Node, NodeKind, Runbook, Work};

use super::marks::{GateMark, Mark, Marks, Tone};

/// What the symbols that end the run and a branch are called. No node may be called so.
const STOP: &str = "stop";
const END: &str = "end";

/// A flowchart, ready to be drawn: what every format shows, and none changes.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    /// Which run it shows; empty for none.
    pub(super) caption: String,
    /// The nodes by declaration, then the end of the run, if a way leads there, and an end for each question with a choice that ends its branch.
    pub(super) symbols: Vec<Symbol<'a>>,
    /// The edges of the graph by position, the ways to ends, and the waits.
    pub(super) arrows: Vec<Arrow<'a>>,
    pub(super) gates: Vec<(&'a Gate, Option<GateMark>)>,
    /// Every symbol after all that lead to it.
    pub(super) order: Vec<usize>,
    /// Whether its nodes and gates lead to what a page says of them.
    pub(super) is_linked: bool,
}

/// What stands for a node, or for an end.
#[derive(Clone, Debug)]
pub(super) struct Symbol<'a> {
    /// What people read.
    pub(super) id: &'a str,
    /// What no other symbol is called.
    pub(super) name: Cow<'a, str>,
    pub(super) title: &'a str,
    pub(super) kind: Kind,
    /// What it does to the world, where that is a command's.
    pub(super) effect: Option<Effect>,
    /// How it stands in a run.
    pub(super) mark: Option<Mark>,
}

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Question,
    Work,
    Manual,
    Milestone,
    Stop,
    End,
}

impl Kind {
    pub(super) const ALL: [Self; 6] = [
        Self::Question,
        Self::Work,
        Self::Manual,
        Self::Milestone,
        Self::Stop,
        Self::End,
    ];

    /// Whether it is an end, and no node.
    pub(super) fn is_an_end(self) -> bool {
        matches!(self, Self::Stop | Self::End)
    }

    /// The word for it in a legend.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Work => "step",
            Self::Manual => "by hand",
            Self::Milestone => "milestone",
            Self::Stop => "ends the run",
            Self::End => "ends the branch",
        }
    }

    /// The word for it where a name may have no space.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Stop => STOP,
            Self::End => END,
            kind => kind.word(),
        }
    }
}

/// An arrow between two symbols.
#[derive(Clone, Debug)]
pub(super) struct Arrow<'a> {
    pub(super) from: usize,
    pub(super) to: usize,
    /// What stands at it; empty for a plain one.
    pub(super) label: &'a str,
    pub(super) line: Line,
    pub(super) trace: Trace,
}

/// What an arrow means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The run goes on along it.
    Way,
    /// The same, after a failure.
    Failure,
    /// It only makes the second wait for the first.
    Wait,
}

/// Whether a run went along an arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trace {
    /// There is no run, or it is not decided.
    Open,
    Taken,
    Dead,
}

impl<'a> Chart<'a> {
    /// The flowchart of a runbook.
    pub fn of(runbook: &'a Runbook) -> Self {
        let graph = Graph::of(runbook);
        let stop = runbook.nodes.len();
        let mut arrows: Vec<Arrow<'a>> = graph
            .edges()
            .iter()
            .map(|edge| {
                let (label, line) = match &edge.way {
                    Way::Choice(choice) => {
                        // The runbook's own, which lives as long as it does.
                        let own = runbook.nodes[edge.from]
                            .choices()
                            .and_then(|all| all.get_key_value(choice));
                        (own.map_or("", |(id, _)| id.as_str()), Line::Way)
                    }
                    Way::Next => ("", Line::Way),
                    Way::OnFailure => ("fails", Line::Failure),
                };
                Arrow::new(edge.from, edge.to, label, line)
            })
            .collect();
        for (from, node) in runbook.nodes.values().enumerate() {
            arrows.extend(stops(node).map(|label| Arrow::new(from, stop, label, Line::Way)));
        }
        let mut symbols: Vec<Symbol<'a>> = runbook.nodes.values().map(Symbol::of).collect();
        let mut order = graph.order();
        if arrows.iter().any(|arrow| arrow.to == stop) {
            order.push(symbols.len());
            symbols.push(Symbol::end(STOP, STOP.into(), Kind::Stop));
        }
        for (from, node) in runbook.nodes.values().enumerate() {
            let to = symbols.len();
            arrows.extend(ends(node).map(|label| Arrow::new(from, to, label, Line::Way)));
            if arrows.last().is_some_and(|arrow| arrow.to == to) {
                order.push(to);
                // No id of a runbook has a capital letter, so this one is free.
                symbols.push(Symbol::end(END, format!("END_{}", node.id).into(), Kind::End));
            }
        }
        for (to, node) in runbook.nodes.values().enumerate() {
            let needs = node.links.needs.iter().map(|id| (id, "needs"));
            let waits = needs.chain(node.links.after.iter().map(|id| (id, "after")));
            arrows.extend(waits.filter_map(|(id, label)| {
                let from = runbook.nodes.get_index_of(id)?;
                Some(Arrow::new(from, to, label, Line::Wait))
            }));
        }
        Self {
            name: &runbook.name,
            title: &runbook.title,
            caption: String::new(),
            symbols,
            arrows,
            gates: runbook.gates.values().map(|gate| (gate, None)).collect(),
            order,
            is_linked: false,
        }
    }

    /// The same for a page: as SVG each node leads to `#step-ID`, and each gate to `#closing-ID`.
    #[must_use]
    pub fn linked(mut self) -> Self {
        self.is_linked = true;
        self
    }

    /// The same, with where a run went. The marks must be of a run of this runbook.
    #[must_use]
    pub fn marked(mut self, marks: &Marks) -> Self {
        self.caption.clone_from(&marks.caption);
        for (symbol, mark) in self.symbols.iter_mut().zip(&marks.nodes) {
            symbol.mark = Some(*mark);
        }
        for ((_, gate), mark) in self.gates.iter_mut().zip(&marks.gates) {
            *gate = Some(*mark);
        }
        for (position, arrow) in self.arrows.iter_mut().enumerate() {
            arrow.trace = match (marks.edges.get(position), arrow.line) {
                (Some(taken), _) => Trace::of(*taken),
                // Where a run waited, it went along nothing: the arrow is as dead as what it leads to.
                (None, Line::Wait) => Trace::of(is_dead(marks.nodes[arrow.to]).then_some(false)),
                (None, _) => end_trace(marks, arrow.from, arrow.label),
            };
        }
        let mut into: Vec<Vec<Trace>> = vec![Vec::new(); self.symbols.len()];
        for arrow in &self.arrows {
            into[arrow.to].push(arrow.trace);
        }
        for (symbol, into) in self.symbols.iter_mut().zip(into) {
            if symbol.kind.is_an_end() {
                symbol.mark = Some(if into.contains(&Trace::Taken) {
                    Mark::Done
                } else if into.iter().all(|trace| *trace == Trace::Dead) {
                    Mark::NotTaken
                } else {
                    Mark::Pending
                });
            }
        }
        self
    }

    /// Whether it shows a run.
    pub(super) fn is_marked(&self) -> bool {
        self.symbols.first().is_some_and(|symbol| symbol.mark.is_some())
    }

    /// The kinds that are there, in the order of a legend.
    pub(super) fn kinds(&self) -> impl Iterator<Item = Kind> {
        let is_there = |kind: &Kind| self.symbols.iter().any(|symbol| symbol.kind == *kind);
        Kind::ALL.into_iter().filter(is_there)
    }

    /// The marks that are there, in the order of a legend.
    pub(super) fn marks(&self) -> impl Iterator<Item = Mark> {
        let nodes = |symbol: &&Symbol<'_>| !symbol.kind.is_an_end();
        let is_there = move |mark: &Mark| self.symbols.iter().filter(nodes).any(|s| s.mark == Some(*mark));
        Mark::ALL.into_iter().filter(is_there)
    }
}

impl<'a> Symbol<'a> {
    fn of(node: &'a Node) -> Self {
        let (kind, effect) = match &node.kind {
            NodeKind::Question(_) => (Kind::Question, None),
            NodeKind::Action(action) => match action.work {
                Work::Milestone => (Kind::Milestone, None),
                Work::Manual(_) => (Kind::Manual, Some(action.effect)),
                Work::Run { .. } | Work::Write(_) => (Kind::Work, Some(action.effect)),
            },
        };
        Self {
            id: node.id.as_str(),
            name: node.id.as_str().into(),
            title: node.title(),
            kind,
            effect,
            mark: None,
        }
    }

    fn end(id: &'a str, name: Cow<'a, str>, kind: Kind) -> Self {
        Self {
            id,
            name,
            title: id,
            kind,
            effect: None,
            mark: None,
        }
    }

    /// Whether a run passed it by.
    pub(super) fn is_dead(&self) -> bool {
        self.mark.is_some_and(is_dead)
    }
}

impl<'a> Arrow<'a> {
    fn new(from: usize, to: usize, label: &'a str, line: Line) -> Self {
        Self {
            from,
            to,
            label,
            line,
            trace: Trace::Open,
        }
    }
}

impl Trace {
    fn of(taken: Option<bool>) -> Self {
        match taken {
            None => Self::Open,
            Some(true) => Self::Taken,
            Some(false) => Self::Dead,
        }
    }
}

fn is_dead(mark: Mark) -> bool {
    mark != Mark::Pending && mark.looks().tone == Tone::Faint
}

/// Whether a run went along a way to an end.
fn end_trace(marks: &Marks, from: Position, label: &str) -> Trace {
    let mark = marks.nodes[from];
    let is_past = matches!(mark, Mark::Done | Mark::NotNeeded);
    let answer = marks.answers.get(&from).map_or("", String::as_str);
    match is_past && answer == label {
        true => Trace::Taken,
        false if is_past || is_dead(mark) => Trace::Dead,
        false => Trace::Open,
    }
}

/// The labels of the ways by which a node stops the run.
fn stops(node: &Node) -> impl Iterator<Item = &str> {
    let stopping = node.ways().filter(|(_, next)| **next == Next::Stop);
    stopping.map(|(choice, _)| choice.map_or("", ChoiceId::as_str))
}

/// The choices that end their branch.
fn ends(node: &Node) -> impl Iterator<Item = &str> {
    let ending = node.ways().filter(|(_, next)| **next == Next::default());
    ending.filter_map(|(choice, _)| choice.map(ChoiceId::as_str))
}
