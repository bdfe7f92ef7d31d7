//! The end of an undoing in words: what is undone, what is not, and how it goes on.

use std::path::Path;

use crate::model::NodeId;
use crate::traverse::{RunState, UndoState};

use super::command::{named, switchback};
use super::label;
use super::style::{Line, Mark};
use super::view::View;

/// What stands at the end of the report of an undoing.
pub(super) fn undone(
    state: RunState,
    state_dir: Option<&Path>,
    tail: &dyn Fn(&NodeId) -> Vec<String>,
    run: &dyn View,
    width: usize,
) -> Vec<Line> {
    let mut lines = vec![Line::empty(), Line::new(Mark::Heading, "Undo")];
    let all = run.undoables();
    for undo in &all {
        let (mark, word) = match &undo.state {
            UndoState::Open => (Mark::Waiting, "not undone yet".to_owned()),
            UndoState::Running | UndoState::InDoubt => (
                Mark::Unknown,
                "in doubt: nobody knows whether it is done".to_owned(),
            ),
            UndoState::Undone => (Mark::Good, "undone".to_owned()),
            UndoState::Failed(why) => (Mark::Bad, format!("not undone: {why}")),
            UndoState::Declined(by) => (Mark::Mind, format!("not undone: {by} declined")),
        };
        let text = format!("{}: {word}", label::node(&undo.node, run));
        lines.push(Line::new(mark, &text).aside(undo.node.as_str()).at(1));
        if matches!(undo.state, UndoState::Failed(_)) {
            let printed = tail(&undo.node).into_iter();
            lines.extend(printed.map(|line| Line::new(Mark::Output, &line).at(2)));
        }
    }
    lines.push(Line::empty());
    let id = run.id();
    let named = named(&id, state_dir);
    let (mark, text) = match state {
        RunState::Complete => (Mark::Good, "All that was asked for is undone"),
        RunState::Failed => (
            Mark::Bad,
            "An undo failed, and what comes before it is not undone",
        ),
        RunState::Stopped => (Mark::Mind, "Stopped by a person"),
        RunState::InDoubt => (
            Mark::Unknown,
            "Something is in doubt, and is not undone by itself",
        ),
        _ => (Mark::Waiting, "Not everything is undone"),
    };
    lines.push(Line::new(mark, text).aside(&format!("run {id}")));
    if state == RunState::InDoubt {
        let doubted = all.iter().filter(|undo| undo.state == UndoState::InDoubt);
        let only: Vec<String> = doubted.map(|undo| format!("--only {}", undo.node)).collect();
        lines.push(Line::new(Mark::None, "Look whether it is done. To undo it:"));
        let calls = only.iter().map(String::as_str);
        lines.extend(calls.map(|only| switchback("undo", &named, std::iter::once(only), width)));
    } else if state != RunState::Complete {
        lines.push(Line::new(Mark::None, "Go on with:"));
        lines.push(switchback("undo", &named, std::iter::empty(), width));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::report::{Told, rollback, screen};
    use crate::traverse::Undoable;

    fn said(state: RunState, undos: &[(&str, UndoState)]) -> String {
        let mut run = Told::new(rollback());
        run.undoables = undos
            .iter()
            .map(|(node, state)| Undoable {
                node: (*node).into(),
                state: state.clone(),
            })
            .collect();
        let tail = |_: &NodeId| vec!["no such release".to_owned()];
        let (screen, printed) = screen();
        screen.print_all(&undone(state, None, &tail, &run, 80));
        printed.text()
    }

    #[test]
    fn a_failed_undo_is_shown_with_what_it_said_and_what_is_left() {
        let undos = [
            ("deploy_tag", UndoState::Undone),
            ("rollback", UndoState::Failed("it exited with 1".to_owned())),
            ("restore_backup", UndoState::Open),
        ];
        insta::assert_snapshot!(said(RunState::Failed, &undos), @r"
        Undo
          ✓ Deploy the tag: undone  deploy_tag
          ✗ Point the site back: not undone: it exited with 1  rollback
            │ no such release
          … Restore the backup: not undone yet  restore_backup

        ✗ An undo failed, and what comes before it is not undone  run 20261122-135000-3f9a
        Go on with:
          switchback undo 20261122-135000-3f9a
        ");
    }

    #[test]
    fn what_is_in_doubt_has_its_own_command() {
        let undos = [
            ("rollback", UndoState::InDoubt),
            ("deploy_tag", UndoState::Undone),
        ];
        insta::assert_snapshot!(said(RunState::InDoubt, &undos), @r"
        Undo
          ? Point the site back: in doubt: nobody knows whether it is done  rollback
          ✓ Deploy the tag: undone  deploy_tag

        ? Something is in doubt, and is not undone by itself  run 20261122-135000-3f9a
        Look whether it is done. To undo it:
          switchback undo 20261122-135000-3f9a --only rollback
        ");
    }
}
