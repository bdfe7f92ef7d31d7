//! The end of a run in words: its gates, and how it goes on.

use std::time::Duration;

use crate::model::{Gate, GateId, NodeId};
use crate::traverse::{GateVerdict, Owner, RunState, State, Verdict};

use super::closing::closing;
use super::label;
use super::phrase::{checked, person};
use super::style::{Line, Mark, elapsed};
use super::view::View;

/// What stands at the end of a report.
pub(super) struct Ended<'a> {
    /// How the run stands.
    pub(super) state: RunState,
    /// How its gates stand.
    pub(super) gates: &'a [(GateId, GateVerdict)],
    /// How long it took from its start until now.
    pub(super) took: Duration,
    /// How it is named on the command line.
    pub(super) named: &'a str,
    /// The last lines that a node printed.
    pub(super) tail: &'a dyn Fn(&NodeId) -> Vec<String>,
}

/// The summary of a run: what was not run though it should have been, the checklist of its gates, its state, what to do next.
pub(super) fn summary(ended: &Ended<'_>, run: &dyn View, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let not_run = not_run(run);
    if !not_run.is_empty() {
        lines.push(Line::empty());
        lines.push(Line::new(Mark::Heading, "Not run"));
        lines.extend(not_run);
    }
    if !ended.gates.is_empty() {
        lines.push(Line::empty());
        lines.push(Line::new(Mark::Heading, "Gates"));
        for (id, verdict) in ended.gates {
            if let Some(gate) = run.runbook().gates.get(id) {
                gate_lines(gate, verdict, run, &mut lines);
            }
        }
    }
    lines.push(Line::empty());
    lines.push(state(ended, run));
    lines.extend(closing(ended, run, width));
    lines
}

fn not_run(run: &dyn View) -> Vec<Line> {
    let mut lines = Vec::new();
    for node in run.runbook().nodes.values() {
        let state = run.state(&node.id);
        if matches!(state, State::Blocked | State::Cancelled) {
            let why = run
                .why(&node.id)
                .map_or_else(String::new, |why| format!(": {why}"));
            let text = format!("{}{why}", node.title());
            lines.push(Line::new(Mark::Skipped, &text).aside(node.id.as_str()).at(1));
        }
    }
    lines
}

fn gate_lines(gate: &Gate, verdict: &GateVerdict, run: &dyn View, lines: &mut Vec<Line>) {
    let mut aside = gate.id.to_string();
    if !gate.required {
        aside.push_str(" · optional");
    }
    if let GateVerdict::Met { by: Some(by) } = verdict {
        aside.push_str(" · ");
        aside.push_str(&person(by));
    }
    let mark = match verdict {
        GateVerdict::Met { .. } => Mark::Good,
        GateVerdict::Unmet { .. } => Mark::Bad,
        GateVerdict::Unknown { .. } => Mark::Unknown,
        GateVerdict::Waiting { .. } => Mark::Waiting,
        GateVerdict::NotApplicable { .. } => Mark::Skipped,
        GateVerdict::Waived { .. } => Mark::Mind,
    };
    lines.push(Line::new(mark, &gate.title).aside(&aside).at(1));
    let word = verdict.as_str().replace('_', " ");
    match verdict {
        GateVerdict::Met { .. } => {}
        GateVerdict::Waived { by, reason } => {
            lines.push(Line::new(Mark::None, &format!("{word} by {}: {reason}", person(by))).at(3));
        }
        other => lines.push(Line::new(Mark::None, &format!("{word}: {}", other.reason())).at(3)),
    }
    if matches!(verdict, GateVerdict::Unmet { .. } | GateVerdict::Unknown { .. }) {
        lines.extend(
            broken_checks(&Owner::Gate(gate.id.clone()), run, verdict.reason()).map(|line| line.at(3)),
        );
    }
}

/// The checks of an owner that were carried out and do not hold, save those that are told already.
pub(super) fn broken_checks<'a>(
    owner: &'a Owner,
    run: &'a dyn View,
    told: &'a str,
) -> impl Iterator<Item = Line> + 'a {
    run.checks(owner)
        .into_iter()
        .enumerate()
        .filter_map(move |(index, made)| {
            let made = made.filter(|made| made.verdict != Verdict::Held)?;
            let what = label::check_at(owner, index, run);
            let is_told = told.contains(&what) && (told.contains(&made.evidence) || made.evidence.is_empty());
            (!is_told).then(|| checked(&what, made.verdict, &made.evidence, made.by.as_ref()))
        })
}

