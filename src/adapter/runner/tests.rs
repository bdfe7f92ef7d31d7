use std::fs;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Map;

use crate::adapter::journal::StateDir;
use crate::adapter::process::{Environment, lives};
use crate::engine::REPORTS_AHEAD;
use crate::model::{
    Action, Capture, Check, Choice, Command, Effect, Feed, Form, Invocation, Links, Look, Matcher, Node,
    NodeId, NodeKind, OnInterrupt, Part, Pattern, Question, SecretId, SecretSource, Stream, Value, Work,
};
use crate::traverse::{Event, Outcome, Owner, ProcessId, Running, Verdict};

use super::*;

const LONG: Duration = Duration::from_secs(60);

fn script(script: &str) -> Command<String> {
    Command {
        run: Invocation::Shell {
            shell: ["sh", "-eu", "-c"].map(str::to_owned).to_vec(),
            script: script.to_owned(),
        },
        cwd: None,
        env: IndexMap::new(),
        stdin: None,
        terminal: false,
        timeout: Some(LONG),
        grace: LONG,
    }
}

fn question() -> Node {
    let choice = || Choice {
        label: None,
        next: crate::model::Next::Stop,
        decides: IndexMap::new(),
    };
    Node {
        id: NodeId::from("sure"),
        links: Links::default(),
        allow: Vec::new(),
        kind: NodeKind::Question(Question {
            title: String::new(),
            help: None,
            form: Form::Choices(IndexMap::from([
                ("yes".into(), choice()),
                ("no".into(), choice()),
            ])),
            detect: None,
            default: None,
        }),
    }
}

fn action(capture: IndexMap<crate::model::CaptureId, Capture>) -> Node {
    let command = script("").try_map(
        |text| Ok::<_, ()>(text.as_str().into()),
        |text| Ok(text.as_str().into()),
    );
    Node {
        id: NodeId::from("deploy"),
        links: Links::default(),
        allow: Vec::new(),
        kind: NodeKind::Action(Box::new(Action {
            title: String::new(),
            description: None,
            work: Work::Run {
                command: command.unwrap(),
                capture,
            },
            effect: Effect::Change,
            confirm: None,
            expect: None,
            verify: Vec::new(),
            idempotent: false,
            retry: None,
            on_failure: Vec::new(),
            on_interrupt: OnInterrupt::Ask,
            undo: None,
        })),
    }
}

struct World {
    folder: tempfile::TempDir,
    output: RunFolder,
    runner: DuctRunner,
    reports: Reports,
    incoming: Receiver<Report>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let release = Capture {
            stream: Stream::Stdout,
            part: Part::Regex(Pattern::new(r"release (\S+)").unwrap()),
        };
        let nodes = [question(), action(IndexMap::from([("release".into(), release)]))];
        let secret = script("echo hunter2hunter2; echo x >> read")
            .try_map(
                |text| Ok::<_, ()>(text.as_str().into()),
                |text| Ok(text.as_str().into()),
            )
            .unwrap();
        let runbook = Runbook {
            name: "test".to_owned(),
            title: String::new(),
            description: None,
            parameters: IndexMap::new(),
            secrets: IndexMap::from([
                (SecretId::from("token"), SecretSource::Command(Box::new(secret))),
                (SecretId::from("short"), SecretSource::File("short".to_owned())),
            ]),
            requires: Vec::new(),
            lock: None,
            start: None,
            nodes: nodes.into_iter().map(|node| (node.id.clone(), node)).collect(),
            gates: IndexMap::new(),
            notify: Vec::new(),
            allow: Vec::new(),
        };
        let run = RunId("0199".to_owned());
        let output = RunFolder::create(&StateDir::at(folder.path().join("state")), &run, "", &[]).unwrap();
        let path = std::env::var_os("PATH").unwrap();
        let workplace = Workplace {
            surroundings: Surroundings {
                folder: folder.path().to_owned(),
                environment: Environment::from([("PATH".into(), path)]).into(),
            },
            output: Some(output.clone()),
            run,
            trace: None,
        };
        let (reports, incoming) = sync_channel(REPORTS_AHEAD);
        Self {
            folder,
            output,
            runner: DuctRunner::new(Arc::new(runbook), workplace).unwrap(),
            reports,
            incoming,
        }
    }

    /// Does a step; the event that closes it, and what was said before.
    fn does(&mut self, step: Step) -> (Event, Vec<Report>) {
        self.runner.start(step, &self.reports);
        self.closing()
    }

    fn closing(&mut self) -> (Event, Vec<Report>) {
        let mut said = Vec::new();
        loop {
            match self.incoming.recv_timeout(LONG).unwrap() {
                Report::Event(event) if event.owner().is_some() => return (event, said),
                other => said.push(other),
            }
        }
    }

    fn outcome(&mut self, command: Command<String>) -> Outcome {
        match self.does(execute(command)).0 {
            Event::Finished { outcome, .. } => outcome,
            other => panic!("{other:?}"),
        }
    }

    fn kept(&self, stream: Stream) -> String {
        fs::read_to_string(self.output.output(&NodeId::from("deploy"), 1, stream)).unwrap()
    }
}

