use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::adapter::journal::RunFolder;
use crate::engine::Reporter;
use crate::model::{GateId, NodeId, Stream};
use crate::traverse::{Event, Owner, Record, Rendered, State, Subject, Traversal, Verdict};

use super::ahead;
use super::command::named;
use super::fold::{self, Tried};
use super::live::{Doing, looks};
use super::output::Output;
use super::phrase::{self, phrase};
use super::screen::Screen;
use super::style::{Line, Mark};
use super::summary::{Ended, summary};
use super::undone::undone;
use super::view::View;

/// Reports live at a terminal: a list that grows by one line for each step that is final, and below it what is under way.
#[derive(Debug)]
pub struct TerminalReporter {
    screen: Screen,
    state_dir: Option<PathBuf>,
    output: Output,
    /// What is known of steps that are not final yet.
    tried: HashMap<Owner, (Tried, Instant)>,
    /// What each step saw last, where everything is said and nothing drawn.
    noted: HashMap<Owner, String>,
}

impl TerminalReporter {
    /// A reporter on a screen.
    /// `state_dir` is where the run is recorded, if that is not where everybody looks first; `kept` has what earlier attempts printed.
    pub fn new(screen: Screen, state_dir: Option<&Path>, kept: Option<RunFolder>) -> Self {
        Self {
            screen,
            state_dir: state_dir.map(Path::to_owned),
            output: Output::after(kept),
            tried: HashMap::new(),
            noted: HashMap::new(),
        }
    }

    fn tell(&mut self, record: &Record, run: &dyn View) {
        let owner = record.event.owner();
        if let Some(owner) = &owner {
            self.noted.remove(owner);
            self.screen.live(|live| live.end(owner));
        }
        match &record.event {
            Event::RunStarted { .. } | Event::RunResumed { .. } | Event::UndoBegun { .. } => {
                self.say(record, run);
                self.screen.part();
            }
            // What is agreed to is shown at the prompt, and what starts when it starts.
            Event::Prepared { .. } | Event::UndoPrepared { .. } => {}
            Event::Started { node, .. } | Event::UndoStarted { node, .. } => {
                self.output.restart(node);
                self.start(node, run);
            }
            // Where it has checks, it is not final before they are made.
            Event::Reached { node } if run.state(node) != State::Succeeded => {}
            Event::Reached { node } => self.fold(node, run),
            Event::Finished { .. } => self.finish(record, run),
            Event::Undone {
                node, outcome, took, ..
            } => {
                self.flush(node);
                let lines = fold::undone(node, outcome, *took, self.output.kept(node), run);
                self.settle(&Owner::Node(node.clone()), &lines);
            }
            Event::Checked { owner, .. } => self.check(owner, record, run),
            Event::Attested { subject, .. } | Event::Refused { subject, .. } => {
                self.say(record, run);
                match subject {
                    Subject::Node(node) if run.state(node) == State::Succeeded => self.fold(node, run),
                    Subject::Gate(gate) => self.fold_gate(gate, run),
                    _ => {}
                }
            }
            Event::Decided { gate, .. } => {
                self.say(record, run);
                self.fold_gate(gate, run);
            }
            Event::UndoEnded { state } => {
                self.end();
                let tail = |node: &NodeId| self.output.printed(node);
                let width = self.screen.style().width;
                let lines = undone(*state, self.state_dir.as_deref(), &tail, run, width);
                self.screen.print_all(&lines);
            }
            Event::RunEnded { state, gates } => {
                self.end();
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
                return;
            }
            _ => self.say(record, run),
        }
        self.look_ahead(owner.as_ref(), run);
    }

    /// A command starts, or a file is written.
    fn start(&mut self, node: &NodeId, run: &dyn View) {
        let owner = Owner::Node(node.clone());
        let undo = run.running_undo(node);
        let command = match (undo, run.work(node)) {
            (Some(command), _) => Some(command),
            (None, Some(Rendered::Run(command))) if !run.is_undoing() => Some(command),
            _ => None,
        };
        if command.is_some_and(|command| command.terminal) {
            self.screen.give_way();
            self.screen.open(&owner, run.work(node), run);
            return;
        }
        let limit = command.and_then(|command| command.timeout);
        let doing = match command {
            // It stands right above, where it was agreed to.
            Some(_) if self.screen.is_open(&owner) => Doing::Else(String::new()),
            Some(command) => Doing::of_command(command),
            None => Doing::Else("writing".to_owned()),
        };
        self.begin(&owner, doing, limit, run);
    }

