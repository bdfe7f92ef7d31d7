//! Taking back what a run has done: the last thing first, one at a time.
//!
//! While somebody undoes, from [`Event::UndoBegun`] to [`Event::UndoEnded`], [`Traversal::next`] hands out nothing else. What becomes of the
//! run's own nodes and gates stays as it was: they are on record as they were done.

use std::collections::BTreeSet;
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::graph::Position;
use crate::model::{Command, Effect, NodeId};
use crate::template::{TemplateError, render, render_script};

use super::event::{Event, Outcome, Owner, Person, Rendered, Resolution};
use super::step::{Consent, Step};
use super::traversal::Traversal;
use super::verdict::{RunState, State};
use super::word::Rejected;

/// How the undo of an action stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "why", rename_all = "snake_case")]
pub enum UndoState {
    /// The action is done, and can be undone.
    Open,
    /// Its undo has started.
    Running,
    /// Nobody knows whether the action, or its undo, is done: it is not undone unless somebody asks for just that.
    InDoubt,
    /// It is undone.
    Undone,
    /// Somebody says that it is undone, and why.
    UndoneByHand(String),
    /// Its undo did not work out, and why.
    Failed(String),
    /// Somebody declined to undo it.
    Declined(String),
    /// Somebody leaves it as it is, and why.
    Skipped(String),
}

impl UndoState {
    /// Whether it is undone, by whoever.
    fn is_undone(&self) -> bool {
        matches!(self, Self::Undone | Self::UndoneByHand(_))
    }

    /// Whether nothing more is to be done about it.
    fn is_settled(&self) -> bool {
        self.is_undone() || matches!(self, Self::Skipped(_))
    }
}

/// An action that can be undone, or of which that is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undoable {
    /// The action.
    pub node: NodeId,
    /// How its undo stands.
    #[serde(flatten)]
    pub state: UndoState,
}

/// What is on record of the undoing of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Undoing {
    /// The actions whose command may have changed the world, in the order in which they did.
    done: IndexMap<Position, Undo>,
    /// Those of whose last attempt only the start is known, also when one before did it.
    in_doubt: BTreeSet<Position>,
    /// What somebody is undoing now.
    now: Option<Extent>,
}

/// How much is undone.
#[derive(Clone, Copy, Debug)]
enum Extent {
    All,
    Only(Position),
}

/// What is on record of the undo of an action.
#[derive(Clone, Debug)]
struct Undo {
    /// Exactly what is run.
    command: Option<Command<String>>,
    confirmed: bool,
    attempts: u32,
    state: UndoState,
}

impl Default for Undo {
    fn default() -> Self {
        Self {
            command: None,
            confirmed: false,
            attempts: 0,
            state: UndoState::Open,
        }
    }
}

impl Undoing {
    /// The action is done, now: of all that are done it is the first to be undone.
    fn register(&mut self, node: Position) {
        self.in_doubt.remove(&node);
        self.done.shift_remove(&node);
        self.done.insert(node, Undo::default());
    }

    /// Somebody begins to undo: what went wrong before may be tried again, but what was started and has no end is in doubt.
    fn begin(&mut self, extent: Extent) {
        for (node, undo) in &mut self.done {
            let is_named = matches!(extent, Extent::Only(only) if only == *node);
            undo.state = match std::mem::replace(&mut undo.state, UndoState::Open) {
                state if state.is_undone() => state,
                UndoState::Running | UndoState::InDoubt if !is_named => UndoState::InDoubt,
                UndoState::Skipped(why) if !is_named => UndoState::Skipped(why),
                _ => UndoState::Open,
            };
            undo.confirmed = false;
            undo.command = None;
        }
        if let Extent::Only(node) = extent
            && self.in_doubt.contains(&node)
        {
            self.register(node);
        }
        self.now = Some(extent);
    }

    /// Somebody says what to make of an action that is not undone.
    fn resolve(&mut self, node: Position, how: Resolution, why: String) {
        if self.in_doubt.contains(&node) {
            self.register(node);
        }
        self.done.entry(node).or_default().state = match how {
            Resolution::Done => UndoState::UndoneByHand(why),
            Resolution::Rerun => UndoState::Open,
            Resolution::Skip => UndoState::Skipped(why),
        };
    }

    /// What is undone next; none when all is, or when what was to be undone was not.
    fn next(&self) -> Option<(Position, &Undo)> {
        let is_meant = |node: &Position| match self.now {
            None => false,
            Some(Extent::All) => true,
            Some(Extent::Only(only)) => only == *node,
        };
        let mut left = self.done.iter().rev().filter(|(node, undo)| {
            let is_left = undo.state.is_settled() || undo.state == UndoState::InDoubt;
            is_meant(node) && !is_left && !self.in_doubt.contains(*node)
        });
        let (node, undo) = left.next()?;
        (undo.state == UndoState::Open).then_some((*node, undo))
    }
}