fn state(ended: &Ended<'_>, run: &dyn View) -> Line {
    let count = run
        .runbook()
        .nodes
        .values()
        .filter(|node| node.action().is_some() && run.state(&node.id) == State::Succeeded);
    let (mark, text) = match ended.state {
        RunState::Complete => (Mark::Good, "Complete: every required gate is closed"),
        RunState::Recovered => (
            Mark::Good,
            "Recovered: a step failed, that was handled, and every required gate is closed",
        ),
        RunState::Running => (Mark::Mind, "Interrupted: the run is kept as it stands"),
        RunState::Waiting => (Mark::Waiting, "Waiting for a person"),
        RunState::Failed => (Mark::Bad, "A step failed"),
        RunState::GatesUnmet => (Mark::Bad, "Everything is done, and a required gate is open"),
        RunState::InDoubt => (
            Mark::Unknown,
            "In doubt: a step was started, and nobody knows whether it is done",
        ),
        RunState::Stopped => (Mark::Mind, "Stopped by a person"),
        RunState::Cancelled => (Mark::Mind, "Given up"),
    };
    let id = run.id();
    let mut facts = vec![format!("run {}", id)];
    match count.count() {
        0 => {}
        1 => facts.push("1 step done".to_owned()),
        count => facts.push(format!("{count} steps done")),
    }
    facts.push(elapsed(ended.took));
    Line::new(mark, text).aside(&facts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::reporter::style::Style;
    use crate::adapter::reporter::told::{Told, ana, command, rollback};
    use crate::traverse::{Rendered, Why};

    fn said(run: &Told, state: RunState, gates: &[(&str, GateVerdict)]) -> String {
        let gates: Vec<_> = gates
            .iter()
            .map(|(id, verdict)| (GateId::from(*id), verdict.clone()))
            .collect();
        let ended = Ended {
            state,
            gates: &gates,
            took: Duration::from_secs(64),
            named: "20261122-135000-3f9a",
            tail: &|_| Vec::new(),
        };
        let style = Style {
            colour: false,
            unicode: true,
            width: 80,
        };
        let lines: Vec<String> = summary(&ended, run, style.width)
            .iter()
            .map(|line| style.line(line))
            .collect();
        lines.join("\n")
    }

    fn waiting() -> GateVerdict {
        GateVerdict::Waiting {
            reason: "the run has not come to it".to_owned(),
        }
    }

    fn done() -> Told {
        let mut run = Told::new(rollback())
            .answer("last_deploy", "yes")
            .answer("migration", "no");
        for node in ["good_tag", "deploy_tag", "restore_backup"] {
            run = run.state(node, State::NotTaken);
        }
        run.state("rollback", State::Succeeded)
            .state("restored", State::Succeeded)
    }

    #[test]
    fn waiting_at_the_start_names_all_that_may_be_asked() {
        let run = Told::new(rollback())
            .state("last_deploy", State::Waiting)
            .state("migration", State::Waiting);
        insta::assert_snapshot!(said(&run, RunState::Waiting, &[("verified_live", waiting())]), @r"
        Gates
          … Production loads  verified_live
              waiting: the run has not come to it

        … Waiting for a person  run 20261122-135000-3f9a · 1m 04s
          … Was it the last deploy?
          … Is it a migration?
        Go on with:
          switchback resume 20261122-135000-3f9a \
            --answer 'last_deploy=yes|no' \
            --answer 'migration=yes|no'
        Depending on the way, also:
          --answer good_tag=VALUE       Which tag was last known good?
          --attest restore_backup=WHO   Restore the backup
          --attest rollback.seen=WHO    Does the site work?
          --attest deploy_tag.seen=WHO  Does the site work?
          --attest verified_live=WHO    Production loads
        ");
    }

    #[test]
    fn ways_that_were_not_chosen_are_not_asked_for() {
        let run = Told::new(rollback())
            .answer("last_deploy", "no")
            .answer("migration", "yes")
            .state("good_tag", State::Waiting)
            .state("restore_backup", State::Waiting)
            .state("rollback", State::NotTaken);
        insta::assert_snapshot!(said(&run, RunState::Waiting, &[]), @r"
        … Waiting for a person  run 20261122-135000-3f9a · 1m 04s
          … Which tag was last known good?
          … Restore the backup
        Go on with:
          switchback resume 20261122-135000-3f9a \
            --answer good_tag=VALUE \
            --attest restore_backup=WHO
        Depending on the way, also:
          --attest deploy_tag.seen=WHO  Does the site work?
        ");
    }

    #[test]
    fn a_gate_waits_for_its_word() {
        insta::assert_snapshot!(
            said(&done(), RunState::Waiting, &[("verified_live", waiting()), ("fix_queued", waiting())]), @r"
        Gates
          … Production loads  verified_live
              waiting: the run has not come to it
          … The fix is queued  fix_queued · optional
              waiting: the run has not come to it

        … Waiting for a person  run 20261122-135000-3f9a · 2 steps done · 1m 04s
          … Production loads
          … The fix is queued
        Go on with:
          switchback resume 20261122-135000-3f9a \
            --attest verified_live=WHO \
            --attest fix_queued=WHO \
            --decide 'fix_queued=now|later:WHO'
        ");
    }

    #[test]
    fn what_is_declined_or_let_go_is_said() {
        let run = done()
            .because("rollback", State::Cancelled, Why::Declined("ana".to_owned()))
            .because("restored", State::Blocked, Why::RunStopped("rollback".into()));
        let gates = [
            (
                "verified_live",
                GateVerdict::Waived {
                    by: ana(),
                    reason: "the site\nis a copy".to_owned(),
                },
            ),
            (
                "fix_queued",
                GateVerdict::NotApplicable {
                    reason: "`x` is false".to_owned(),
                },
            ),
        ];
        insta::assert_snapshot!(said(&run, RunState::Stopped, &gates), @"
        Not run
          – Point the site back: declined by ana  rollback
          – A good release is live: the run was stopped at `rollback`  restored

        Gates
          ! Production loads  verified_live
              waived by ana: the site
              is a copy
          – The fix is queued  fix_queued · optional
              not applicable: `x` is false

        ! Stopped by a person  run 20261122-135000-3f9a · 1m 04s
        Nothing new was started. What was done:
          switchback show 20261122-135000-3f9a
        ");
    }

    #[test]
    fn an_open_gate_says_what_is_not_so_and_how_to_let_it_go() {
        let run = done().check(Owner::Gate("verified_live".into()), Verdict::Failed, "2 issues");
        let unmet = GateVerdict::Unmet {
            reason: "no errors: 2 issues".to_owned(),
        };
        insta::assert_snapshot!(said(&run, RunState::GatesUnmet, &[("verified_live", unmet)]), @"
        Gates
          ✗ Production loads  verified_live
              unmet: no errors: 2 issues

        ✗ Everything is done, and a required gate is open  run 20261122-135000-3f9a · 2 steps done · 1m 04s
        Mend what is open, and have the gates looked at again:
          switchback resume 20261122-135000-3f9a
        Or let it go, with a reason that stays on record:
          switchback resume 20261122-135000-3f9a --waive verified_live=REASON
        ");
    }

    #[test]
    fn in_doubt_and_interrupted_say_how_to_go_on() {
        let mut run = done()
            .state("rollback", State::InDoubt)
            .state("restored", State::Pending)
            .attempted("rollback");
        let work = Rendered::Run(command(&["dep", "rollback"]));
        run.works.insert("rollback".into(), work);
        run.wanted.push("release".into());
        insta::assert_snapshot!(said(&run, RunState::InDoubt, &[]), @r"
        ? In doubt: a step was started, and nobody knows whether it is done  run 20261122-135000-3f9a · 1m 04s
          ? Point the site back  rollback
            $ dep rollback
            attempt 1 was started 2026-11-22 13:50:01 UTC
        Look whether its work is done: it is not run again by itself.
        It is done, and its checks look once more:
          switchback resume 20261122-135000-3f9a \
            --resolve rollback=done \
            --set rollback.release=VALUE \
            --reason TEXT
        Run it once more:
          switchback resume 20261122-135000-3f9a --resolve rollback=rerun --reason TEXT
        Pass it over:
          switchback resume 20261122-135000-3f9a --resolve rollback=skip --reason TEXT
        ");
        insta::assert_snapshot!(said(&run, RunState::Running, &[]), @"
        ! Interrupted: the run is kept as it stands  run 20261122-135000-3f9a · 1m 04s
        Go on with:
          switchback resume 20261122-135000-3f9a
        ");
    }

    #[test]
    fn complete_needs_nothing_more() {
        let met = GateVerdict::Met { by: Some(ana()) };
        insta::assert_snapshot!(said(&done(), RunState::Complete, &[("verified_live", met)]), @"
        Gates
          ✓ Production loads  verified_live · ana

        ✓ Complete: every required gate is closed  run 20261122-135000-3f9a · 2 steps done · 1m 04s
        ");
    }
}
