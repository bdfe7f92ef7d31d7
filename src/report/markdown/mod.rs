//! The report as Markdown: an incident timeline to paste, and the summary of a job in GitHub Actions.

mod escape;
mod step;
mod word;

use std::fmt::Write;

use crate::model::plain;
use crate::traverse::State;

use super::text::{counted, elapsed, lead};
use super::{Account, Entry, Gate, GateState, Tone};
use escape::{code, prose, text};
use word::{advance, identity, of_state, sign, time, verdict, who, words};

/// How many characters of a value stand in a cell.
const CELL: usize = 240;

/// How much of a run is told.
#[derive(Clone, Copy)]
struct Extent {
    /// How many bytes of what a stream printed.
    output: usize,
    /// Which steps.
    steps: Steps,
    /// How many entries of the timeline, the last ones.
    entries: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Steps {
    All,
    /// Those that failed or are in doubt.
    Broken,
    None,
}

const WHOLE: Extent = Extent {
    output: usize::MAX,
    steps: Steps::All,
    entries: usize::MAX,
};

/// The whole report.
pub fn markdown(account: &Account) -> String {
    page(account, WHOLE)
}

/// The report in no more than `limit` bytes: what commands printed is shortened first, then steps that went well are left out, then the beginning of
/// the timeline. Where it is shortened it says so.
pub fn markdown_within(account: &Account, limit: usize) -> String {
    let output = |output| Extent { output, ..WHOLE };
    let broken = Extent {
        output: 1024,
        steps: Steps::Broken,
        ..WHOLE
    };
    let least = Extent {
        steps: Steps::None,
        entries: 200,
        ..broken
    };
    let extents = [output(16 << 10), output(2 << 10), output(0), broken, least];
    let mut page = page(account, WHOLE);
    for extent in extents {
        if page.len() <= limit {
            return page;
        }
        page = self::page(account, extent);
        page.push_str(&note(account));
    }
    if page.len() > limit {
        let note = note(account);
        let mut end = page.floor_char_boundary(limit.saturating_sub(note.len()));
        end = page[..end].rfind('\n').map_or(0, |line| line + 1);
        page.truncate(end);
        page.push_str(&note);
        page.truncate(page.floor_char_boundary(limit));
    }
    page
}

fn note(account: &Account) -> String {
    format!(
        "\n*Shortened to fit here. All of it:* {}\n",
        code(&format!("switchback report {}", account.run.id), CELL)
    )
}

fn page(account: &Account, extent: Extent) -> String {
    let mut out = String::new();
    head(&mut out, account);
    mind(&mut out, account);
    gates(&mut out, &account.gates);
    timeline(&mut out, &account.timeline, extent.entries);
    step::steps(&mut out, account, extent);
    parameters(&mut out, account);
    people(&mut out, account);
    record(&mut out, account);
    out
}

fn head(out: &mut String, account: &Account) {
    let run = &account.run;
    // Writing to a String cannot fail; the results are only there because the trait is shared.
    let _ = writeln!(out, "# {}\n", text(&run.title));
    let _ = writeln!(
        out,
        "**{} {}.**\n",
        of_state(run.state.as_str()),
        text(&run.verdict)
    );
    let _ = writeln!(
        out,
        "Run {} of {}, started {} by {}; {}, {} later.\n",
        code(&run.id, CELL),
        code(&run.runbook, CELL),
        time(run.started),
        who(&run.by),
        if run.over {
            format!("it ended {}", time(run.last))
        } else {
            format!(
                "**it is not over**, and this is what is on record until {}",
                time(run.last)
            )
        },
        elapsed(run.seconds)
    );
}

/// What nobody who reads on should have missed.
fn mind(out: &mut String, account: &Account) {
    let mut lines = Vec::new();
    for gate in &account.gates {
        if let Some(waiver) = gate.waiver.as_ref().filter(|_| gate.verdict == GateState::Waived) {
            lines.push(format!(
                "**Waived:** {}, by {}: {}",
                text(&gate.title),
                who(&waiver.by),
                text(&waiver.reason)
            ));
        }
    }
    for step in &account.steps {
        if matches!(step.state, State::Failed | State::InDoubt) {
            let why = step.why.as_deref().unwrap_or("nobody knows whether it is done");
            lines.push(format!(
                "**{}:** {} ({}): {}",
                if step.state == State::Failed {
                    "Failed"
                } else {
                    "In doubt"
                },
                text(&step.title),
                code(&step.id, CELL),
                prose(why)
            ));
        }
    }
    if account.run.undone {
        lines.push(
            "**Undone:** steps of this run were undone since. What is told as done may not be so any more"
                .to_owned(),
        );
    }
    for line in lines {
        let _ = writeln!(out, "- {line}");
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
}

fn gates(out: &mut String, gates: &[Gate]) {
    if gates.is_empty() {
        return;
    }
    out.push_str("## Gates\n\n| Gate | Verdict | Why, or who |\n| --- | --- | --- |\n");
    for gate in gates {
        let optional = if gate.required { "" } else { ", not required" };
        let _ = writeln!(
            out,
            "| {} ({}{optional}) | {} {} | {} |",
            text(&gate.title),
            code(&gate.id, CELL),
            sign(gate.verdict),
            words(gate.verdict),
            closing(gate)
        );
    }
    out.push('\n');
    if gates.iter().all(|gate| gate.checks.is_empty()) {
        return;
    }
    out.push_str("| Gate | Check | Verdict | Seen | When |\n| --- | --- | --- | --- | --- |\n");
    for gate in gates {
        for check in &gate.checks {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {}{} | {} |",
                code(&gate.id, CELL),
                text(&check.title),
                verdict(check.verdict),
                check
                    .evidence
                    .as_ref()
                    .map(|seen| code(seen, CELL))
                    .unwrap_or_default(),
                check
                    .by
                    .as_ref()
                    .map(|by| format!(", says {}", who(by)))
                    .unwrap_or_default(),
                check.at.map(time).unwrap_or_default()
            );
        }
    }
    out.push('\n');
}

/// Why a gate stands as it does, and who had a word in it.
fn closing(gate: &Gate) -> String {
    let mut parts = Vec::new();
    if let Some(waiver) = gate.waiver.as_ref().filter(|_| gate.verdict == GateState::Waived) {
        parts.push(format!("waived by {}: {}", who(&waiver.by), text(&waiver.reason)));
    } else if let Some(reason) = &gate.reason {
        parts.push(prose(reason));
    }
    if let Some(decision) = &gate.decision {
        let note = decision.note.as_ref().map(|note| format!(": {}", text(note)));
        parts.push(format!(
            "{} decided {}{}{}",
            who(&decision.by),
            code(&decision.outcome, CELL),
            advance(decision.in_advance),
            note.unwrap_or_default()
        ));
    }
    for statement in &gate.statements {
        let note = statement.note.as_ref().map(|note| format!(": {}", text(note)));
        parts.push(format!(
            "{} {}{}{}",
            who(&statement.by),
            if statement.holds { "stated it" } else { "said no" },
            advance(statement.in_advance),
            note.unwrap_or_default()
        ));
    }
    parts.join("; ")
}

fn timeline(out: &mut String, entries: &[Entry], most: usize) {
    out.push_str("## Timeline\n\n");
    let left_out = entries.len().saturating_sub(most);
    if left_out > 0 {
        let _ = writeln!(
            out,
            "{} at the beginning left out.\n",
            counted(left_out, "line is", "lines are")
        );
    }
    out.push_str("| Time (UTC) | What | Who |\n| --- | --- | --- |\n");
    let mut date = String::new();
    for entry in &entries[left_out..] {
        let today = entry.at.strftime("%Y-%m-%d").to_string();
        let time = entry.at.strftime("%H:%M:%S");
        let at = if today == date {
            time.to_string()
        } else {
            format!("{today} {time}")
        };
        date = today;
        let title = entry.title.as_ref();
        let title = title
            .map(|title| format!("{}{}", text(title), lead(title)))
            .unwrap_or_default();
        let what = prose(&entry.what);
        let what = match entry.tone {
            Tone::Bad | Tone::Warn | Tone::Said => format!("**{what}**"),
            Tone::Plain | Tone::Good => what,
        };
        let by = entry.by.as_ref().map(|by| text(&by.name)).unwrap_or_default();
        let _ = writeln!(out, "| {at} | {title}{what} | {by} |");
    }
    out.push('\n');
}

fn parameters(out: &mut String, account: &Account) {
    if account.parameters.is_empty() {
        return;
    }
    out.push_str("## Parameters\n\n| Parameter | Value |\n| --- | --- |\n");
    for parameter in &account.parameters {
        let _ = writeln!(
            out,
            "| {} | {} |",
            code(&parameter.name, CELL),
            code(&plain(&parameter.value), CELL)
        );
    }
    out.push('\n');
}

fn people(out: &mut String, account: &Account) {
    out.push_str("## People\n\n| Who | How the name is known | What they did |\n| --- | --- | --- |\n");
    for person in &account.people {
        let did = person.did.iter().map(|(what, times)| {
            let what = what.replace('_', " ");
            if *times == 1 {
                what
            } else {
                format!("{what} {times} times")
            }
        });
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            text(&person.name),
            identity(person.identity),
            did.collect::<Vec<_>>().join(", ")
        );
    }
    out.push('\n');
}

fn record(out: &mut String, account: &Account) {
    let digests = &account.digests;
    out.push_str("## Record\n\n");
    let _ = writeln!(out, "- Runbook: {}", code(&digests.runbook, CELL));
    let _ = writeln!(
        out,
        "- {}, which add up to {}; {} says whether they are as they were written",
        counted(digests.records, "record", "records"),
        code(&digests.record, CELL),
        code(&format!("switchback verify {}", account.run.id), CELL)
    );
    let _ = writeln!(
        out,
        "- Made by {} {}",
        account.made_by.name, account.made_by.version
    );
}