impl Traversal {
    /// Everything that can be undone or is in doubt, in the order in which it is undone.
    pub fn undoables(&self) -> Vec<Undoable> {
        let undoable = |node: &Position, state| Undoable {
            node: self.node(*node).id.clone(),
            state,
        };
        let in_doubt = self.undo.in_doubt.iter().rev();
        let done = self.undo.done.iter().rev();
        let done = done.filter(|(node, _)| !self.undo.in_doubt.contains(*node));
        in_doubt
            .map(|node| undoable(node, UndoState::InDoubt))
            .chain(done.map(|(node, undo)| undoable(node, undo.state.clone())))
            .collect()
    }

    /// What undoes an action, with the values that are known now.
    ///
    /// # Errors
    ///
    /// Why it cannot be rendered.
    pub fn undo_command(&self, node: &NodeId) -> Result<Option<Command<String>>, TemplateError> {
        let action = self.runbook.nodes.get(node).and_then(|node| node.action());
        let Some(undo) = action.and_then(|action| action.undo.as_ref()) else {
            return Ok(None);
        };
        let scope = self.scope();
        undo.try_map(
            |text| render(text, &scope),
            |script| render_script(script, &scope),
        )
        .map(Some)
    }

    /// Whether somebody is undoing, or was when the program went away.
    pub fn is_undoing(&self) -> bool {
        self.undo.now.is_some()
    }

    /// What undoes an action, where that was started and has no end on record.
    pub fn running_undo(&self, node: &NodeId) -> Option<&Command<String>> {
        let undo = self.undo.done.get(&self.position(node)?)?;
        undo.command.as_ref().filter(|_| undo.state == UndoState::Running)
    }

    /// Whether the undo of anything was ever started, or done by hand: what is on record as done may then not be so any more.
    pub fn was_undone(&self) -> bool {
        let mut undos = self.undo.done.values();
        undos.any(|undo| undo.attempts > 0 || undo.state.is_undone())
    }

    /// Whether an undo was started, and is not done.
    pub fn is_half_undone(&self) -> bool {
        let mut undos = self.undo.done.values();
        self.is_undoing() || undos.any(|undo| undo.attempts > 0 && !undo.state.is_settled())
    }

    /// How the undoing stands: complete when all that was meant is undone.
    pub fn undo_state(&self) -> RunState {
        let only = match self.undo.now {
            Some(Extent::Only(node)) => Some(&self.node(node).id),
            _ => None,
        };
        let meant = self.undoables();
        let is = |wanted: fn(&UndoState) -> bool| {
            let mut meant = meant
                .iter()
                .filter(|undo| only.is_none_or(|only| *only == undo.node));
            meant.any(|undo| wanted(&undo.state))
        };
        if is(|state| matches!(state, UndoState::InDoubt | UndoState::Running)) {
            RunState::InDoubt
        } else if is(|state| matches!(state, UndoState::Failed(_))) {
            RunState::Failed
        } else if is(|state| matches!(state, UndoState::Declined(_))) {
            RunState::Stopped
        } else if is(|state| *state == UndoState::Open) {
            RunState::Waiting
        } else {
            RunState::Complete
        }
    }

    /// The event by which somebody begins to undo all that is done, or `only` one action.
    ///
    /// # Errors
    ///
    /// When there is nothing to undo, or not this.
    pub fn begin_undo(&self, only: Option<&NodeId>, by: Person) -> Result<Event, Rejected> {
        let all = self.undoables();
        let Some(only) = only else {
            if all.is_empty() {
                return Err(Rejected::new(
                    format!("nothing of run {} can be undone", self.id()),
                    "an action is undone by its `undo`, once its command has exited with 0",
                ));
            }
            return Ok(Event::UndoBegun { only: None, by });
        };
        self.is_not_undone(only)?;
        Ok(Event::UndoBegun {
            only: Some(only.clone()),
            by,
        })
    }

    /// The event by which somebody says what to make of an undo that failed or is in doubt, or takes the place of one.
    pub(super) fn hear_undo_resolution(
        &self,
        node: NodeId,
        how: Resolution,
        by: Person,
        reason: String,
    ) -> Result<Event, Rejected> {
        self.is_not_undone(&node)?;
        if reason.trim().is_empty() {
            return Err(Rejected::new(
                format!("resolving `{node}` needs a reason"),
                "say what was done about it: `--reason TEXT`",
            ));
        }
        Ok(Event::UndoResolved {
            node,
            how,
            by,
            reason,
        })
    }

