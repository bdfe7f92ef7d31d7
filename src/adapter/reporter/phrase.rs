//! Each event in words.

use serde_json::Map;

use crate::model::{Effect, GateId, Invocation, NodeId, Template, Value, plain};
use crate::traverse::{Event, Identity, Outcome, Owner, Person, Record, Rendered, Source, Subject, Verdict};

use super::label;
use super::quote::{quoted, shown};
use super::style::{Line, Mark, elapsed};
use super::view::View;

/// What an event says, and whose it is. No lines means that there is nothing to say of it.
pub(super) struct Phrase {
    /// Whose step it is about; none means that it is about the run.
    pub(super) owner: Option<Owner>,
    /// What it says.
    pub(super) lines: Vec<Line>,
}

impl Phrase {
    fn of(owner: Owner, lines: Vec<Line>) -> Self {
        Self {
            owner: Some(owner),
            lines,
        }
    }

    fn node(node: &NodeId, line: Line) -> Self {
        Self::of(Owner::Node(node.clone()), vec![line])
    }

    fn run(line: Line) -> Self {
        Self {
            owner: None,
            lines: vec![line],
        }
    }

    fn silent(node: &NodeId) -> Self {
        Self::of(Owner::Node(node.clone()), Vec::new())
    }
}

/// Says an event. What opens a step (`Prepared`, `Started`) and what closes the run (`RunEnded`, `UndoEnded`) is left to the reporters, which know
/// what stands on the paper already.
pub(super) fn phrase(record: &Record, run: &dyn View) -> Phrase {
    match &record.event {
        Event::RunStarted { parameters, by, .. } => {
            let mut lines = header(record, run, &format!("started by {}", person(by)));
            let width = parameters.keys().map(String::len).max().unwrap_or(0);
            lines.extend(parameters.iter().map(|(name, value)| {
                Line::new(Mark::None, &format!("{name:width$}  {}", one_line(value))).at(1)
            }));
            Phrase { owner: None, lines }
        }
        Event::RunResumed { by } => {
            let lines = header(record, run, &format!("resumed by {}", person(by)));
            Phrase { owner: None, lines }
        }
        Event::Locked { key } => {
            let line = Line::faint(&format!("it holds the lock `{key}`")).at(1);
            Phrase::run(line)
        }
        Event::LockBroken {
            key,
            from,
            to,
            by,
            reason,
        } => {
            let text = format!("`{key}` was taken from run {from} for run {to}: {reason}");
            Phrase::run(Line::new(Mark::Mind, &text).aside(&person(by)))
        }
        Event::RunCancelled { by, reason } => {
            let reason = reason
                .as_ref()
                .map_or_else(String::new, |reason| format!(": {reason}"));
            Phrase::run(Line::new(
                Mark::Mind,
                &format!("given up by {}{reason}", person(by)),
            ))
        }
        Event::Detected {
            question,
            problem: Some(problem),
            ..
        } => {
            let text = format!("{}: no answer was found: {problem}", label::node(question, run));
            Phrase::node(question, Line::new(Mark::Unknown, &text))
        }
        Event::Detected { question, .. } | Event::Suggested { question, .. } => Phrase::silent(question),
        Event::Answered {
            question,
            value,
            by,
            source,
        } => {
            let text = format!("{} {}", label::node(question, run), one_line(value));
            let line = Line::new(Mark::Said, &text).aside(&(from(*source, by) + elsewhere(record)));
            Phrase::node(question, line)
        }
        Event::AnswerTakenBack { question, value, by } => {
            let text = format!("{} {}: taken back", label::node(question, run), one_line(value));
            let line = Line::new(Mark::Mind, &text).aside(&(person(by) + elsewhere(record)));
            Phrase::node(question, line)
        }
        Event::Guarded { node, needed: false } => {
            let why = run.why(node).map_or_else(String::new, |why| format!(": {why}"));
            let text = format!("{}: not needed{why}", label::node(node, run));
            Phrase::node(node, Line::new(Mark::Skipped, &text))
        }
        Event::Guarded { node, .. }
        | Event::Prepared { node, .. }
        | Event::Started { node, .. }
        | Event::Spawned { node, .. }
        | Event::Waited { node } => Phrase::silent(node),
        // Starting a run headless is agreeing to what merely changes: nobody said so, and nobody is named.
        Event::Confirmed { node, .. } if !was_asked(node, run) => Phrase::silent(node),
        Event::Confirmed { node, by } => Phrase::node(
            node,
            Line::new(Mark::Said, &format!("confirmed by {}", person(by))),
        ),
        Event::Declined { node, by } => {
            let text = format!("{}: declined by {}", label::node(node, run), person(by));
            Phrase::node(node, Line::new(Mark::Bad, &text))
        }
        Event::Reached { node } => {
            let line = Line::new(Mark::Good, label::node(node, run)).aside(node.as_str());
            Phrase::node(node, line)
        }
        Event::Finished {
            node,
            outcome,
            captures,
            took,
            ..
        } => {
            let mut lines = vec![ended(outcome, elapsed(*took))];
            lines.extend(values(captures));
            if outcome.is_success() {
                lines.extend(expectation(node, run));
            }
            Phrase::of(Owner::Node(node.clone()), lines)
        }
        Event::Failed { node, reason } => {
            let text = format!("{}: {reason}", label::node(node, run));
            Phrase::node(node, Line::new(Mark::Bad, &text))
        }
        Event::Checked {
            owner,
            check,
            verdict,
            evidence,
            by,
        } => {
            let line = checked(
                &label::check_at(owner, *check, run),
                *verdict,
                evidence,
                by.as_ref(),
            );
            Phrase::of(owner.clone(), vec![line])
        }
        Event::Attested {
            subject,
            by,
            note,
            in_advance,
            ..
        } => {
            let lines = stated(
                subject,
                run,
                Mark::Said,
                &words(record, "stated", by, note.as_deref(), *in_advance),
                *in_advance,
            );
            Phrase::of(about(subject), lines)
        }
        Event::Refused { subject, by, note } => {
            let said = words(record, "refused", by, note.as_deref(), false);
            let lines = stated(subject, run, Mark::Bad, &said, false);
            Phrase::of(about(subject), lines)
        }
        Event::Decided {
            gate,
            outcome,
            by,
            note,
            in_advance,
        } => {
            let text = format!("{} {outcome}", gate_title(gate, run));
            let line = Line::new(Mark::Said, &text).aside(&words(
                record,
                "decided",
                by,
                note.as_deref(),
                *in_advance,
            ));
            Phrase::of(Owner::Gate(gate.clone()), vec![line])
        }
        Event::Waived { gate, by, reason } => {
            let text = format!("{}: waived by {}: {reason}", gate_title(gate, run), person(by));
            Phrase::of(Owner::Gate(gate.clone()), vec![Line::new(Mark::Mind, &text)])
        }
        Event::Recalled { node, captures } => {
            Phrase::of(Owner::Node(node.clone()), values(captures).collect())
        }
        Event::Resolved {
            node,
            how,
            by,
            reason,
            captures,
        } => {
            let text = format!("{}: {how}, says {}: {reason}", label::node(node, run), person(by));
            let lines = std::iter::once(Line::new(Mark::Mind, &text)).chain(values(captures));
            Phrase::of(Owner::Node(node.clone()), lines.collect())
        }
        Event::GateGuarded { gate, problem, .. } => {
            let lines = problem.iter().map(|problem| {
                let text = format!(
                    "{}: whether it applies is not known: {problem}",
                    gate_title(gate, run)
                );
                Line::new(Mark::Unknown, &text)
            });
            Phrase::of(Owner::Gate(gate.clone()), lines.collect())
        }
        Event::UndoBegun { by, .. } => {
            let lines = header(record, run, &format!("undo by {}", person(by)));
            Phrase { owner: None, lines }
        }
        Event::UndoPrepared { node, .. }
        | Event::UndoConfirmed { node, .. }
        | Event::UndoStarted { node, .. } => Phrase::silent(node),
        Event::UndoDeclined { node, by } => {
            let text = format!("declined by {}", person(by));
            Phrase::node(node, Line::new(Mark::Bad, &text))
        }
        Event::UndoResolved {
            node,
            how,
            by,
            reason,
        } => {
            let title = label::node(node, run);
            let text = format!("Undo: {title}: {how}, says {}: {reason}", person(by));
            Phrase::node(node, Line::new(Mark::Mind, &text))
        }
        Event::Undone {
            node, outcome, took, ..
        } => Phrase::node(node, ended(outcome, elapsed(*took))),
        Event::UndoEnded { .. } | Event::RunEnded { .. } => Phrase {
            owner: None,
            lines: Vec::new(),
        },
    }
}

