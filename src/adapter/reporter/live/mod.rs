//! What is under way, as it is drawn at the foot of a terminal again and again until it is final.

mod doing;
mod fit;
mod frame;
mod progress;

use std::time::{Duration, Instant};

use crate::traverse::Owner;

use super::harmless::one_line;
use super::style::{Line, Mark};
use progress::Progress;

pub(super) use doing::{Doing, looks};
pub(super) use frame::rows;

/// How large a terminal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// How many characters go on a row.
    pub columns: usize,
    /// How many rows there are.
    pub rows: usize,
}

/// What is under way, and what is ahead.
#[derive(Debug, Default)]
pub(super) struct Live {
    steps: Vec<UnderWay>,
    /// What is ahead of the run, in one or two short texts.
    ahead: Vec<String>,
}

/// A step that is under way.
#[derive(Debug)]
pub(super) struct UnderWay {
    owner: Owner,
    title: String,
    /// What it does right now.
    doing: Doing,
    since: Instant,
    /// How long that may take.
    limit: Option<Duration>,
    /// The last lines that it printed; the last one may not have ended yet.
    lines: Vec<String>,
    progress: Progress,
}

impl Live {
    /// A step begins, or what it did before is done and it does this now.
    pub(super) fn begin(&mut self, owner: &Owner, title: &str, doing: Doing, limit: Option<Duration>) {
        let step = UnderWay {
            owner: owner.clone(),
            title: one_line(title),
            doing: doing.harmless(),
            since: Instant::now(),
            limit,
            lines: Vec::new(),
            progress: Progress::default(),
        };
        match self.steps.iter_mut().find(|step| step.owner == *owner) {
            Some(same) => *same = step,
            None => self.steps.push(step),
        }
    }

    /// A step is not under way any more.
    pub(super) fn end(&mut self, owner: &Owner) {
        self.steps.retain(|step| step.owner != *owner);
    }

    /// Nothing is.
    pub(super) fn clear(&mut self) {
        self.steps.clear();
    }

    /// What a step printed last: lines that are harmless, and the one that it has begun.
    pub(super) fn printed<'a>(
        &mut self,
        owner: &Owner,
        lines: impl Iterator<Item = &'a str>,
        begun: Option<String>,
    ) {
        let Some(step) = self.steps.iter_mut().find(|step| step.owner == *owner) else {
            return;
        };
        let mut count = 0;
        for line in lines.map(str::trim_end) {
            match step.lines.get_mut(count) {
                // In memory that is used again.
                Some(kept) => line.clone_into(kept),
                None => step.lines.push(line.to_owned()),
            }
            count += 1;
        }
        step.lines.truncate(count);
        step.lines.extend(begun.filter(|line| !line.trim().is_empty()));
        if let Some(last) = step.lines.last() {
            step.progress.see(last);
        }
    }

    /// What a check saw last; whether this step is under way.
    pub(super) fn saw(&mut self, owner: &Owner, text: &str) -> bool {
        let Some(step) = self.steps.iter_mut().find(|step| step.owner == *owner) else {
            return false;
        };
        match &mut step.doing {
            Doing::Look { saw, .. } => *saw = Some(one_line(text)),
            other => *other = Doing::Else(one_line(text)),
        }
        true
    }

    /// Says what is ahead.
    pub(super) fn look_ahead(&mut self, ahead: Vec<String>) {
        self.ahead = ahead.iter().map(|text| one_line(text)).collect();
    }

    /// What is under way, to be said once.
    pub(super) fn beside(&self) -> impl Iterator<Item = Line> {
        let line = |step: &UnderWay| {
            let facts = format!("{} · under way", step.owner);
            Line::new(Mark::Step, &step.title).aside(&facts)
        };
        self.steps.iter().map(line)
    }

    /// Whose steps are under way.
    pub(super) fn owners(&self) -> impl Iterator<Item = &Owner> {
        self.steps.iter().map(|step| &step.owner)
    }

    /// Whether nothing is under way.
    pub(super) fn is_idle(&self) -> bool {
        self.steps.is_empty()
    }
}
