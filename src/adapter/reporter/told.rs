//! A run as a test tells it, and the runbook that it is of.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indexmap::IndexMap;
use jiff::Timestamp;

use crate::model::{
    Action, CaptureId, Check, CheckId, Choice, ChoiceId, Command, DEFAULT_EVERY, DEFAULT_GRACE,
    DEFAULT_TIMEOUT, Domain, Effect, Form, Gate, GateId, Invocation, Join, Kind, Links, Look, Next, Node,
    NodeId, NodeKind, OnInterrupt, Question, Runbook, Template, Value, Work,
};
use crate::traverse::{
    Checked, Event, GateVerdict, Identity, Owner, Person, RECORD_VERSION, Record, Rendered, RunId, State,
    Step, Subject, Undoable, Verdict, Why,
};

use super::screen::Screen;
use super::style::Style;
use super::view::View;

/// A run as a test tells it. Nodes are pending unless told otherwise.
pub(in crate::adapter) struct Told {
    pub(in crate::adapter) runbook: Runbook,
    pub(in crate::adapter) states: HashMap<NodeId, (State, Option<Why>)>,
    pub(in crate::adapter) attempts: HashMap<NodeId, u32>,
    pub(in crate::adapter) works: HashMap<NodeId, Rendered>,
    pub(in crate::adapter) wanted: Vec<CaptureId>,
    pub(in crate::adapter) answers: HashMap<NodeId, Value>,
    pub(in crate::adapter) checks: HashMap<Owner, Vec<Option<Checked>>>,
    pub(in crate::adapter) gates: HashMap<GateId, GateVerdict>,
    pub(in crate::adapter) undoables: Vec<Undoable>,
}

impl Told {
    pub(in crate::adapter) fn new(runbook: Runbook) -> Self {
        Self {
            runbook,
            states: HashMap::new(),
            attempts: HashMap::new(),
            works: HashMap::new(),
            wanted: Vec::new(),
            answers: HashMap::new(),
            checks: HashMap::new(),
            gates: HashMap::new(),
            undoables: Vec::new(),
        }
    }

    pub(in crate::adapter) fn state(mut self, node: &str, state: State) -> Self {
        self.states.insert(node.into(), (state, None));
        self
    }

    pub(in crate::adapter) fn because(mut self, node: &str, state: State, why: Why) -> Self {
        self.states.insert(node.into(), (state, Some(why)));
        self
    }

    pub(in crate::adapter) fn answer(mut self, node: &str, answer: &str) -> Self {
        self.answers.insert(node.into(), Value::from(answer));
        self.state(node, State::Succeeded)
    }

    pub(in crate::adapter) fn attempted(mut self, node: &str) -> Self {
        self.attempts.insert(node.into(), 1);
        self
    }

    pub(in crate::adapter) fn check(mut self, owner: Owner, verdict: Verdict, evidence: &str) -> Self {
        let made = Checked {
            verdict,
            evidence: evidence.to_owned(),
            by: None,
        };
        self.checks.entry(owner).or_default().push(Some(made));
        self
    }
}

impl View for Told {
    fn runbook(&self) -> &Runbook {
        &self.runbook
    }

    fn id(&self) -> RunId {
        RunId("20261122-135000-3f9a".to_owned())
    }

    fn started(&self) -> Timestamp {
        at(0)
    }

    fn state(&self, node: &NodeId) -> State {
        self.states.get(node).map_or(State::Pending, |(state, _)| *state)
    }

    fn why(&self, node: &NodeId) -> Option<Why> {
        self.states.get(node).and_then(|(_, why)| why.clone())
    }

    fn attempts(&self, node: &NodeId) -> u32 {
        self.attempts.get(node).copied().unwrap_or(0)
    }

    fn began(&self, node: &NodeId) -> Option<Timestamp> {
        self.attempts.get(node).map(|_| at(1))
    }

    fn work(&self, node: &NodeId) -> Option<&Rendered> {
        self.works.get(node)
    }

