use std::path::{Path, PathBuf};
use std::time::Instant;

use indicatif::ProgressBar;

use crate::adapter::journal::RunFolder;
use crate::engine::Reporter;
use crate::model::{NodeId, Stream};
use crate::traverse::{Event, Owner, Record, Rendered, Traversal, Verdict};

use super::command::named;
use super::harmless::one_line;
use super::label;
use super::output::Output;
use super::phrase::phrase;
use super::screen::Screen;
use super::style::{Line, Mark};
use super::summary::{Ended, summary};
use super::undone::undone;
use super::view::View;

/// Reports live at a terminal: each step with its output under it as it comes, and a spinner for what is under way.
#[derive(Debug)]
pub struct TerminalReporter {
    screen: Screen,
    state_dir: Option<PathBuf>,
    output: Output,
    /// What the spinner stands for.
    under_way: Vec<UnderWay>,
    spinner: Option<ProgressBar>,
}

/// A step that is under way.
#[derive(Debug)]
struct UnderWay {
    owner: Owner,
    what: String,
    since: Instant,
}

impl TerminalReporter {
    /// A reporter on a screen.
    /// `state_dir` is where the run is recorded, if that is not where everybody looks first; `kept` has what earlier attempts printed.
    pub fn new(screen: Screen, state_dir: Option<&Path>, kept: Option<RunFolder>) -> Self {
        Self {
            screen,
            state_dir: state_dir.map(Path::to_owned),
            output: Output::after(kept),
            under_way: Vec::new(),
            spinner: None,
        }
    }

    fn tell(&mut self, record: &Record, run: &dyn View) {
        if let Some(owner) = record.event.owner() {
            self.stop(&owner);
        }
        match &record.event {
            Event::Prepared { node, work } => {
                self.screen.open(&Owner::Node(node.clone()), Some(work), run);
            }
            Event::UndoPrepared { node, command } => {
                let work = Rendered::Run(command.clone());
                self.screen.open(&Owner::Node(node.clone()), Some(&work), run);
            }
            Event::Undone { node, .. } => {
                self.flush_output(node);
                self.say(record, run);
            }
            Event::UndoEnded { state } => {
                self.stop_all();
                self.screen.close();
                let tail = |node: &NodeId| self.output.printed(node);
                let width = self.screen.style().width;
                let lines = undone(*state, self.state_dir.as_deref(), &tail, run, width);
                self.screen.print_all(&lines);
            }
            Event::Started { node, attempt } | Event::UndoStarted { node, attempt } => {
                let owner = Owner::Node(node.clone());
                self.output.restart(node);
                self.screen.open(&owner, None, run);
                if *attempt > 1 {
                    self.screen
                        .print(&Line::faint(&format!("attempt {attempt}")).at(1));
                }
                if !has_the_terminal(&record.event, run) {
                    self.spin(owner, "running".to_owned());
                }
            }
            Event::Finished { node, outcome, .. } => {
                if has_the_terminal(&record.event, run) {
                    self.screen.go_on_below();
                }
                self.screen.open(&Owner::Node(node.clone()), None, run);
                self.flush_output(node);
                self.say(record, run);
                if outcome.is_success() {
                    self.spin_for_check(Owner::Node(node.clone()), 0, run);
                }
            }
            Event::Checked {
                owner,
                check,
                verdict,
                ..
            } => {
                self.screen.open(owner, None, run);
                self.say(record, run);
                if *verdict == Verdict::Held {
                    self.spin_for_check(owner.clone(), check + 1, run);
                }
            }
            Event::RunEnded { state, gates } => {
                self.stop_all();
                self.screen.close();
                let tail = |node: &NodeId| self.output.tail(node, run.attempts(node));
                let took = record.at.duration_since(run.started()).unsigned_abs();
                let ended = Ended {
                    state: *state,
                    gates,
                    took,
                    named: &named(&run.id(), self.state_dir.as_deref()),
                    tail: &tail,
                };
                self.screen
                    .print_all(&summary(&ended, run, self.screen.style().width));
            }
            _ => self.say(record, run),
        }
    }

