//! A run for people: how it stands and goes on, the way it went, its gates.

use std::path::Path;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::adapter::process;
use crate::adapter::reporter::{Line, Mark, Style, Tint, elapsed, named, onward};
use crate::cli::history::{Standing, between, person};
use crate::cli::session;
use crate::model::{Effect, Node, Value, plain};
use crate::traverse::{
    GateVerdict, Owner, Person, RunState, Source, State, Traversal, UndoState, Undoable, Verdict,
};

use super::Shown;
use super::account::{Remark, Said, Told};
use super::fitted::fitted;

/// How wide the column of times is.
const TIME: usize = 10;

pub(super) fn text(shown: &Shown, all: bool, state_dir: Option<&Path>, style: Style, width: usize) -> String {
    let mut page = Page {
        out: String::new(),
        style,
        width,
        day: shown.following.run().started(),
    };
    head(&mut page, shown, state_dir);
    way(&mut page, shown, all);
    gates(&mut page, shown);
    undo(&mut page, shown.following.run());
    page.out
}

/// What is written on.
struct Page {
    out: String,
    style: Style,
    width: usize,
    /// The day of the last time that stands there.
    day: Timestamp,
}

impl Page {
    fn line(&mut self, line: &Line) {
        self.put(&fitted(line, self.style, self.width), "", "");
    }

    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.line(&Line::new(Mark::Heading, text));
    }

    /// Lines under a time, which stands at the first of them.
    fn at(&mut self, time: Option<Timestamp>, lines: &[Line]) {
        let mut shown = " ".repeat(TIME);
        if let Some(time) = time {
            let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
            if day(time) != day(self.day) {
                self.line(&Line::faint(&day(time)).at(1));
            }
            self.day = time;
            shown = time.strftime("%H:%M:%S  ").to_string();
        }
        let under = " ".repeat(TIME);
        for line in lines {
            let text = fitted(line, self.style, self.width.saturating_sub(TIME + 2));
            let time = self.style.paint(Tint::Faint, &shown);
            self.put(&text, &format!("  {time}"), &format!("  {under}"));
            shown.clone_from(&under);
        }
    }

    fn put(&mut self, text: &str, first: &str, others: &str) {
        for (index, row) in text.split('\n').enumerate() {
            let before = if index == 0 { first } else { others };
            let row = format!("{before}{row}");
            self.out.push_str(row.trim_end());
            self.out.push('\n');
        }
    }
}

/// Which run it is, how it stands, and how it goes on.
fn head(page: &mut Page, shown: &Shown, state_dir: Option<&Path>) {
    let run = shown.following.run();
    page.line(&Line::new(Mark::Heading, &run.runbook().title));
    let by = run.operator().map_or_else(|| "somebody".to_owned(), person);
    let started = run.started().strftime("%Y-%m-%d %H:%M:%S UTC");
    page.line(&Line::faint(&format!(
        "{} · run {}",
        run.runbook().name,
        run.id()
    )));
    page.line(&Line::faint(&format!("started {started} by {by}")));
    if let Some(key) = run.key().filter(|_| !run.is_past()) {
        page.line(&Line::faint(&format!("it holds the lock `{key}`")));
    }
    let parameters = &shown.account.parameters;
    let widest = parameters.keys().map(String::len).max().unwrap_or(0);
    for (name, value) in parameters {
        page.line(&Line::new(Mark::None, &format!("{name:widest$}  {}", first_line(value))).at(1));
    }
    page.out.push('\n');
    let (mark, words) = stands(shown.standing);
    let now = match shown.standing {
        Standing::Running => Timestamp::now(),
        _ => run.last_seen(),
    };
    let took = elapsed(between(run.started(), now));
    let took = match shown.standing {
        Standing::Running => format!("for {took} now"),
        _ => format!("took {took}"),
    };
    page.line(&Line::new(mark, words).aside(&took));
    for line in goes_on(shown, state_dir, page.width) {
        page.line(&line);
    }
}

fn stands(standing: Standing) -> (Mark, &'static str) {
    match standing {
        Standing::Running => (Mark::Step, "Running: a process drives it now"),
        Standing::CutShort => (Mark::Mind, "Cut short: the program that drove it went away"),
        Standing::Waiting => (Mark::Waiting, "Waiting for a person"),
        Standing::Complete => (Mark::Good, "Complete: every required gate is closed"),
        Standing::Recovered => (
            Mark::Good,
            "Recovered: a step failed, that was handled, and every required gate is closed",
        ),
        Standing::Failed => (Mark::Bad, "A step failed"),
        Standing::GatesUnmet => (Mark::Bad, "Everything is done, and a required gate is open"),
        Standing::InDoubt => (
            Mark::Unknown,
            "In doubt: a step was started, and nobody knows whether it is done",
        ),
        Standing::Stopped => (Mark::Mind, "Stopped by a person"),
        Standing::Cancelled => (Mark::Mind, "Given up"),
        Standing::Unreadable => (Mark::Unknown, "Unreadable"),
    }
}