    fn captures_wanted(&self, _node: &NodeId) -> Vec<CaptureId> {
        self.wanted.clone()
    }

    fn answer(&self, question: &NodeId) -> Option<&Value> {
        self.answers.get(question)
    }

    fn is_confirmed(&self, _node: &NodeId) -> bool {
        false
    }

    fn is_attested(&self, _subject: &Subject) -> bool {
        false
    }

    fn is_decided(&self, _gate: &GateId) -> bool {
        false
    }

    fn checks(&self, owner: &Owner) -> Vec<Option<Checked>> {
        self.checks.get(owner).cloned().unwrap_or_default()
    }

    fn gate(&self, gate: &GateId) -> GateVerdict {
        self.gates.get(gate).cloned().unwrap_or(GateVerdict::Waiting {
            reason: "the run has not come to it".to_owned(),
        })
    }

    fn offer(&self, _owner: &Owner) -> Option<Step> {
        None
    }

    fn next(&self, _busy: &BTreeSet<Owner>) -> Option<Step> {
        None
    }

    fn captures(&self, _node: &NodeId) -> Option<&Value> {
        None
    }

    fn text(&self, template: &Template) -> String {
        template.0.clone()
    }

    fn is_undoing(&self) -> bool {
        !self.undoables.is_empty()
    }

    fn undoables(&self) -> Vec<Undoable> {
        self.undoables.clone()
    }

    fn running_undo(&self, _node: &NodeId) -> Option<&Command<String>> {
        None
    }
}

/// What a screen shows.
#[derive(Clone, Default)]
pub(in crate::adapter) struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    pub(in crate::adapter) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A screen that is not there, and what it shows.
pub(in crate::adapter) fn screen() -> (Screen, Printed) {
    let printed = Printed::default();
    let style = Style {
        colour: false,
        unicode: true,
        width: 80,
    };
    (Screen::printed(printed.clone(), style), printed)
}

/// The same where everything is said in words.
pub(in crate::adapter) fn spoken() -> (Screen, Printed) {
    let printed = Printed::default();
    let style = Style {
        colour: true,
        unicode: true,
        width: 80,
    };
    (Screen::spoken(printed.clone(), style), printed)
}

fn at(second: u64) -> Timestamp {
    Timestamp::UNIX_EPOCH + Duration::from_secs(1_795_355_400 + second)
}

/// A record, at one second a record.
pub(in crate::adapter) fn record(seq: u64, event: Event) -> Record {
    Record {
        v: RECORD_VERSION,
        seq,
        at: at(seq - 1),
        event,
    }
}

/// Somebody.
pub(in crate::adapter) fn ana() -> Person {
    Person {
        name: "ana".to_owned(),
        identity: Identity::Asserted,
    }
}

/// A command as it runs.
pub(in crate::adapter) fn command(argv: &[&str]) -> Command<String> {
    Command {
        run: Invocation::Exec(argv.iter().map(|arg| (*arg).to_owned()).collect()),
        cwd: None,
        env: IndexMap::new(),
        stdin: None,
        terminal: false,
        timeout: Some(DEFAULT_TIMEOUT),
        grace: DEFAULT_GRACE,
    }
}

/// A roll-back in small: one question leads to a step and the other to a tag; a gate stands beside.
pub(in crate::adapter) fn rollback() -> Runbook {
    let nodes = [
        choice(
            "last_deploy",
            "Was it the last deploy?",
            &[("yes", &["rollback"]), ("no", &["good_tag"])],
        ),
        choice(
            "migration",
            "Is it a migration?",
            &[("yes", &["restore_backup"]), ("no", &[])],
        ),
        input("good_tag", "Which tag was last known good?", &["deploy_tag"]),
        action(
            "restore_backup",
            "Restore the backup",
            Work::Manual("Use the panel.".into()),
            &[],
        ),
        Node {
            links: Links {
                needs: vec!["restore_backup".into()],
                ..Links::default()
            },
            ..action(
                "rollback",
                "Point the site back",
                run(&["dep", "rollback"]),
                &["restored"],
            )
        },
        action(
            "deploy_tag",
            "Deploy the tag",
            run(&["dep", "deploy"]),
            &["restored"],
        ),
        action("restored", "A good release is live", Work::Milestone, &[]),
    ];
    Runbook {
        name: "rollback".to_owned(),
        title: "Roll back production".to_owned(),
        description: None,
        parameters: IndexMap::new(),
        secrets: IndexMap::new(),
        requires: Vec::new(),
        lock: None,
        start: None,
        nodes: nodes.into_iter().map(|node| (node.id.clone(), node)).collect(),
        allow: Vec::new(),
        gates: [
            gate("verified_live", "Production loads"),
            gate("fix_queued", "The fix is queued"),
        ]
        .into_iter()
        .map(|gate| (gate.id.clone(), gate))
        .collect(),
    }
}