    /// A step begins something. Where nothing is drawn, it is said.
    fn begin(&mut self, owner: &Owner, doing: Doing, limit: Option<Duration>, run: &dyn View) {
        let title = match owner {
            Owner::Node(node) => phrase::opening(node, run).text,
            Owner::Gate(gate) => phrase::gate_opening(gate, run).text,
        };
        if self.screen.is_spoken() {
            self.screen.print(&doing.said(owner, &title, limit));
        }
        self.screen.live(|live| live.begin(owner, &title, doing, limit));
    }

    /// A command has ended, or a file is written.
    fn finish(&mut self, record: &Record, run: &dyn View) {
        let Event::Finished {
            node,
            outcome,
            captures,
            took,
            ..
        } = &record.event
        else {
            return;
        };
        let has_the_terminal = matches!(run.work(node), Some(Rendered::Run(command)) if command.terminal);
        if has_the_terminal {
            self.screen.go_on_below();
        }
        self.flush(node);
        let tried = Tried {
            took: Some(*took),
            captures: captures.clone(),
            looked: None,
        };
        let owner = Owner::Node(node.clone());
        self.tried.insert(owner, (tried, Instant::now()));
        match run.state(node) {
            State::Succeeded => self.fold(node, run),
            State::Failed => self.unfold(node, run),
            // It may be tried again, at once or when the run is resumed.
            _ if !outcome.is_success() => {
                let line = fold::attempted(node, outcome, *took, run);
                self.settle(&Owner::Node(node.clone()), &[line]);
            }
            _ => {}
        }
    }

    /// A check was made: by the machine, or by a person.
    fn check(&mut self, owner: &Owner, record: &Record, run: &dyn View) {
        let Event::Checked { by, .. } = &record.event else {
            return;
        };
        if let Some((tried, since)) = self.tried.get_mut(owner).filter(|_| by.is_none()) {
            tried.looked = Some(since.elapsed());
        }
        match owner {
            Owner::Node(node) => match run.state(node) {
                State::Succeeded => self.fold(node, run),
                State::Failed => self.unfold(node, run),
                _ if by.is_some() => self.say(record, run),
                _ => {}
            },
            Owner::Gate(gate) => self.fold_gate(gate, run),
        }
    }

    fn fold(&mut self, node: &NodeId, run: &dyn View) {
        let owner = Owner::Node(node.clone());
        let tried = self.take_tried(&owner);
        let lines = fold::folded(node, &tried, run, self.screen.style().width);
        self.settle(&owner, &lines);
        // It is a list, also where a line has some under it.
        self.screen.join();
    }

    fn unfold(&mut self, node: &NodeId, run: &dyn View) {
        let owner = Owner::Node(node.clone());
        let tried = self.take_tried(&owner);
        // Where output is said as it comes, it was said already.
        let is_told = self.screen.is_spoken();
        let printed = self.output.kept(node).filter(|_| !is_told);
        let is_shown = self.screen.is_open(&owner);
        let lines = fold::unfolded(node, &tried, is_shown, printed, run);
        self.settle(&owner, &lines);
    }

    fn fold_gate(&mut self, gate: &GateId, run: &dyn View) {
        let owner = Owner::Gate(gate.clone());
        if run.offer(&owner).is_some_and(|step| !step.is_a_persons()) {
            return;
        }
        let looked = self.tried.get(&owner).and_then(|(tried, _)| tried.looked);
        if let Some(lines) = fold::gate(gate, looked, run) {
            self.settle(&owner, &lines);
        }
    }

    fn take_tried(&mut self, owner: &Owner) -> Tried {
        self.tried
            .remove(owner)
            .map_or_else(Tried::default, |(tried, _)| tried)
    }

    /// Prints what is final: right below what was said of it at a prompt, if that stands last.
    fn settle(&mut self, owner: &Owner, lines: &[Line]) {
        self.screen.conclude(owner);
        self.screen.print_all(lines);
    }

