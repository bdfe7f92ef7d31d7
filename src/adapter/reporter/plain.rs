use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::adapter::journal::RunFolder;
use crate::engine::Reporter;
use crate::model::{NodeId, Stream};
use crate::traverse::{Event, Owner, Record, Rendered, Traversal};

use super::command::named;
use super::harmless::one_line;
use super::output::Output;
use super::phrase::{opening, phrase, work};
use super::style::{Line, Mark, OutputLooks, Style};
use super::summary::{Ended, summary};
use super::undone::undone;
use super::view::View;

/// Reports as plain lines, for continuous integration and pipes: each line says whose it is, and nothing is drawn twice.
#[derive(Debug)]
pub struct PlainReporter<W> {
    out: W,
    style: Style,
    state_dir: Option<PathBuf>,
    output: Output,
    opened: Option<NodeId>,
    noted: HashMap<Owner, String>,
    /// What a block of output becomes, in memory that is used again.
    text: String,
}

impl<W: Write> PlainReporter<W> {
    /// A reporter that writes to `out`, which is standard error outside tests.
    /// `state_dir` is where the run is recorded, if that is not where everybody looks first; `kept` has what earlier attempts printed.
    pub fn new(out: W, style: Style, state_dir: Option<&Path>, kept: Option<RunFolder>) -> Self {
        Self {
            out,
            style,
            state_dir: state_dir.map(Path::to_owned),
            output: Output::after(kept),
            opened: None,
            noted: HashMap::new(),
            text: String::new(),
        }
    }

    fn tell(&mut self, record: &Record, run: &dyn View) {
        match &record.event {
            Event::Prepared { node, work } => self.open(node, Some(work), run),
            Event::UndoPrepared { node, command } => {
                self.open(node, Some(&Rendered::Run(command.clone())), run);
            }
            Event::UndoEnded { state } => {
                let tail = |node: &NodeId| self.output.printed(node);
                let lines = undone(*state, self.state_dir.as_deref(), &tail, run, self.style.width);
                self.write(None, &lines);
            }
            Event::Started { node, attempt } | Event::UndoStarted { node, attempt } => {
                self.output.restart(node);
                self.open(node, None, run);
                if *attempt > 1 {
                    let line = Line::new(Mark::None, &format!("attempt {attempt}"));
                    self.write(Some(&Owner::Node(node.clone())), &[line]);
                }
            }
            Event::RunEnded { state, gates } => {
                let tail = |node: &NodeId| self.output.tail(node, run.attempts(node));
                let took = record.at.duration_since(run.started()).unsigned_abs();
                let ended = Ended {
                    state: *state,
                    gates,
                    took,
                    named: &named(&run.id(), self.state_dir.as_deref()),
                    tail: &tail,
                };
                let lines = summary(&ended, run, self.style.width);
                self.write(None, &lines);
            }
            event => {
                if let Event::Finished { node, .. } | Event::Undone { node, .. } = event {
                    let (looks, mut text) = (self.looks(node), String::new());
                    self.output.flush(node, |line| looks.add(line, &mut text));
                    self.put(&text);
                }
                let phrase = phrase(record, run);
                if let Some(owner) = &phrase.owner {
                    self.noted.remove(owner);
                }
                self.write(phrase.owner.as_ref(), &phrase.lines);
            }
        }
    }

    /// Where it writes.
    pub(super) fn paper(&mut self) -> &mut W {
        &mut self.out
    }

    /// The title of a step stands on the paper.
    pub(super) fn is_headed(&mut self, node: &NodeId) {
        self.opened = Some(node.clone());
    }

    fn open(&mut self, node: &NodeId, does: Option<&Rendered>, run: &dyn View) {
        let mut lines = Vec::new();
        if self.opened.as_ref() != Some(node) {
            lines.push(opening(node, run).aside(""));
        }
        lines.extend(does.into_iter().flat_map(work));
        self.write(Some(&Owner::Node(node.clone())), &lines);
        self.opened = Some(node.clone());
    }

