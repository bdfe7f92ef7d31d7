//! What came of a step, once it is final: on one line if it is well, unfolded if it is not.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::model::{GateId, NodeId, plain};
use crate::traverse::{Checked, GateVerdict, Outcome, Owner, Rendered, Verdict};

use super::label;
use super::phrase::{checked, opening, person, work};
use super::quote::quoted;
use super::style::{Line, Mark, elapsed};
use super::view::View;

/// What is known of a step while its checks are made.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// How long its command took; none for a step without one.
    pub(super) took: Option<Duration>,
    /// The values taken from what that printed.
    pub(super) captures: Map<String, Value>,
    /// How long its checks have taken since.
    pub(super) looked: Option<Duration>,
}

/// The line of a step that is well. The facts after its title are as many as fit on the screen; the values have lines of their own if they do not.
pub(super) fn folded(node: &NodeId, tried: &Tried, run: &dyn View, width: usize) -> Vec<Line> {
    let mut facts = vec![node.to_string()];
    facts.extend(tried.took.map(elapsed));
    if run.attempts(node) > 1 && !run.is_undoing() {
        facts.push(format!("attempt {}", run.attempts(node)));
    }
    if let (Some(Rendered::Write { path, .. }), false) = (run.work(node), run.is_undoing()) {
        facts.push(format!("wrote {}", quoted(path)));
    }
    let values: Vec<String> = tried
        .captures
        .iter()
        .map(|(name, value)| format!("{name} = {}", label::first_line(&plain(value))))
        .collect();
    let checks = checks(&Owner::Node(node.clone()), tried.looked, run);
    let title = opening(node, run).text;
    let line = |facts: &[&[String]]| Line::new(Mark::Good, &title).aside(&facts.concat().join(" · "));
    let whole = line(&[&facts, &values, &checks]);
    if values.is_empty() || whole.width() <= width {
        return vec![whole];
    }
    let values = values.iter().map(|value| Line::new(Mark::Value, value).at(1));
    std::iter::once(line(&[&facts, &checks])).chain(values).collect()
}

/// An attempt that did not end well, and is not the last one.
pub(super) fn attempted(node: &NodeId, outcome: &Outcome, took: Duration, run: &dyn View) -> Line {
    let mark = match outcome {
        Outcome::Interrupted => Mark::Bad,
        _ => Mark::Mind,
    };
    let facts = format!(
        "{node} · attempt {} · after {}",
        run.attempts(node),
        elapsed(took)
    );
    Line::new(mark, &format!("{}: {outcome}", label::node(node, run))).aside(&facts)
}

/// A step that failed: why, what it ran if that is not there yet, the last lines of what it printed, and what each check saw.
pub(super) fn unfolded<'a>(
    node: &NodeId,
    tried: &Tried,
    is_shown: bool,
    printed: impl Iterator<Item = &'a str>,
    run: &dyn View,
) -> Vec<Line> {
    let owner = Owner::Node(node.clone());
    let is_held = |made: &Checked| made.verdict == Verdict::Held;
    let why = if run.checks(&owner).iter().flatten().all(is_held) {
        run.why(node).map_or_else(String::new, |why| format!(": {why}"))
    } else {
        // Which, and what it saw, stands below.
        ": a check did not hold".to_owned()
    };
    let mut facts = vec![node.to_string()];
    facts.extend(tried.took.map(|took| format!("after {}", elapsed(took))));
    if run.attempts(node) > 1 {
        facts.push(format!("attempt {}", run.attempts(node)));
    }
    let title = opening(node, run).text;
    let mut lines = vec![Line::new(Mark::Bad, &format!("{title}{why}")).aside(&facts.join(" · "))];
    let shown = run.work(node).filter(|_| !is_shown);
    let mut below: Vec<Line> = shown.into_iter().flat_map(work).collect();
    below.extend(printed.map(|line| Line::new(Mark::Output, line)));
    below.extend(made(&owner, run));
    lines.extend(below.into_iter().map(|line| line.at(1)));
    lines
}