    fn end(&mut self) {
        self.screen.live(super::live::Live::clear);
        self.screen.close();
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
        let stands_there = is_their_word && self.screen.take_said(owner);
        if stands_there || phrase.lines.is_empty() {
            return;
        }
        // These do not name the step: its title stands above them.
        let is_nameless = matches!(
            record.event,
            Event::Confirmed { .. }
                | Event::UndoDeclined { .. }
                | Event::Recalled { .. }
                | Event::Checked { .. }
        );
        if is_nameless {
            self.screen.open(owner, None, run);
        }
        let depth = usize::from(self.screen.is_open(owner));
        if depth == 0 {
            self.screen.close();
        }
        let lines: Vec<Line> = phrase.lines.into_iter().map(|line| line.at(depth)).collect();
        self.screen.print_all(&lines);
    }

    /// What a step that ended has left without a line's end.
    fn flush(&mut self, node: &NodeId) {
        let mut lines = Vec::new();
        self.output
            .flush(node, |line| lines.push(Line::new(Mark::Output, line).at(1)));
        if self.screen.is_spoken() {
            self.screen.print_all(&lines);
        }
    }

    /// What the machine looks at now goes on record only when it has been seen, and is known from what is next; and so is what comes then.
    fn look_ahead(&mut self, owner: Option<&Owner>, run: &dyn View) {
        let next = owner.and_then(|owner| run.offer(owner));
        let is_idle = self.screen.live(|live| live.is_idle());
        let next = next.or_else(|| is_idle.then(|| run.next(&BTreeSet::new())).flatten());
        if let Some((owner, doing, limit)) = next.as_ref().and_then(|step| looks(step, run)) {
            self.tried
                .entry(owner.clone())
                .or_insert_with(|| (Tried::default(), Instant::now()));
            self.begin(&owner, doing, limit, run);
        }
        self.screen.live(|live| {
            let ahead = ahead::in_short(live.owners(), run);
            live.look_ahead(ahead);
        });
    }

    fn block(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]) {
        let owner = Owner::Node(node.clone());
        if self.screen.is_spoken() {
            let is_alone = self
                .screen
                .live(|live| live.owners().all(|other| *other == owner));
            let whose = if is_alone {
                String::new()
            } else {
                format!("{node}: ")
            };
            let mut lines = Vec::new();
            self.output.take(node, stream, bytes, |line| {
                lines.push(Line::new(Mark::Output, &format!("{whose}{line}")).at(1));
            });
            self.screen.print_all(&lines);
            return;
        }
        self.output.take(node, stream, bytes, |_| {});
        let (lines, begun) = (self.output.kept(node), self.output.begun(node));
        self.screen.live(|live| live.printed(&owner, lines, begun));
    }

    fn remark(&mut self, owner: &Owner, text: &str) {
        let is_known = self.screen.live(|live| live.saw(owner, text));
        if self.screen.is_spoken() {
            // What is seen again each second is said once.
            if self.noted.get(owner).is_none_or(|noted| noted != text) {
                let line = Line::new(Mark::Waiting, &format!("{owner}: {}", text.trim()));
                self.screen.print(&line.at(1));
                self.noted.insert(owner.clone(), text.to_owned());
            }
        } else if !is_known {
            let title = owner.to_string();
            let doing = Doing::Else(text.to_owned());
            self.screen.live(|live| live.begin(owner, &title, doing, None));
        }
    }
}

/// A report that breaks off leaves nothing half drawn.
impl Drop for TerminalReporter {
    fn drop(&mut self) {
        self.screen.give_way();
    }
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
    use super::*;
    use crate::adapter::reporter::story::{Happening, failed, story};
    use crate::adapter::reporter::{Printed, Told, command, record, rollback, screen, spoken};
    use crate::traverse::Outcome;