/// Values taken from what a command printed.
fn values(captures: &Map<String, Value>) -> impl Iterator<Item = Line> {
    let captures = captures.iter();
    captures.map(|(name, value)| Line::new(Mark::Value, &format!("{name} = {}", one_line(value))))
}

/// The line that opens a step. The id is what people type when they say something of it.
pub(in crate::adapter) fn opening(node: &NodeId, run: &dyn View) -> Line {
    let title = label::node(node, run);
    let line = if run.is_undoing() {
        Line::new(Mark::Step, &format!("Undo: {title}"))
    } else {
        Line::new(Mark::Step, title)
    };
    line.aside(node.as_str())
}

/// The line that opens the checks and statements of a gate.
pub(in crate::adapter) fn gate_opening(id: &GateId, run: &dyn View) -> Line {
    Line::new(Mark::Step, &gate_title(id, run)).aside(&format!("gate {id}"))
}

/// What a step is going to do.
pub(in crate::adapter) fn work(work: &Rendered) -> Vec<Line> {
    match work {
        Rendered::Run(command) => {
            let mut lines = match &command.run {
                Invocation::Exec(argv) => vec![Line::new(Mark::Command, &shown(argv))],
                // As the author wrote it, and not as one quoted argument: a person has to read it.
                Invocation::Shell { shell, script } => vec![
                    Line::new(Mark::Command, script.trim_end()),
                    Line::faint(&format!("by {}", shown(shell))),
                ],
            };
            if command.terminal {
                lines.push(Line::faint(
                    "it takes the terminal until it ends; what it prints is not kept",
                ));
            }
            lines
        }
        Rendered::Manual(_) => Vec::new(),
        Rendered::Write {
            path,
            content,
            overwrite,
        } => {
            let count = content.lines().count();
            let lines = if count == 1 {
                "1 line".to_owned()
            } else {
                format!("{count} lines")
            };
            let over = if *overwrite { ", over what is there" } else { "" };
            vec![
                Line::new(Mark::Command, &format!("write {}", quoted(path))).aside(&format!("{lines}{over}")),
            ]
        }
    }
}

