//! The routes of a plan as people read them.

use crate::adapter::reporter::harmless;
use crate::plan::{Count, Group, Routes, Stretch, Then};

use super::facts::line;

/// How many stretches are shown; a flowchart that has more is not understood from a list.
const AT_MOST: usize = 100;
/// How many questions of a group are named.
const NAMED: usize = 6;
/// How deep a line is indented at most.
const DEEPEST: usize = 12;
/// Where a line is broken.
const WIDTH: usize = 100;

/// How many routes there are, and the answers that lead to them.
pub(super) fn routes_text(out: &mut String, routes: &Routes) {
    line(out, 0, &format!("\n{}", sentence(routes)));
    let mut left = AT_MOST;
    for (number, group) in routes.groups.iter().enumerate() {
        if left == 0 {
            break;
        }
        if routes.groups.len() > 1 {
            let times = if number == 0 { "" } else { "× " };
            line(out, 2, &format!("{times}{}", ways_of(group)));
        }
        for stretch in group.ways.iter().take(left) {
            stretch_text(out, stretch);
        }
        left = left.saturating_sub(group.ways.len());
    }
    let all: usize = routes.groups.iter().map(|group| group.ways.len()).sum();
    if all > AT_MOST {
        let more = format!(
            "… {} lines more: `switchback graph` draws all of it",
            all - AT_MOST
        );
        line(out, 2, &more);
    }
}

fn sentence(routes: &Routes) -> String {
    let all = counted(routes.count, "route");
    match &routes.groups[..] {
        [group] => format!("{all}, by the answers to {}", named(group)),
        groups => {
            let numbers = groups.iter().map(|group| group.count.number.to_string());
            let numbers: Vec<String> = numbers.take(NAMED).collect();
            let more = if groups.len() > NAMED { " × …" } else { "" };
            format!("{all} = {}{more}", numbers.join(" × "))
        }
    }
}

fn ways_of(group: &Group) -> String {
    format!("{} to answer {}", counted(group.count, "way"), named(group))
}

/// The questions of a group.
fn named(group: &Group) -> String {
    let mut ids: Vec<&str> = group.questions.iter().map(|id| id.as_str()).collect();
    let more = ids.len().saturating_sub(NAMED);
    ids.truncate(NAMED);
    match more {
        0 => ids.join(", "),
        more => format!("{} and {more} more", ids.join(", ")),
    }
}

/// A number of things.
fn counted(count: Count, what: &str) -> String {
    let digits = count.number.to_string();
    let mut number = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            number.push(',');
        }
        number.push(digit);
    }
    let plural = if count.number == 1 && count.exact { "" } else { "s" };
    let least = if count.exact { "" } else { "at least " };
    format!("{least}{number} {what}{plural}")
}

fn stretch_text(out: &mut String, stretch: &Stretch) {
    let mut parts: Vec<String> = Vec::new();
    if let Some(answer) = &stretch.answer {
        parts.push(match &answer.choice {
            Some(choice) => format!("= {choice}"),
            None => "not needed".to_owned(),
        });
    }
    parts.extend(stretch.nodes.iter().map(ToString::to_string));
    match &stretch.then {
        Then::AsAbove(node) => parts.push(format!("{node}, as above")),
        Then::Stop => parts.push("stop".to_owned()),
        Then::End if stretch.nodes.is_empty() => parts.push("end".to_owned()),
        Then::Deeper if stretch.nodes.is_empty() => parts.push("all of".to_owned()),
        Then::End | Then::Deeper => {}
    }
    if stretch.answer.is_none() && stretch.depth > 0 {
        parts[0].insert_str(0, "+ ");
    }
    let indent = 4 + 2 * stretch.depth.min(DEEPEST);
    wrapped(out, indent, &parts);
}

/// One thing after another, on as many lines as it takes.
fn wrapped(out: &mut String, indent: usize, parts: &[String]) {
    let mut text = String::new();
    for (number, part) in parts.iter().enumerate() {
        let arrow = if number == 0 { "" } else { " → " };
        if indent + text.chars().count() + arrow.len() + part.len() > WIDTH && !text.trim().is_empty() {
            line(out, indent, &harmless(&format!("{text}{}", arrow.trim_end())));
            text = format!("    {part}");
        } else {
            text.push_str(arrow);
            text.push_str(part);
        }
    }
    line(out, indent, &harmless(&text));
}
