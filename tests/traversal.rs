//! The promises of a run, without a process: what comes next, what follows from what happened, how gates close.

mod support;

use support::{Play, ana};
use switchback::model::{NodeId, Value};
use switchback::traverse::{
    Event, Hands, Outcome, Owner, ProcessId, Resolution, RunState, Running, Source, State, Step, Subject,
    UndoState, Verdict, Word,
};

fn answer(question: &str, text: &str) -> Word {
    Word::Answer {
        question: question.into(),
        text: text.to_owned(),
        source: Source::Terminal,
    }
}

fn attest(subject: Subject) -> Word {
    Word::Attest { subject, note: None }
}

fn resolve(node: &str, how: Resolution) -> Word {
    Word::Resolve {
        node: node.into(),
        how,
        reason: "seen to it".to_owned(),
        set: Vec::new(),
    }
}

const FORK: &str = "
nodes:
  which:
    question: Which way?
    choices: { left: l, right: r, neither: stop }
  l: { action: Left, run: [left], next: meet }
  r: { action: Right, run: [right], next: meet }
  meet: { action: They meet }
  aside: { action: Beside, run: [beside], needs: l }
start: [which, aside]
";

#[test]
fn an_answer_takes_its_edges_and_the_others_say_why_not() {
    let mut play = Play::of(FORK).says(answer("which", "left"));
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(play.route(), ["which", "l", "meet", "aside"]);
    assert_eq!(play.state("r"), State::NotTaken);
    assert_eq!(play.why("r"), "`which` was answered `left`");
}

#[test]
fn a_stop_takes_effect_with_the_answer() {
    // `l` is then not taken, which satisfies `needs`: only the stop keeps `aside` from running.
    let mut play = Play::of(FORK).says(answer("which", "neither"));
    assert_eq!(play.go(), RunState::Stopped);
    assert!(play.done.is_empty());
    assert_eq!(play.state("aside"), State::Cancelled);
    assert_eq!(play.why("aside"), "the run was stopped at `which`");
}

#[test]
fn a_question_that_nobody_answers_holds_up_only_what_needs_it() {
    let mut play = Play::of(
        "
nodes:
  which: { question: Which?, choices: { a: end, b: end } }
  other: { action: Other, run: [other], next: after_other }
  after_other: { action: Then, run: [then] }
",
    );
    assert_eq!(play.go(), RunState::Waiting);
    assert_eq!(play.done, ["other#1", "after_other#1"]);
    assert!(matches!(play.open["which"], Step::Ask(_)));
    play.hear(answer("which", "b")).expect("it is a choice");
    assert_eq!(play.go(), RunState::Complete);
}

#[test]
fn an_answer_given_before_the_question_came_is_used_when_it_comes() {
    let mut play = Play::of(
        "
nodes:
  first: { action: First, run: [first], next: which }
  which: { question: Which?, when: 1 == 1, choices: { a: end, b: end } }
",
    );
    play.hear(answer("which", "b")).expect("it is a choice");
    assert_eq!(play.state("which"), State::Pending);
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(play.route(), ["first", "which"]);
}

#[test]
fn after_an_unhandled_failure_gates_are_looked_at_and_nobody_is_asked() {
    let mut play = Play::of(
        "
nodes:
  first: { action: First, run: [first], next: second }
  second: { action: Second, run: [second] }
gates:
  looked: { title: Looked, verify: [ { file: /x } ] }
  stated: { title: Stated, attest: It is so. }
",
    )
    .ends("first", Outcome::Exited(3));
    assert_eq!(play.go(), RunState::Failed);
    assert_eq!(play.done, ["first#1", "looked?0"]);
    assert_eq!((play.gate("looked"), play.gate("stated")), ("met", "waiting"));
    assert_eq!(play.state("second"), State::Blocked);
    assert_eq!(play.why("first"), "it exited with 3");
}

#[test]
fn a_failure_that_is_handled_ends_recovered() {
    let mut play = Play::of(
        "
nodes:
  first: { action: First, run: [first], next: second, on_failure: instead }
  second: { action: Second, run: [second] }
  instead: { action: Instead, run: [instead] }
",
    )
    .ends("first", Outcome::Exited(1));
    assert_eq!(play.go(), RunState::Recovered);
    assert_eq!(play.done, ["first#1", "instead#1"]);
    assert_eq!(play.state("second"), State::Blocked);
}

const VERIFIED: &str = "
nodes:
  act:
    action: Act
    run: [act]
    verify:
      - { title: the world is right, file: /x }
      - { title: it looks right, link: /y }
      - { id: seen, title: somebody saw it, confirm: Is it right? }
    next: then
  then: { action: Then, run: [then] }
";