    fn told((screen, printed): (Screen, Printed)) -> String {
        let mut reporter = TerminalReporter::new(screen, None, None);
        let work = Rendered::Run(command(&["sh", "-c", "dep rollback\necho 'done'"]));
        let ends = || {
            let mut run = failed();
            run.works.insert("rollback".into(), work.clone());
            run
        };
        let mut run = ends().state("rollback", State::Running);
        for happening in story() {
            match happening {
                Happening::Record(record) => {
                    if matches!(record.event, Event::Checked { .. }) {
                        run = ends();
                    }
                    reporter.tell(&record, &run);
                }
                Happening::Output(node, stream, bytes) => reporter.block(&node.into(), stream, bytes),
                Happening::Note(owner, text) => reporter.remark(&owner, text),
            }
        }
        printed.text()
    }

    #[test]
    fn a_step_that_failed_has_its_lines_under_it() {
        insta::assert_snapshot!(told(screen()), @r#"
        Roll back production
        rollback · run 20261122-135000-3f9a · started by ana · 2026-11-22 13:50:00 UTC
          environment  production
          site_url     https://example.org

        › Was it the last deploy? yes  given by ana
        › Is it a migration? no  the default
        › The fix is queued  stated in advance by bo^Gb: issue 17 is open
        ✗ Point the site back: a check did not hold  rollback · after 1.2s
          $ sh -c "dep rollback
            echo 'done'"
          │ switching
          │ warning: slow
          │ 100%
          │ no newline
          ✗ the site answers: HTTP 502 after 5s

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

    fn finished(node: &str, outcome: Outcome) -> Event {
        Event::Finished {
            node: node.into(),
            attempt: 1,
            outcome,
            captures: serde_json::Map::from_iter([("release".to_owned(), "42".into())]),
            took: Duration::from_secs(1),
        }
    }

    #[test]
    fn steps_side_by_side_fold_to_a_line_each() {
        let (screen, printed) = screen();
        let mut reporter = TerminalReporter::new(screen, None, None);
        let mut run = Told::new(rollback());
        for node in ["rollback", "deploy_tag"] {
            let node = node.into();
            reporter.tell(&record(1, Event::Started { node, attempt: 1 }), &run);
        }
        reporter.block(&"rollback".into(), Stream::Stdout, b"one\n");
        reporter.block(&"deploy_tag".into(), Stream::Stdout, b"two\n");
        run = run.state("rollback", State::Succeeded);
        reporter.tell(&record(2, finished("rollback", Outcome::Exited(0))), &run);
        reporter.block(&"deploy_tag".into(), Stream::Stdout, b"three\n");
        run = run.state("deploy_tag", State::Ready).attempted("deploy_tag");
        reporter.tell(&record(3, finished("deploy_tag", Outcome::Exited(7))), &run);
        insta::assert_snapshot!(printed.text(), @"
        ✓ Point the site back  rollback · 1.0s · release = 42
        ! Deploy the tag: it exited with 7  deploy_tag · attempt 1 · after 1.0s
        ");
    }

    #[test]
    fn where_nothing_is_drawn_all_is_said_once_in_words() {
        insta::assert_snapshot!(told(spoken()), @r#"
        Roll back production
        rollback, run 20261122-135000-3f9a, started by ana, 2026-11-22 13:50:00 UTC
          environment  production
          site_url     https://example.org

        said: Was it the last deploy? yes, given by ana
        said: Is it a migration? no, the default
        said: The fix is queued, stated in advance by bo^Gb: issue 17 is open
        step: Point the site back: running, rollback, at most 5m
          switching
          warning: slow
          100%
          no newline
          waiting: rollback: HTTP 502

        failed: Point the site back: a check did not hold, rollback, after 1.2s
          command: sh -c "dep rollback
          echo 'done'"
          failed: the site answers: HTTP 502 after 5s

        Not run
          left out: A good release is live: `rollback` failed, restored

        Gates
          unknown: Production loads, verified_live
              unknown: a check could not be made
              unknown: no errors: it could not be seen: no route to host
          done: The fix is queued, fix_queued, optional, ana

        failed: A step failed, run 20261122-135000-3f9a, 11.0s
          failed: Point the site back: check `the site answers` failed, rollback
            failed: the site answers: HTTP 502 after 5s
            switching
            warning: slow
            100%
            no newline

        When it is mended (done), may run again (rerun) or can be passed over (skip):
          switchback resume 20261122-135000-3f9a \
            --resolve 'rollback=done|rerun|skip' \
            --reason TEXT
        "#);
    }
}