    /// Says an event, unless the person who said it sees it at their prompt.
    fn say(&mut self, record: &Record, run: &dyn View) {
        let phrase = phrase(record, run);
        let Some(owner) = &phrase.owner else {
            self.screen.print_all(&phrase.lines);
            return;
        };
        let is_their_word = match &record.event {
            Event::Answered { .. }
            | Event::Confirmed { .. }
            | Event::Attested { .. }
            | Event::Decided { .. } => true,
            Event::Checked { verdict, by, .. } => by.is_some() && *verdict == Verdict::Held,
            _ => false,
        };
        if is_their_word && self.screen.take_said(owner) {
            return;
        }
        let depth = usize::from(self.screen.is_open(owner));
        if depth == 0 && !phrase.lines.is_empty() {
            self.screen.close();
        }
        let lines: Vec<Line> = phrase.lines.into_iter().map(|line| line.at(depth)).collect();
        self.screen.print_all(&lines);
    }

    fn flush_output(&mut self, node: &NodeId) {
        let mut lines = Vec::new();
        self.output
            .flush(node, |line| lines.push(Line::new(Mark::Output, line).at(1)));
        self.screen.print_all(&lines);
    }

    fn spin_for_check(&mut self, owner: Owner, index: usize, run: &dyn View) {
        let next = label::checks(&owner, run)
            .get(index)
            .filter(|check| !check.is_a_persons());
        if let Some(check) = next {
            let what = label::check(check, run);
            self.spin(owner, what);
        }
    }

    fn spin(&mut self, owner: Owner, what: String) {
        self.under_way.retain(|step| step.owner != owner);
        self.under_way.push(UnderWay {
            owner,
            what: one_line(&what),
            since: Instant::now(),
        });
        self.turn();
    }

    fn stop(&mut self, owner: &Owner) {
        self.under_way.retain(|step| step.owner != *owner);
        self.turn();
    }

    fn stop_all(&mut self) {
        self.under_way.clear();
        self.turn();
    }

    /// Has the spinner stand for what is under way now: for one step with what it does, else for all of them by their names.
    fn turn(&mut self) {
        if let Some(spinner) = self.spinner.take() {
            spinner.finish_and_clear();
        }
        let Some(first) = self.under_way.first() else {
            return;
        };
        let message = match self.under_way.as_slice() {
            [only] => self.named(only, &only.what),
            all => {
                let names: Vec<String> = all.iter().map(|step| step.owner.to_string()).collect();
                format!("{} side by side: {}", names.len(), names.join(", "))
            }
        };
        self.spinner = Some(self.screen.spinner(message, first.since.elapsed()));
    }

    /// What the only step that is under way says of itself; several share the line, and say nothing there.
    fn say_at_spinner(&self, owner: &Owner, text: impl FnOnce(&str) -> String) {
        if let (Some(spinner), [only]) = (&self.spinner, self.under_way.as_slice())
            && only.owner == *owner
        {
            spinner.set_message(self.named(only, &text(&only.what)));
        }
    }

    /// What a step does, with its name where its lines do not stand above.
    fn named(&self, step: &UnderWay, what: &str) -> String {
        if self.screen.is_open(&step.owner) {
            what.to_owned()
        } else {
            format!("{}: {what}", step.owner)
        }
    }

    /// Lines of a step that has not the screen for itself say whose they are.
    fn block(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]) {
        let owner = Owner::Node(node.clone());
        let is_alone = self.under_way.iter().all(|step| step.owner == owner);
        let whose = if is_alone && self.screen.is_open(&owner) {
            String::new()
        } else {
            format!("{node}: ")
        };
        let mut lines = Vec::new();
        self.output.take(node, stream, bytes, |line| {
            lines.push(Line::new(Mark::Output, &format!("{whose}{line}")).at(1));
        });
        self.screen.print_all(&lines);
        let begun = self.output.begun(node);
        self.say_at_spinner(&owner, |what| begun.unwrap_or_else(|| what.to_owned()));
    }

    fn remark(&mut self, owner: &Owner, text: &str) {
        if self.under_way.iter().any(|step| step.owner == *owner) {
            self.say_at_spinner(owner, |what| format!("{what}  ({})", one_line(text)));
        } else {
            self.spin(owner.clone(), text.to_owned());
        }
    }
}

