//! Everything that ships is checked, and planned on every route.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use switchback::model::{NodeId, Runbook};
use switchback::plan::{Plan, Planned, plan};
use switchback::traverse::{Person, Source, Word};

use support::{World, ana, load, shipped, values};

/// More routes than this are no test but a standstill; a runbook that has them needs a cleverer one.
const MOST: usize = 20_000;

/// Every way to answer all the questions.
fn all_answers(runbook: &Runbook) -> Vec<BTreeMap<NodeId, String>> {
    let mut all = vec![BTreeMap::new()];
    for node in runbook.nodes.values() {
        let Some(question) = node.question() else { continue };
        let answers = values::answers(question);
        all = all
            .iter()
            .flat_map(|given| {
                answers.iter().map(|answer| {
                    let mut given = given.clone();
                    given.insert(node.id.clone(), answer.clone());
                    given
                })
            })
            .collect();
        assert!(
            all.len() <= MOST,
            "`{}` has more than {MOST} routes",
            runbook.name
        );
    }
    all
}

fn words(answers: &BTreeMap<NodeId, String>) -> Vec<(Word, Person)> {
    let word = |(question, text): (&NodeId, &String)| Word::Answer {
        question: question.clone(),
        text: text.clone(),
        source: Source::Given,
    };
    answers.iter().map(|answer| (word(answer), ana())).collect()
}

fn planned(runbook: &Arc<Runbook>, answers: &BTreeMap<NodeId, String>) -> Plan {
    let parameters = values::parameter_values(runbook);
    plan(runbook, parameters, words(answers)).unwrap_or_else(|why| panic!("{answers:?}: {why}"))
}

#[test]
fn each_is_without_a_fault() {
    let world = World::new();
    for path in shipped() {
        let seen = world.call("check").arg(&path).exits(0);
        let name = path.display();
        assert!(
            seen.stderr.starts_with(&format!("{name}: ")),
            "not even a warning\n{seen}"
        );
    }
}

#[test]
fn each_can_be_planned_on_every_route() {
    for path in shipped() {
        let runbook = load(&path);
        let all = all_answers(&runbook);
        let mut reached: Vec<&NodeId> = Vec::new();
        for answers in &all {
            let plan = planned(&runbook, answers);
            assert!(
                plan.open_questions.is_empty(),
                "{answers:?}: {:?}",
                plan.open_questions
            );
            assert!(!plan.steps.is_empty(), "{answers:?}");
            for step in &plan.steps {
                assert_eq!(
                    step.problem,
                    None,
                    "`{}` of {}, {answers:?}",
                    step.node,
                    path.display()
                );
                if let Planned::Question { answer, .. } = &step.what {
                    assert!(answer.is_some(), "`{}` is answered", step.node);
                }
                reached.extend(runbook.nodes.get_key_value(&step.node).map(|(id, _)| id));
            }
        }
        let missed: Vec<&NodeId> = runbook.nodes.keys().filter(|id| !reached.contains(id)).collect();
        assert!(missed.is_empty(), "on no route of {}: {missed:?}", path.display());
    }
}

/// Whatever is answered, no way back is on a route that the database does not settle first.
#[test]
fn no_way_back_goes_round_the_database() {
    let runbook = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks/rollback.yaml"));
    let back = ["rollback", "deploy_tag", "rescue_branch", "deploy_rescue"];
    for way in back {
        let needs = &runbook.nodes[way].links.needs;
        assert!(needs.contains(&"db_settled".into()), "`{way}` needs it settled");
    }
    let mut routes = 0;
    for answers in all_answers(&runbook) {
        let plan = planned(&runbook, &answers);
        let at = |id: &str| plan.steps.iter().position(|step| step.node.as_str() == id);
        for way in back {
            let Some(step) = at(way) else { continue };
            routes += 1;
            assert!(
                at("db_settled").is_some_and(|settled| settled < step),
                "{answers:?}"
            );
            if answers[&NodeId::from("migration")] == "yes" {
                let recovered = ["reverse_batch", "restore_backup"]
                    .iter()
                    .filter_map(|id| at(id))
                    .min();
                assert!(recovered.is_some_and(|recovered| recovered < step), "{answers:?}");
            }
        }
    }
    assert!(routes > 0, "some route goes back");
}