/// An undo that ended.
pub(super) fn undone<'a>(
    node: &NodeId,
    outcome: &Outcome,
    took: Duration,
    printed: impl Iterator<Item = &'a str>,
    run: &dyn View,
) -> Vec<Line> {
    let title = opening(node, run).text;
    let took = elapsed(took);
    if outcome.is_success() {
        let facts = format!("{node} · {took}");
        return vec![Line::new(Mark::Good, &title).aside(&facts)];
    }
    let facts = format!("{node} · after {took}");
    let mut lines = vec![Line::new(Mark::Bad, &format!("{title}: {outcome}")).aside(&facts)];
    lines.extend(printed.map(|line| Line::new(Mark::Output, line).at(1)));
    lines
}

/// A gate that has come to something; none while it waits.
pub(super) fn gate(id: &GateId, looked: Option<Duration>, run: &dyn View) -> Option<Vec<Line>> {
    let owner = Owner::Gate(id.clone());
    let title = &run.runbook().gates.get(id)?.title;
    let mut facts = vec![format!("gate {id}")];
    let (mark, text) = match run.gate(id) {
        GateVerdict::Met { by } => {
            facts.extend(checks(&owner, looked, run));
            facts.extend(by.as_ref().map(person));
            let line = Line::new(Mark::Good, title).aside(&facts.join(" · "));
            return Some(vec![line]);
        }
        GateVerdict::Unmet { .. } => (Mark::Bad, format!("{title}: unmet")),
        GateVerdict::Unknown { .. } => (Mark::Unknown, format!("{title}: unknown")),
        _ => return None,
    };
    let mut lines = vec![Line::new(mark, &text).aside(&facts.join(" · "))];
    lines.extend(made(&owner, run).map(|line| line.at(1)));
    Some(lines)
}

/// What a person who is asked about a step should know of it: the values it printed, what was checked, and what they should see.
pub(in crate::adapter) fn so_far(owner: &Owner, run: &dyn View) -> Vec<Line> {
    let mut lines = Vec::new();
    if let Owner::Node(id) = owner {
        let values = run.captures(id).and_then(Value::as_object);
        lines.extend(values.into_iter().flatten().map(|(name, value)| {
            let value = label::first_line(&plain(value));
            Line::new(Mark::Value, &format!("{name} = {value}"))
        }));
    }
    lines.extend(made(owner, run));
    if let Owner::Node(id) = owner {
        let action = run.runbook().nodes.get(id).and_then(|node| node.action());
        let expect = action.and_then(|action| action.expect.as_ref());
        lines.extend(expect.map(|expect| Line::new(Mark::Expect, run.text(expect).trim())));
    }
    lines.into_iter().map(|line| line.at(1)).collect()
}

/// The checks of an owner that were made.
fn made<'a>(owner: &'a Owner, run: &'a dyn View) -> impl Iterator<Item = Line> + 'a {
    let made = run.checks(owner).into_iter().enumerate();
    made.filter_map(move |(index, made)| {
        let Checked {
            verdict,
            evidence,
            by,
        } = made?;
        let what = label::check_at(owner, index, run);
        Some(checked(&what, verdict, &evidence, by.as_ref()))
    })
}

/// How many checks held, if there are any, and in what time if they took any.
fn checks(owner: &Owner, looked: Option<Duration>, run: &dyn View) -> Vec<String> {
    let made = run.checks(owner);
    let held = made
        .iter()
        .flatten()
        .filter(|made| made.verdict == Verdict::Held)
        .count();
    let after = looked
        .filter(|looked| *looked >= Duration::from_secs(1))
        .map_or_else(String::new, |looked| format!(" after {}", elapsed(looked)));
    match held {
        0 => Vec::new(),
        1 => vec![format!("1 check held{after}")],
        count => vec![format!("{count} checks held{after}")],
    }
}
