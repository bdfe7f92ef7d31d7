use std::io::IsTerminal;

use crate::adapter::journal::{Printed, RunFolder};
use crate::adapter::reporter::{Line, Lines, Mark, Tint};
use crate::diagnostic::nearest;
use crate::model::{Node, NodeId, Stream, Work};
use crate::traverse::{Event, Record, State, Traversal};

use super::args;
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;
use super::history::{Cell, Column, Following, LOOK_AGAIN, Standing, room, table};
use super::session;

/// `switchback logs RUN [NODE]`: what a step printed, as it was kept.
pub(super) fn logs(args: &args::Logs, console: &Console) -> Outcome {
    let state = session::state_dir(args.recorded.state_dir.as_deref())?;
    let mut following = Following::open(session::find(&args.run, &state)?)?;
    let mut attempts = Vec::new();
    let standing = following.catch_up(|record| attempts.extend(Attempt::of(record)))?;
    let Some(typed) = &args.node else {
        attempts.retain(|attempt| !args.undo || attempt.is_undo);
        list(&attempts, &following, console);
        return Ok(Exit::Complete);
    };
    let node = node(typed, following.run())?.clone();
    has_a_command(&node, args.undo, following.run())?;
    attempts.retain(|attempt| attempt.node == node.id && attempt.is_undo == args.undo);
    let mut log = Log {
        node: &node,
        args,
        console,
        following,
        attempts,
    };
    match args.follow {
        true => log.follow(),
        false => log.print(standing),
    }
}

/// An attempt at a step, or at its undo.
#[derive(Clone, Debug, PartialEq)]
struct Attempt {
    node: NodeId,
    number: u32,
    is_undo: bool,
}

impl Attempt {
    /// The attempt that a record begins.
    fn of(record: &Record) -> Option<Self> {
        let (node, number, is_undo) = match &record.event {
            Event::Started { node, attempt } => (node, *attempt, false),
            Event::UndoStarted { node, attempt } => (node, *attempt, true),
            _ => return None,
        };
        Some(Self {
            node: node.clone(),
            number,
            is_undo,
        })
    }

    /// Whether a record ends it.
    fn is_ended_by(&self, record: &Record) -> bool {
        match &record.event {
            Event::Finished { node, attempt, .. } => {
                !self.is_undo && *node == self.node && *attempt == self.number
            }
            Event::Undone { node, attempt, .. } => {
                self.is_undo && *node == self.node && *attempt == self.number
            }
            _ => false,
        }
    }

    fn path(&self, stream: Stream, folder: &RunFolder) -> std::path::PathBuf {
        match self.is_undo {
            true => folder.output_of_undo(&self.node, self.number, stream),
            false => folder.output(&self.node, self.number, stream),
        }
    }

    /// How much it printed on a stream.
    fn size(&self, stream: Stream, folder: &RunFolder) -> u64 {
        let file = std::fs::metadata(self.path(stream, folder));
        file.map_or(0, |file| file.len())
    }
}

/// The node that a person names.
fn node<'a>(typed: &str, run: &'a Traversal) -> Result<&'a Node, Refusal> {
    let nodes = &run.runbook().nodes;
    nodes.get(typed).ok_or_else(|| {
        let help = match nearest(typed, nodes.keys().map(NodeId::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "`switchback logs {}` lists those that printed something",
                run.id()
            ),
        };
        Refusal::usage(format!("the runbook of the run has no node `{typed}`"), help)
    })
}

/// Refuses what never prints anything.
fn has_a_command(node: &Node, is_undo: bool, run: &Traversal) -> Result<(), Refusal> {
    let id = &node.id;
    let what = match (node.action(), is_undo) {
        (None, _) => "is a question",
        (Some(action), true) if action.undo.is_none() => "has no `undo`",
        (Some(action), false) if !matches!(action.work, Work::Run { .. }) => "runs no command",
        _ => return Ok(()),
    };
    Err(Refusal::usage(
        format!("`{id}` {what}, and prints nothing"),
        format!("`switchback show {}` has what became of it", run.id()),
    ))
}

/// The attempts that printed something.
fn list(attempts: &[Attempt], following: &Following, console: &Console) {
    let sizes = |attempt: &Attempt| {
        let size = |stream| attempt.size(stream, following.folder());
        [size(Stream::Stdout), size(Stream::Stderr)]
    };
    let printed: Vec<(&Attempt, [u64; 2])> = attempts
        .iter()
        .map(|attempt| (attempt, sizes(attempt)))
        .filter(|(_, sizes)| *sizes != [0, 0])
        .collect();
    if printed.is_empty() {
        console.say("no step of this run has printed anything");
        return;
    }
    let of = |cell: fn(&Attempt, [u64; 2]) -> Cell| {
        let cells = printed.iter().map(move |(attempt, sizes)| cell(attempt, *sizes));
        cells.collect::<Vec<_>>()
    };
    let attempt = |attempt: &Attempt, _| {
        let undo = if attempt.is_undo { " (undo)" } else { "" };
        Cell::plain(&format!("{}{undo}", attempt.number))
    };
    let columns = vec![
        Column::new("node", of(|attempt, _| Cell::plain(attempt.node.as_str()))).soft(),
        Column::new("attempt", of(attempt)),
        Column::new(
            "stdout",
            of(|_, [stdout, _]| Cell::new(&size(stdout), Tint::Plain)),
        ),
        Column::new(
            "stderr",
            of(|_, [_, stderr]| Cell::new(&size(stderr), Tint::Plain)),
        ),
    ];
    console.print(&table(columns, console.data_width(), console.data_style));
}