#[test]
fn an_exit_code_of_0_proves_nothing_and_every_check_is_shown() {
    let mut play = Play::of(VERIFIED).sees("act.0", Verdict::Failed);
    assert_eq!(play.go(), RunState::Failed);
    assert_eq!(play.done, ["act#1", "act?0", "act?1"]);
    assert_eq!(play.why("act"), "check `the world is right` failed: as told");
    assert!(
        play.open.is_empty(),
        "nobody is asked what the machine has seen already"
    );
}

#[test]
fn unknown_is_never_held() {
    let mut play = Play::of(VERIFIED).sees("act.1", Verdict::Unknown);
    assert_eq!(play.go(), RunState::Failed);
    assert_eq!(
        play.why("act"),
        "check `it looks right` could not be carried out: as told"
    );
}

#[test]
fn a_persons_check_waits_for_a_person_and_their_no_is_a_failure() {
    let mut play = Play::of(VERIFIED);
    assert_eq!(play.go(), RunState::Waiting);
    let subject = Subject::Check {
        owner: Owner::Node("act".into()),
        check: "seen".into(),
    };
    let mut refused = Play::of(VERIFIED).says(Word::Refuse {
        subject: subject.clone(),
        note: Some("it is blank".to_owned()),
    });
    assert_eq!(refused.go(), RunState::Failed);
    assert_eq!(refused.why("act"), "check `somebody saw it` failed: it is blank");
    play.hear(attest(subject)).expect("it is asked");
    assert_eq!(play.go(), RunState::Complete);
}

#[test]
fn what_was_mended_by_hand_is_looked_at_again() {
    let mut play = Play::of(VERIFIED).sees("act.0", Verdict::Failed);
    play.go();
    play.resume();
    play.hear(resolve("act", Resolution::Done)).expect("it failed");
    assert_eq!(play.go(), RunState::Failed, "the world is still wrong");
    let mut play = play.sees("act.0", Verdict::Held);
    play.resume();
    play.hear(resolve("act", Resolution::Done)).expect("it failed");
    assert_eq!(play.go(), RunState::Waiting);
    assert_eq!(
        play.done.iter().filter(|done| *done == "act#1").count(),
        1,
        "the command ran once"
    );
    play.hear(resolve("then", Resolution::Skip))
        .expect_err("it is pending");
}

#[test]
fn skipping_passes_through_and_rerunning_runs_once_more() {
    let mut skipped = Play::of(VERIFIED).sees("act.0", Verdict::Failed);
    skipped.go();
    skipped.hear(resolve("act", Resolution::Skip)).expect("it failed");
    assert_eq!(skipped.go(), RunState::Complete);
    assert_eq!(skipped.state("act"), State::NotNeeded);
    assert_eq!(skipped.why("act"), "skipped by ana: seen to it");

    let mut rerun = Play::of(FORK)
        .says(answer("which", "left"))
        .ends("l", Outcome::TimedOut(std::time::Duration::from_secs(9)));
    assert_eq!(rerun.go(), RunState::Failed);
    rerun.hear(resolve("l", Resolution::Rerun)).expect("it failed");
    assert_eq!(rerun.go(), RunState::Complete);
    assert_eq!(rerun.done, ["l#1", "l#2", "aside#1"]);
}

#[test]
fn an_idempotent_step_is_tried_again_as_often_as_it_says() {
    let yaml = "
nodes:
  act: { action: Act, run: [act], idempotent: true, retry: { times: 2, backoff: 1s } }
";
    let failed = || Outcome::Exited(1);
    let mut twice = Play::of(yaml).ends("act", failed()).ends("act", failed());
    assert_eq!(twice.go(), RunState::Complete);
    assert_eq!(twice.done, ["act#1", "act#2", "act#3"]);
    let mut thrice = Play::of(yaml)
        .ends("act", failed())
        .ends("act", failed())
        .ends("act", failed());
    assert_eq!(thrice.go(), RunState::Failed);
}

#[test]
fn a_declined_step_is_cancelled_and_stops_the_run() {
    let mut play = Play::of(
        "
nodes:
  act: { action: Act, run: [act], confirm: Really? , next: then }
  then: { action: Then, run: [then] }
",
    )
    .says(Word::Decline("act".into()));
    assert_eq!(play.go(), RunState::Stopped);
    assert_eq!(
        (play.state("act"), play.state("then")),
        (State::Cancelled, State::Blocked)
    );
    assert!(play.done.is_empty());
    play.hear(resolve("act", Resolution::Rerun))
        .expect("it was declined");
    assert_eq!(play.go(), RunState::Complete);
}

fn interrupted(on_interrupt: &str) -> Play {
    let mut play = Play::of(&format!(
        "
nodes:
  act:
    action: Act
    run: [act]
    idempotent: true
    on_interrupt: {on_interrupt}
    verify: [ {{ file: /x }} ]
"
    ));
    play.apply(Event::Prepared {
        node: "act".into(),
        work: match play.run.next(&std::collections::BTreeSet::new()) {
            Some(Step::Record(Event::Prepared { work, .. })) => work,
            other => panic!("its work comes first: {other:?}"),
        },
    });
    play.apply(Event::Started {
        node: "act".into(),
        attempt: 1,
    });
    play.resume();
    play
}

