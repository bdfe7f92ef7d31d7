//! What `run` and `resume` share: who is there, where the record is, and the ports of a run.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};

use crate::adapter::clock::SystemClock;
use crate::adapter::inbox::Inbox;
use crate::adapter::journal::{self, FileJournal, FindError, JournalError, RunFolder, StateDir};
use crate::adapter::operator::{HeadlessOperator, TerminalOperator};
use crate::adapter::process::{self, Environment, Surroundings};
use crate::adapter::reporter::shown;
use crate::adapter::runner::{DuctRunner, Workplace};
use crate::adapter::signals::{self, CtrlC};
use crate::adapter::trace::Trace;
use crate::engine::{self, Clock, Journal, Operator, Ports, Reply};
use crate::model::{NodeId, Runbook, Value};
use crate::source::Source;
use crate::traverse::{
    Event, Identity, LetterId, Person, RECORD_VERSION, Record, Rendered, RunId, Running, Traversal,
};

use super::args::{Locking, Manner};
use super::audience::Audience;
use super::console::Console;
use super::error::{Outcome, Refusal};
use super::exit_code::Exit;
use super::letters;
use super::load::{self, Valid};
use super::locking::{self, Claim};
use super::report;
use super::words;

/// One call of the program that drives a run.
pub(super) struct Session<'a> {
    /// Who called it.
    pub(super) me: Person,
    manner: &'a Manner,
    console: &'a Console,
    environment: Environment,
    state: StateDir,
}

impl<'a> Session<'a> {
    pub(super) fn new(manner: &'a Manner, console: &'a Console) -> Result<Self, Refusal> {
        Ok(Self {
            me: person(),
            manner,
            console,
            environment: environment(),
            state: state_dir(manner.state_dir.as_deref())?,
        })
    }

    /// Whether nobody is to be asked.
    fn is_headless(&self) -> bool {
        self.manner.headless || !self.console.has_a_person || is_ci()
    }

    /// Names every command that the runbook requires and that is not there.
    pub(super) fn find_commands(
        &self,
        runbook: &Runbook,
        parameters: &serde_json::Map<String, Value>,
        folder: &Path,
    ) -> Result<(), Refusal> {
        find_all(&words::required(runbook, parameters)?, &self.environment, folder)
    }