fn size(bytes: u64) -> String {
    match bytes {
        0 => "-".to_owned(),
        bytes => room(bytes),
    }
}

/// What one step printed.
struct Log<'a> {
    node: &'a Node,
    args: &'a args::Logs,
    console: &'a Console,
    following: Following,
    /// Those on record so far.
    attempts: Vec<Attempt>,
}

impl Log<'_> {
    /// Prints what is there.
    fn print(&mut self, standing: Standing) -> Outcome {
        let Some(attempt) = self.wanted() else {
            return self.not_there(standing);
        };
        let mut out = Out::new(&attempt, self.args, self.following.folder(), self.console);
        out.print()?;
        out.end();
        if !out.has_printed {
            self.console.say(&self.silence());
        }
        Ok(Exit::Complete)
    }

    /// Prints what is there, and what comes, until the step has ended or nobody drives the run.
    fn follow(&mut self) -> Outcome {
        // From the beginning once more, to see which attempt has its end on record.
        self.following = Following::open(self.following.folder().clone())?;
        self.attempts.clear();
        let mut printing: Option<(Attempt, Out<'_>)> = None;
        let mut has_printed = false;
        let mut has_ended = false;
        let mut is_gone = false;
        let mut is_told = false;
        loop {
            let mut is_new = false;
            while let Some(record) = self.following.record()? {
                is_new = true;
                if let Some(attempt) = Attempt::of(&record).filter(|attempt| self.is_of(attempt)) {
                    self.attempts.push(attempt);
                    has_ended = false;
                }
                has_ended |= self.attempts.last().is_some_and(|last| last.is_ended_by(&record));
            }
            let wanted = self.wanted();
            if wanted.as_ref() != printing.as_ref().map(|(attempt, _)| attempt) {
                // What an attempt printed is all there before the next begins.
                has_printed |= finish(printing.take())?;
                let (args, folder, console) = (self.args, self.following.folder(), self.console);
                printing = wanted.map(|attempt| {
                    let out = Out::new(&attempt, args, folder, console);
                    (attempt, out)
                });
            }
            if let Some((_, out)) = &mut printing
                && !out.print()?
            {
                return Ok(Exit::Complete);
            }
            let attempt = printing.as_ref().map(|(attempt, _)| attempt);
            if let Some(why) = self.is_over(attempt, has_ended, is_gone && !is_new) {
                let has_begun = printing.is_some();
                has_printed |= finish(printing)?;
                if has_begun && !has_printed {
                    self.console.say(&self.silence());
                }
                self.console.say(&why);
                return Ok(Exit::Complete);
            }
            if attempt.is_none() && !is_told {
                is_told = true;
                let id = &self.node.id;
                self.console
                    .say(&format!("`{id}` has not come to that yet: waiting for it"));
            }
            // Who lets go of a run has written its end before: that is there at the next look.
            is_gone = !is_new && !self.following.is_driven();
            if !is_gone {
                std::thread::sleep(LOOK_AGAIN);
            }
        }
    }

    fn is_of(&self, attempt: &Attempt) -> bool {
        attempt.node == self.node.id && attempt.is_undo == self.args.undo
    }

    /// Why nothing more comes, once that is so.
    fn is_over(&self, printing: Option<&Attempt>, has_ended: bool, is_gone: bool) -> Option<String> {
        let run = self.following.run();
        let id = &self.node.id;
        let state = run.state(id);
        match printing {
            Some(attempt) if self.attempts.last() != Some(attempt) => {
                return Some(format!("attempt {} of `{id}` has ended", attempt.number));
            }
            // A retry comes after a pause, unless one attempt is asked for.
            Some(_)
                if has_ended && (state != State::Ready || self.args.undo || self.args.attempt.is_some()) =>
            {
                return Some(format!("`{id}` has ended"));
            }
            None if state.is_final() && !self.args.undo => {
                return Some(format!("`{id}` does not come to that: {}", self.why(state)));
            }
            _ if !is_gone => return None,
            _ => {}
        }
        let standing = match self.following.is_open() {
            true => Standing::CutShort,
            false => Standing::of(run.recorded_state()),
        };
        Some(format!(
            "nothing more comes: run {} is {}",
            run.id(),
            standing.words()
        ))
    }

    /// The attempt that is asked for, as far as it is on record.
    fn wanted(&self) -> Option<Attempt> {
        let mut attempts = self.attempts.iter();
        match self.args.attempt {
            Some(number) => attempts.find(|attempt| attempt.number == number).cloned(),
            None => attempts.next_back().cloned(),
        }
    }

    /// The step has not run, or not so often.
    fn not_there(&self, standing: Standing) -> Outcome {
        let run = self.following.run();
        let id = &self.node.id;
        if let (Some(number), Some(last)) = (self.args.attempt, self.attempts.last()) {
            let tried = match last.number {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            };
            return Err(Refusal::usage(
                format!("`{id}` was tried {tried}: there is no attempt {number}"),
                "without `--attempt` it is the last",
            ));
        }
        let why = match self.args.undo {
            true => "nobody has undone it".to_owned(),
            false => self.why(run.state(id)),
        };
        let help = match standing {
            Standing::Running => format!("`switchback logs {} {id} --follow` waits for it", run.id()),
            _ => format!(
                "`switchback logs {}` lists the steps that printed something",
                run.id()
            ),
        };
        Err(Refusal::usage(format!("`{id}` has not run: {why}"), help))
    }

    fn why(&self, state: State) -> String {
        let why = self.following.run().why(&self.node.id);
        why.map_or_else(
            || format!("it is {}", state.as_str().replace('_', " ")),
            |why| why.to_string(),
        )
    }

    /// That nothing was kept of an attempt that ran.
    fn silence(&self) -> String {
        let id = &self.node.id;
        let action = self.node.action();
        if !self.args.undo && action.is_some_and(|action| action.work.takes_the_terminal()) {
            return format!("`{id}` had the terminal: what it printed is not kept");
        }
        let on = match self.args.stream {
            Some(stream) => format!(" on {}", name(stream.into())),
            None => String::new(),
        };
        format!("`{id}` printed nothing{on}")
    }
}