fn next(to: &[&str]) -> Next {
    Next::Nodes(to.iter().map(|id| NodeId::from(*id)).collect())
}

fn node(id: &str, next: Next, kind: NodeKind) -> Node {
    let links = Links {
        next,
        when: None,
        join: Join::Any,
        after: Vec::new(),
        needs: Vec::new(),
    };
    Node {
        id: id.into(),
        links,
        kind,
        allow: Vec::new(),
    }
}

fn choice(id: &str, title: &str, choices: &[(&str, &[&str])]) -> Node {
    let choices = choices
        .iter()
        .map(|(id, to)| {
            let choice = Choice {
                label: None,
                next: next(to),
                decides: IndexMap::new(),
            };
            (ChoiceId::from(*id), choice)
        })
        .collect();
    node(id, next(&[]), question(title, Form::Choices(choices)))
}

fn input(id: &str, title: &str, to: &[&str]) -> Node {
    let form = Form::Input {
        domain: Domain::of(Kind::String),
        suggest: None,
    };
    node(id, next(to), question(title, form))
}

fn question(title: &str, form: Form) -> NodeKind {
    NodeKind::Question(Question {
        title: title.to_owned(),
        help: None,
        form,
        detect: None,
        default: None,
    })
}

fn run(argv: &[&str]) -> Work {
    let command = command(argv)
        .try_map(|arg| Ok::<_, ()>(Template::from(arg.as_str())), |_| Err(()))
        .unwrap();
    Work::Run {
        command,
        capture: IndexMap::new(),
    }
}

fn action(id: &str, title: &str, work: Work, to: &[&str]) -> Node {
    let verify = match work {
        Work::Run { .. } => vec![
            look(
                None,
                Some("the site answers"),
                Look::File {
                    path: "/site".into(),
                    content: Default::default(),
                },
            ),
            look(Some("seen"), None, Look::Confirm("Does the site work?".into())),
        ],
        _ => Vec::new(),
    };
    let action = Action {
        title: title.to_owned(),
        description: None,
        work,
        effect: Effect::Change,
        confirm: None,
        expect: (id == "rollback").then(|| "the site recovers\nwithin 30 seconds".into()),
        verify,
        idempotent: false,
        retry: None,
        on_failure: Vec::new(),
        on_interrupt: OnInterrupt::Ask,
        undo: None,
    };
    node(id, next(to), NodeKind::Action(Box::new(action)))
}

fn look(id: Option<&str>, title: Option<&str>, look: Look) -> Check {
    Check {
        id: id.map(CheckId::from),
        title: title.map(str::to_owned),
        negated: false,
        within: None,
        every: DEFAULT_EVERY,
        look,
    }
}

fn gate(id: &str, title: &str) -> Gate {
    Gate {
        id: id.into(),
        title: title.to_owned(),
        when: None,
        verify: vec![look(None, Some("no errors"), Look::Expr("true".into()))],
        attest: Some("Production loads.".into()),
        decide: if id == "fix_queued" {
            vec!["now".into(), "later".into()]
        } else {
            Vec::new()
        },
        by: vec!["on call".to_owned()],
        in_advance: true,
        required: id == "verified_live",
        allow: Vec::new(),
    }
}