#[test]
fn a_step_of_which_only_the_start_is_known_is_in_doubt() {
    let mut asked = interrupted("ask");
    assert_eq!(asked.go(), RunState::InDoubt);
    assert!(matches!(asked.open["act"], Step::Resolve { .. }));
    assert!(asked.done.is_empty(), "nothing ran a second time");
    asked
        .hear(resolve("act", Resolution::Done))
        .expect("it is in doubt");
    assert_eq!(asked.go(), RunState::Complete);
    assert_eq!(asked.done, ["act?0"]);
}

#[test]
fn in_doubt_the_author_may_have_it_verified_retried_or_failed() {
    let mut verified = interrupted("verify");
    assert_eq!(verified.go(), RunState::Complete);
    assert_eq!(verified.done, ["act?0"]);
    let mut not_held = interrupted("verify").sees("act.0", Verdict::Unknown);
    assert_eq!(not_held.go(), RunState::InDoubt);
    let mut retried = interrupted("retry");
    assert_eq!(retried.go(), RunState::Complete);
    assert_eq!(retried.done, ["act#2", "act?0"]);
    let mut failed = interrupted("fail");
    assert_eq!(failed.go(), RunState::Failed);
}

const CAPTURING: &str = "
nodes:
  deploy:
    action: Deploy
    run: [deploy]
    capture: { release: stdout, host: stdout, log: { stdout: { json: /log } } }
    on_interrupt: verify
    verify: [ { file: /x } ]
    next: tell
  tell: { action: Tell, run: [tell, \"{{ outputs.deploy.release }}\", \"{{ outputs.deploy.log }}\"] }
";

/// The deploy was started when the program went away.
fn cut_short() -> Play {
    let mut play = Play::of(CAPTURING);
    let work = match play.run.next(&std::collections::BTreeSet::new()) {
        Some(Step::Record(prepared)) => prepared,
        other => panic!("its work comes first: {other:?}"),
    };
    play.apply(work);
    play.apply(Event::Started {
        node: "deploy".into(),
        attempt: 1,
    });
    play.apply(Event::Spawned {
        node: "deploy".into(),
        attempt: 1,
        running: Running::Group(ProcessId {
            id: 4711,
            since: Some(1),
        }),
    });
    play
}

#[test]
fn what_runs_is_read_as_it_always_was() {
    let read = |what: &str| -> Event {
        let line = format!(r#"{{"event":"spawned","node":"deploy","attempt":1,{what}}}"#);
        let event: Event = serde_json::from_str(&line).expect("it is a record");
        assert_eq!(serde_json::to_string(&event).expect("it is data"), line);
        event
    };
    let process = |since| ProcessId { id: 4711, since };
    for (what, wanted) in [
        (
            r#""group":{"id":4711,"since":1}"#,
            Running::Group(process(Some(1))),
        ),
        (r#""group":{"id":4711}"#, Running::Group(process(None))),
        (
            r#""process":{"id":4711,"since":1}"#,
            Running::Process(process(Some(1))),
        ),
    ] {
        let Event::Spawned { running, .. } = read(what) else {
            panic!("it is another");
        };
        assert_eq!(running, wanted);
    }
}

fn with(set: &[(&str, &str)], how: Resolution) -> Word {
    let set = set.iter().map(|(id, value)| ((*id).into(), (*value).to_owned()));
    Word::Resolve {
        node: "deploy".into(),
        how,
        reason: "looked".to_owned(),
        set: set.collect(),
    }
}

#[test]
fn where_a_command_runs_is_known_until_its_end_is() {
    let mut play = cut_short();
    let running =
        |play: &Play| -> Vec<String> { play.run.running().map(|(node, _)| node.to_string()).collect() };
    assert_eq!(running(&play), ["deploy"]);
    play.resume();
    assert_eq!(running(&play), ["deploy"], "it may run still");
    play.finish("deploy".into(), 1, Outcome::Exited(1));
    assert!(running(&play).is_empty());
}

#[test]
fn checks_that_hold_are_not_enough_without_the_values_that_others_use() {
    let mut asked = cut_short();
    asked.resume();
    assert_eq!(asked.go(), RunState::InDoubt);
    assert_eq!(asked.done, ["deploy?0"], "nothing was found in its output");

    let mut found = cut_short();
    found.resume();
    found.apply(Event::Recalled {
        node: "deploy".into(),
        captures: serde_json::Map::from_iter([
            ("release".to_owned(), Value::from("7")),
            ("log".to_owned(), Value::from("l")),
        ]),
    });
    assert_eq!(found.go(), RunState::Complete, "nobody uses `host`");
}

#[test]
fn what_is_done_needs_the_values_that_others_use_and_no_more() {
    let mut play = cut_short();
    play.resume();
    play.go();
    let rejected = |play: &Play, word| play.run.hear(word, ana()).expect_err("it cannot be taken").help;
    assert_eq!(
        rejected(&play, with(&[("release", "7")], Resolution::Done)),
        "say what they are: `--set deploy.log=VALUE`"
    );
    assert_eq!(
        rejected(&play, with(&[], Resolution::Done)),
        "say what they are: `--set deploy.release=VALUE --set deploy.log=VALUE`"
    );
    assert_eq!(
        rejected(&play, with(&[("relase", "7")], Resolution::Done)),
        "did you mean `release`?"
    );
    assert_eq!(
        rejected(&play, with(&[("release", "7")], Resolution::Rerun)),
        "values go with `--resolve deploy=done`"
    );
    let values = [("release", "7"), ("log", "[1]")];
    play.hear(with(&values, Resolution::Done))
        .expect("all that is used has a value");
    assert_eq!(play.go(), RunState::Complete);
    let captures = play.run.captures(&"deploy".into()).expect("it has values");
    assert_eq!(captures, &serde_json::json!({ "release": "7", "log": [1] }));
}

const GATES: &str = "
nodes:
  which:
    question: Which?
    choices:
      a: { next: act, decides: { choice: good } }
      b: act
  act: { action: Act, run: [act] }
gates:
  looked: { title: Looked, verify: [ { file: /x } ], attest: It is so. }
  choice: { title: Choice, decide: [good, bad] }
  only_b: { title: Only for b, when: answers.which == \"b\", attest: b it is. }
  nice: { title: Nice to have, attest: So nice., required: false }
";

#[test]
fn success_of_every_step_is_not_completion() {
    let mut play = Play::of(GATES).says(answer("which", "a"));
    assert_eq!(play.go(), RunState::Waiting);
    assert_eq!(play.gate("looked"), "waiting");
    assert_eq!(play.gate("choice"), "met", "the choice decided it");
    assert_eq!(play.gate("only_b"), "not_applicable");
    play.hear(attest(Subject::Gate("looked".into())))
        .expect("it is a gate");
    assert_eq!(
        play.go(),
        RunState::Complete,
        "what is not required does not hold it open"
    );
}

#[test]
fn nobody_is_asked_for_a_gate_that_cannot_be_met() {
    let mut play = Play::of(GATES)
        .says(answer("which", "b"))
        .sees("looked.0", Verdict::Failed);
    play.hear(Word::Decide {
        gate: "choice".into(),
        outcome: "bad".to_owned(),
        note: None,
    })
    .expect("it is an outcome");
    play.hear(attest(Subject::Gate("only_b".into())))
        .expect("it is a gate");
    assert_eq!(play.go(), RunState::GatesUnmet);
    assert!(!play.open.contains_key("looked"));
    play.hear(Word::Waive {
        gate: "looked".into(),
        reason: "known, and harmless".to_owned(),
    })
    .expect("it has a reason");
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(play.gate("looked"), "waived");
}

#[test]
fn gates_are_looked_at_afresh_when_the_run_is_resumed() {
    let mut play = Play::of(GATES)
        .says(answer("which", "a"))
        .sees("looked.0", Verdict::Failed);
    assert_eq!(play.go(), RunState::GatesUnmet);
    let mut play = play.sees("looked.0", Verdict::Held);
    play.resume();
    play.hear(attest(Subject::Gate("looked".into())))
        .expect("it is a gate");
    assert_eq!(play.go(), RunState::Complete);
}

#[test]
fn a_statement_made_before_there_was_anything_to_see_says_so() {
    let play = Play::of(GATES);
    let early = play.run.hear(attest(Subject::Gate("looked".into())), ana());
    assert!(matches!(
        early,
        Ok(Event::Attested {
            in_advance: true,
            seen: None,
            ..
        })
    ));
    let mut late = Play::of(GATES).says(answer("which", "a"));
    late.go();
    let late = late.run.hear(attest(Subject::Gate("looked".into())), ana());
    assert!(matches!(
        late,
        Ok(Event::Attested {
            in_advance: false,
            seen: Some(_),
            ..
        })
    ));

    let strict =
        Play::of("nodes: { a: { action: A } }\ngates: { g: { title: G, attest: G., in_advance: false } }");
    let refused = strict.run.hear(attest(Subject::Gate("g".into())), ana());
    let message = refused.map_err(|why| why.to_string());
    assert_eq!(message, Err("`g` cannot be attested in advance".to_owned()));

    let strict =
        Play::of("nodes: { a: { action: A } }\ngates: { g: { title: G, decide: [x], in_advance: false } }");
    let decided = Word::Decide {
        gate: "g".into(),
        outcome: "x".to_owned(),
        note: None,
    };
    let message = strict.run.hear(decided, ana()).map_err(|why| why.to_string());
    assert_eq!(message, Err("`g` cannot be decided in advance".to_owned()));
}

#[test]
fn a_guard_that_cannot_be_evaluated_is_a_failure_and_never_an_answer() {
    let mut play = Play::of(
        "
nodes:
  which: { question: Which?, choices: { a: act, b: act } }
  act: { action: Act, run: [act], capture: { x: stdout }, when: outputs.act.x | default(7) }
",
    )
    .says(answer("which", "a"));
    assert_eq!(play.go(), RunState::Failed);
    assert!(
        play.why("act").starts_with("its `when` cannot be evaluated"),
        "{}",
        play.why("act")
    );
}

#[test]
fn what_is_said_of_something_that_is_not_there_is_rejected_with_what_is() {
    let play = Play::of(GATES);
    let rejected = |word| play.run.hear(word, ana()).expect_err("it cannot be taken");
    let why = rejected(answer("wich", "a"));
    assert_eq!(
        (why.message.as_str(), why.help.as_str()),
        ("there is no question `wich`", "did you mean `which`?")
    );
    let why = rejected(answer("which", "c"));
    assert_eq!(
        why.message,
        "the answer to `which` must be one of `a`, `b`, but is `c`"
    );
    let why = rejected(attest(Subject::Node("nobody".into())));
    assert!(why.help.contains("`looked`"), "{}", why.help);
    let why = rejected(attest(Subject::Node("act".into())));
    assert_eq!(why.message, "`act` is not done by hand, so nobody attests it");
    let why = rejected(Word::Confirm("which".into()));
    assert_eq!(
        (why.message.as_str(), why.help.as_str()),
        (
            "`which` is a question, not an action",
            "to answer it: `--answer which=VALUE`"
        )
    );
}

#[test]
fn answers_and_states_are_values_for_templates() {
    let mut play = Play::of(
        "
nodes:
  tag: { question: Which tag?, input: { type: string }, next: deploy }
  deploy: { action: Deploy, run: [deploy, \"{{ answers.tag }}\"], next: say }
  say: { action: Say, run: [say, \"{{ nodes.deploy.state }}\", \"{{ run.date }}\"] }
",
    )
    .says(answer("tag", "v1.10"));
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(play.run.answer(&"tag".into()), Some(&Value::from("v1.10")));
}

const UNDOABLE: &str = "
nodes:
  first: { action: First, run: [first], undo: { run: [back, first] }, next: second }
  second:
    action: Second
    run: [second]
    capture: { id: stdout }
    verify: [ { file: /x } ]
    undo: { run: \"back {{ outputs.second.id | default('no id') }}\" }
    next: third
  third: { action: Third, run: [third], undo: { run: [back, third] }, next: last }
  last: { action: Last, run: [last] }
";

/// Undoes as far as it goes.
fn undo(play: &mut Play, only: Option<&str>) -> RunState {
    play.done.clear();
    let only = only.map(|only| only.into());
    let begun = play.run.begin_undo(only.as_ref(), ana());
    play.apply(begun.expect("there is something to undo"));
    play.go();
    let state = play.run.undo_state();
    play.apply(Event::UndoEnded { state });
    state
}

fn undos(play: &Play) -> Vec<(String, UndoState)> {
    let all = play.run.undoables().into_iter();
    all.map(|undo| (undo.node.to_string(), undo.state)).collect()
}

#[test]
fn what_is_done_is_undone_the_last_thing_first_and_not_twice() {
    let mut play = Play::of(UNDOABLE);
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(undo(&mut play, None), RunState::Complete);
    assert_eq!(play.done, ["undo third#1", "undo second#1", "undo first#1"]);
    assert_eq!(undo(&mut play, None), RunState::Complete);
    assert!(play.done.is_empty(), "it is undone already");
    assert_eq!(
        play.run.run_state(),
        RunState::Complete,
        "what the run did stays on record"
    );
    assert!(play.run.is_past());
}

#[test]
fn a_command_that_exited_with_0_can_be_undone_whatever_its_checks_say() {
    let mut unverified = Play::of(UNDOABLE).sees("second.0", Verdict::Failed);
    assert_eq!(unverified.go(), RunState::Failed);
    assert_eq!(undo(&mut unverified, None), RunState::Complete);
    assert_eq!(unverified.done, ["undo second#1", "undo first#1"]);

    let nothing = Outcome::NothingCaptured("`id` found nothing".to_owned());
    let mut uncaptured = Play::of(UNDOABLE).ends("second", nothing);
    uncaptured.go();
    undo(&mut uncaptured, None);
    assert_eq!(uncaptured.done, ["undo second#1", "undo first#1"]);

    let mut failed = Play::of(UNDOABLE).ends("second", Outcome::Exited(1));
    failed.go();
    undo(&mut failed, None);
    assert_eq!(failed.done, ["undo first#1"]);
}

#[test]
fn an_undo_that_fails_stops_and_is_tried_again_by_the_next_call() {
    let mut play = Play::of(UNDOABLE).ends("undo second", Outcome::Exited(9));
    play.go();
    assert_eq!(undo(&mut play, None), RunState::Failed);
    assert_eq!(play.done, ["undo third#1", "undo second#1"]);
    let failed = UndoState::Failed("it exited with 9".to_owned());
    assert_eq!(
        undos(&play),
        [
            ("third".to_owned(), UndoState::Undone),
            ("second".to_owned(), failed),
            ("first".to_owned(), UndoState::Open)
        ]
    );
    assert!(!play.run.is_past(), "half undone, it keeps its key");
    assert_eq!(undo(&mut play, None), RunState::Complete);
    assert_eq!(play.done, ["undo second#2", "undo first#1"]);
}

#[test]
fn an_undo_that_was_interrupted_is_in_doubt() {
    let mut play = Play::of(UNDOABLE).ends("undo third", Outcome::Interrupted);
    play.go();
    assert_eq!(undo(&mut play, Some("third")), RunState::InDoubt);
    let mut acted = Play::of(UNDOABLE).ends("first", Outcome::Interrupted);
    acted.go();
    assert_eq!(undos(&acted), [("first".to_owned(), UndoState::InDoubt)]);
}

#[test]
fn an_undo_that_is_declined_stops() {
    let mut play = Play::of(UNDOABLE);
    play.go();
    let mut play = play.says(Word::Decline("second".into()));
    assert_eq!(undo(&mut play, None), RunState::Stopped);
    assert_eq!(play.done, ["undo third#1"]);
    assert!(undos(&play).contains(&("second".to_owned(), UndoState::Declined("ana".to_owned()))));
}

/// The whole run is done, and the program went away in the middle of the first undo.
fn cut_short_in_an_undo() -> Play {
    let mut play = Play::of(UNDOABLE);
    play.go();
    let node = NodeId::from("third");
    let begun = play.run.begin_undo(None, ana());
    play.apply(begun.expect("there is something to undo"));
    let command = play.run.undo_command(&node).expect("it renders");
    play.apply(Event::UndoPrepared {
        node: node.clone(),
        command: command.expect("it has one"),
    });
    play.apply(Event::UndoStarted { node, attempt: 1 });
    play
}

#[test]
fn what_is_in_doubt_is_listed_and_undone_only_if_somebody_asks_for_it() {
    let mut play = cut_short_in_an_undo();
    assert_eq!(undo(&mut play, None), RunState::InDoubt);
    assert_eq!(play.done, ["undo second#1", "undo first#1"]);
    assert_eq!(undo(&mut play, Some("third")), RunState::Complete);
    assert_eq!(play.done, ["undo third#2"]);
    let again = play.run.begin_undo(Some(&"third".into()), ana());
    assert_eq!(
        again.expect_err("it is undone").message,
        "`third` is undone already"
    );
}

/// Undoes as far as it goes, with a word of somebody who has looked.
fn undo_after(play: &mut Play, node: &str, how: Resolution) -> RunState {
    play.done.clear();
    let begun = play.run.begin_undo(None, ana());
    play.apply(begun.expect("there is something to undo"));
    play.hear(resolve(node, how)).expect("it is not undone");
    play.go();
    let state = play.run.undo_state();
    play.apply(Event::UndoEnded { state });
    state
}

#[test]
fn an_undo_in_doubt_is_done_run_again_or_left_as_somebody_says() {
    let rest = ["undo second#1", "undo first#1"];
    let by_hand = UndoState::UndoneByHand("ana: seen to it".to_owned());
    let left = UndoState::Skipped("ana: seen to it".to_owned());
    for (how, first, state) in [
        (Resolution::Done, None, by_hand),
        (Resolution::Rerun, Some("undo third#2"), UndoState::Undone),
        (Resolution::Skip, None, left),
    ] {
        let mut play = cut_short_in_an_undo();
        assert_eq!(undo_after(&mut play, "third", how), RunState::Complete, "{how}");
        let done: Vec<&str> = first.into_iter().chain(rest).collect();
        assert_eq!(play.done, done, "{how}");
        assert_eq!(undos(&play)[0], ("third".to_owned(), state), "{how}");
        assert!(play.run.is_past(), "{how}: nothing of it is half undone");
        assert_eq!(undo(&mut play, None), RunState::Complete);
        assert!(play.done.is_empty(), "{how}: what was said stays");
    }
}

#[test]
fn what_was_left_as_it_is_can_be_undone_later_and_what_was_undone_by_hand_not() {
    let mut play = cut_short_in_an_undo();
    undo_after(&mut play, "third", Resolution::Skip);
    assert_eq!(undo(&mut play, Some("third")), RunState::Complete);
    assert_eq!(play.done, ["undo third#2"]);

    let mut play = cut_short_in_an_undo();
    undo_after(&mut play, "third", Resolution::Done);
    let again = play.run.begin_undo(Some(&"third".into()), ana());
    assert_eq!(
        again.expect_err("it is undone").message,
        "`third` is undone already"
    );
}

#[test]
fn a_failed_undo_is_resolved_and_the_rest_is_undone() {
    for how in [Resolution::Done, Resolution::Skip] {
        let mut play = Play::of(UNDOABLE).ends("undo second", Outcome::Exited(9));
        play.go();
        assert_eq!(undo(&mut play, None), RunState::Failed);
        assert_eq!(undo_after(&mut play, "second", how), RunState::Complete);
        assert_eq!(play.done, ["undo first#1"], "{how}");
    }
}

#[test]
fn an_action_in_doubt_is_resolved_for_its_undoing() {
    for (how, done) in [
        (Resolution::Done, [].as_slice()),
        (Resolution::Rerun, &["undo first#1"]),
        (Resolution::Skip, &[]),
    ] {
        let mut play = Play::of(UNDOABLE);
        play.apply(Event::Started {
            node: "first".into(),
            attempt: 1,
        });
        assert_eq!(undo_after(&mut play, "first", how), RunState::Complete);
        assert_eq!(play.done, done, "{how}");
        let undone = how != Resolution::Skip;
        assert_eq!(play.run.was_undone(), undone, "{how}: whether the run may go on");
    }
}

#[test]
fn an_undo_is_resolved_only_with_a_reason_and_only_while_it_is_not_undone() {
    let mut play = cut_short_in_an_undo();
    play.apply(play.run.begin_undo(None, ana()).expect("there is something"));
    let unsaid = Word::Resolve {
        node: "third".into(),
        how: Resolution::Done,
        reason: " ".to_owned(),
        set: Vec::new(),
    };
    for (word, message) in [
        (unsaid, "resolving `third` needs a reason"),
        (
            resolve("last", Resolution::Done),
            "there is nothing to undo of `last`",
        ),
        (
            resolve("nobody", Resolution::Done),
            "there is nothing to undo of `nobody`",
        ),
    ] {
        assert_eq!(play.hear(word).expect_err("it is not so").message, message);
    }
    play.hear(resolve("third", Resolution::Done))
        .expect("it is in doubt");
    let twice = play.hear(resolve("third", Resolution::Skip));
    assert_eq!(
        twice.expect_err("it is done").message,
        "`third` is undone already"
    );
}

#[test]
fn an_action_of_which_only_the_start_is_known_is_in_doubt_for_undoing_too() {
    let mut play = Play::of(UNDOABLE);
    play.apply(Event::Started {
        node: "first".into(),
        attempt: 1,
    });
    assert_eq!(undo(&mut play, None), RunState::InDoubt);
    assert!(play.done.is_empty());
    let mut settled = Play::of(UNDOABLE);
    settled.apply(Event::Started {
        node: "first".into(),
        attempt: 1,
    });
    settled.resume();
    settled
        .hear(resolve("first", Resolution::Done))
        .expect("it is in doubt");
    assert_eq!(undos(&settled), [("first".to_owned(), UndoState::Open)]);
    assert_eq!(undo(&mut play, Some("first")), RunState::Complete);
    assert_eq!(play.done, ["undo first#1"]);
}

#[test]
fn only_what_is_done_can_be_undone() {
    let play = Play::of(UNDOABLE);
    let nothing = play.run.begin_undo(None, ana()).expect_err("nothing is done");
    assert_eq!(nothing.message, "nothing of run r1 can be undone");
    let mut play = Play::of(UNDOABLE).ends("second", Outcome::Exited(1));
    play.go();
    let other = play.run.begin_undo(Some(&"last".into()), ana());
    assert_eq!(
        other.expect_err("it has no undo").help,
        "of this run `first` can be undone"
    );
}

#[test]
fn a_run_that_is_given_up_has_no_next_step() {
    let mut play = Play::of(FORK).says(answer("which", "left"));
    play.apply(Event::RunCancelled {
        by: ana(),
        reason: None,
    });
    assert_eq!(play.go(), RunState::Cancelled);
    assert!(play.done.is_empty());
    assert_eq!(play.state("l"), State::Cancelled);
    assert_eq!(play.why("l"), "ana gave the run up");
}

#[test]
fn a_check_that_fails_ends_a_milestone_and_manual_work_too() {
    for work in ["", "manual: Do it., "] {
        let yaml = format!("\nnodes: {{ act: {{ action: Act, {work}verify: [ {{ file: /x }} ] }} }}\n");
        let mut play = Play::of(&yaml).sees("act.0", Verdict::Failed);
        if !work.is_empty() {
            play = play.says(attest(Subject::Node("act".into())));
        }
        assert_eq!(play.go(), RunState::Failed);
        assert_eq!(play.done, ["act?0"], "it is looked at once");
    }
}

#[test]
fn an_answer_to_what_is_never_asked_changes_nothing() {
    let mut play = Play::of(
        "
nodes:
  which: { question: Which?, choices: { a: tag, b: end } }
  tag: { question: Which tag?, input: { type: string } }
gates:
  tagged: { title: Tagged, when: answers.tag | default('') != '', attest: It is. }
",
    )
    .says(answer("which", "b"));
    play.hear(answer("tag", "v1")).expect("it is a question");
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(play.run.answer(&"tag".into()), None);
    assert_eq!(play.gate("tagged"), "not_applicable");
}

#[test]
fn gates_are_looked_at_after_a_failure_while_a_person_still_has_to_look_elsewhere() {
    let mut play = Play::of(
        "
nodes:
  seen: { action: Seen, verify: [ { id: it, confirm: Is it so? } ] }
  fails: { action: Fails, run: [fails] }
gates:
  looked: { title: Looked, verify: [ { file: /x } ] }
",
    )
    .ends("fails", Outcome::Exited(1));
    assert_eq!(play.go(), RunState::Failed);
    assert_eq!(play.state("seen"), State::Waiting);
    assert_eq!(play.gate("looked"), "met");
}

#[test]
fn rerunning_asks_anew_and_has_all_its_retries_again() {
    let yaml = "
nodes:
  act: { action: Act, manual: Do it., verify: [ { file: /x } ] }
";
    let mut by_hand = Play::of(yaml)
        .says(attest(Subject::Node("act".into())))
        .sees("act.0", Verdict::Failed);
    assert_eq!(by_hand.go(), RunState::Failed);
    by_hand
        .hear(resolve("act", Resolution::Rerun))
        .expect("it failed");
    assert_eq!(
        by_hand.go(),
        RunState::Waiting,
        "what was said of the attempt before says nothing"
    );

    let failed = || Outcome::Exited(1);
    let mut retried = Play::of(
        "\nnodes: { act: { action: Act, run: [act], idempotent: true, retry: { times: 1, backoff: 1s } } }\n",
    )
    .ends("act", failed())
    .ends("act", failed())
    .ends("act", failed());
    assert_eq!(retried.go(), RunState::Failed);
    retried
        .hear(resolve("act", Resolution::Rerun))
        .expect("it failed");
    assert_eq!(retried.go(), RunState::Complete);
    assert_eq!(retried.done, ["act#1", "act#2", "act#3", "act#4"]);
}

#[test]
fn what_destroys_is_agreed_to_each_time() {
    let mut play = Play::of(
        "
nodes:
  act: { action: Act, run: [act], effect: destroy, confirm: Really? }
",
    )
    .says(Word::Confirm("act".into()))
    .ends("act", Outcome::Exited(1));
    assert_eq!(play.go(), RunState::Failed);
    play.hear(resolve("act", Resolution::Rerun)).expect("it failed");
    assert_eq!(play.go(), RunState::Waiting);
    assert!(matches!(play.open["act"], Step::Confirm(_)));
}

#[test]
fn the_digest_of_what_was_seen_depends_on_what_was_seen_also_after_a_resume() {
    let seen = |verdict: Verdict| {
        let mut play = Play::of(GATES)
            .says(answer("which", "a"))
            .sees("looked.0", verdict);
        play.go();
        play.resume();
        match play.run.hear(attest(Subject::Gate("looked".into())), ana()) {
            Ok(Event::Attested { seen: Some(seen), .. }) => seen,
            other => panic!("there was something to see: {other:?}"),
        }
    };
    assert_ne!(seen(Verdict::Held), seen(Verdict::Failed));
}

/// What a gate says may hang on what a person is still looking at.
#[test]
fn gates_wait_for_the_person_who_is_asked_about_a_step() {
    let mut play = Play::of(
        "
nodes:
  act: { action: Act, run: [act], effect: read, verify: [ { id: seen, confirm: Is it so? } ] }
  bad: { action: Go wrong, run: [bad], effect: read }
gates: { g: { title: G, verify: [ { file: /x } ] } }
",
    )
    .ends("bad", Outcome::Exited(1));
    let mut asked = std::collections::BTreeSet::new();
    while let Some(step) = play.run.next_for(Hands::Machine, &asked) {
        asked.extend(play.take(step).and_then(|step| step.owner()));
    }
    assert_eq!(play.done, ["act#1", "bad#1"]);
    let look = play.run.next(&asked).and_then(|step| step.owner());
    assert_eq!(look, Some(Owner::Node("act".into())));
    asked.extend(look);
    assert_eq!(play.run.next_for(Hands::Machine, &asked), None);
    assert!(
        matches!(play.run.next(&asked), Some(Step::Verify { .. })),
        "nobody is there"
    );
}
