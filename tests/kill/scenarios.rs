//! The runbooks that are cut off, and what people say of them.

use switchback::traverse::{Owner, Source, Subject, Word};

/// A runbook, what people say of it, and how its commands behave.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) yaml: &'static str,
    pub(crate) words: Vec<Word>,
    /// Whether they say it when they are asked, and not up front.
    pub(crate) asked: bool,
    /// How often a command fails before it succeeds.
    pub(crate) failures: &'static [(&'static str, usize)],
    /// The gates of which a check fails.
    pub(crate) open: &'static [&'static str],
    pub(crate) jobs: usize,
    /// Whether the run is undone when it has come as far as it goes.
    pub(crate) undone: bool,
}

pub(crate) const ALWAYS: usize = usize::MAX;

pub(crate) fn scenarios() -> Vec<Scenario> {
    let plain = |name, yaml| Scenario {
        name,
        yaml,
        words: Vec::new(),
        asked: false,
        failures: &[],
        open: &[],
        jobs: 1,
        undone: false,
    };
    let answer = |question: &str, text: &str| Word::Answer {
        question: question.into(),
        text: text.to_owned(),
        source: Source::Given,
    };
    let attest = |subject| Word::Attest { subject, note: None };
    let seen = |node: &str| {
        attest(Subject::Check {
            owner: Owner::Node(node.into()),
            check: "seen".into(),
        })
    };
    vec![
        Scenario {
            words: vec![
                answer("which", "left"),
                answer("tag", "v1"),
                attest(Subject::Gate("stated".into())),
                Word::Decide {
                    gate: "chosen".into(),
                    outcome: "good".to_owned(),
                    note: None,
                },
            ],
            ..plain(
                "questions, captures and gates",
                "
nodes:
  which: { question: Which?, choices: { left: deploy, right: other } }
  tag: { question: Which tag?, input: { type: string }, next: deploy }
  deploy: { action: Deploy, run: [deploy, '{{ answers.tag }}'], capture: { release: stdout }, join: all, next: tell }
  tell: { action: Tell, run: [tell, '{{ outputs.deploy.release }}'], when: outputs.deploy.release != 'x' }
  other: { action: Other, run: [other] }
gates:
  looked: { title: Looked, verify: [ { file: /x } ] }
  stated: { title: Stated, attest: It is so. }
  chosen: { title: Chosen, decide: [good, bad] }
",
            )
        },
        Scenario {
            failures: &[("flaky", 2), ("hopeless", ALWAYS)],
            ..plain(
                "retries and what a failure leads to",
                "
nodes:
  flaky: { action: Flaky, run: [flaky], idempotent: true, on_interrupt: retry, retry: { times: 2, backoff: 1ms }, next: hopeless }
  hopeless: { action: Hopeless, run: [hopeless], on_failure: instead, next: never }
  never: { action: Never, run: [never] }
  instead: { action: Instead, run: [instead], next: last }
  last: { action: Last, run: [last] }
",
            )
        },
        plain(
            "checks, before and after",
            "
nodes:
  look: { action: Look, run: [look], effect: read, next: act }
  act:
    action: Act
    run: [act]
    capture: { release: stdout }
    on_interrupt: verify
    verify: [ { file: /x }, { link: /y } ]
    next: note
  note: { action: Note, write: { path: note, content: 'of {{ outputs.act.release }}' }, next: ask }
  ask: { action: Ask, run: [ask], verify: [ { file: /x } ] }
gates:
  looked: { title: Looked, verify: [ { file: /x }, { expr: nodes.act.state == 'succeeded' } ] }
",
        ),
        Scenario {
            jobs: 3,
            ..plain(
                "branches side by side",
                "
nodes:
  left: { action: Left, run: [left], next: meet }
  right: { action: Right, run: [right], capture: { r: stdout }, next: meet }
  aside: { action: Aside, run: [aside], effect: read, next: meet }
  meet: { action: Meet, join: all, next: last }
  last: { action: Last, run: [last, '{{ outputs.right.r }}'], next: [a, b] }
  a: { action: A, run: [a], idempotent: true, on_interrupt: retry }
  b: { action: B, run: [b], verify: [ { file: /x } ], on_interrupt: verify }
",
            )
        },
        Scenario {
            failures: &[("second", ALWAYS)],
            words: vec![
                Word::Confirm("first".into()),
                attest(Subject::Node("by_hand".into())),
                seen("by_hand"),
            ],
            ..plain(
                "a failure that nothing handles",
                "
nodes:
  by_hand: { action: By hand, manual: Do it., verify: [ { id: seen, confirm: Is it done? } ], next: first }
  first: { action: First, run: [first], effect: destroy, next: second }
  second: { action: Second, run: [second], next: third }
  third: { action: Third, run: [third] }
gates:
  looked: { title: Looked, verify: [ { file: /x } ] }
",
            )
        },
        Scenario {
            asked: true,
            words: vec![
                answer("which", "left"),
                Word::Decline("declined".into()),
                attest(Subject::Node("by_hand".into())),
                seen("by_hand"),
                attest(Subject::Gate("stated".into())),
                Word::Attest {
                    subject: Subject::Check {
                        owner: Owner::Gate("stated".into()),
                        check: "looks".into(),
                    },
                    note: Some("it does".to_owned()),
                },
                Word::Decide {
                    gate: "chosen".into(),
                    outcome: "good".to_owned(),
                    note: None,
                },
                Word::Refuse {
                    subject: Subject::Gate("untrue".into()),
                    note: None,
                },
            ],
            ..plain(
                "people who are asked",
                "
nodes:
  which: { question: Which?, detect: { run: [guess] }, choices: { left: by_hand, right: end } }
  by_hand: { action: By hand, manual: Do it., verify: [ { id: seen, confirm: Is it done? } ], next: wipe }
  wipe: { action: Wipe, run: [wipe], effect: destroy, next: declined }
  declined: { action: Declined, run: [declined], confirm: Sure?, on_failure: act }
  act: { action: Act, run: [act], capture: { release: stdout }, next: [tell, once_more] }
  tell: { action: Tell, run: [tell, '{{ outputs.act.release }}'] }
  once_more: { action: Once more, run: [once_more], idempotent: true, on_interrupt: retry }
gates:
  stated: { title: Stated, attest: It is so., verify: [ { id: looks, confirm: Does it look right? } ] }
  chosen: { title: Chosen, decide: [good, bad] }
  untrue: { title: Untrue, attest: It is not so. }
",
            )
        },
        Scenario {
            words: vec![Word::Waive {
                gate: "waived".into(),
                reason: "not today".to_owned(),
            }],
            open: &["waived", "unmet"],
            ..plain(
                "gates that stay open, and one that is let go",
                "
nodes:
  act: { action: Act, run: [act], verify: [ { file: /x } ] }
gates:
  waived: { title: Waived, verify: [ { file: /x }, { file: /y } ] }
  unmet: { title: Unmet, verify: [ { file: /x } ] }
  no_matter: { title: No matter, when: nodes.act.state == 'failed', verify: [ { file: /x } ] }
",
            )
        },
        Scenario {
            jobs: 2,
            failures: &[("left", 1), ("right", 2)],
            ..plain(
                "branches that fail and are tried again, side by side",
                "
nodes:
  left: { action: Left, run: [left], idempotent: true, on_interrupt: retry, retry: { times: 1, backoff: 1ms }, next: meet }
  right: { action: Right, run: [right], idempotent: true, retry: { times: 2, backoff: 1ms }, next: meet }
  aside: { action: Aside, run: [aside] }
  meet: { action: Meet, join: all, next: last }
  last: { action: Last, run: [last] }
",
            )
        },
        Scenario {
            undone: true,
            failures: &[("undo second", 1), ("undo first", ALWAYS)],
            ..plain(
                "what is undone",
                "
nodes:
  first: { action: First, run: [first], undo: { run: [back] }, next: second }
  second:
    action: Second
    run: [second]
    capture: { release: stdout }
    undo: { run: [back, '{{ outputs.second.release }}'] }
    next: third
  third: { action: Third, run: [third], idempotent: true, on_interrupt: retry, undo: { run: [back] } }
",
            )
        },
        Scenario {
            undone: true,
            jobs: 2,
            failures: &[("last", ALWAYS)],
            ..plain(
                "branches that are undone after a failure",
                "
nodes:
  left: { action: Left, run: [left], undo: { run: [back] }, next: last }
  right: { action: Right, run: [right], on_interrupt: verify, verify: [ { file: /x } ], undo: { run: [back] }, next: last }
  last: { action: Last, run: [last], join: all, undo: { run: [back] } }
",
            )
        },
    ]
}