    fn block(&mut self, node: &NodeId, stream: Stream, bytes: &[u8]) {
        let looks = self.looks(node);
        let mut text = std::mem::take(&mut self.text);
        self.output
            .take(node, stream, bytes, |line| looks.add(line, &mut text));
        self.put(&text);
        text.clear();
        self.text = text;
    }

    fn looks(&self, node: &NodeId) -> OutputLooks {
        self.style.output(&format!("[{node}] "))
    }

    /// A note is told when it is news: a check that sees the same each second is told once.
    fn remark(&mut self, owner: &Owner, text: &str) {
        if self.noted.get(owner).is_none_or(|noted| noted != text) {
            let line = Line::new(Mark::Waiting, &one_line(text));
            self.write(Some(owner), &[line]);
            self.noted.insert(owner.clone(), text.to_owned());
        }
    }

    fn write(&mut self, owner: Option<&Owner>, lines: &[Line]) {
        let prefix = owner.map_or_else(String::new, |owner| format!("[{owner}] "));
        let mut text = String::new();
        for line in lines {
            for part in self.style.line(line).split('\n') {
                text.push_str(format!("{prefix}{part}").trim_end());
                text.push('\n');
            }
        }
        self.put(&text);
    }

    fn put(&mut self, text: &str) {
        // A reader that went away does not end the run: the journal has it all.
        let _ = self
            .out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush());
    }
}

impl<W: Write> Reporter for PlainReporter<W> {
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

    #[test]
    fn each_line_says_whose_it_is() {
        let mut out = Vec::new();
        let mut reporter = PlainReporter::new(
            &mut out,
            Style {
                colour: false,
                unicode: false,
                width: 80,
            },
            None,
            None,
        );
        let run = failed();
        for happening in story() {
            match happening {
                Happening::Record(record) => reporter.tell(&record, &run),
                Happening::Output(node, stream, bytes) => reporter.block(&node.into(), stream, bytes),
                Happening::Note(owner, text) => reporter.remark(&owner, text),
            }
        }
        insta::assert_snapshot!(String::from_utf8_lossy(&out), @r#"
        Roll back production
        rollback · run 20261122-135000-3f9a · started by ana · 2026-11-22 13:50:00 UTC
          environment  production
          site_url     https://example.org
        [last_deploy] > Was it the last deploy? yes  given by ana
        [migration] > Is it a migration? no  the default
        [fix_queued] > The fix is queued  stated in advance by bo^Gb: issue 17 is open
        [rollback] * Point the site back
        [rollback] $ sh -c "dep rollback
        [rollback]   echo 'done'"
        [rollback] | switching
        [rollback] | warning: slow
        [rollback] | 100%
        [rollback] | no newline
        [rollback] ok 1.2s
        [rollback] -> release = 42
        [rollback] expect: the site recovers
        [rollback]         within 30 seconds
        [rollback] ... HTTP 502
        [rollback] FAILED the site answers: HTTP 502 after 5s
        [verified_live] UNKNOWN no errors: it could not be seen: no route to host

        Not run
          - A good release is live: `rollback` failed  restored

        Gates
          UNKNOWN Production loads  verified_live
              unknown: a check could not be made
              UNKNOWN no errors: it could not be seen: no route to host
          ok The fix is queued  fix_queued · optional · ana

        FAILED A step failed  run 20261122-135000-3f9a · 11.0s
          FAILED Point the site back: check `the site answers` failed  rollback
            FAILED the site answers: HTTP 502 after 5s
            | switching
            | warning: slow
            | 100%
            | no newline
        When it is mended (done), may run again (rerun) or can be passed over (skip):
          switchback resume 20261122-135000-3f9a \
            --resolve 'rollback=done|rerun|skip' \
            --reason TEXT
        "#);
    }
}