    /// Takes the key of a run, if it has one, and does `work` while no other run can take it. The events say what became of the key.
    pub(super) fn with_key<T>(
        &self,
        key: Option<&str>,
        run: &RunId,
        locking: &Locking,
        work: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<(T, Vec<Event>), Refusal> {
        let Some(key) = key else {
            return Ok((work()?, Vec::new()));
        };
        let claim = Claim {
            key,
            run,
            me: &self.me,
            locking,
            state: &self.state,
            console: self.console,
            plain: self.manner.plain || self.is_headless(),
        };
        claim.take(work)
    }

    /// Begins the record of a run: its folder, with a snapshot of the runbook and of the files that it names.
    pub(super) fn create(&self, id: &RunId, loaded: &Valid) -> Result<Recorded, Refusal> {
        let folder = RunFolder::create(&self.state, id, &loaded.source.text, &loaded.files)
            .with_context(|| format!("the run cannot be recorded in `{}`", self.state.path().display()))
            .map_err(|error| Refusal {
                help: "nothing was started; make room there, or record elsewhere: `--state-dir DIR`"
                    .to_owned(),
                ..Refusal::from(error)
            })?;
        Ok(Recorded {
            run: Traversal::new(Arc::clone(&loaded.runbook)),
            seq: 0,
            journal: FileJournal::create(&folder.journal())?,
            folder,
        })
    }

    /// Takes up the record of the run that a person names. Only one process can hold it.
    pub(super) fn reopen(&self, named: &str) -> Result<Recorded, Refusal> {
        let Some(mut recorded) = Recorded::of(find(named, &self.state)?)? else {
            return Err(Refusal {
                exit: Exit::Locked,
                ..Refusal::usage(
                    format!("another process has the run `{named}`"),
                    "wait for it, or end it; nothing was started here",
                )
            });
        };
        recorded.read_letters()?;
        let run = &recorded.run;
        if let Some((node, running)) = run.running().find(|(_, running)| process::lives(*running)) {
            return Err(still_running(run, node, running));
        }
        Ok(recorded)
    }

    /// Goes on with a run that was taken up, with its key: `opening` are the events of that, the first of which says so.
    pub(super) fn go_on(&self, recorded: Recorded, mut opening: Vec<Event>, locking: &Locking) -> Outcome {
        let run = &recorded.run;
        let ((), of_the_key) = self.with_key(run.key(), &run.id(), locking, || Ok(()))?;
        opening.splice(1..1, of_the_key);
        let place = Place {
            run: run.id(),
            folder: run.folder().into(),
        };
        self.drive(recorded, opening, place)
    }

    /// Drives a run as far as it goes now.
    pub(super) fn drive(&self, mut recorded: Recorded, opening: Vec<Event>, place: Place) -> Outcome {
        let headless = self.is_headless();
        let screen = self.console.screen(self.manner.plain);
        let ctrl_c = Arc::new(CtrlC::default());
        let mut operator: Box<dyn Operator> = if headless {
            Box::new(HeadlessOperator::new(self.me.clone(), self.manner.yes))
        } else {
            Box::new(TerminalOperator::new(
                self.me.clone(),
                self.manner.yes,
                screen.clone(),
                Arc::clone(&ctrl_c),
            ))
        };
        let trace = Trace::of(&self.environment, &place.run, recorded.seq);
        let surroundings = Surroundings {
            folder: place.folder,
            environment: self.environment.clone().into(),
        };
        let audience = Audience {
            manner: self.manner,
            console: self.console,
            kept: &recorded.folder,
            trace: trace.clone(),
            live_on: (!headless).then_some(screen),
            surroundings: &surroundings,
        };
        let mut reporter = audience.reporters();
        let run = place.run.clone();
        let folder = recorded.folder.clone();
        let workplace = Workplace {
            surroundings,
            output: Some(recorded.folder),
            run: place.run,
            trace,
        };
        let mut runner = DuctRunner::new(recorded.run.shared_runbook(), workplace)?;
        let reports = engine::channel();
        let _watch = signals::watch(&reports.0, ctrl_c)?;
        let letters = Inbox::of(&folder).watch(&reports.0)?;
        let ports = Ports {
            runner: &mut runner,
            operator: operator.as_mut(),
            journal: &mut recorded.journal,
            clock: &SystemClock,
            reporter: &mut reporter,
            jobs: self.manner.jobs,
        };
        let ended = engine::drive(&mut recorded.run, recorded.seq, opening, ports, reports);
        drop(letters);
        let ended = ended.map_err(|fault| Refusal {
            help: format!(
                "nothing more was started; mend that, and `switchback {} {run}`",
                if recorded.run.is_undoing() {
                    "undo"
                } else {
                    "resume"
                },
            ),
            ..fault.into()
        })?;
        drop(recorded.journal);
        report::summarize(&run, &self.state, self.manner.state_dir.as_deref(), self.console);
        // Who left something just now found that a process has the run, and need not wait for what comes of it.
        if let Err(refusal) = letters::read_all(&folder) {
            // How the run ended is on record. What was left stays, for whoever takes the run up again.
            self.console.say(&format!(
                "what another process left for the run is not on record: {:#}",
                refusal.error
            ));
        }
        if let Some(key) = recorded.run.key().filter(|_| recorded.run.is_past()) {
            locking::free(key, &run, &self.state)?;
        }
        Ok(Exit::from(ended))
    }
}

/// An earlier call of the program went away and left a command running: nobody can say yet what comes of it.
fn still_running(run: &Traversal, node: &NodeId, running: Running) -> Refusal {
    let undo = run.running_undo(node);
    let command = match (undo, run.work(node)) {
        (Some(command), _) | (None, Some(Rendered::Run(command))) => shown(&command.run.argv()),
        _ => node.to_string(),
    };
    let (what, began) = match undo {
        // One thing at a time is undone, so that nothing is on record after it.
        Some(_) => ("undo", None),
        None => ("command", run.began(node)),
    };
    let as_what = named(running);
    let to_end_it = match running {
        Running::Group(process) => format!("-- -{}", process.id),
        Running::Process(process) => process.id.to_string(),
    };
    let since = began.unwrap_or_else(|| run.last_seen());
    Refusal {
        exit: Exit::Locked,
        ..Refusal::usage(
            format!(
                "the {what} of `{node}` still runs, as {as_what}, since {}: {command}",
                since.strftime("%Y-%m-%d %H:%M:%S UTC"),
            ),
            format!(
                "nothing was started here; wait for its end, or end it with `kill -s TERM {to_end_it}`, and then call this again"
            ),
        )
    }
}

/// What runs of a command, by the name that people find it by.
pub(super) fn named(running: Running) -> String {
    match running {
        Running::Group(process) => format!("process group {}", process.id),
        Running::Process(process) => format!("process {}", process.id),
    }
}

/// A run and its record, held by this process.
pub(super) struct Recorded {
    pub(super) run: Traversal,
    seq: u64,
    journal: FileJournal,
    folder: RunFolder,
}

impl Recorded {
    /// Takes up the record in a run's folder; none while another process has it.
    pub(super) fn of(folder: RunFolder) -> Result<Option<Self>, Refusal> {
        let (journal, records) = match FileJournal::open(&folder.journal()) {
            Err(JournalError::Locked(_)) => return Ok(None),
            opened => opened?,
        };
        let (run, seq) = fold(&folder, &records)?;
        Ok(Some(Self {
            run,
            seq,
            journal,
            folder,
        }))
    }

