//! What becomes of a step that failed, or of which nobody knows whether it is done.

use crate::graph::Position;
use crate::model::{Effect, NodeId, NodeKind, OnInterrupt, Work};

use super::event::{Owner, Person, Resolution};
use super::progress::{Ending, Phase};
use super::traversal::Traversal;
use super::verdict::{State, Why};

impl Traversal {
    pub(super) fn apply_resolution(
        &mut self,
        node: &NodeId,
        how: Resolution,
        by: &Person,
        reason: &str,
    ) -> Result<(), String> {
        let position = self.known(node)?;
        let destroys = self
            .node(position)
            .action()
            .is_some_and(|action| action.effect == Effect::Destroy);
        if how == Resolution::Rerun {
            // What was said of the attempt before says nothing of the next.
            self.attested
                .retain(|subject, _| subject.owner() != Owner::Node(node.clone()));
        }
        let progress = self.progress_mut(position);
        progress.ending = None;
        progress.running = None;
        progress.checks.clear();
        progress.failures = 0;
        match how {
            Resolution::Done => progress.phase = Phase::Verifying,
            Resolution::Rerun => {
                progress.phase = Phase::Ahead;
                // Asking for it once more is agreeing to what was shown before; what destroys is agreed to each time.
                progress.confirmed = progress.work.is_some() && !destroys;
            }
            Resolution::Skip => {
                progress.ending = Some(Ending {
                    state: State::NotNeeded,
                    why: Some(Why::Skipped {
                        by: by.name.clone(),
                        reason: reason.to_owned(),
                    }),
                });
            }
        }
        if how == Resolution::Done {
            self.conclude_checks(position);
        }
        self.derive_flow();
        Ok(())
    }

    /// The run is taken up again: what was under way is in doubt, and gates are looked at afresh.
    pub(super) fn resume(&mut self) {
        for gate in self.gates.values_mut() {
            gate.applies = None;
            gate.seen = std::mem::take(&mut gate.checks);
            gate.refused = None;
        }
        let under_way: Vec<Position> = self.flow.running.iter().copied().collect();
        for position in under_way {
            if self.progress_mut(position).phase == Phase::Running {
                self.doubt(position);
            }
        }
    }

    pub(super) fn doubt(&mut self, position: Position) {
        let NodeKind::Action(action) = &self.node(position).kind else {
            return;
        };
        let has_machine_checks = action.verify.iter().any(|check| !check.is_a_persons());
        // Reading once more harms nobody, and a file with the same content is as good as written.
        let repeatable = action.effect == Effect::Read || matches!(action.work, Work::Write(_));
        let phase = match action.on_interrupt {
            OnInterrupt::Fail => {
                let why = Why::Itself("it was interrupted".to_owned());
                return self.end(position, State::Failed, Some(why));
            }
            _ if repeatable => Phase::Ahead,
            OnInterrupt::Retry => Phase::Ahead,
            OnInterrupt::Verify if has_machine_checks => Phase::VerifyingDoubt,
            OnInterrupt::Ask | OnInterrupt::Verify => Phase::Doubt,
        };
        let progress = self.progress_mut(position);
        progress.phase = phase;
        progress.recalled = false;
        progress.checks.clear();
        self.update_if_open(position);
    }
}
