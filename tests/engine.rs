//! The one loop, with ports that only write down what they are asked.

mod support;

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::num::NonZeroUsize;
use std::rc::Rc;

use jiff::Timestamp;
use support::{ana, runbook};
use switchback::engine::{
    Clock, CommandRunner, Ended, Fault, Journal, Letter, Message, Operator, Ports, Replies, Reply, Report,
    Reporter, Reports, channel, drive, rehearse,
};
use switchback::model::{NodeId, Stream};
use switchback::traverse::{
    Consent, Event, LetterId, Outcome, Owner, Record, Rejected, RunId, RunState, Source, Step, Subject,
    Traversal, Word,
};

/// What the ports were asked, in order.
type Log = Rc<RefCell<Vec<String>>>;

/// Starts everything, and lets it end only when no more is started: the last first.
struct Runner {
    log: Log,
    open: Vec<Step>,
    at_most: usize,
}

/// Ends what is open once the engine has nothing more to start. The engine waits on its channel then, so this is the moment.
impl CommandRunner for Runner {
    fn start(&mut self, step: Step, reports: &Reports) {
        self.log
            .borrow_mut()
            .push(format!("start {}", step.owner().expect("it is a machine's")));
        let is_alone = step.takes_the_terminal();
        self.open.push(step);
        if self.open.len() == self.at_most || is_alone {
            for step in self.open.drain(..).rev() {
                if let Step::Execute { node, attempt, .. } = step {
                    let ended = Event::Finished {
                        node,
                        attempt,
                        outcome: Outcome::Exited(0),
                        captures: serde_json::Map::new(),
                        took: std::time::Duration::ZERO,
                    };
                    reports.send(Report::Event(ended)).expect("the engine listens");
                }
            }
        }
    }

    fn interrupt(&mut self) {
        self.log.borrow_mut().push("interrupt".to_owned());
    }
}

/// Merely changing is agreed to, also by nobody.
struct Agrees {
    log: Log,
    is_there: bool,
}

impl Operator for Agrees {
    fn start(&mut self, steps: Vec<Step>, _: &Traversal, _: &Reports) -> Vec<Report> {
        let said = |step| match step {
            Step::Confirm(consent) => Report::Said {
                word: Word::Confirm(consent.node),
                by: ana(),
            },
            step => Report::Nobody(step.owner().expect("it is a person's")),
        };
        steps.into_iter().map(said).collect()
    }

    fn withdraw(&mut self, _: &Owner, _: &str) {}

    fn interrupt(&mut self) {}

    fn lend(&mut self) {
        self.log.borrow_mut().push("lend".to_owned());
    }

    fn take_back(&mut self) {
        self.log.borrow_mut().push("take back".to_owned());
    }

    fn reject(&mut self, _: &Rejected) {}

    fn has_a_person(&self) -> bool {
        self.is_there
    }
}

/// Keeps the record until `room` records are kept; then the disk is full.
struct Paper {
    log: Log,
    room: usize,
}

impl Journal for Paper {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        if let Event::Started { node, .. } = &record.event {
            self.log.borrow_mut().push(format!("intent {node}"));
        }
        self.room = self.room.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.log.borrow_mut().push("sync".to_owned());
        Ok(())
    }
}

struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
}

struct Silent;

impl Reporter for Silent {
    fn record(&mut self, _: &Record, _: &Traversal) {}
    fn output(&mut self, _: &NodeId, _: Stream, _: &[u8]) {}
    fn note(&mut self, _: &Owner, _: &str) {}
}

/// Drives a runbook headless; how it ended, and what the ports were asked.
fn driven(yaml: &str, jobs: usize, room: usize) -> (Result<Ended, Fault>, Vec<String>) {
    driven_by(false, yaml, jobs, room)
}