    /// Puts on record what other processes left for the run, and replies to it.
    pub(super) fn read_letters(&mut self) -> Result<(), Refusal> {
        let inbox = Inbox::of(&self.folder);
        for letter in inbox.letters()? {
            let reply = match engine::read(&self.run, &letter) {
                Err(reply) => reply,
                Ok(events) => {
                    for event in events {
                        self.append(event, &letter.id)?;
                    }
                    self.journal.sync()?;
                    Reply::Taken
                }
            };
            inbox.reply(&letter.id, &reply)?;
        }
        Ok(())
    }

    fn append(&mut self, event: Event, letter: &LetterId) -> Result<(), Refusal> {
        let record = Record {
            v: RECORD_VERSION,
            seq: self.seq + 1,
            at: SystemClock.now(),
            letter: Some(letter.clone()),
            event,
        };
        self.journal.append(&record)?;
        self.seq = record.seq;
        Ok(self.run.apply(&record)?)
    }
}

/// Which run it is, and where it works.
pub(super) struct Place {
    pub(super) run: RunId,
    /// The runbook's own folder.
    pub(super) folder: PathBuf,
}

/// The run that a person names, folded from its record; it may be under way.
pub(super) fn open(named: &str, state: &StateDir) -> Result<Traversal, Refusal> {
    let folder = find(named, state)?;
    let records = journal::read(&folder.journal())?;
    Ok(fold(&folder, &records)?.0)
}

/// The folder of the run that a person names.
pub(super) fn find(named: &str, state: &StateDir) -> Result<RunFolder, Refusal> {
    let help = |error: &FindError| match error {
        FindError::Empty(_) => "`switchback run FILE` starts one; `--state-dir DIR` looks elsewhere",
        _ => "`switchback runs` lists them",
    };
    let id = state.find(named).map_err(|error| {
        let help = help(&error);
        Refusal::usage(error.to_string(), help)
    })?;
    Ok(state.run(&id))
}

/// The run of a record, and the number of its last line.
pub(super) fn fold(folder: &RunFolder, records: &[Record]) -> Result<(Traversal, u64), Refusal> {
    if records.is_empty() {
        return Err(Refusal::usage(
            format!(
                "nothing is on record in `{}`: the run never began",
                folder.path().display()
            ),
            "nothing of it was started; start it anew: `switchback run FILE`",
        ));
    }
    let snapshot = folder
        .snapshot()
        .context("the runbook of the run cannot be read")?;
    let kept_digest = journal::digest(&snapshot.runbook, &snapshot.files);
    let source = Source::new(folder.runbook().display().to_string(), snapshot.runbook);
    let kept = |path: &str| {
        let file = snapshot.files.iter().find(|(name, _)| name == path);
        file.map(|(_, text)| text.clone())
            .ok_or_else(|| "it was not kept with the run".to_owned())
    };
    let runbook = load::understand(&source, &kept).runbook.ok_or_else(|| {
        anyhow!("the runbook that was kept with the run is not valid for this version of Switchback")
    })?;
    let mut run = Traversal::new(runbook);
    for record in records {
        run.apply(record)?;
    }
    if run.digest() != kept_digest {
        return Err(anyhow!(
            "the runbook that was kept with the run is not as it was: its digest is {kept_digest}, and the run started with {}; restore `{}` from a copy",
            run.digest(),
            folder.path().display(),
        )
        .into());
    }
    Ok((run, records.last().map_or(0, |record| record.seq)))
}

/// Who calls the program, as far as that is known: the continuous-integration system's word, else the login name.
pub(super) fn person() -> Person {
    let of = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| std::env::var(name).ok());
        values.find(|value| !value.trim().is_empty())
    };
    let ci = is_ci()
        .then(|| of(&["GITHUB_ACTOR", "GITLAB_USER_LOGIN"]))
        .flatten();
    match ci {
        Some(name) => Person {
            name,
            identity: Identity::Ci,
        },
        None => Person {
            name: of(&["SWITCHBACK_OPERATOR", "USER", "LOGNAME"])
                .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw())),
            identity: Identity::Asserted,
        },
    }
}

