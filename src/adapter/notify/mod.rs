//! Tells people and programs elsewhere, over HTTP, how a run stands when the program lets go of it.
//!
//! What is told is made at that moment, from the values that the run then has. It goes out on threads of its own, and nothing of the run waits for
//! it; only the end of the program does, and not for long.

mod cdevent;
mod delivery;
mod message;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Instant;

use serde_json::{Map, Value};

use crate::adapter::process::Surroundings;
use crate::adapter::reporter::{named, one_line};
use crate::adapter::signals;
use crate::engine::Reporter;
use crate::model::{Feed, NodeId, Notify, Occasion, Stream};
use crate::traverse::{Event, Owner, Record, RunState, Traversal};

use delivery::{NO_ADDRESS, Outgoing, Post, origin};
use message::{End, Message};

pub use delivery::Patience;
pub use message::schema;

/// Tells whom the runbook names. When it goes away it sees out what is under way, and says on `out` who was not told, and why.
pub struct Notifier<W: Write> {
    out: W,
    surroundings: Surroundings,
    state_dir: Option<PathBuf>,
    patience: Patience,
    /// From when somebody is to be told.
    post: Option<Arc<Post>>,
    under_way: Vec<UnderWay>,
    heard: (Sender<Heard>, Receiver<Heard>),
}

/// What is on its way to somebody.
struct UnderWay {
    id: String,
    to: String,
}

/// What the end of the program waits for.
enum Heard {
    /// Somebody was told, or it is known why not.
    Ended { id: String, told: Result<(), String> },
    /// A person does not want to wait.
    Enough,
}

impl<W: Write> Notifier<W> {
    /// It says who was not told on `out`, which is standard error outside tests. `state_dir` is where the run is recorded, if that is not where
    /// everybody looks first.
    pub fn new(out: W, surroundings: Surroundings, state_dir: Option<&Path>, patience: Patience) -> Self {
        Self {
            out,
            surroundings,
            state_dir: state_dir.map(Path::to_owned),
            patience,
            post: None,
            under_way: Vec::new(),
            heard: channel(),
        }
    }

    fn tell(&mut self, end: &End<'_>, seq: u64) {
        for (index, notify) in end.run.runbook().notify.iter().enumerate() {
            if !notify.on.iter().any(|occasion| covers(*occasion, end.state)) {
                continue;
            }
            // The same for every attempt, and another one for whoever else is told, and when the run ends anew.
            let id = format!("{}-{seq}-{}", end.run.id(), index + 1);
            let sent = match outgoing(notify, end, &id) {
                Ok(None) => continue,
                Ok(Some(outgoing)) => self.send(end.run, id, outgoing),
                Err(why) => Err(why),
            };
            if let Err(why) = sent {
                self.say(&format!("notification {} was not sent: {why}", index + 1));
            }
        }
    }

    fn send(&mut self, run: &Traversal, id: String, outgoing: Outgoing) -> Result<(), String> {
        let failed = |error: io::Error| format!("the machine has no room for it: {error}");
        let post = match &self.post {
            Some(post) => Arc::clone(post),
            None => {
                let post = Post::new(
                    run.shared_runbook(),
                    self.surroundings.clone(),
                    self.patience.clone(),
                );
                Arc::clone(self.post.insert(Arc::new(post.map_err(failed)?)))
            }
        };
        let to = outgoing.to();
        let (heard, told_of) = (self.heard.0.clone(), id.clone());
        let deliver = move || {
            let told = post.deliver(&outgoing);
            // Where nobody listens any more, the program ends.
            let _ = heard.send(Heard::Ended { id: told_of, told });
        };
        thread::Builder::new()
            .name("notify".to_owned())
            .spawn(deliver)
            .map_err(failed)?;
        self.under_way.push(UnderWay { id, to });
        Ok(())
    }