fn driven_by(is_there: bool, yaml: &str, jobs: usize, room: usize) -> (Result<Ended, Fault>, Vec<String>) {
    let log = Log::default();
    let mut operator = Agrees {
        log: Rc::clone(&log),
        is_there,
    };
    let mut run = Traversal::new(runbook(yaml));
    let first = Event::RunStarted {
        run: RunId("r1".to_owned()),
        runbook: "test".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: serde_json::Map::new(),
        by: ana(),
    };
    let opening = rehearse(&run, first, Vec::new()).expect("nobody says anything");
    let mut runner = Runner {
        log: Rc::clone(&log),
        open: Vec::new(),
        at_most: jobs.min(2),
    };
    let mut journal = Paper {
        log: Rc::clone(&log),
        room,
    };
    let ports = Ports {
        runner: &mut runner,
        operator: &mut operator,
        journal: &mut journal,
        clock: &Stopped,
        reporter: &mut Silent,
        jobs: NonZeroUsize::new(jobs).expect("at least one"),
    };
    let ended = drive(&mut run, 0, opening, ports, channel());
    let log = log.borrow().clone();
    (ended, log)
}

const CHAIN: &str = "
nodes:
  a: { action: A, run: [a], next: b }
  b: { action: B, run: [b], next: look }
  look: { action: Look, run: [look], effect: read, next: look_on }
  look_on: { action: Look on, run: [look], effect: read }
";

#[test]
fn an_intent_is_durable_before_its_command_starts_and_shares_a_sync_with_the_outcome_before() {
    let (ended, log) = driven(CHAIN, 1, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Complete);
    let wanted = [
        "intent a",
        "sync",
        "start a", // The run's first record shares this sync.
        "intent b",
        "sync",
        "start b", // So does the outcome of `a`.
        "intent look",
        "sync",
        "start look", // Only the outcome of `b` needs it: what reads needs no durable intent,
        "intent look_on",
        "start look_on", // and so there is none here.
        "sync",
    ];
    // The consent of the operator is on disk before anything follows from it; it comes with a sync of its own at most.
    let without_repeats: Vec<&str> = log.iter().map(String::as_str).collect();
    assert_eq!(
        without_repeats
            .iter()
            .filter(|line| line.starts_with("start"))
            .count(),
        4
    );
    let mut rest = without_repeats.iter();
    for line in wanted {
        assert!(
            rest.any(|it| *it == line),
            "`{line}` is not where it should be in {without_repeats:?}"
        );
    }
    let look_on = without_repeats
        .iter()
        .position(|line| *line == "intent look_on")
        .expect("it ran");
    assert_eq!(
        without_repeats[look_on + 1],
        "start look_on",
        "nothing is synced for what only reads"
    );
}

#[test]
fn ready_steps_run_side_by_side_and_share_one_sync() {
    let wide = "
nodes:
  a: { action: A, run: [a], effect: read }
  b: { action: B, run: [b], effect: read }
  c: { action: C, run: [c], effect: read }
  d: { action: D, run: [d], effect: read }
";
    let (ended, log) = driven(wide, 2, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Complete);
    assert_eq!(
        log,
        [
            "intent a", "intent b", "sync", "start a", "start b", "intent c", "intent d", "start c",
            "start d", "sync"
        ]
    );
}

#[test]
fn when_the_record_cannot_be_kept_nothing_more_starts() {
    let (_, whole) = driven(CHAIN, 1, usize::MAX);
    let starts = |log: &[String]| log.iter().filter(|line| line.starts_with("start")).count();
    let mut before = 0;
    for room in 0..40 {
        let (ended, log) = driven(CHAIN, 1, room);
        // Each start has its intent, and the record of that intent was kept.
        let intents = log.iter().filter(|line| line.starts_with("intent")).count();
        assert!(starts(&log) <= intents);
        assert!(starts(&log) >= before, "more room, and fewer steps");
        before = starts(&log);
        match ended {
            Err(Fault::Journal(error)) => assert_eq!(error.kind(), io::ErrorKind::StorageFull),
            Err(other) => panic!("{other}"),
            Ok(_) => assert_eq!(log, whole),
        }
    }
    assert_eq!(before, 4, "with room enough it runs to its end");
}

/// Machine and person on one stage: what each is doing, and what they report once just that stands open.
struct Stage {
    standing: BTreeSet<String>,
    scenes: VecDeque<(BTreeSet<String>, Vec<Report>)>,
    log: Vec<String>,
}

type Shared = Rc<RefCell<Stage>>;