/// What a check came to.
pub(super) fn checked(what: &str, verdict: Verdict, evidence: &str, by: Option<&Person>) -> Line {
    let who = by.map(person).unwrap_or_default();
    match verdict {
        Verdict::Held if by.is_some() => Line::new(Mark::Good, what).aside(&format!("{who}: {evidence}")),
        Verdict::Held => Line::new(Mark::Good, what),
        Verdict::Failed => Line::new(Mark::Bad, &because(what, evidence)).aside(&who),
        Verdict::Unknown => {
            let text = because(&format!("{what}: it could not be seen"), evidence);
            Line::new(Mark::Unknown, &text).aside(&who)
        }
    }
}

fn because(what: &str, evidence: &str) -> String {
    if evidence.trim().is_empty() {
        what.to_owned()
    } else {
        format!("{what}: {}", evidence.trim())
    }
}

fn header(record: &Record, run: &dyn View, what: &str) -> Vec<Line> {
    let id = run.id();
    let facts = [
        run.runbook().name.clone(),
        format!("run {}", id),
        what.to_owned(),
        record.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    ];
    vec![
        Line::new(Mark::Heading, &run.runbook().title),
        Line::faint(&facts.join(" · ")),
    ]
}

fn ended(outcome: &Outcome, took: String) -> Line {
    match outcome {
        Outcome::Exited(0) => Line::new(Mark::Good, &took),
        Outcome::Written => Line::new(Mark::Good, "written").aside(&took),
        other => Line::new(Mark::Bad, &other.to_string()).aside(&format!("after {took}")),
    }
}

fn expectation(node: &NodeId, run: &dyn View) -> Option<Line> {
    let action = run.runbook().nodes.get(node)?.action()?;
    let expect: &Template = action.expect.as_ref()?;
    Some(Line::new(Mark::Expect, run.text(expect).trim()))
}

/// A word about a check is told once what came of the check is on record, and not twice; one given in advance is told at once.
fn stated(subject: &Subject, run: &dyn View, mark: Mark, said: &str, in_advance: bool) -> Vec<Line> {
    if matches!(subject, Subject::Check { .. }) && !in_advance {
        return Vec::new();
    }
    let line = Line::new(mark, &label::subject(subject, run));
    vec![line.aside(said)]
}

fn words(record: &Record, verb: &str, by: &Person, note: Option<&str>, in_advance: bool) -> String {
    let when = if in_advance { " in advance" } else { "" };
    let note = note.map_or_else(String::new, |note| format!(": {note}"));
    format!("{verb}{when} by {}{}{note}", person(by), elsewhere(record))
}

/// Where somebody said it, unless it was at this run's own terminal or command line.
fn elsewhere(record: &Record) -> &'static str {
    match record.letter {
        Some(_) => ", from another terminal",
        None => "",
    }
}

/// A person, and a sign of how the name is known if that is more than somebody's word.
pub(super) fn person(by: &Person) -> String {
    match by.identity {
        Identity::Asserted => by.name.clone(),
        Identity::Ci => format!("{} (CI)", by.name),
    }
}

fn from(source: Source, by: &Person) -> String {
    match source {
        Source::Terminal => person(by),
        Source::Given => format!("given by {}", person(by)),
        Source::Detected => "found by its own command".to_owned(),
        Source::Default => "the default".to_owned(),
    }
}

fn about(subject: &Subject) -> Owner {
    match subject {
        Subject::Node(id) => Owner::Node(id.clone()),
        Subject::Gate(id) => Owner::Gate(id.clone()),
        Subject::Check { owner, .. } => owner.clone(),
    }
}

fn gate_title(id: &GateId, run: &dyn View) -> String {
    label::subject(&Subject::Gate(id.clone()), run)
}

fn one_line(value: &Value) -> String {
    label::first_line(&plain(value))
}

/// Whether an action asks for more than the consent that every change needs.
fn was_asked(node: &NodeId, run: &dyn View) -> bool {
    let action = run.runbook().nodes.get(node).and_then(|node| node.action());
    action.is_some_and(|action| action.confirm.is_some() || action.effect == Effect::Destroy)
}