/// What it waits for or what is wrong, and the command that goes on.
fn goes_on(shown: &Shown, state_dir: Option<&Path>, width: usize) -> Vec<Line> {
    let run = shown.following.run();
    let named = named(&run.id(), state_dir);
    let command = |verb: &str| Line::new(Mark::None, &format!("switchback {verb} {named}")).at(1);
    let mut lines = Vec::new();
    for (node, running) in run.running().filter(|(_, running)| process::lives(*running)) {
        let what = format!("the command of `{node}` runs, as {}", session::named(running));
        lines.push(Line::new(Mark::Step, &what).at(1));
    }
    match shown.standing {
        Standing::Running => {
            lines.push(Line::new(Mark::None, "Follow it with:"));
            lines.push(command("watch"));
        }
        Standing::CutShort if run.is_undoing() => {
            lines.push(Line::new(Mark::None, "Go on with:"));
            lines.push(command("undo"));
        }
        Standing::CutShort => {
            lines.extend(under_way(run));
            let kept = shown.following.folder();
            lines.extend(onward(run, RunState::Running, kept, state_dir, width));
        }
        _ if run.is_half_undone() => {
            lines.push(Line::new(Mark::Mind, "It is half undone. Go on with:"));
            lines.push(command("undo"));
        }
        // The summary of a run that was stopped leads here.
        Standing::Stopped | Standing::Cancelled | Standing::Complete | Standing::Recovered => {}
        Standing::Waiting
        | Standing::Failed
        | Standing::GatesUnmet
        | Standing::InDoubt
        | Standing::Unreadable => {
            let kept = shown.following.folder();
            lines.extend(onward(run, run.recorded_state(), kept, state_dir, width));
        }
    }
    lines
}

/// What ran when the program went away.
fn under_way(run: &Traversal) -> impl Iterator<Item = Line> {
    let nodes = run.runbook().nodes.values();
    nodes
        .filter(|node| run.state(&node.id) == State::Running)
        .map(|node| {
            Line::new(Mark::Unknown, node.title())
                .aside(&format!("{} · was under way", node.id))
                .at(1)
        })
}

/// The nodes that the run came to, in the order in which it did; and the others, folded.
fn way(page: &mut Page, shown: &Shown, all: bool) {
    let run = shown.following.run();
    let (on_the_way, mut others): (Vec<&Node>, Vec<&Node>) = run
        .runbook()
        .nodes
        .values()
        .partition(|node| is_on_the_way(node, run));
    if !on_the_way.is_empty() {
        page.heading("The way");
    }
    for (node, told) in in_order(on_the_way, shown) {
        page.at(told.last.map(|(_, at)| at), &node_lines(node, &told, run));
    }
    if others.is_empty() {
        return;
    }
    page.heading("Not on the way");
    if all {
        others.sort_by_key(|node| group(node, run));
        for node in others {
            let line = Line::new(Mark::Skipped, &format!("{}: {}", node.title(), reason(node, run)));
            page.line(&line.aside(node.id.as_str()).at(1));
        }
        return;
    }
    let mut folded: IndexMap<String, Vec<&str>> = IndexMap::new();
    for node in others {
        folded.entry(group(node, run)).or_default().push(node.id.as_str());
    }
    for (why, nodes) in folded {
        page.line(&Line::faint(&format!("{why}: {}", nodes.join(", "))).at(1));
    }
}

fn is_on_the_way(node: &Node, run: &Traversal) -> bool {
    match run.state(&node.id) {
        State::Succeeded | State::Failed | State::InDoubt | State::Running | State::Waiting => true,
        // It was tried, and then passed over or given up.
        State::NotNeeded | State::Cancelled => run.attempts(&node.id) > 0,
        State::Pending | State::Ready | State::NotTaken | State::Blocked => false,
    }
}

/// In which order the run came to its nodes. An answer that was given before its question was asked stands where the question came.
fn in_order<'a>(nodes: Vec<&'a Node>, shown: &Shown) -> Vec<(&'a Node, Told)> {
    let run = shown.following.run();
    let seq = |told: &Told| told.last.map_or(u64::MAX, |(seq, _)| seq);
    let mut places: IndexMap<&str, u64> = IndexMap::new();
    let mut latest = 0;
    for node in run.route() {
        latest = latest.max(seq(&shown.account.node(node)));
        places.insert(node.as_str(), latest);
    }
    let mut nodes: Vec<(&Node, Told)> = nodes
        .into_iter()
        .map(|node| (node, shown.account.node(&node.id)))
        .collect();
    nodes.sort_by_key(|(node, told)| {
        let place = places.get_full(node.id.as_str());
        place.map_or((seq(told), usize::MAX), |(index, _, place)| (*place, index))
    });
    nodes
}

