//! An account from a run and its record.

use crate::model::{Check as Look, Feed, Gate as Asked, Invocation, Node, NodeId, NodeKind, Runbook, Stream};
use crate::model::{Command, Effect, Work as Planned};
use crate::report::text::counted;
use crate::traverse::{Checked, Event, GateVerdict, Owner, Person, Record, Rendered, RunState, Traversal};

use super::fold::Fold;
use super::{
    Account, Attempt, Beside, Check, CommandLine, Decision, Digests, Gate, GateState, Kind, Maker, Parameter,
    Printing, Run, Step, Undo, UndoKind, VERSION, Work, order, people, timeline,
};

impl Account {
    /// The account of a run: `run` is the fold of `records`, and `beside` has what is not on record.
    pub fn of(run: &Traversal, records: &[Record], digests: Digests, beside: &dyn Beside) -> Self {
        let fold = Fold::of(run, records, beside);
        let gates = gates(run, &fold);
        Self {
            v: VERSION,
            made_by: Maker {
                name: "switchback".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            run: about(run, &gates),
            parameters: parameters(run.runbook(), records),
            steps: steps(run, records, fold, beside),
            gates,
            timeline: timeline::timeline(run, records),
            people: people::people(run, records),
            digests,
        }
    }
}

/// Whether somebody was asked before an action started: starting a run headless is agreeing to what merely changes.
pub(super) fn was_asked(run: &Traversal, node: &NodeId) -> bool {
    let action = run.runbook().nodes.get(node).and_then(Node::action);
    action.is_some_and(|action| action.confirm.is_some() || action.effect == Effect::Destroy)
}

fn about(run: &Traversal, gates: &[Gate]) -> Run {
    let runbook = run.runbook();
    let state = run.recorded_state();
    let nobody = || Person {
        name: String::new(),
        identity: crate::traverse::Identity::Asserted,
    };
    Run {
        id: run.id().0,
        runbook: runbook.name.clone(),
        title: runbook.title.clone(),
        description: runbook.description.clone(),
        state,
        verdict: verdict(state, gates),
        over: state.is_over(),
        started: run.started(),
        last: run.last_seen(),
        seconds: run.last_seen().duration_since(run.started()).as_secs_f64(),
        by: run.operator().cloned().unwrap_or_else(nobody),
        folder: run.folder().to_owned(),
        lock: run.key().map(str::to_owned),
        undone: run.was_undone(),
    }
}

/// How a run stands, in a sentence.
fn verdict(state: RunState, gates: &[Gate]) -> String {
    let of = |wanted: GateState| gates.iter().filter(|gate| gate.verdict == wanted).count();
    let open = gates.iter().filter(|gate| gate.required && !gate.closed).count();
    let closed = match of(GateState::Waived) {
        _ if gates.is_empty() => "there is no gate".to_owned(),
        0 => "every required gate is closed".to_owned(),
        waived => format!(
            "every required gate is closed, and {} waived",
            counted(waived, "gate was", "gates were")
        ),
    };
    match state {
        RunState::Complete => format!("Complete: {closed}"),
        RunState::Recovered => format!("Recovered: a step failed, that was handled, and {closed}"),
        RunState::Running => "Under way, or cut short: nothing on record says that it was let go".to_owned(),
        RunState::Waiting => "Waiting for a person".to_owned(),
        RunState::Failed => "Failed: a step failed, and nothing handled it".to_owned(),
        RunState::GatesUnmet => format!(
            "Not complete: everything is done, and {} open",
            counted(open, "required gate is", "required gates are")
        ),
        RunState::InDoubt => "In doubt: a step was started, and nobody knows whether it is done".to_owned(),
        RunState::Stopped => "Stopped by a person".to_owned(),
        RunState::Cancelled => "Given up".to_owned(),
    }
}

/// The values of the parameters, in the order in which the runbook declares them.
fn parameters(runbook: &Runbook, records: &[Record]) -> Vec<Parameter> {
    let Some(Event::RunStarted { parameters, .. }) = records.first().map(|record| &record.event) else {
        return Vec::new();
    };
    let declared = runbook.parameters.values();
    let with_value = declared.filter_map(|parameter| {
        Some(Parameter {
            name: parameter.id.to_string(),
            value: parameters.get(parameter.id.as_str())?.clone(),
            description: parameter.description.clone(),
        })
    });
    with_value.collect()
}

fn gates(run: &Traversal, fold: &Fold<'_>) -> Vec<Gate> {
    let standing = run.gates();
    standing
        .enumerate()
        .map(|(position, (gate, verdict))| self::gate(run, fold, position, gate, &verdict))
        .collect()
}

fn gate(run: &Traversal, fold: &Fold<'_>, position: usize, gate: &Asked, verdict: &GateVerdict) -> Gate {
    let said = &fold.gates[position];
    let owner = Owner::Gate(gate.id.clone());
    // The answer to a question decides it without a word of its own.
    let by_answer = run.decided(&gate.id).map(|(outcome, by)| Decision {
        outcome: outcome.to_string(),
        by: by.clone(),
        at: None,
        note: None,
        in_advance: false,
    });
    Gate {
        id: gate.id.to_string(),
        title: gate.title.clone(),
        required: gate.required,
        verdict: verdict.into(),
        closed: verdict.is_closed(),
        reason: Some(verdict.reason().to_owned()).filter(|reason| !reason.is_empty()),
        when: gate.when.as_ref().map(|when| when.0.clone()),
        expected_of: gate.by.clone(),
        checks: checks(run, fold, &owner, &gate.verify),
        statement: gate.attest.as_ref().map(|text| run.text(text)),
        statements: said.statements.clone(),
        outcomes: gate.decide.iter().map(ToString::to_string).collect(),
        decision: said.decision.clone().or(by_answer),
        waiver: said.waiver.clone(),
    }
}

/// What an owner's checks look at, and what came of them last.
fn checks(run: &Traversal, fold: &Fold<'_>, owner: &Owner, looks: &[Look]) -> Vec<Check> {
    let titles = run.described_checks(owner);
    let made = run.checks(owner);
    let all = looks.iter().zip(titles).zip(made).enumerate();
    all.map(|(index, ((look, title), made))| {
        let described = run.rendered_check(look).map(|look| look.to_string()).ok();
        let at = made.as_ref().and_then(|_| fold.looked(owner, index));
        let (verdict, evidence, by) = match made {
            Some(Checked {
                verdict,
                evidence,
                by,
            }) => (Some(verdict), Some(evidence), by),
            None => (None, None, None),
        };
        Check {
            id: look.id.as_ref().map(ToString::to_string),
            look: described.filter(|described| *described != title),
            title,
            verdict,
            evidence: evidence.filter(|evidence| !evidence.is_empty()),
            at,
            by,
        }
    })
    .collect()
}

fn steps(run: &Traversal, records: &[Record], mut fold: Fold<'_>, beside: &dyn Beside) -> Vec<Step> {
    let reached = order::reached(run, records);
    let nodes = &run.runbook().nodes;
    let mut is_reached = vec![false; nodes.len()];
    for position in &reached {
        is_reached[*position] = true;
    }
    let others = (0..nodes.len()).filter(|position| !is_reached[*position]);
    let all: Vec<usize> = reached.iter().copied().chain(others).collect();
    let undoables = run.undoables();
    let mut steps = Vec::with_capacity(all.len());
    for position in all {
        let node = &nodes[position];
        let undo = undoables.iter().find(|undo| undo.node == node.id);
        let undo = undo.map(|undo| UndoKind::of(&undo.state));
        let mut step = step(run, &mut fold, position, is_reached[position], beside, undo);
        print(&mut step, node, beside);
        steps.push(step);
    }
    steps
}

fn step(
    run: &Traversal,
    fold: &mut Fold<'_>,
    position: usize,
    reached: bool,
    beside: &dyn Beside,
    undo: Option<(UndoKind, Option<String>)>,
) -> Step {
    let node = &run.runbook().nodes[position];
    let done = std::mem::take(&mut fold.steps[position]);
    let owner = Owner::Node(node.id.clone());
    let action = node.action();
    let about = match &node.kind {
        NodeKind::Question(question) => question.help.as_ref(),
        NodeKind::Action(action) => action.description.as_ref(),
    };
    let captures = run.captures(&node.id).and_then(|captures| captures.as_object());
    Step {
        id: node.id.to_string(),
        title: node.title().to_owned(),
        kind: kind(node),
        effect: action
            .filter(|action| !matches!(action.work, Planned::Milestone))
            .map(|action| action.effect),
        state: run.state(&node.id),
        why: run.why(&node.id).map(|why| why.to_string()),
        reached,
        description: about.map(|text| run.text(text)),
        expect: action
            .and_then(|action| action.expect.as_ref())
            .map(|text| run.text(text)),
        detected: done.detected,
        // One that was given up front counts when its question is asked.
        answer: done.answer.filter(|_| run.answer(&node.id).is_some()),
        work: run.work(&node.id).map(|work| self::work(work, beside)),
        consent: done.consent,
        attempts: done.attempts,
        captures: captures.cloned().unwrap_or_default(),
        checks: action.map_or_else(Vec::new, |action| checks(run, fold, &owner, &action.verify)),
        statements: done.statements,
        resolutions: done.resolutions,
        undo: undo.map(|(state, why)| Undo {
            state,
            why,
            command: done.undo_command,
            consent: done.undo_consent,
            attempts: done.undo_attempts,
            resolutions: done.undo_resolutions,
        }),
    }
}

fn kind(node: &Node) -> Kind {
    match &node.kind {
        NodeKind::Question(_) => Kind::Question,
        NodeKind::Action(action) => match action.work {
            Planned::Milestone => Kind::Milestone,
            Planned::Run { .. } => Kind::Command,
            Planned::Manual(_) => Kind::Manual,
            Planned::Write(_) => Kind::Write,
        },
    }
}

fn work(work: &Rendered, beside: &dyn Beside) -> Work {
    match work {
        Rendered::Run(command) => Work::Command {
            command: command_line(command, beside),
        },
        Rendered::Manual(text) => Work::Manual { text: text.clone() },
        Rendered::Write {
            path,
            content,
            overwrite,
        } => Work::Write {
            path: path.clone(),
            content: content.clone(),
            overwrite: *overwrite,
        },
    }
}

/// A command as it is run. A secret is a reference in it, and what is put into its environment may be one in all but name: only names are told.
pub(super) fn command_line(command: &Command<String>, beside: &dyn Beside) -> CommandLine {
    let argv = command.run.argv();
    let (line, script) = match &command.run {
        Invocation::Exec(argv) => (beside.typed(argv), false),
        Invocation::Shell { script, .. } => (script.trim_end().to_owned(), true),
    };
    CommandLine {
        line,
        argv,
        script,
        directory: command.cwd.clone(),
        environment: command.env.keys().cloned().collect(),
        stdin: command.stdin.as_ref().map(|feed| match feed {
            Feed::Text(text) => text.clone(),
            Feed::Secret { id, prefix } => format!("{prefix}‹secret:{id}›"),
        }),
        terminal: command.terminal,
        timeout: command.timeout.map(|timeout| timeout.as_secs_f64()),
    }
}

/// Adds what the attempts printed.
fn print(step: &mut Step, node: &Node, beside: &dyn Beside) {
    let printed = |attempt: &Attempt, stream, undo| {
        beside.printed(&Printing {
            node: &node.id,
            attempt: attempt.number,
            stream,
            undo,
        })
    };
    let undos = step.undo.iter_mut().flat_map(|undo| &mut undo.attempts);
    let undos = undos.map(|attempt| (attempt, true));
    let own = step.attempts.iter_mut().map(|attempt| (attempt, false));
    for (attempt, undo) in own.chain(undos) {
        attempt.stdout = printed(attempt, Stream::Stdout, undo);
        attempt.stderr = printed(attempt, Stream::Stderr, undo);
    }
}
