//! The same run for every reporter: answered, stepped through, failed at a check.

use std::time::Duration;

use serde_json::Map;

use crate::model::{Stream, Value};
use crate::traverse::GateVerdict;
use crate::traverse::{
    Event, Outcome, Owner, Person, Record, Rendered, RunId, RunState, Source, State, Subject, Verdict, Why,
};

use super::told::{Told, ana, command, record, rollback};

/// Something that a reporter is told.
pub(super) enum Happening {
    Record(Record),
    Output(&'static str, Stream, &'static [u8]),
    Note(Owner, &'static str),
}

/// How the run of the story stands at its end.
pub(super) fn failed() -> Told {
    let rollback_node = Owner::Node("rollback".into());
    Told::new(rollback())
        .answer("last_deploy", "yes")
        .answer("migration", "no")
        .because(
            "rollback",
            State::Failed,
            Why::Itself("check `the site answers` failed".to_owned()),
        )
        .attempted("rollback")
        .because("restored", State::Blocked, Why::Failed("rollback".into()))
        .state("good_tag", State::NotTaken)
        .state("deploy_tag", State::NotTaken)
        .state("restore_backup", State::NotTaken)
        .check(rollback_node, Verdict::Failed, "HTTP 502 after 5s")
        .check(
            Owner::Gate("verified_live".into()),
            Verdict::Unknown,
            "no route to host",
        )
}

/// What happens, in order.
pub(super) fn story() -> Vec<Happening> {
    let node = || Owner::Node("rollback".into());
    let gate = || Owner::Gate("verified_live".into());
    let mut seq = 0;
    let mut on_record = |event| {
        seq += 1;
        Happening::Record(record(seq, event))
    };
    vec![
        on_record(started()),
        on_record(answered("last_deploy", "yes", Source::Given)),
        on_record(answered("migration", "no", Source::Default)),
        on_record(attested(Subject::Gate("fix_queued".into()))),
        on_record(Event::Prepared {
            node: "rollback".into(),
            work: Rendered::Run(command(&["sh", "-c", "dep rollback\necho 'done'"])),
        }),
        on_record(Event::Confirmed {
            node: "rollback".into(),
            by: ana(),
        }),
        on_record(Event::Started {
            node: "rollback".into(),
            attempt: 1,
        }),
        Happening::Output("rollback", Stream::Stdout, b"switching\n10%\r50%"),
        Happening::Output(
            "rollback",
            Stream::Stderr,
            b"\x1b[2Jwarning: \x1b[31mslow\x1b[0m\n",
        ),
        Happening::Output("rollback", Stream::Stdout, b"\r100%\nno newline"),
        on_record(Event::Finished {
            node: "rollback".into(),
            attempt: 1,
            outcome: Outcome::Exited(0),
            captures: Map::from_iter([("release".to_owned(), Value::from("42"))]),
            took: Duration::from_millis(1240),
        }),
        Happening::Note(node(), "HTTP 502"),
        Happening::Note(node(), "HTTP 502"),
        on_record(checked(node(), Verdict::Failed, "HTTP 502 after 5s")),
        on_record(Event::GateGuarded {
            gate: "verified_live".into(),
            applies: Some(true),
            problem: None,
        }),
        on_record(checked(gate(), Verdict::Unknown, "no route to host")),
        on_record(Event::RunEnded {
            state: RunState::Failed,
            gates: vec![
                (
                    "verified_live".into(),
                    GateVerdict::Unknown {
                        reason: "a check could not be made".to_owned(),
                    },
                ),
                ("fix_queued".into(), GateVerdict::Met { by: Some(ana()) }),
            ],
        }),
    ]
}

fn started() -> Event {
    Event::RunStarted {
        folder: "/srv/runbooks".to_owned(),
        run: RunId("20261122-135000-3f9a".to_owned()),
        runbook: "rollback".to_owned(),
        digest: String::new(),
        parameters: Map::from_iter([
            ("environment".to_owned(), Value::from("production")),
            ("site_url".to_owned(), Value::from("https://example.org")),
        ]),
        by: ana(),
    }
}

fn answered(question: &str, value: &str, source: Source) -> Event {
    Event::Answered {
        question: question.into(),
        value: Value::from(value),
        by: ana(),
        source,
    }
}

fn attested(subject: Subject) -> Event {
    let by = Person {
        name: "bo\x07b".to_owned(),
        ..ana()
    };
    let note = Some("issue 17\nis open".to_owned());
    Event::Attested {
        subject,
        by,
        note,
        in_advance: true,
        seen: None,
    }
}

fn checked(owner: Owner, verdict: Verdict, evidence: &str) -> Event {
    Event::Checked {
        owner,
        check: 0,
        verdict,
        evidence: evidence.to_owned(),
        by: None,
    }
}
