use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, channel};

use crate::adapter::journal::{Printed, RunFolder};
use crate::adapter::reporter::{
    JsonlReporter, Line, Mark, PlainReporter, Screen, Tame, TerminalReporter, named,
};
use crate::adapter::signals;
use crate::engine::{Ended, Reporter};
use crate::model::{Node, NodeId, Runbook, Stream};
use crate::traverse::{Event, Owner, Record, RunState, Step, Traversal};

use super::args::{self, LiveOutput};
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;
use super::history::{Following, LOOK_AGAIN};
use super::session;

/// `switchback watch RUN`: follows a run live from another terminal, from its beginning to its end. It writes nothing, and holds no lock that
/// somebody who drives the run would meet.
pub(super) fn watch(args: &args::Watch, console: &Console) -> Outcome {
    let state_dir = args.recorded.state_dir.as_deref();
    let folder = session::find(&args.run, &session::state_dir(state_dir)?)?;
    let following = Following::open(folder.clone())?;
    let named = named(&following.run().id(), state_dir);
    let (heard, signals) = channel();
    let _watch = signals::each(move |signal| {
        let _ = heard.send(signal);
    })?;
    let screen = (std::io::stderr().is_terminal() && args.output == LiveOutput::Text)
        .then(|| console.screen(args.plain));
    let mut watching = Watching {
        following,
        reporter: reporter(args, console, folder, screen.clone()),
        steps: Vec::new(),
        state: None,
        told: Told::Nothing,
    };
    let say = |line: &Line| match &screen {
        Some(screen) => screen.print(line),
        None => console.say(&console.style.line(line)),
    };
    loop {
        let look = watching.look(|| signals.try_recv().ok())?;
        if let Some(line) = watching.news(&look, &named) {
            if let (Told::CutShort, Some(screen)) = (&watching.told, &screen) {
                screen.give_way();
            }
            say(&line);
        }
        let signal = match look {
            Look::Over(state) => {
                let interrupted = None;
                return Ok(Exit::from(Ended { state, interrupted }));
            }
            Look::Signal(signal) => signal,
            Look::News | Look::Nothing => match signals.recv_timeout(LOOK_AGAIN) {
                Ok(signal) => signal,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(anyhow::anyhow!("nobody watches for signals any more").into());
                }
            },
        };
        drop(watching);
        say(&Line::faint("not watched any more; the run is as it was"));
        return Ok(Exit::Signal(signal));
    }
}

/// As the one who drives it sees the run: alive at a terminal, else as lines.
fn reporter(
    args: &args::Watch,
    console: &Console,
    folder: RunFolder,
    screen: Option<Screen>,
) -> Box<dyn Reporter> {
    let state_dir = args.recorded.state_dir.as_deref();
    let forge = console.forge;
    let plain = |kept| {
        PlainReporter::new(
            Tame::text(std::io::stderr(), forge),
            console.style,
            state_dir,
            kept,
        )
    };
    match (args.output, screen) {
        (LiveOutput::Jsonl, _) => {
            let out = Tame::json(std::io::stdout(), forge);
            Box::new(JsonlReporter::new(out, plain(Some(folder))))
        }
        (LiveOutput::Text, None) => Box::new(plain(Some(folder))),
        (LiveOutput::Text, Some(screen)) => Box::new(TerminalReporter::new(screen, state_dir, Some(folder))),
    }
}

struct Watching {
    following: Following,
    reporter: Box<dyn Reporter>,
    /// The steps that print, or may.
    steps: Vec<Printing>,
    /// How the run stood when the program last let go of it; none while it has it.
    state: Option<RunState>,
    told: Told,
}

/// A step that is under way, and what it prints.
struct Printing {
    node: NodeId,
    stdout: Printed,
    stderr: Printed,
}

/// What was found.
enum Look {
    /// Something went on record.
    News,
    Nothing,
    /// The run has ended, and waits for nobody.
    Over(RunState),
    /// Somebody wants us to end.
    Signal(i32),
}

/// What was said last of a run on whose record nothing new comes.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Nothing,
    /// A person has to say something before it goes on: this owner's step is with whoever drives it, or nobody drives it.
    Waits(Option<Owner>),
    /// Nobody drives it. That may be its end, which is read next, and is not said.
    Gone,
    /// The program that drove it went away.
    CutShort,
}