/// Whether an action starts or ends that takes the terminal.
fn has_the_terminal(event: &Event, run: &dyn View) -> bool {
    let (Event::Started { node, .. } | Event::Finished { node, .. }) = event else {
        return false;
    };
    matches!(run.work(node), Some(Rendered::Run(command)) if command.terminal)
}

impl Reporter for TerminalReporter {
    fn record(&mut self, record: &Record, run: &Traversal) {
        self.tell(record, run);
    }

    fn output(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]) {
        self.block(node, stream, bytes);
    }

    fn note(&mut self, owner: &Owner, text: &str) {
        self.remark(owner, text);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::adapter::reporter::story::{Happening, failed, story};
    use crate::adapter::reporter::{Told, record, rollback, screen};
    use crate::traverse::Outcome;

    #[test]
    fn a_step_has_its_lines_under_it() {
        let (screen, printed) = screen();
        let mut reporter = TerminalReporter::new(screen, None, None);
        let run = failed();
        for happening in story() {
            match happening {
                Happening::Record(record) => reporter.tell(&record, &run),
                Happening::Output(node, stream, bytes) => reporter.block(&node.into(), stream, bytes),
                Happening::Note(owner, text) => reporter.remark(&owner, text),
            }
        }
        insta::assert_snapshot!(printed.text(), @r#"
        Roll back production
        rollback · run 20261122-135000-3f9a · started by ana · 2026-11-22 13:50:00 UTC
          environment  production
          site_url     https://example.org

        › Was it the last deploy? yes  given by ana
        › Is it a migration? no  the default
        › The fix is queued  stated in advance by bo^Gb: issue 17 is open

        ▸ Point the site back  rollback
          $ sh -c "dep rollback
            echo 'done'"
          │ switching
          │ warning: slow
          │ 100%
          │ no newline
          ✓ 1.2s
          → release = 42
          expect: the site recovers
                  within 30 seconds
          ✗ the site answers: HTTP 502 after 5s

        ▸ Production loads  gate verified_live
          ? no errors: it could not be seen: no route to host

        Not run
          – A good release is live: `rollback` failed  restored

        Gates
          ? Production loads  verified_live
              unknown: a check could not be made
              ? no errors: it could not be seen: no route to host
          ✓ The fix is queued  fix_queued · optional · ana

        ✗ A step failed  run 20261122-135000-3f9a · 11.0s
          ✗ Point the site back: check `the site answers` failed  rollback
            ✗ the site answers: HTTP 502 after 5s
            │ switching
            │ warning: slow
            │ 100%
            │ no newline

        When it is mended (done), may run again (rerun) or can be passed over (skip):
          switchback resume 20261122-135000-3f9a \
            --resolve 'rollback=done|rerun|skip' \
            --reason TEXT
        "#);
    }

    #[test]
    fn steps_side_by_side_say_whose_their_lines_are() {
        let (screen, printed) = screen();
        let mut reporter = TerminalReporter::new(screen, None, None);
        let run = Told::new(rollback());
        let started = |node: &str| {
            let node = node.into();
            record(1, Event::Started { node, attempt: 1 })
        };
        reporter.tell(&started("rollback"), &run);
        reporter.block(&"rollback".into(), Stream::Stdout, b"alone\n");
        reporter.tell(&started("deploy_tag"), &run);
        reporter.block(&"rollback".into(), Stream::Stdout, b"one\n");
        reporter.block(&"deploy_tag".into(), Stream::Stdout, b"two\n");
        let finished = Event::Finished {
            node: "rollback".into(),
            attempt: 1,
            outcome: Outcome::Exited(0),
            captures: serde_json::Map::new(),
            took: Duration::from_secs(1),
        };
        reporter.tell(&record(2, finished), &run);
        reporter.block(&"deploy_tag".into(), Stream::Stdout, b"three\n");
        insta::assert_snapshot!(printed.text(), @"
        ▸ Point the site back  rollback
          │ alone

        ▸ Deploy the tag  deploy_tag
          │ rollback: one
          │ deploy_tag: two

        ▸ Point the site back  rollback
          ✓ 1.0s
          expect: the site recovers
                  within 30 seconds
          │ deploy_tag: three
        ");
    }
}
