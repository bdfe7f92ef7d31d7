use std::fmt::Write;

use crate::model::plain;
use crate::report::text::{counted, elapsed, lead, short};
use crate::report::{Account, Attempt, CommandLine, Printed, Step, Undo, Work};
use crate::traverse::{Resolution, Source, State};

use super::escape::{block, code, html, prose, text};
use super::word::{advance, time, verdict, who};
use super::{CELL, Extent, Steps};

/// The steps that the run came to, each folded, and the others in a line.
pub(super) fn steps(out: &mut String, account: &Account, extent: Extent) {
    let is_broken = |step: &Step| matches!(step.state, State::Failed | State::InDoubt);
    let is_told = |step: &&Step| match extent.steps {
        Steps::All => step.reached,
        Steps::Broken => is_broken(step),
        Steps::None => false,
    };
    let told: Vec<&Step> = account.steps.iter().filter(is_told).collect();
    if !told.is_empty() {
        out.push_str("## Steps\n\n");
        for step in told {
            folded(out, step, extent.output);
        }
    }
    if extent.steps != Steps::All {
        return;
    }
    let mut others = account.steps.iter().filter(|step| !step.reached).peekable();
    if others.peek().is_some() {
        out.push_str("Not run:\n\n");
        for step in others {
            let why = step.why.as_ref().map(|why| format!(": {}", prose(why)));
            let _ = writeln!(
                out,
                "- {} {}, {}{}",
                code(&step.id, CELL),
                text(&step.title),
                step.state.as_str().replace('_', " "),
                why.unwrap_or_default()
            );
        }
        out.push('\n');
    }
}

fn folded(out: &mut String, step: &Step, output: usize) {
    let open = if matches!(step.state, State::Failed | State::InDoubt) {
        " open"
    } else {
        ""
    };
    let answer = step.answer.as_ref().map(|answer| plain(&answer.value));
    let outcome = answer.unwrap_or_else(|| step.state.as_str().replace('_', " "));
    let _ = writeln!(
        out,
        "<details{open}><summary>{} {}{}<b>{}</b> <code>{}</code></summary>\n",
        sign(step.state),
        html(&step.title),
        lead(&step.title),
        html(&short(&outcome)),
        html(&step.id)
    );
    facts(out, step);
    if let Some(work) = &step.work {
        self::work(out, work);
    }
    for attempt in &step.attempts {
        self::attempt(out, attempt, output);
    }
    if !step.checks.is_empty() {
        out.push_str("| Check | Verdict | Seen |\n| --- | --- | --- |\n");
        for check in &step.checks {
            let seen = check.evidence.as_ref().map(|seen| code(seen, CELL));
            let by = check.by.as_ref().map(|by| format!(", says {}", who(by)));
            let _ = writeln!(
                out,
                "| {} | {} | {}{} |",
                text(&check.title),
                verdict(check.verdict),
                seen.unwrap_or_default(),
                by.unwrap_or_default()
            );
        }
        out.push('\n');
    }
    if let Some(undo) = &step.undo {
        self::undo(out, undo, output);
    }
    out.push_str("</details>\n\n");
}

fn facts(out: &mut String, step: &Step) {
    let mut lines = Vec::new();
    if let Some(why) = &step.why {
        lines.push(format!("Why: {}", prose(why)));
    }
    if let Some(detected) = &step.detected {
        lines.push(match (&detected.value, &detected.problem) {
            (Some(value), _) => format!("Its command found {}", code(&plain(value), CELL)),
            (None, problem) => format!(
                "Its command found no answer: {}",
                text(problem.as_deref().unwrap_or_default())
            ),
        });
    }
    if let Some(answer) = &step.answer {
        let label = answer.label.as_ref().map(|label| format!(" ({})", text(label)));
        lines.push(format!(
            "Answer: {}{}, by {} {} at {}",
            code(&plain(&answer.value), 2000),
            label.unwrap_or_default(),
            who(&answer.by),
            source(answer.source),
            time(answer.at)
        ));
    }
    if let Some(consent) = &step.consent {
        let word = if consent.agreed { "Confirmed" } else { "Declined" };
        lines.push(format!("{word} by {} at {}", who(&consent.by), time(consent.at)));
    }
    for statement in &step.statements {
        let about = statement
            .check
            .as_ref()
            .map(|check| format!(" {}", code(check, CELL)));
        let note = statement.note.as_ref().map(|note| format!(": {}", text(note)));
        lines.push(format!(
            "{} {}{}{} at {}{}",
            who(&statement.by),
            if statement.holds { "stated" } else { "said no to" },
            about.unwrap_or_else(|| " that it is done".to_owned()),
            advance(statement.in_advance),
            time(statement.at),
            note.unwrap_or_default()
        ));
    }
    for settled in &step.resolutions {
        lines.push(format!(
            "Settled as {} by {} at {}: {}",
            how(settled.how),
            who(&settled.by),
            time(settled.at),
            text(&settled.reason)
        ));
    }
    for (name, value) in &step.captures {
        lines.push(format!("{} = {}", code(name, CELL), code(&plain(value), CELL)));
    }
    for line in &lines {
        let _ = writeln!(out, "- {line}");
    }
    if !lines.is_empty() {
        out.push('\n');
    }
}