fn execute(command: Command<String>) -> Step {
    Step::Execute {
        node: NodeId::from("deploy"),
        attempt: 1,
        command,
        effect: Effect::Change,
    }
}

fn printed(said: &[Report]) -> String {
    let blocks = said.iter().filter_map(|report| match report {
        Report::Output { bytes, .. } => Some(bytes.as_slice()),
        _ => None,
    });
    String::from_utf8(blocks.collect::<Vec<_>>().concat()).unwrap()
}

#[test]
fn an_action_is_run_shown_and_kept_and_values_are_taken() {
    let mut world = World::new();
    let (event, said) = world.does(execute(script("echo release 12; echo careful >&2")));
    let Event::Finished {
        node,
        attempt,
        outcome,
        captures,
        ..
    } = event
    else {
        panic!("{event:?}");
    };
    assert_eq!(
        (node.as_str(), attempt, outcome),
        ("deploy", 1, Outcome::Exited(0))
    );
    assert_eq!(captures["release"], "12");
    assert!(printed(&said).contains("release 12\n"));
    assert_eq!(world.kept(Stream::Stdout), "release 12\n");
    assert_eq!(world.kept(Stream::Stderr), "careful\n");
}

#[test]
fn an_action_knows_its_run_and_node() {
    let mut world = World::new();
    let names = "echo release $SWITCHBACK_RUN $SWITCHBACK_NODE $SWITCHBACK_IDEMPOTENCY_KEY";
    world.does(execute(script(names)));
    assert_eq!(world.kept(Stream::Stdout), "release 0199 deploy 0199/deploy\n");
}

#[test]
fn how_an_action_ended_is_its_outcome() {
    let mut world = World::new();
    assert_eq!(world.outcome(script("exit 3")), Outcome::Exited(3));
    assert_eq!(world.outcome(script("kill -9 $$")), Outcome::Signalled(9));
    assert_eq!(
        world.outcome(script("echo nothing")),
        Outcome::NothingCaptured(
            r"`release` found nothing: no match of `release (\S+)` in standard output".to_owned()
        )
    );
    let timeout = Duration::from_millis(20);
    let slow = Command {
        timeout: Some(timeout),
        ..script("exec sleep 1000")
    };
    assert_eq!(world.outcome(slow), Outcome::TimedOut(timeout));
    let nowhere = Command {
        cwd: Some("gone".to_owned()),
        ..script("true")
    };
    let gone = world.folder.path().join("gone");
    assert_eq!(
        world.outcome(nowhere),
        Outcome::NotStarted(format!(
            "the directory `{}` is not there: make it, or change `cwd`",
            gone.display()
        ))
    );
}

#[test]
fn a_secret_is_read_once_and_seen_nowhere() {
    let mut world = World::new();
    let secret = |id: &str| Feed::Secret {
        id: SecretId::from(id),
        prefix: String::new(),
    };
    let mut command = script("echo release $TOKEN; cat; printf %s \"$TOKEN\" | base64 >&2");
    command.env.insert("TOKEN".to_owned(), secret("token"));
    command.stdin = Some(secret("token"));
    let (event, said) = world.does(execute(command));
    assert_eq!(
        fs::read_to_string(world.folder.path().join("read")).unwrap(),
        "x\n"
    );
    assert_eq!(
        world.kept(Stream::Stdout),
        "release ‹secret:token›\n‹secret:token›"
    );
    let everything = format!("{event:?}{}{}", printed(&said), world.kept(Stream::Stderr));
    assert!(
        !everything.contains("hunter2") && !everything.contains("aHVudGVyM"),
        "{everything}"
    );

    fs::write(world.folder.path().join("short"), "abc\n").unwrap();
    let mut command = script("true");
    command.env.insert("SHORT".to_owned(), secret("short"));
    assert_eq!(
        world.outcome(command),
        Outcome::NotStarted(
            "secret `short` is empty or has fewer than 4 characters, which cannot be masked".to_owned()
        )
    );
}

#[test]
fn what_an_action_leaves_running_is_said() {
    let mut world = World::new();
    let (event, said) = world.does(execute(script(
        "(while echo x; do sleep 0.01; done) 2>/dev/null & echo release 1",
    )));
    assert!(matches!(
        event,
        Event::Finished {
            outcome: Outcome::Exited(0),
            ..
        }
    ));
    let noted = said
        .iter()
        .any(|report| matches!(report, Report::Note { text, .. } if text.contains("left running")));
    assert!(noted);
    assert!(
        world
            .kept(Stream::Stdout)
            .ends_with("[cut here: what the command left running still held its output]\n")
    );
}