/// Why nodes that are folded together are not on the way.
fn group(node: &Node, run: &Traversal) -> String {
    match run.state(&node.id) {
        State::NotTaken => "not taken".to_owned(),
        State::NotNeeded => "not needed".to_owned(),
        State::Pending | State::Ready => "still ahead".to_owned(),
        state => match run.why(&node.id) {
            Some(why) => format!("{}, as {why}", state.as_str()),
            None => state.as_str().to_owned(),
        },
    }
}

fn reason(node: &Node, run: &Traversal) -> String {
    let state = run.state(&node.id).as_str().replace('_', " ");
    match run.why(&node.id) {
        Some(why) => format!("{state}, {why}"),
        None => state,
    }
}

fn node_lines(node: &Node, told: &Told, run: &Traversal) -> Vec<Line> {
    let mut lines = vec![opening(node, told, run)];
    let owner = Owner::Node(node.id.clone());
    let said = told.said.iter().filter(|said| match said.said {
        Said::Answered => false,
        Said::Confirmed => was_asked(node),
        // The first line has it already.
        Said::Resolved | Said::Declined if run.why(&node.id).is_some() => false,
        // A check tells it.
        _ => said.check.is_none(),
    });
    lines.extend(said.map(|remark| words(remark).at(1)));
    let action = node.action();
    if run.attempts(&node.id) > 0 && action.is_some_and(|action| action.work.takes_the_terminal()) {
        lines.push(Line::faint("it had the terminal: what it printed is not kept").at(1));
    }
    lines.extend(checks(&owner, run).map(|line| line.at(1)));
    if let (Some(Value::Object(captures)), true) = (run.captures(&node.id), action.is_some()) {
        let captures = captures.iter();
        lines.extend(
            captures.map(|(name, value)| {
                Line::new(Mark::Value, &format!("{name} = {}", first_line(value))).at(1)
            }),
        );
    }
    lines
}

/// What became of a node.
fn opening(node: &Node, told: &Told, run: &Traversal) -> Line {
    let state = run.state(&node.id);
    let title = node.title();
    if let (Some(answer), true) = (run.answer(&node.id), node.question().is_some()) {
        let answered = told.said.iter().rfind(|remark| remark.said == Said::Answered);
        let by = answered
            .map(|remark| from(remark.source, &remark.by))
            .unwrap_or_default();
        return Line::new(Mark::Said, &format!("{title} {}", first_line(answer))).aside(&by);
    }
    let mark = match state {
        State::Succeeded => Mark::Good,
        State::Failed => Mark::Bad,
        State::InDoubt => Mark::Unknown,
        State::Running => Mark::Step,
        State::Waiting => Mark::Waiting,
        _ => Mark::Skipped,
    };
    let why = match run.why(&node.id) {
        Some(why) if state != State::Succeeded => format!(": {why}"),
        _ => String::new(),
    };
    let mut facts = vec![node.id.to_string()];
    match state {
        State::Waiting => facts.push("waits for a person".to_owned()),
        State::InDoubt => facts.push("in doubt".to_owned()),
        _ => {}
    }
    if told.tries.len() > 1 {
        facts.push(format!("{} attempts", told.tries.len()));
    }
    facts.extend(told.tries.last().and_then(|last| last.took_seconds).map(elapsed));
    Line::new(mark, &format!("{title}{why}")).aside(&facts.join(" · "))
}

/// Whether an action asks for more than the consent that every change needs.
fn was_asked(node: &Node) -> bool {
    let action = node.action();
    action.is_some_and(|action| action.confirm.is_some() || action.effect == Effect::Destroy)
}

/// What somebody said.
fn words(remark: &Remark) -> Line {
    let by = person(&remark.by);
    let when = if remark.in_advance { " in advance" } else { "" };
    let what = remark.what.as_deref().unwrap_or_default();
    let (mark, text) = match remark.said {
        Said::Answered => (Mark::Said, format!("{what}, answered by {by}")),
        Said::TakenBack => (Mark::Mind, format!("{what}, taken back by {by}")),
        Said::Confirmed => (Mark::Said, format!("confirmed by {by}")),
        Said::Declined => (Mark::Bad, format!("declined by {by}")),
        Said::Stated => (Mark::Said, format!("stated{when} by {by}")),
        Said::Refused => (Mark::Bad, format!("refused by {by}")),
        Said::Decided => (Mark::Said, format!("decided{when} by {by}: {what}")),
        Said::Waived => (Mark::Mind, format!("waived by {by}")),
        Said::Resolved => (Mark::Mind, format!("{what}, says {by}")),
    };
    let note = remark
        .note
        .as_deref()
        .map_or_else(String::new, |note| format!(": {note}"));
    Line::new(mark, &format!("{text}{note}"))
}

