//! An answer can be taken back as long as nothing has used it, and then nothing is left of it.

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use support::chart::{Chart, Kind, charts};
use support::{Play, ana};
use switchback::model::NodeId;
use switchback::traverse::{
    Event, Outcome, Owner, Record, RunId, RunState, Source, State, Step, Subject, Traversal, Word,
};

fn answer(question: &str, text: &str) -> Word {
    Word::Answer {
        question: question.into(),
        text: text.to_owned(),
        source: Source::Terminal,
    }
}

fn take_back(question: &str) -> Word {
    Word::TakeBack(question.into())
}

const FORK: &str = "
nodes:
  which:
    question: Which way?
    choices: { left: l, right: r, neither: stop }
  l: { action: Left, run: [left, \"{{ answers.which }}\"], confirm: Really? }
  r: { action: Right, run: [right] }
";

#[test]
fn what_was_only_prepared_is_made_anew() {
    let mut play = Play::of(FORK).says(answer("which", "left"));
    assert_eq!(play.go(), RunState::Waiting);
    assert!(play.run.work(&"l".into()).is_some(), "it is shown");
    play.hear(take_back("which")).expect("nobody agreed to anything");
    assert!(play.run.work(&"l".into()).is_none());
    assert_eq!(
        (play.state("which"), play.state("r")),
        (State::Waiting, State::Pending)
    );
    assert!(play.run.answer(&"which".into()).is_none());
    assert!(play.route().is_empty());

    play.hear(answer("which", "right")).expect("it is open again");
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(play.done, ["r#1"]);
    assert_eq!(play.why("l"), "`which` was answered `right`");
}

#[test]
fn a_stop_that_was_a_slip_is_taken_back() {
    let mut play = Play::of(FORK).says(answer("which", "neither"));
    assert_eq!(play.go(), RunState::Stopped);
    play.hear(take_back("which")).expect("nothing has used it");
    play.resume();
    play.hear(answer("which", "right")).expect("it is open again");
    assert_eq!(play.go(), RunState::Complete);
}

#[track_caller]
fn is_kept(play: &mut Play, question: &str, used: &str) {
    let rejected = play.hear(take_back(question)).expect_err("it was used");
    assert_eq!(
        rejected.message,
        format!("the answer to `{question}` cannot be taken back: {used}")
    );
}

#[test]
fn what_has_used_an_answer_is_named() {
    let mut started = Play::of(FORK).says(answer("which", "right"));
    started.go();
    is_kept(&mut started, "which", "`r` was started");

    let mut confirmed = Play::of(FORK).says(answer("which", "left"));
    confirmed.go();
    confirmed.hear(Word::Confirm("l".into())).expect("it is asked");
    is_kept(&mut confirmed, "which", "`l` was confirmed by ana");

    let mut second = confirmed
        .hear(answer("which", "right"))
        .expect_err("it is answered");
    assert!(
        second
            .message
            .starts_with("`which` was answered `left` by ana, 1970-01-01")
    );
    assert_eq!(
        second.help,
        "that stays: `l` was confirmed by ana; start a new run to answer otherwise"
    );
    let mut open = Play::of(FORK).says(answer("which", "left"));
    open.go();
    second = open.hear(answer("which", "right")).expect_err("it is answered");
    assert_eq!(
        second.help,
        "to answer otherwise: `switchback answer r1 which VALUE --instead`"
    );
}

const CHAIN: &str = "
nodes:
  first: { question: First?, choices: { a: second, b: end } }
  second: { question: Second?, choices: { a: by_hand, b: end } }
  by_hand: { action: By hand, manual: Do it. }
gates:
  stated: { title: Stated, attest: It is so. }
  decided: { title: Decided, decide: [this, that] }
";

#[test]
fn answers_that_rest_on_each_other_are_taken_back_the_last_first() {
    let mut play = Play::of(CHAIN)
        .says(answer("first", "a"))
        .says(answer("second", "a"));
    play.go();
    let to_be_taken_back = |play: &Play| -> Vec<String> {
        play.run
            .to_be_taken_back()
            .into_iter()
            .map(ToString::to_string)
            .collect()
    };
    assert_eq!(to_be_taken_back(&play), ["second"]);
    is_kept(&mut play, "first", "`second` was answered by ana");
    play.hear(take_back("second")).expect("nothing has used it");
    assert_eq!(to_be_taken_back(&play), ["first"]);
    play.hear(take_back("first")).expect("nothing has used it");
    assert_eq!(to_be_taken_back(&play), Vec::<String>::new());
    let again = play.hear(take_back("first")).expect_err("it has no answer");
    assert_eq!(
        again.message,
        "`first` is not answered: there is no answer to take back"
    );
}

#[test]
fn what_was_said_in_advance_does_not_rest_on_an_answer_and_stays() {
    let mut play = Play::of(CHAIN);
    play.hear(answer("second", "a")).expect("it is a choice");
    play.hear(Word::Attest {
        subject: Subject::Node("by_hand".into()),
        note: None,
    })
    .expect("it may be said in advance");
    play.hear(answer("first", "b")).expect("it is a choice");
    assert_eq!(play.go(), RunState::Waiting);
    play.hear(take_back("first")).expect("nothing has used it");
    play.hear(answer("first", "a")).expect("it is open again");
    play.go();
    assert_eq!(play.state("by_hand"), State::Succeeded);
    assert_eq!(play.route(), ["first", "second", "by_hand"]);
}

#[test]
fn what_is_said_of_a_gate_uses_every_answer() {
    for (word, used) in [
        (
            Word::Attest {
                subject: Subject::Gate("stated".into()),
                note: None,
            },
            "`stated` was attested by ana",
        ),
        (
            Word::Decide {
                gate: "decided".into(),
                outcome: "this".to_owned(),
                note: None,
            },
            "`decided` was decided by ana",
        ),
    ] {
        let mut play = Play::of(CHAIN).says(answer("first", "b"));
        play.go();
        play.hear(word).expect("the run has come to it");
        is_kept(&mut play, "first", used);
    }
}

#[test]
fn a_gate_that_an_answer_decided_is_open_again() {
    let mut play = Play::of(
        "
nodes:
  which:
    question: Which?
    choices:
      a: { next: end, decides: { handled: this } }
      b: { next: end, decides: { handled: that } }
gates:
  handled: { title: Handled, decide: [this, that] }
  seen: { title: Seen, when: answers.which == \"a\", attest: It is so. }
",
    )
    .says(answer("which", "a"));
    assert_eq!(play.go(), RunState::Waiting);
    assert_eq!((play.gate("handled"), play.gate("seen")), ("met", "waiting"));
    play.hear(take_back("which"))
        .expect("the machine looked, and nobody said anything");
    assert_eq!((play.gate("handled"), play.gate("seen")), ("waiting", "waiting"));
    play.hear(answer("which", "b")).expect("it is open again");
    assert_eq!(play.go(), RunState::Complete);
    assert_eq!(play.gate("seen"), "not_applicable");
}

#[test]
fn a_text_that_names_all_answers_has_used_each() {
    let yaml = "
nodes:
  which: { question: Which?, input: { type: string } }
  early: { action: Early, run: [early, \"{{ answers | length }}\"], next: late }
  late: { action: Late, run: [late] }
";
    let mut play = Play::of(yaml).says(answer("which", "x"));
    play.go();
    is_kept(&mut play, "which", "`early` was started, `late` was started");
    // What comes before a question cannot have used its answer.
    let yaml = yaml.replace("next: late }", "next: which }");
    let mut play = Play::of(&yaml).says(answer("which", "x"));
    play.go();
    play.hear(take_back("which")).expect("nothing has used it");
}

/// A run of a chart in which one thing is done after the other.
#[derive(Clone)]
struct Walk<'a> {
    chart: &'a Chart,
    run: Traversal,
    journal: Vec<Event>,
}

impl<'a> Walk<'a> {
    fn new(chart: &'a Chart) -> Self {
        let mut walk = Self {
            chart,
            run: Traversal::new(chart.runbook()),
            journal: Vec::new(),
        };
        walk.apply(Event::RunStarted {
            run: RunId("r".to_owned()),
            runbook: "random".to_owned(),
            folder: "/".to_owned(),
            digest: String::new(),
            parameters: serde_json::Map::new(),
            by: ana(),
        });
        walk
    }

    fn of(chart: &'a Chart, journal: impl IntoIterator<Item = Event>) -> Self {
        let run = Traversal::new(chart.runbook());
        let mut walk = Self {
            chart,
            run,
            journal: Vec::new(),
        };
        for event in journal {
            walk.apply(event);
        }
        walk
    }

    fn apply(&mut self, event: Event) {
        self.journal.push(event.clone());
        self.run.apply(&Record::unkept(event)).expect("it is of this run");
    }

    fn hear(&mut self, word: Word) -> bool {
        let heard = self.run.hear(word, ana());
        let is_taken = heard.is_ok();
        heard.into_iter().for_each(|event| self.apply(event));
        is_taken
    }

    /// Goes on by one record, or two; whether there was something to do. `wrong` is a question that is answered otherwise than it should be.
    fn step(&mut self, wrong: Option<&NodeId>) -> bool {
        match self.run.next(&BTreeSet::new()) {
            None => return false,
            Some(Step::Record(event)) => self.apply(event),
            Some(Step::Ask(ask)) => {
                let Kind::Question { answer, .. } = self.chart.nodes[index(&ask.question)].kind else {
                    panic!("only questions are asked");
                };
                let is_wrong = wrong == Some(&ask.question);
                let choice = if is_wrong { 1 - answer } else { answer };
                let taken = self.hear(self::answer(ask.question.as_str(), &format!("c{choice}")));
                assert!(taken, "it is a choice");
            }
            Some(Step::Execute { node, attempt, .. }) => {
                let fails = matches!(
                    self.chart.nodes[index(&node)].kind,
                    Kind::Action { fails: true, .. }
                );
                self.apply(Event::Started {
                    node: node.clone(),
                    attempt,
                });
                self.apply(Event::Finished {
                    node,
                    attempt,
                    outcome: Outcome::Exited(i32::from(fails)),
                    captures: serde_json::Map::new(),
                    took: std::time::Duration::ZERO,
                });
            }
            Some(other) => panic!("nothing else is in these charts: {other:?}"),
        }
        true
    }

    fn gone_to_the_end(mut self) -> Self {
        while self.step(None) {}
        self
    }

    fn states(&self) -> Vec<State> {
        let ids = self.run.runbook().nodes.keys();
        ids.map(|id| self.run.state(id)).collect()
    }
}

fn index(node: &NodeId) -> usize {
    node.as_str()[1..].parse().expect("nodes are n0, n1, …")
}

/// Whose an event is.
fn owner(event: &Event) -> Option<NodeId> {
    Some(match event {
        Event::Guarded { node, .. }
        | Event::Prepared { node, .. }
        | Event::Started { node, .. }
        | Event::Finished { node, .. }
        | Event::Failed { node, .. }
        | Event::Answered { question: node, .. } => node.clone(),
        _ => return None,
    })
}

/// The model: what comes after a node, as every edge and wait leads upwards.
fn resting(chart: &Chart, on: usize) -> BTreeSet<usize> {
    let mut resting = BTreeSet::from([on]);
    for (index, node) in chart.nodes.iter().enumerate() {
        if node
            .after
            .iter()
            .chain(&node.needs)
            .any(|before| resting.contains(before))
        {
            resting.insert(index);
        }
        if resting.contains(&index) {
            match &node.kind {
                Kind::Question { choices, .. } => resting.extend(choices.iter().flatten()),
                Kind::Action { next, on_failure, .. } => resting.extend(next.iter().chain(on_failure)),
            }
        }
    }
    resting.remove(&on);
    resting
}

/// A run that gives one question the wrong answer and takes it back some records later, if it can.
fn corrected(chart: &Chart, drawn: usize, later: usize) -> Option<(Walk<'_>, NodeId, bool)> {
    let questions = chart.nodes.iter().enumerate();
    let questions = questions.filter(|(_, node)| matches!(node.kind, Kind::Question { .. }));
    let questions: Vec<usize> = questions.map(|(index, _)| index).collect();
    let wrong = NodeId::from(format!("n{}", questions.get(drawn.checked_rem(questions.len())?)?).as_str());
    let mut walk = Walk::new(chart);
    while walk.run.given(&wrong).is_none() {
        if !walk.step(Some(&wrong)) {
            return None;
        }
    }
    for _ in 0..later {
        walk.step(Some(&wrong));
    }
    let is_taken = walk.hear(Word::TakeBack(wrong.clone()));
    Some((walk, wrong, is_taken))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// It is taken back exactly as long as nothing that comes after it was started or answered, and then nothing is left of it: the run stands
    /// as if it had not been given, and ends as if the right one had been given at once.
    #[test]
    fn nothing_is_left_of_an_answer_that_was_taken_back(
        chart in charts(), drawn in any::<usize>(), later in 0_usize..8,
    ) {
        let Some((walk, wrong, is_taken)) = corrected(&chart, drawn, later) else { return Ok(()) };
        let resting = resting(&chart, index(&wrong));
        let rests = |event: &Event| owner(event).is_some_and(|node| resting.contains(&index(&node)));
        let is_used = walk.journal.iter().any(|event| {
            matches!(event, Event::Started { .. } | Event::Answered { .. }) && rests(event)
        });
        prop_assert_eq!(is_taken, !is_used, "{}", chart.yaml());
        let is_its_own = |event: &Event| match event {
            Event::Answered { question, .. } | Event::AnswerTakenBack { question, .. } => *question == wrong,
            _ => false,
        };
        if is_taken {
            let without = walk.journal.iter().filter(|event| !rests(event) && !is_its_own(event)).cloned();
            prop_assert_eq!(walk.states(), Walk::of(&chart, without).states(), "{}", chart.yaml());
            if !chart.has_unhandled_failure() {
                prop_assert_eq!(walk.gone_to_the_end().states(), chart.ends(), "{}", chart.yaml());
            }
        }
    }

    /// Any part of the journal, folded and gone on from, ends the same, also when an answer was taken back in it.
    #[test]
    fn any_part_of_its_journal_is_gone_on_from(
        chart in charts(), drawn in any::<usize>(), later in 0_usize..8, cut in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!chart.has_unhandled_failure());
        let Some((walk, wrong, true)) = corrected(&chart, drawn, later) else { return Ok(()) };
        let whole = walk.gone_to_the_end();
        let cut = 1 + cut.index(whole.journal.len());
        let mut part = Walk::of(&chart, whole.journal.iter().take(cut).cloned());
        part.apply(Event::RunResumed { by: ana() });
        // Cut before it was taken back, the wrong answer may still stand: then it can be taken back now.
        if part.run.given(&wrong) != whole.run.given(&wrong) && part.run.given(&wrong).is_some() {
            prop_assert!(part.hear(Word::TakeBack(wrong)), "it could be taken back later");
        }
        prop_assert_eq!(part.gone_to_the_end().states(), whole.states(), "{}", chart.yaml());
    }
}

#[test]
fn what_the_machine_finds_out_for_a_question_is_forgotten_with_the_answer_before_it() {
    let yaml = "
nodes:
  first: { question: First?, choices: { a: second, b: second } }
  second:
    question: Second?
    detect: { run: [detect, \"{{ answers.first }}\"] }
    choices: { a: end, b: end }
";
    let mut play = Play::of(yaml).says(answer("first", "a"));
    play.go();
    assert!(matches!(play.open["second"], Step::Ask(_)));
    assert!(play.run.rests_on(&Owner::Node("second".into()), &"first".into()));
    play.hear(take_back("first")).expect("looking is not using");
    play.hear(answer("first", "b")).expect("it is open again");
    let next = play.run.next(&BTreeSet::new());
    let Some(Step::Detect { command, .. }) = next else {
        panic!("it looks once more: {next:?}")
    };
    assert_eq!(command.run.argv(), ["detect", "b"]);
}