#[test]
fn a_detected_answer_is_read_by_its_question() {
    let mut world = World::new();
    let mut detect = |command| {
        let (event, _) = world.does(Step::Detect {
            question: NodeId::from("sure"),
            command: script(command),
        });
        match event {
            Event::Detected { value, problem, .. } => (value, problem),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(detect("echo yes"), (Some("yes".into()), None));
    assert_eq!(
        detect("echo perhaps"),
        (
            None,
            Some(r#"the command printed "perhaps", which must be one of `yes`, `no`"#.to_owned())
        )
    );
    assert_eq!(
        detect("echo yes; exit 1"),
        (None, Some("the command exited with 1".to_owned()))
    );
    assert_eq!(
        detect("true"),
        (None, Some("the command printed nothing".to_owned()))
    );
}

#[test]
fn suggestions_are_lines_up_to_the_limit() {
    let mut world = World::new();
    let (event, _) = world.does(Step::Suggest {
        question: NodeId::from("sure"),
        command: script("printf 'a\\n\\n b \\nc\\n'"),
        limit: 2,
    });
    assert!(matches!(event, Event::Suggested { values, .. } if values == ["a", "b"]));
}

#[test]
fn a_file_is_written_from_the_runbooks_folder() {
    let mut world = World::new();
    let write = |content: &str| Step::Write {
        node: NodeId::from("note"),
        attempt: 1,
        path: "incidents/x.md".to_owned(),
        content: content.to_owned(),
        overwrite: false,
    };
    let outcome = |event| match event {
        Event::Finished { outcome, .. } => outcome,
        other => panic!("{other:?}"),
    };
    assert_eq!(outcome(world.does(write("text")).0), Outcome::Written);
    assert_eq!(outcome(world.does(write("text")).0), Outcome::Written);
    let other = outcome(world.does(write("other")).0);
    assert!(
        matches!(other, Outcome::NotWritten(why) if why.starts_with("`incidents/x.md` is there with other content"))
    );
}

#[test]
fn a_check_is_carried_out() {
    let mut world = World::new();
    let (event, _) = world.does(Step::Verify {
        owner: Owner::Node(NodeId::from("deploy")),
        index: 3,
        check: Box::new(Check {
            id: None,
            title: None,
            negated: false,
            within: None,
            every: LONG,
            look: Look::File {
                path: "gone".to_owned(),
                content: Matcher::default(),
            },
        }),
    });
    assert!(
        matches!(
            event,
            Event::Checked {
                check: 3,
                verdict: Verdict::Failed,
                ..
            }
        ),
        "{event:?}"
    );
}

#[test]
fn an_interrupt_ends_everything_and_everything_says_so() {
    let mut world = World::new();
    let node = NodeId::from("deploy");
    world
        .runner
        .start(Step::Wait { node, pause: LONG }, &world.reports);
    world.runner.start(
        execute(script(
            "trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done",
        )),
        &world.reports,
    );
    let spawned = world.incoming.recv_timeout(LONG).unwrap();
    let Report::Event(Event::Spawned {
        running: running @ Running::Group(leader),
        ..
    }) = spawned
    else {
        panic!("{spawned:?}");
    };
    assert!(matches!(
        world.incoming.recv_timeout(LONG).unwrap(),
        Report::Output { .. }
    ));
    assert!(lives(running), "it can be told that it still runs");
    let reborn = ProcessId {
        since: leader.since.map(|since| since + 1),
        ..leader
    };
    assert!(
        !lives(Running::Group(reborn)) || leader.since.is_none(),
        "its number is somebody else's"
    );
    world.runner.interrupt();
    let (mut cut, mut interrupted) = (false, false);
    while !(cut && interrupted) {
        match world.incoming.recv_timeout(LONG).unwrap() {
            // A pause that was cut short is taken anew.
            Report::Cut(owner) => cut = owner == Owner::Node(NodeId::from("deploy")),
            // That it exited with 0 when it was told to end is no success.
            Report::Event(Event::Finished { outcome, .. }) => interrupted = outcome == Outcome::Interrupted,
            _ => {}
        }
    }
    assert!(!lives(running), "and that it does not");
}

#[test]
fn values_are_found_again_in_what_was_kept() {
    let mut world = World::new();
    let node = NodeId::from("deploy");
    let recall = |attempt| Step::Recall {
        node: NodeId::from("deploy"),
        attempt,
    };
    let path = world.output.output(&node, 2, Stream::Stdout);
    fs::write(path, "switching\nrelease 42 is up\nhalf a li").unwrap();
    let found = |captures: Map<String, Value>| Event::Recalled {
        node: node.clone(),
        captures,
    };
    let release = Map::from_iter([("release".to_owned(), Value::from("42"))]);
    assert_eq!(world.does(recall(2)).0, found(release));
    assert_eq!(world.does(recall(3)).0, found(Map::new()), "it printed nothing");
}

#[test]
fn what_a_step_prints_need_not_be_listened_to() {
    let mut world = World::new();
    let (reports, incoming) = sync_channel(1);
    drop(incoming);
    world
        .runner
        .start(execute(script("echo release 1; touch done")), &reports);
    let (event, _) = world.does(Step::Verify {
        owner: Owner::Node(NodeId::from("deploy")),
        index: 0,
        check: Box::new(Check {
            id: None,
            title: None,
            negated: false,
            within: Some(LONG),
            every: Duration::from_millis(5),
            look: Look::File {
                path: Path::new("done").display().to_string(),
                content: Matcher::default(),
            },
        }),
    });
    assert!(
        matches!(
            event,
            Event::Checked {
                verdict: Verdict::Held,
                ..
            }
        ),
        "{event:?}"
    );
}