impl Stage {
    fn enters(&mut self, what: String, reports: &Reports) {
        self.log.push(what.clone());
        self.standing.insert(what);
        while self
            .scenes
            .front()
            .is_some_and(|(when, _)| *when == self.standing)
        {
            let (_, said) = self.scenes.pop_front().expect("it is there");
            for report in said {
                match &report {
                    Report::Event(event) => {
                        let owner = event.owner().expect("it ends a step");
                        self.standing.remove(&format!("run {owner}"));
                    }
                    // Who goes back leaves what they are asked.
                    Report::Said {
                        word: Word::TakeBack(_),
                        ..
                    } => self.standing.retain(|what| !what.starts_with("ask ")),
                    Report::Said { word, .. } => self.leaves(&word.owner()),
                    Report::Nobody(owner) => self.leaves(owner),
                    _ => {}
                }
                reports.send(report).expect("the engine listens");
            }
        }
    }
}

impl Stage {
    /// Somebody is not asked of this owner's step any more; of the others they are.
    fn leaves(&mut self, owner: &Owner) {
        let asked = self
            .standing
            .iter()
            .find(|what| what.starts_with("ask "))
            .cloned();
        let Some(asked) = asked else { return };
        self.standing.remove(&asked);
        let owners = asked["ask ".len()..].split(", ");
        let rest: Vec<&str> = owners.filter(|asked| *asked != owner.to_string()).collect();
        if !rest.is_empty() {
            self.standing.insert(format!("ask {}", rest.join(", ")));
        }
    }
}

struct Machine(Shared, Option<Reports>);

impl CommandRunner for Machine {
    fn start(&mut self, step: Step, reports: &Reports) {
        let owner = step.owner().expect("it is a machine's");
        self.1 = Some(reports.clone());
        self.0.borrow_mut().enters(format!("run {owner}"), reports);
    }

    /// What still runs is cut short.
    fn interrupt(&mut self) {
        let stage = self.0.borrow();
        let running = stage.standing.iter().filter_map(|what| what.strip_prefix("run "));
        for (node, reports) in running.zip(self.1.iter().cycle()) {
            let cut = Report::Cut(Owner::Node(node.into()));
            reports.send(cut).expect("the engine listens");
        }
    }
}

struct Somebody(Shared);

impl Operator for Somebody {
    fn start(&mut self, steps: Vec<Step>, _: &Traversal, reports: &Reports) -> Vec<Report> {
        let mut owners = Vec::new();
        for step in steps {
            owners.push(step.owner().expect("it is a person's").to_string());
            if let Step::Confirm(Consent {
                prompt: Some(prompt), ..
            }) = step
            {
                self.0.borrow_mut().log.push(prompt);
            }
        }
        let asked = format!("ask {}", owners.join(", "));
        self.0.borrow_mut().enters(asked, reports);
        Vec::new()
    }

    fn withdraw(&mut self, owner: &Owner, why: &str) {
        let mut stage = self.0.borrow_mut();
        stage.leaves(owner);
        stage.log.push(format!("withdraw: {why}"));
    }

    fn interrupt(&mut self) {
        self.0.borrow_mut().log.push("leave".to_owned());
    }

    fn reject(&mut self, why: &Rejected) {
        self.0.borrow_mut().log.push(format!("reject: {why}"));
    }

    fn lend(&mut self) {}

    fn take_back(&mut self) {}

    fn has_a_person(&self) -> bool {
        true
    }
}

struct Minutes(Shared);