    /// Waits until all that is under way has come to an end, as long as that may take.
    fn see_out(&mut self) {
        let Some(post) = self.post.clone().filter(|_| !self.under_way.is_empty()) else {
            return;
        };
        let heard = self.heard.0.clone();
        // Where signals cannot be taken over, the bound holds all the same.
        let _watch = signals::each(move |_| drop(heard.send(Heard::Enough)));
        let (mut stage, mut until) = (Stage::Quiet, Instant::now() + self.patience.quiet);
        while !self.under_way.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            let heard = self.heard.1.recv_timeout(left);
            let is_enough = match heard {
                Ok(Heard::Ended { id, told }) => {
                    self.ended(&id, told);
                    continue;
                }
                Ok(Heard::Enough) => true,
                Err(_) => stage == Stage::Told,
            };
            match stage {
                Stage::Parting => break,
                _ if is_enough => {
                    post.leave_off();
                    (stage, until) = (Stage::Parting, Instant::now() + self.patience.parting);
                }
                _ => {
                    let to: Vec<&str> = self.under_way.iter().map(|one| one.to.as_str()).collect();
                    self.say(&format!("telling {}; Ctrl-C leaves that off", to.join(", ")));
                    (stage, until) = (Stage::Told, Instant::now() + self.patience.total);
                }
            }
        }
        for UnderWay { to, .. } in std::mem::take(&mut self.under_way) {
            self.not_told(&to, "it did not end in time");
        }
    }

    fn ended(&mut self, id: &str, told: Result<(), String>) {
        let Some(place) = self.under_way.iter().position(|one| one.id == id) else {
            return;
        };
        let UnderWay { to, .. } = self.under_way.remove(place);
        if let Err(why) = told {
            self.not_told(&to, &why);
        }
    }

    fn not_told(&mut self, to: &str, why: &str) {
        self.say(&format!("{to} was not told: {why}"));
    }

    /// Says a line without a secret in it.
    fn say(&mut self, line: &str) {
        let line = match &self.post {
            Some(post) => post.masked(line),
            None => line.to_owned(),
        };
        let _ = writeln!(self.out, "{}", one_line(&line)).and_then(|()| self.out.flush());
    }
}

/// How far the end of the program has come.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Nobody noticed yet that it waits.
    Quiet,
    /// Whoever is there was told what it waits for.
    Told,
    /// What is under way was left off.
    Parting,
}

/// Whether somebody who is told of this is told of a run that stands so.
fn covers(occasion: Occasion, state: RunState) -> bool {
    match occasion {
        Occasion::Waiting => matches!(state, RunState::Waiting | RunState::Running),
        Occasion::Failed => matches!(state, RunState::Failed | RunState::InDoubt | RunState::GatesUnmet),
        Occasion::Complete => matches!(state, RunState::Complete | RunState::Recovered),
        Occasion::Recovered => state == RunState::Recovered,
        Occasion::GatesUnmet => state == RunState::GatesUnmet,
        Occasion::InDoubt => state == RunState::InDoubt,
        Occasion::Stopped => state == RunState::Stopped,
        Occasion::Cancelled => state == RunState::Cancelled,
    }
}

/// What is sent to somebody; nothing where they are not to be told.
///
/// # Errors
///
/// Why it cannot be made.
fn outgoing(notify: &Notify, end: &End<'_>, id: &str) -> Result<Option<Outgoing>, String> {
    let told = end.run.is_told(notify.when.as_ref());
    if !told.map_err(|error| format!("its `when` cannot be evaluated: {error}"))? {
        return Ok(None);
    }
    let notify = end.run.rendered_notify(notify);
    let notify = notify.map_err(|error| format!("it cannot be rendered: {error}"))?;
    if notify.is_off() {
        return Ok(None);
    }
    if let Feed::Text(address) = &notify.webhook
        && origin(address).is_none()
    {
        return Err(NO_ADDRESS.to_owned());
    }
    let data: Map<String, Value> = notify
        .data
        .iter()
        .map(|(name, text)| (name.clone(), Value::from(text.as_str())))
        .collect();
    let (own, body) = match &notify.cdevent {
        Some(event) => {
            let (headers, event) = cdevent::event(event, end, id, &data)?;
            (headers, event.to_string())
        }
        None => {
            let message = Message::of(end, id, data);
            let body = serde_json::to_string(&message);
            (Vec::new(), body.map_err(|error| error.to_string())?)
        }
    };
    Ok(Some(Outgoing {
        to: notify.webhook,
        id: id.to_owned(),
        own,
        headers: notify.headers.into_iter().collect(),
        body,
    }))
}

impl<W: Write> Reporter for Notifier<W> {
    fn record(&mut self, record: &Record, run: &Traversal) {
        if let Event::RunEnded { state, gates } = &record.event {
            let named = named(&run.id(), self.state_dir.as_deref());
            let end = End {
                state: *state,
                gates,
                at: record.at,
                run,
                named: &named,
            };
            self.tell(&end, record.seq);
        }
    }

    fn output(&mut self, _node: &NodeId, _stream: Stream, _bytes: &[u8]) {}

    fn note(&mut self, _owner: &Owner, _text: &str) {}
}

impl<W: Write> Drop for Notifier<W> {
    fn drop(&mut self) {
        self.see_out();
    }
}
