//! The end of an undoing in words: what is undone, what is not, and how it goes on.

use std::path::Path;

use crate::model::NodeId;
use crate::traverse::{Resolution, RunState, UndoState};

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
            UndoState::UndoneByHand(why) => (Mark::Good, format!("undone by hand, {why}")),
            UndoState::Skipped(why) => (Mark::Mind, format!("left as it is, {why}")),
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
    if state == RunState::Complete {
        return lines;
    }
    let having = |wanted: fn(&UndoState) -> bool| all.iter().filter(move |undo| wanted(&undo.state));
    for undo in having(|state| *state == UndoState::InDoubt) {
        lines.extend(doubt(&undo.node, &named, width));
    }
    let failed = having(|state| matches!(state, UndoState::Failed(_)));
    let failed: Vec<String> = failed
        .map(|undo| format!("--resolve '{}=done|skip'", undo.node))
        .collect();
    if state != RunState::InDoubt {
        let again = if failed.is_empty() {
            "Go on with:"
        } else {
            "When it is mended, go on with:"
        };
        lines.push(Line::new(Mark::None, again));
        lines.push(switchback("undo", &named, std::iter::empty(), width));
    }
    if !failed.is_empty() {
        let text = "When it is undone by hand (done) or is to stay as it is (skip):";
        lines.push(Line::new(Mark::None, text));
        let flags = failed.iter().map(String::as_str).chain(["--reason TEXT"]);
        lines.push(switchback("undo", &named, flags, width));
    }
    lines
}

/// A command for each way on from an action of which nobody knows whether it is done, or undone.
fn doubt(node: &NodeId, named: &str, width: usize) -> Vec<Line> {
    let text = format!("Look how the world stands: `{node}` is not undone by itself.");
    let mut lines = vec![Line::new(Mark::None, &text)];
    for (word, resolution) in Resolution::WORDS {
        let means = match resolution {
            Resolution::Done => "It is undone, or was never done:",
            Resolution::Rerun => "Undo it:",
            Resolution::Skip => "Leave it as it is:",
        };
        lines.push(Line::new(Mark::None, means));
        let resolve = format!("--resolve {node}={word}");
        let flags = [resolve.as_str(), "--reason TEXT"].into_iter();
        lines.push(switchback("undo", named, flags, width));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::reporter::{Told, rollback, screen};
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
        When it is mended, go on with:
          switchback undo 20261122-135000-3f9a

        When it is undone by hand (done) or is to stay as it is (skip):
          switchback undo 20261122-135000-3f9a \
            --resolve 'rollback=done|skip' \
            --reason TEXT
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
        Look how the world stands: `rollback` is not undone by itself.
        It is undone, or was never done:
          switchback undo 20261122-135000-3f9a --resolve rollback=done --reason TEXT

        Undo it:
          switchback undo 20261122-135000-3f9a --resolve rollback=rerun --reason TEXT

        Leave it as it is:
          switchback undo 20261122-135000-3f9a --resolve rollback=skip --reason TEXT
        ");
    }
}