impl Journal for Minutes {
    fn append(&mut self, record: &Record) -> io::Result<()> {
        let line = match &record.event {
            Event::Answered { question, .. } => format!("{question} is answered"),
            Event::AnswerTakenBack { question, .. } => format!("{question} is open again"),
            Event::Confirmed { node, .. } => format!("{node} is agreed to"),
            Event::Prepared { node, .. } => format!("{node} is prepared"),
            Event::Detected { question, .. } => format!("{question} is looked for"),
            Event::Finished { node, outcome, .. } => format!("{node}: {outcome}"),
            Event::Attested { subject, .. } => format!("{} is seen", subject.owner()),
            _ => return Ok(()),
        };
        self.0.borrow_mut().log.push(line);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn ends(node: &str, code: i32) -> Report {
    Report::Event(Event::Finished {
        node: node.into(),
        attempt: 1,
        outcome: Outcome::Exited(code),
        captures: serde_json::Map::new(),
        took: std::time::Duration::ZERO,
    })
}

fn answers(question: &str, text: &str) -> Report {
    let word = Word::Answer {
        question: question.into(),
        text: text.to_owned(),
        source: Source::Terminal,
    };
    Report::Said { word, by: ana() }
}

fn agrees(node: &str) -> Report {
    let word = Word::Confirm(node.into());
    Report::Said { word, by: ana() }
}

/// Plays a runbook to its end.
fn played(yaml: &str, jobs: usize, scenes: Vec<(&[&str], Vec<Report>)>) -> (Ended, Vec<String>) {
    let (ended, log) = played_until(yaml, jobs, scenes);
    assert_eq!(ended.interrupted, None, "it came to a standstill: {log:#?}");
    (ended, log)
}

/// Plays a runbook: each scene says what stands open, and what is reported then.
fn played_until(yaml: &str, jobs: usize, scenes: Vec<(&[&str], Vec<Report>)>) -> (Ended, Vec<String>) {
    let mut run = Traversal::new(runbook(yaml));
    let first = Event::RunStarted {
        run: RunId("r1".to_owned()),
        runbook: "test".to_owned(),
        folder: "/".to_owned(),
        digest: String::new(),
        parameters: serde_json::Map::new(),
        by: ana(),
    };
    let opening = rehearse(&run, first, Vec::new()).expect("nobody says anything");
    let scenes = scenes
        .into_iter()
        .map(|(when, said)| (when.iter().map(|what| (*what).to_owned()).collect(), said));
    let stage = Rc::new(RefCell::new(Stage {
        standing: BTreeSet::new(),
        scenes: scenes.collect(),
        log: Vec::new(),
    }));
    let reports = channel();
    // A scene that never comes must not keep the test waiting.
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let patience = reports.0.clone();
    let watch = std::thread::spawn(move || {
        let timeout = std::time::Duration::from_secs(20);
        if end.recv_timeout(timeout) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
            let _ = patience.send(Report::Interrupted { signal: 15 });
        }
    });
    let ports = Ports {
        runner: &mut Machine(Rc::clone(&stage), None),
        operator: &mut Somebody(Rc::clone(&stage)),
        journal: &mut Minutes(Rc::clone(&stage)),
        clock: &Stopped,
        reporter: &mut Silent,
        jobs: NonZeroUsize::new(jobs).expect("at least one"),
    };
    let state = drive(&mut run, 0, opening, ports, reports).expect("the journal is kept");
    drop(ended);
    watch.join().expect("it only waits");
    let stage = stage.borrow();
    assert!(stage.scenes.is_empty(), "not all was played: {:#?}", stage.log);
    (state, stage.log.clone())
}

const QUESTIONS: &str = "
nodes:
  q: { question: Q, input: { type: string } }
  r: { question: R, input: { type: string } }
  a: { action: A, run: [a], effect: read }
  b: { action: B, run: [b], effect: read }
";

#[test]
fn questions_that_are_ready_together_stand_open_while_actions_run() {
    let scenes: Vec<(&[&str], _)> = vec![(
        &["run a", "run b", "ask q, r"],
        vec![
            ends("a", 0),
            answers("q", "one"),
            ends("b", 0),
            answers("r", "two"),
        ],
    )];
    let (ended, log) = played(QUESTIONS, 2, scenes);
    assert_eq!(ended.state, RunState::Complete);
    let wanted = "
        a is prepared
        b is prepared
        ask q, r
        run a
        run b
        a: it exited with 0
        q is answered
        b: it exited with 0
        r is answered";
    assert_eq!(log, lines(wanted));
}

#[test]
fn what_is_ready_behind_two_questions_starts_while_the_first_stands_open() {
    let scenes: Vec<(&[&str], _)> = vec![
        (&["ask q, r", "run c"], vec![ends("c", 0)]),
        (&["ask q, r", "run d"], vec![answers("q", "x")]),
        (&["ask r", "run d"], vec![ends("d", 0), answers("r", "y")]),
    ];
    let yaml = "
nodes:
  q: { question: Q, input: { type: string } }
  r: { question: R, input: { type: string } }
  c: { action: C, run: [c], effect: read, next: d }
  d: { action: D, run: [d], effect: read }
";
    let (ended, _) = played(yaml, 2, scenes);
    assert_eq!(ended.state, RunState::Complete);
}

#[test]
fn with_one_job_a_person_and_the_machine_take_turns() {
    let scenes: Vec<(&[&str], _)> = vec![
        (&["ask q, r"], vec![answers("q", "one"), answers("r", "two")]),
        (&["run a"], vec![ends("a", 0)]),
        (&["run b"], vec![ends("b", 0)]),
    ];
    let (ended, log) = played(QUESTIONS, 1, scenes);
    assert_eq!(ended.state, RunState::Complete);
    let wanted = "
        ask q, r
        q is answered
        r is answered
        a is prepared
        run a
        a: it exited with 0
        b is prepared
        run b
        b: it exited with 0";
    assert_eq!(log, lines(wanted));
}

#[test]
fn after_an_unhandled_failure_what_stands_open_is_withdrawn_and_no_answer_is_taken() {
    let wanted = "
        a is prepared
        b is prepared
        ask q, r
        run a
        run b
        a: it exited with 1
        withdraw: `a` failed, so nothing new starts
        withdraw: `a` failed, so nothing new starts
        b: it exited with 0";
    // The answer comes before the engine has withdrawn the question, after it, or never.
    let mut together: Vec<Report> = vec![ends("a", 1), answers("q", "late"), ends("b", 0)];
    for said in 0..3 {
        if said == 1 {
            together = vec![ends("a", 1), ends("b", 0), answers("q", "late")];
        } else if said == 2 {
            together = vec![ends("a", 1), ends("b", 0)];
        }
        let open: &[&str] = &["run a", "run b", "ask q, r"];
        let (ended, mut log) = played(QUESTIONS, 2, vec![(open, std::mem::take(&mut together))]);
        assert_eq!(ended.state, RunState::Failed);
        let mut wanted = lines(wanted);
        // What came of the other step may be taken up first.
        log.sort();
        wanted.sort();
        assert_eq!(log, wanted);
    }
}

#[test]
fn what_runs_on_may_still_ask_for_what_it_needs_after_a_failure() {
    let yaml = "
nodes:
  a: { action: A, run: [a], effect: read }
  b:
    action: B
    run: [b]
    effect: read
    verify: [{ id: seen, confirm: Is it so? }]
";
    let seen = Word::Attest {
        subject: Subject::Check {
            owner: Owner::Node("b".into()),
            check: "seen".into(),
        },
        note: None,
    };
    let seen = Report::Said {
        word: seen,
        by: ana(),
    };
    let scenes: Vec<(&[&str], _)> = vec![
        (&["run a", "run b"], vec![ends("b", 0)]),
        (&["run a", "ask b"], vec![ends("a", 1), seen]),
    ];
    let (ended, log) = played(yaml, 2, scenes);
    assert_eq!(ended.state, RunState::Failed);
    assert!(log.iter().all(|line| !line.starts_with("withdraw")), "{log:?}");
    assert_eq!(log.last().map(String::as_str), Some("b is seen"));
}

#[test]
fn nobody_agrees_to_what_they_were_not_shown() {
    let yaml = "
nodes:
  c: { action: C, run: [c], confirm: \"After {{ run.timeline | length }} lines?\" }
  a: { action: A, run: [a], effect: read }
";
    let scenes: Vec<(&[&str], _)> = vec![
        (&["run a", "ask c"], vec![ends("a", 0), agrees("c")]),
        (&["ask c"], vec![agrees("c")]),
        (&["run c"], vec![ends("c", 0)]),
    ];
    let (ended, log) = played(yaml, 2, scenes);
    assert_eq!(ended.state, RunState::Complete);
    let wanted = "
        a is prepared
        c is prepared
        After 1 lines?
        ask c
        run a
        a: it exited with 0
        reject: what `c` shows has changed since it was asked
        After 2 lines?
        ask c
        c is agreed to
        run c
        c: it exited with 0";
    assert_eq!(log, lines(wanted));
}

#[test]
fn nothing_is_prepared_for_which_there_is_no_room() {
    let yaml = "
nodes:
  a: { action: A, run: [a], effect: read }
  b: { action: B, run: [b], effect: read }
  by_hand: { action: By hand, manual: Do it. }
  c: { action: C, run: [c] }
  q: { question: Q, input: { type: string } }
";
    let scenes: Vec<(&[&str], _)> = vec![
        (&["run a", "run b", "ask q"], vec![answers("q", "x")]),
        // What a person does by hand needs no room, and what they agree to needs some.
        (
            &["run a", "run b", "ask by_hand"],
            vec![ends("a", 0), said("by_hand")],
        ),
        (&["run b", "ask c"], vec![ends("b", 0), agrees("c")]),
        (&["run c"], vec![ends("c", 0)]),
    ];
    let (ended, log) = played(yaml, 2, scenes);
    assert_eq!(ended.state, RunState::Complete);
    let place = |line: &str| log.iter().position(|it| it == line);
    assert!(place("by_hand is prepared") > place("q is answered"), "{log:#?}");
    assert!(place("c is prepared") > place("a: it exited with 0"), "{log:#?}");
}

#[test]
fn an_interrupt_leaves_the_prompt_and_waits_for_what_runs() {
    let scenes: Vec<(&[&str], _)> = vec![(
        &["run a", "run b", "ask q, r"],
        vec![
            Report::Interrupted { signal: 15 },
            answers("q", "late"),
            ends("a", 0),
            ends("b", 0),
        ],
    )];
    let (ended, log) = played_until(QUESTIONS, 2, scenes);
    assert_eq!(ended.interrupted, Some(15));
    assert_eq!(ended.state, RunState::Waiting);
    assert!(log.contains(&"leave".to_owned()), "{log:?}");
    assert!(!log.iter().any(|line| line.starts_with("q is")), "{log:?}");
    assert_eq!(log.last().map(String::as_str), Some("b: it exited with 0"));
}

fn lines(text: &str) -> Vec<String> {
    text.trim().lines().map(|line| line.trim().to_owned()).collect()
}

fn said(node: &str) -> Report {
    let subject = Subject::Node(node.into());
    let word = Word::Attest { subject, note: None };
    Report::Said { word, by: ana() }
}

/// Two steps that take the terminal, among others that could run beside them.
const AT_A_TERMINAL: &str = "
nodes:
  a: { action: A, run: [a], effect: read }
  b: { action: B, run: [b], effect: read }
  edit: { action: Edit, run: [edit], effect: read, terminal: true }
  ask: { action: Ask, run: [ask], effect: read, terminal: true }
  c: { action: C, run: [c], effect: read }
  d: { action: D, run: [d], effect: read }
";

fn starts(log: &[String]) -> Vec<&str> {
    log.iter()
        .filter_map(|line| line.strip_prefix("start "))
        .collect()
}

#[test]
fn what_takes_the_terminal_runs_alone() {
    let (ended, log) = driven_by(true, AT_A_TERMINAL, 3, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Complete);
    let wanted = [
        "intent a",
        "intent b",
        "sync",
        "start a",
        "start b",
        "intent edit",
        "lend",
        "start edit",
        "take back",
        "intent ask",
        "lend",
        "start ask",
        "take back",
        "intent c",
        "intent d",
        "start c",
        "start d",
        "sync",
    ];
    assert_eq!(log, wanted);
}

#[test]
fn what_takes_the_terminal_waits_for_somebody_and_the_rest_does_not() {
    let (ended, log) = driven(AT_A_TERMINAL, 3, usize::MAX);
    assert_eq!(ended.expect("the journal is kept").state, RunState::Waiting);
    assert_eq!(starts(&log), ["a", "b", "c", "d"]);
}

const LOOKED_FOR: &str = "
nodes:
  q: { question: Q, input: { type: string } }
  r: { question: R, detect: { run: [look] }, input: { type: string } }
  s: { question: S, detect: { run: [look] }, input: { type: string }, after: [q] }
";

fn found(question: &str, value: &str) -> Report {
    Report::Event(Event::Detected {
        question: question.into(),
        value: Some(value.into()),
        problem: None,
    })
}

/// What somebody says from another terminal, and where the reply goes.
fn told(words: Vec<Word>, replies: &Replies) -> Report {
    let letter = Letter {
        id: LetterId(format!("{words:?}")),
        message: Message::Said { words, by: ana() },
    };
    let replies = replies.clone();
    Report::Told { letter, replies }
}

fn answer(question: &str, text: &str) -> Word {
    Word::Answer {
        question: question.into(),
        text: text.to_owned(),
        source: Source::Given,
    }
}

#[test]
fn nobody_is_asked_before_all_is_found_out_for_what_is_asked_together() {
    for jobs in [1, 2] {
        let scenes: Vec<(&[&str], _)> = vec![
            (&["run r"], vec![found("r", "one")]),
            (&["ask q, r"], vec![answers("r", "one"), answers("q", "two")]),
            (&["run s"], vec![found("s", "three")]),
            (&["ask s"], vec![answers("s", "three")]),
        ];
        let (ended, _) = played(LOOKED_FOR, jobs, scenes);
        assert_eq!(ended.state, RunState::Complete);
    }
}

#[test]
fn what_is_said_elsewhere_puts_the_prompt_for_it_away_and_leaves_the_others() {
    let (replies, reply) = std::sync::mpsc::sync_channel(4);
    let scenes: Vec<(&[&str], _)> = vec![(
        &["run a", "run b", "ask q, r"],
        vec![
            told(vec![answer("r", "other")], &replies),
            told(vec![answer("r", "another")], &replies),
            told(vec![answer("r", "other")], &replies),
            ends("a", 0),
            answers("r", "late"),
            answers("q", "one"),
            ends("b", 0),
        ],
    )];
    let (ended, log) = played(QUESTIONS, 2, scenes);
    assert_eq!(ended.state, RunState::Complete);
    let wanted = "
        a is prepared
        b is prepared
        ask q, r
        run a
        run b
        withdraw: `r` is answered by ana from another terminal: other
        r is answered
        a: it exited with 0
        q is answered
        b: it exited with 0";
    assert_eq!(log, lines(wanted));
    let replies: Vec<Reply> = reply.try_iter().collect();
    assert!(
        matches!(
            replies.as_slice(),
            [Reply::Taken, Reply::Rejected(_), Reply::Taken]
        ),
        "the first letter again is the first letter: {replies:?}"
    );
}

#[test]
fn what_was_found_out_on_the_ground_of_an_answer_that_was_taken_back_is_not_heard() {
    let (replies, reply) = std::sync::mpsc::sync_channel(4);
    let instead = vec![Word::TakeBack("q".into()), answer("q", "right")];
    let scenes: Vec<(&[&str], _)> = vec![
        (&["run r"], vec![found("r", "one")]),
        (&["ask q, r"], vec![answers("q", "wrong"), answers("r", "one")]),
        (&["run s"], vec![told(instead, &replies), found("s", "stale")]),
        (&["run s"], vec![found("s", "fresh")]),
        (&["ask s"], vec![answers("s", "fresh")]),
    ];
    let (ended, log) = played(LOOKED_FOR, 2, scenes);
    assert_eq!(ended.state, RunState::Complete);
    assert_eq!(reply.try_recv(), Ok(Reply::Taken));
    let looked = log.iter().filter(|line| *line == "s is looked for");
    assert_eq!(looked.count(), 1, "{log:#?}");
    let open = log.iter().position(|line| line == "q is open again");
    assert!(
        open < log.iter().position(|line| line == "s is looked for"),
        "{log:#?}"
    );
}

#[test]
fn somebody_goes_back_in_place_of_agreeing() {
    let yaml = "
nodes:
  q: { question: Q, choices: { a: a, b: b } }
  a: { action: A, run: [a] }
  b: { action: B, run: [b] }
";
    let back = Report::Said {
        word: Word::TakeBack("q".into()),
        by: ana(),
    };
    let scenes: Vec<(&[&str], _)> = vec![
        (&["ask q"], vec![answers("q", "a")]),
        (&["ask a"], vec![back]),
        (&["ask q"], vec![answers("q", "b")]),
        (&["ask b"], vec![agrees("b")]),
        (&["run b"], vec![ends("b", 0)]),
    ];
    let (ended, log) = played(yaml, 1, scenes);
    assert_eq!(ended.state, RunState::Complete);
    let wanted = "
        ask q
        q is answered
        a is prepared
        ask a
        q is open again
        ask q
        q is answered
        b is prepared
        ask b
        b is agreed to
        run b
        b: it exited with 0";
    assert_eq!(log, lines(wanted));
}
