use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use crate::adapter::operator::HeadlessOperator;
use crate::adapter::simulated::{Forgotten, SimulatedClock, SimulatedRunner, Unheard};
use crate::engine::{self, Ports};
use crate::model::{Case, ParameterId, Said, Test, plain};
use crate::traverse::{Event, Identity, Person, RunId, Traversal};

use super::super::args::People;
use super::super::error::Refusal;
use super::super::exit_code::Exit;
use super::super::words;

/// The run of every case: its id is of the moment at which it begins.
const RUN: &str = "20260101-000000-000000";
const BEGINS: Timestamp = Timestamp::constant(1_767_225_600, 0);
const OPERATOR: &str = "test";

/// What came of a case.
pub(super) struct Played {
    /// What the program would exit with.
    pub(super) exit: Exit,
    /// The run at its end; before its first event, if it could not begin.
    pub(super) run: Traversal,
    /// Why it could not begin.
    pub(super) refused: Option<String>,
    /// What the case simulates and nothing came of. What is simulated for every case need not come in each.
    pub(super) unused: Vec<Unused>,
    /// How long it took for real.
    pub(super) took: Duration,
}

/// An entry of `simulate` of which nothing came.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Unused {
    /// Where it stands in the case.
    pub(super) at: String,
    /// What it is about, as it is written.
    pub(super) about: String,
}

/// Plays a case, as `run --headless` would: the same words are taken and refused, and the same engine drives the same run. It begins as a
/// copy of the one that never began.
pub(super) fn play(empty: &Traversal, test: &Test, case: &Case) -> Played {
    let began = Instant::now();
    let mut run = empty.clone();
    let mut unused = Vec::new();
    let (exit, refused) = match drive(&mut run, test, case, &mut unused) {
        Ok(exit) => (exit, None),
        Err(refusal) => {
            let mut why = format!("{:#}", refusal.error);
            if !refusal.help.is_empty() {
                why.push_str(&format!("; {}", refusal.help));
            }
            (refusal.exit, Some(why))
        }
    };
    Played {
        exit,
        run,
        refused,
        unused,
        took: began.elapsed(),
    }
}

fn drive(run: &mut Traversal, test: &Test, case: &Case, unused: &mut Vec<Unused>) -> Result<Exit, Refusal> {
    let runbook = run.shared_runbook();
    let me = Person {
        name: OPERATOR.to_owned(),
        identity: Identity::Asserted,
    };
    let parameters = words::parameters(&runbook, &parameters(test, case))?;
    let key = words::key(&runbook, &parameters)?;
    let said = words::words(run, &people(&case.said), &me)?;
    let first = Event::RunStarted {
        run: RunId(RUN.to_owned()),
        runbook: runbook.name.clone(),
        folder: String::new(),
        digest: String::new(),
        parameters,
        by: me.clone(),
    };
    let mut opening = engine::rehearse(run, first, said).map_err(words::refused)?;
    opening.splice(1..1, key.map(|key| Event::Locked { key }));

    let clock = SimulatedClock::at(BEGINS);
    let simulate = case.simulate.iter().chain(&test.simulate).cloned().collect();
    let mut runner = SimulatedRunner::new(runbook, simulate, clock.clone());
    let ports = Ports {
        runner: &mut runner,
        operator: &mut HeadlessOperator::new(me, false),
        journal: &mut Forgotten,
        clock: &clock,
        reporter: &mut Unheard,
        // What is simulated is done at once: one thing after the other.
        jobs: NonZeroUsize::MIN,
    };
    let exit = engine::drive(run, 0, opening, ports, engine::channel())?.into();
    let own = case.simulate.iter().zip(runner.fitted());
    let never = own.filter(|(_, fitted)| !fitted);
    unused.extend(never.map(|(simulation, _)| Unused {
        at: format!("simulate.{}", simulation.index),
        about: simulation.what.to_string(),
    }));
    Ok(exit)
}

/// As they are given with `-p`; those of the case go before those of every case.
fn parameters(test: &Test, case: &Case) -> Vec<String> {
    let is_own = |id: &ParameterId| case.parameters.contains_key(id);
    let of_every_case = test.parameters.iter().filter(|(id, _)| !is_own(id));
    let all = of_every_case.chain(&case.parameters);
    all.map(|(id, value)| format!("{id}={}", plain(value))).collect()
}

/// The words as they are typed.
fn people(said: &Said) -> People {
    let typed = |words: &indexmap::IndexMap<String, String>| {
        words.iter().map(|(id, text)| format!("{id}={text}")).collect()
    };
    People {
        answers: typed(&said.answers),
        attest: typed(&said.attest),
        decide: typed(&said.decide),
        confirm: said.confirm.clone(),
        waive: typed(&said.waive),
        ..People::default()
    }
}