fn work(out: &mut String, work: &Work) {
    match work {
        Work::Command { command } => self::command(out, command),
        Work::Manual { text } => out.push_str(&block("", text)),
        Work::Write { path, content, .. } => {
            let _ = writeln!(out, "Writes {}:\n", code(path, CELL));
            out.push_str(&block("", content));
        }
    }
    out.push('\n');
}

fn command(out: &mut String, command: &CommandLine) {
    out.push_str(&block("sh", &command.line));
    let mut about = Vec::new();
    if let Some(directory) = &command.directory {
        about.push(format!("in {}", code(directory, CELL)));
    }
    if !command.environment.is_empty() {
        let names = command.environment.iter().map(|name| code(name, CELL));
        about.push(format!("with {} set", names.collect::<Vec<_>>().join(", ")));
    }
    if command.terminal {
        about.push("at the terminal: what it printed is not kept".to_owned());
    }
    if !about.is_empty() {
        let _ = writeln!(out, "\nRun {}.", about.join(", "));
    }
    if let Some(stdin) = &command.stdin {
        out.push_str("\nStandard input:\n\n");
        out.push_str(&block("", stdin));
    }
}

fn attempt(out: &mut String, attempt: &Attempt, output: usize) {
    let ending = attempt
        .ending
        .as_ref()
        .map_or("how it ended is not on record", |ending| &ending.text);
    let took = attempt
        .seconds
        .map(|seconds| format!(" after {}", elapsed(seconds)));
    let _ = writeln!(
        out,
        "Attempt {}, started {}: {}{}.\n",
        attempt.number,
        time(attempt.started),
        text(ending),
        took.unwrap_or_default()
    );
    for (name, printed) in [("stdout", &attempt.stdout), ("stderr", &attempt.stderr)] {
        if let Some(printed) = printed {
            self::printed(out, name, printed, output);
        }
    }
}

fn printed(out: &mut String, name: &str, printed: &Printed, most: usize) {
    let cut = printed.text.len().saturating_sub(most);
    let cut = printed.text.ceil_char_boundary(cut);
    let shown = &printed.text[cut..];
    let left_out = printed.left_out + cut as u64;
    let _ = write!(out, "`{name}`, {} bytes", printed.bytes);
    if left_out > 0 {
        let _ = write!(
            out,
            ", of which the first {} are left out",
            left_out.min(printed.bytes)
        );
        if let Some(all) = &printed.all {
            let _ = write!(out, "; all of it: {}", code(all, CELL));
        }
    }
    out.push_str(":\n\n");
    if !shown.is_empty() {
        out.push_str(&block("", shown));
        out.push('\n');
    }
}

fn undo(out: &mut String, undo: &Undo, output: usize) {
    use crate::report::UndoKind;
    if undo.state == UndoKind::Open && undo.attempts.is_empty() {
        return;
    }
    let word = match undo.state {
        UndoKind::Open => "not undone",
        UndoKind::Running | UndoKind::InDoubt => "in doubt",
        UndoKind::Undone => "undone",
        UndoKind::UndoneByHand => "undone by hand",
        UndoKind::Failed => "not undone",
        UndoKind::Declined => "not undone",
        UndoKind::Skipped => "left as it is",
    };
    let why = undo.why.as_ref().map(|why| format!(": {}", prose(why)));
    let _ = writeln!(out, "**Undo: {word}**{}\n", why.unwrap_or_default());
    if let Some(command) = &undo.command {
        self::command(out, command);
        out.push('\n');
    }
    for attempt in &undo.attempts {
        self::attempt(out, attempt, output);
    }
    if !undo.resolutions.is_empty() {
        let _ = writeln!(
            out,
            "Settled {}.\n",
            counted(undo.resolutions.len(), "time", "times")
        );
    }
}

fn how(how: Resolution) -> String {
    format!("**{how}**")
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Terminal => "at a terminal",
        Source::Given => "up front",
        Source::Detected => "as its command found",
        Source::Default => "by default",
    }
}

fn sign(state: State) -> &'static str {
    match state {
        State::Succeeded => "✓",
        State::Failed => "✗",
        State::InDoubt => "?",
        State::Running | State::Waiting | State::Ready => "…",
        State::Pending | State::NotTaken | State::NotNeeded | State::Blocked | State::Cancelled => "–",
    }
}