    /// Whether there is something to undo of an action, still.
    fn is_not_undone(&self, node: &NodeId) -> Result<(), Rejected> {
        let all = self.undoables();
        match all.iter().find(|undo| undo.node == *node) {
            Some(undo) if undo.state.is_undone() => {
                Err(Rejected::new(format!("`{node}` is undone already"), ""))
            }
            Some(_) => Ok(()),
            None => {
                let all: Vec<String> = all.iter().map(|undo| format!("`{}`", undo.node)).collect();
                Err(Rejected::new(
                    format!("there is nothing to undo of `{node}`"),
                    if all.is_empty() {
                        format!("nothing of run {} can be undone", self.id())
                    } else {
                        format!("of this run {} can be undone", all.join(", "))
                    },
                ))
            }
        }
    }

    /// What is to be done next to undo.
    pub(super) fn undo_step(&self, busy: &BTreeSet<Owner>) -> Option<Step> {
        let (position, undo) = self.undo.next()?;
        let node = self.node(position).id.clone();
        if busy.contains(&Owner::Node(node.clone())) {
            return None;
        }
        let attempt = undo.attempts + 1;
        let Some(command) = undo.command.clone() else {
            return Some(Step::Record(match self.undo_command(&node) {
                Ok(Some(command)) => Event::UndoPrepared { node, command },
                Ok(None) => not_started(node, attempt, "it has no `undo`".to_owned()),
                Err(error) => not_started(node, attempt, format!("it cannot be rendered: {error}")),
            }));
        };
        Some(if undo.confirmed {
            Step::Undo {
                node,
                attempt,
                command,
            }
        } else {
            Step::Confirm(Consent {
                node,
                work: Rendered::Run(command),
                effect: Effect::Change,
                prompt: None,
            })
        })
    }

    /// Takes up what an event means for undoing.
    pub(super) fn apply_to_undo(&mut self, event: &Event) -> Result<(), String> {
        match event {
            Event::RunResumed { .. } | Event::UndoEnded { .. } => self.undo.now = None,
            Event::Started { node, .. } if self.has_undo(node) => {
                let node = self.known(node)?;
                self.undo.in_doubt.insert(node);
            }
            Event::Finished { node, outcome, .. }
                if *outcome != Outcome::Interrupted && self.has_undo(node) =>
            {
                let node = self.known(node)?;
                self.undo.in_doubt.remove(&node);
                if outcome.is_exit_0() {
                    self.undo.register(node);
                }
            }
            Event::Resolved { node, how, .. } if self.has_undo(node) => {
                let node = self.known(node)?;
                match how {
                    Resolution::Done => self.undo.register(node),
                    Resolution::Skip => {
                        self.undo.in_doubt.remove(&node);
                    }
                    Resolution::Rerun => {}
                }
            }
            Event::Checked {
                owner: Owner::Node(node),
                ..
            } => {
                // Its checks settled a doubt: it is done.
                let position = self.known(node)?;
                if self.undo.in_doubt.contains(&position) && self.state(node) == State::Succeeded {
                    self.undo.register(position);
                }
            }
            Event::UndoBegun { only, .. } => {
                let extent = match only {
                    Some(node) => Extent::Only(self.known(node)?),
                    None => Extent::All,
                };
                self.undo.begin(extent);
            }
            Event::UndoPrepared { node, command } => {
                self.undo_of(node)?.command = Some(command.clone());
            }
            Event::UndoConfirmed { node, .. } => self.undo_of(node)?.confirmed = true,
            Event::UndoDeclined { node, by } => {
                self.undo_of(node)?.state = UndoState::Declined(by.name.clone());
            }
            Event::UndoResolved {
                node,
                how,
                by,
                reason,
            } => {
                let node = self.known(node)?;
                self.undo.resolve(node, *how, format!("{by}: {reason}"));
            }
            Event::UndoStarted { node, attempt } => {
                let undo = self.undo_of(node)?;
                undo.attempts = *attempt;
                undo.state = UndoState::Running;
            }
            Event::Undone { node, outcome, .. } => {
                self.undo_of(node)?.state = match outcome {
                    Outcome::Interrupted => UndoState::InDoubt,
                    outcome if outcome.is_success() => UndoState::Undone,
                    outcome => UndoState::Failed(outcome.to_string()),
                };
            }
            _ => {}
        }
        Ok(())
    }

    fn has_undo(&self, node: &NodeId) -> bool {
        let action = self.runbook.nodes.get(node).and_then(|node| node.action());
        action.is_some_and(|action| action.undo.is_some())
    }

    fn undo_of(&mut self, node: &NodeId) -> Result<&mut Undo, String> {
        let position = self.known(node)?;
        let undo = self.undo.done.get_mut(&position);
        undo.ok_or_else(|| format!("there is nothing to undo of `{node}`"))
    }
}

fn not_started(node: NodeId, attempt: u32, why: String) -> Event {
    Event::Undone {
        node,
        attempt,
        outcome: Outcome::NotStarted(why),
        took: Duration::ZERO,
    }
}