impl Watching {
    /// Reports what is there to report now.
    fn look(&mut self, mut signal: impl FnMut() -> Option<i32>) -> Result<Look, Refusal> {
        let mut is_new = false;
        while let Some(record) = self.following.record()? {
            is_new = true;
            self.report(&record)?;
            if let Some(signal) = signal() {
                return Ok(Look::Signal(signal));
            }
        }
        for step in &mut self.steps {
            step.print(self.reporter.as_mut())?;
        }
        Ok(match self.state {
            Some(state) if state != RunState::Waiting => Look::Over(state),
            _ if is_new => Look::News,
            _ => Look::Nothing,
        })
    }

    /// Reports a record, and before the end of a step all that it printed.
    fn report(&mut self, record: &Record) -> Result<(), Refusal> {
        self.told = Told::Nothing;
        if let Event::Finished { node, .. } | Event::Undone { node, .. } = &record.event
            && let Some(index) = self.steps.iter().position(|step| step.node == *node)
        {
            self.steps.swap_remove(index).print(self.reporter.as_mut())?;
        }
        self.reporter.record(record, self.following.run());
        let folder = self.following.folder();
        match &record.event {
            Event::Started { node, attempt } => {
                self.steps
                    .push(Printing::of(node, |stream| folder.output(node, *attempt, stream)));
            }
            Event::UndoStarted { node, attempt } => {
                self.steps.push(Printing::of(node, |stream| {
                    folder.output_of_undo(node, *attempt, stream)
                }));
            }
            Event::RunStarted { .. } | Event::RunResumed { .. } | Event::UndoBegun { .. } => {
                // What was under way when the program went away has no end on record.
                self.steps.clear();
                self.state = None;
            }
            Event::RunEnded { state, .. } | Event::UndoEnded { state } => self.state = Some(*state),
            _ => {}
        }
        Ok(())
    }

    /// What a person who watches is to be told beside the record. While something happens, that is nothing.
    fn news(&mut self, look: &Look, named: &str) -> Option<Line> {
        let Look::Nothing = look else { return None };
        let now = self.stands();
        if self.told == now {
            return None;
        }
        self.told = now.clone();
        match now {
            Told::Nothing | Told::Gone => None,
            Told::Waits(None) => Some(Line::faint(
                "still watched: it goes on here when somebody resumes it; Ctrl-C ends the watching",
            )),
            Told::Waits(Some(owner)) => {
                let title = title(&owner, self.following.run().runbook());
                Some(Line::new(Mark::Waiting, title).aside("waits for a person"))
            }
            Told::CutShort => {
                let last = self.following.run().last_seen();
                let verb = if self.following.run().is_undoing() {
                    "undo"
                } else {
                    "resume"
                };
                let text = format!(
                    "cut short: the program that drove it went away after {}",
                    last.strftime("%Y-%m-%d %H:%M:%S UTC")
                );
                let aside = format!("still watched; `switchback {verb} {named}` goes on");
                Some(Line::new(Mark::Mind, &text).aside(&aside))
            }
        }
    }

    /// How it stands that nothing comes.
    fn stands(&self) -> Told {
        if self.state.is_some() {
            return Told::Waits(None);
        }
        if !self.following.is_driven() {
            // Who lets go of a run has written its end before: that is there at the next look.
            return match self.told {
                Told::Nothing | Told::Waits(_) => Told::Gone,
                Told::Gone | Told::CutShort => Told::CutShort,
            };
        }
        let waits = waits_for(self.following.run()).filter(|_| self.steps.is_empty());
        waits.map_or(Told::Nothing, |owner| Told::Waits(Some(owner)))
    }
}

/// Whose step a person has to do before anything else goes on.
fn waits_for(run: &Traversal) -> Option<Owner> {
    let step = run.next(&BTreeSet::new()).filter(Step::is_a_persons)?;
    step.owner()
}

fn title<'a>(owner: &'a Owner, runbook: &'a Runbook) -> &'a str {
    let title = match owner {
        Owner::Node(id) => runbook.nodes.get(id).map(Node::title),
        Owner::Gate(id) => runbook.gates.get(id).map(|gate| gate.title.as_str()),
    };
    title.unwrap_or_default()
}

impl Printing {
    fn of(node: &NodeId, path: impl Fn(Stream) -> std::path::PathBuf) -> Self {
        Self {
            node: node.clone(),
            stdout: Printed::at(path(Stream::Stdout)),
            stderr: Printed::at(path(Stream::Stderr)),
        }
    }

    /// Passes on what it has printed since.
    fn print(&mut self, reporter: &mut dyn Reporter) -> std::io::Result<()> {
        for (stream, printed) in [
            (Stream::Stdout, &mut self.stdout),
            (Stream::Stderr, &mut self.stderr),
        ] {
            printed.more(|bytes| {
                reporter.output(&self.node, stream, bytes);
                true
            })?;
        }
        Ok(())
    }
}
