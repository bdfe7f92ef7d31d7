use crate::graph::{Graph, Position, Way};
use crate::model::{ChoiceId, Effect, Gate, Next, Node, NodeKind, Runbook, Work};

use super::marks::{GateMark, Mark, Marks, Tone};

/// The id of the symbol that ends the run. No node may be called so.
const STOP: &str = "stop";

/// A flowchart, ready to be drawn: what every format shows, and none changes.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    /// Which run it shows; empty for none.
    pub(super) caption: String,
    /// The nodes by declaration, and the end of the run last, if a way leads there.
    pub(super) symbols: Vec<Symbol<'a>>,
    /// The edges of the graph by position, the ways to the end of the run, and the waits.
    pub(super) arrows: Vec<Arrow<'a>>,
    pub(super) gates: Vec<(&'a Gate, Option<GateMark>)>,
    /// Every symbol after all that lead to it.
    pub(super) order: Vec<usize>,
}

/// What stands for a node, or for the end of the run.
#[derive(Clone, Debug)]
pub(super) struct Symbol<'a> {
    pub(super) id: &'a str,
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
}

impl Kind {
    pub(super) const ALL: [Self; 5] = [
        Self::Question,
        Self::Work,
        Self::Manual,
        Self::Milestone,
        Self::Stop,
    ];

    /// The word for it in a legend.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Work => "step",
            Self::Manual => "by hand",
            Self::Milestone => "milestone",
            Self::Stop => "ends the run",
        }
    }

    /// The word for it where a name may have no space.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Stop => "stop",
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
            order.push(stop);
            symbols.push(Symbol {
                id: STOP,
                title: STOP,
                kind: Kind::Stop,
                effect: None,
                mark: None,
            });
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
        }
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
                (None, _) => stop_trace(marks, arrow.from, arrow.label),
            };
        }
        let into_stop: Vec<Trace> = self
            .arrows
            .iter()
            .filter(|arrow| self.symbols[arrow.to].kind == Kind::Stop)
            .map(|arrow| arrow.trace)
            .collect();
        if let Some(stop) = self.symbols.last_mut().filter(|last| last.kind == Kind::Stop) {
            stop.mark = Some(if into_stop.contains(&Trace::Taken) {
                Mark::Done
            } else if into_stop.iter().all(|trace| *trace == Trace::Dead) {
                Mark::NotTaken
            } else {
                Mark::Pending
            });
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
        let nodes = |symbol: &&Symbol<'_>| symbol.kind != Kind::Stop;
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
            title: node.title(),
            kind,
            effect,
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

/// Whether a run went along a way to its end.
fn stop_trace(marks: &Marks, from: Position, label: &str) -> Trace {
    match marks.stopped.get(&from) {
        Some(choice) if choice.as_deref().unwrap_or("") == label => Trace::Taken,
        Some(_) => Trace::Dead,
        None if is_dead(marks.nodes[from]) => Trace::Dead,
        None => Trace::of((marks.nodes[from] == Mark::Done).then_some(false)),
    }
}

/// The labels of the ways by which a node stops the run.
fn stops(node: &Node) -> impl Iterator<Item = &str> {
    let stopping = node.ways().filter(|(_, next)| **next == Next::Stop);
    stopping.map(|(choice, _)| choice.map_or("", ChoiceId::as_str))
}