fn name(stream: Stream) -> &'static str {
    match stream {
        Stream::Stdout => "standard output",
        Stream::Stderr => "standard error",
    }
}

/// Prints the rest of an attempt that has ended; whether it printed anything.
fn finish(printing: Option<(Attempt, Out<'_>)>) -> std::io::Result<bool> {
    let Some((_, mut out)) = printing else {
        return Ok(false);
    };
    out.print()?;
    out.end();
    Ok(out.has_printed)
}

/// Where an attempt's output goes: at a terminal line by line and harmless, with a word when another stream begins; else each byte as it was kept.
struct Out<'a> {
    console: &'a Console,
    streams: Vec<OutStream>,
    is_terminal: bool,
    /// The stream whose lines stand last.
    last: Option<Stream>,
    has_printed: bool,
}

struct OutStream {
    stream: Stream,
    printed: Printed,
    lines: Lines,
}

impl<'a> Out<'a> {
    fn new(attempt: &Attempt, args: &args::Logs, folder: &RunFolder, console: &'a Console) -> Self {
        let streams = [Stream::Stdout, Stream::Stderr].into_iter();
        let wanted = streams.filter(|stream| args.stream.is_none_or(|only| *stream == only.into()));
        Self {
            console,
            streams: wanted
                .map(|stream| OutStream {
                    stream,
                    printed: Printed::at(attempt.path(stream, folder)),
                    lines: Lines::default(),
                })
                .collect(),
            is_terminal: std::io::stdout().is_terminal(),
            last: None,
            has_printed: false,
        }
    }

    /// Prints what has come since; whether somebody still reads it.
    fn print(&mut self) -> std::io::Result<bool> {
        let are_both = self.streams.len() > 1;
        let mut is_read = true;
        for OutStream {
            stream,
            printed,
            lines,
        } in &mut self.streams
        {
            printed.more(|bytes| {
                self.has_printed = true;
                if !self.is_terminal {
                    is_read = self.console.pass_on(bytes);
                    return is_read;
                }
                if are_both && self.last != Some(*stream) {
                    self.last = Some(*stream);
                    let heading = Line::new(Mark::None, "").aside(&format!("{}:", name(*stream)));
                    self.console.say(&self.console.style.line(&heading));
                }
                let mut text = String::new();
                lines.take(bytes, |line| {
                    text.push_str(line.trim_end());
                    text.push('\n');
                });
                is_read = self.console.pass_on(text.as_bytes());
                is_read
            })?;
            if !is_read {
                break;
            }
        }
        Ok(is_read)
    }

    /// Prints what was begun and has no end.
    fn end(&mut self) {
        for OutStream { lines, .. } in &mut self.streams {
            lines.flush(|line| self.console.print(&format!("{}\n", line.trim_end())));
        }
    }
}