fn from(source: Option<Source>, by: &Person) -> String {
    match source {
        Some(Source::Detected) => "found by its own command".to_owned(),
        Some(Source::Default) => "the default".to_owned(),
        Some(Source::Given) => format!("given by {}", person(by)),
        Some(Source::Terminal) | None => person(by),
    }
}

/// The checks of an owner that tell something: those that do not hold with what was seen, and those that a person made.
fn checks(owner: &Owner, run: &Traversal) -> impl Iterator<Item = Line> {
    let described = run.described_checks(owner).into_iter();
    described.zip(run.checks(owner)).filter_map(|(what, made)| {
        let made = made?;
        let who = made.by.as_ref().map(person).unwrap_or_default();
        let evidence = made.evidence.trim();
        let seen = if evidence.is_empty() {
            String::new()
        } else {
            format!(": {evidence}")
        };
        match made.verdict {
            Verdict::Held if made.by.is_none() => None,
            Verdict::Held => Some(Line::new(Mark::Good, &what).aside(&format!("{who}{seen}"))),
            Verdict::Failed => Some(Line::new(Mark::Bad, &format!("{what}{seen}")).aside(&who)),
            Verdict::Unknown => {
                let text = format!("{what}: it could not be seen{seen}");
                Some(Line::new(Mark::Unknown, &text).aside(&who))
            }
        }
    })
}

fn gates(page: &mut Page, shown: &Shown) {
    let run = shown.following.run();
    if run.gates().next().is_none() {
        return;
    }
    page.heading("Gates");
    for (gate, verdict) in run.gates() {
        let mark = match verdict {
            GateVerdict::Met { .. } => Mark::Good,
            GateVerdict::Unmet { .. } => Mark::Bad,
            GateVerdict::Unknown { .. } => Mark::Unknown,
            GateVerdict::Waiting { .. } => Mark::Waiting,
            GateVerdict::NotApplicable { .. } => Mark::Skipped,
            GateVerdict::Waived { .. } => Mark::Mind,
        };
        let optional = if gate.required { "" } else { " · optional" };
        page.line(
            &Line::new(mark, &gate.title)
                .aside(&format!("{}{optional}", gate.id))
                .at(1),
        );
        // That it was waived is among what people said, with the reason.
        if !matches!(verdict, GateVerdict::Met { .. } | GateVerdict::Waived { .. }) {
            let word = verdict.as_str().replace('_', " ");
            page.line(&Line::new(Mark::None, &format!("{word}: {}", verdict.reason())).at(2));
        }
        let owner = Owner::Gate(gate.id.clone());
        for remark in shown
            .account
            .of(&owner)
            .said
            .iter()
            .filter(|remark| remark.check.is_none())
        {
            let at = remark.at.strftime("%Y-%m-%d %H:%M:%S UTC");
            page.line(&words(remark).aside(&at.to_string()).at(2));
        }
        for line in checks(&owner, run) {
            page.line(&line.at(2));
        }
    }
}

fn undo(page: &mut Page, run: &Traversal) {
    if !run.was_undone() {
        return;
    }
    page.heading("Undo");
    for Undoable { node, state, .. } in run.undoables() {
        let (mark, state) = match &state {
            UndoState::Open => (Mark::Skipped, "not undone".to_owned()),
            UndoState::Running | UndoState::InDoubt => (Mark::Unknown, "in doubt".to_owned()),
            UndoState::Undone => (Mark::Good, "undone".to_owned()),
            UndoState::UndoneByHand(why) => (Mark::Good, format!("undone by hand, {why}")),
            UndoState::Skipped(why) => (Mark::Skipped, format!("left as it is, {why}")),
            UndoState::Failed(why) => (Mark::Bad, format!("not undone: {why}")),
            UndoState::Declined(by) => (Mark::Bad, format!("not undone: {by} declined")),
        };
        let title = run.runbook().nodes.get(&node).map_or("", Node::title);
        page.line(
            &Line::new(mark, &format!("{title}: {state}"))
                .aside(node.as_str())
                .at(1),
        );
    }
}

/// The first line of a value, and a sign that there is more.
fn first_line(value: &Value) -> String {
    let text = plain(value);
    let mut lines = text.trim().lines();
    let first = lines.next().unwrap_or_default().to_owned();
    match lines.next() {
        Some(_) => format!("{first} …"),
        None => first,
    }
}