/// As most systems for continuous integration set it.
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "false" | "0"))
}

/// What commands inherit.
pub(super) fn environment() -> Environment {
    std::env::vars_os().collect()
}

/// Where runs are recorded.
pub(super) fn state_dir(given: Option<&Path>) -> Result<StateDir, Refusal> {
    if let Some(given) = given {
        return Ok(StateDir::at(std::path::absolute(given)?));
    }
    StateDir::of(&environment()).ok_or_else(|| {
        Refusal::usage(
            "neither `XDG_STATE_HOME` nor `HOME` says where runs are recorded",
            "say so: `--state-dir DIR`",
        )
    })
}

/// Whether there is such a command: on `PATH`, or of a name with a `/`, from this folder on.
pub(super) fn is_there(name: &str, path: Option<&OsString>, folder: &Path) -> bool {
    which::which_in(name, path, folder).is_ok()
}

/// Names every command that is not there.
pub(super) fn find_all(names: &[String], environment: &Environment, folder: &Path) -> Result<(), Refusal> {
    let path = environment.get(std::ffi::OsStr::new("PATH"));
    let is_missing = |name: &&String| !is_there(name, path, folder);
    let missing: Vec<String> = names
        .iter()
        .filter(is_missing)
        .map(|name| format!("`{name}`"))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::usage(
        format!("not found on `PATH`: {}", missing.join(", ")),
        "install what is missing, or put its folder on `PATH`; nothing was started",
    ))
}

/// The id of a new run: when it started, in UTC, then three digits for the part of that second and three that tell runs of one moment
/// apart. It reads well in the name of a branch or a file, and ids sort by time: of two runs of one second, `last` is the later one.
pub(super) fn new_id() -> RunId {
    let now = jiff::Timestamp::now();
    let part = i64::from(now.subsec_nanosecond()) * 0x1000 / 1_000_000_000;
    let apart = uuid::Uuid::new_v4().simple().to_string();
    RunId(format!(
        "{}-{part:03x}{}",
        now.strftime("%Y%m%d-%H%M%S"),
        &apart[..3]
    ))
}
