use crate::model::{Expectation, Scenario};
use crate::traverse::{Traversal, Verdict};

use super::super::error::Refusal;
use super::super::session;
use super::sandbox::Sandbox;

/// What is not as a scenario expects it, in words.
pub(super) fn differences(sandbox: &Sandbox<'_>, scenario: &Scenario) -> Result<Vec<String>, Refusal> {
    let run = session::open("last", &sandbox.state())?;
    let mut found = of_the_run(&run, &scenario.expect);
    for check in &scenario.verify {
        let (title, checked) = sandbox.check(check)?;
        if checked.verdict != Verdict::Held {
            found.push(format!("{title}: {}: {}", checked.verdict, checked.evidence));
        }
    }
    Ok(found)
}

fn of_the_run(run: &Traversal, expect: &Expectation) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: String, is: &str, wanted: &str| {
        if is != wanted {
            found.push(format!("{what} is `{is}`, and not `{wanted}`"));
        }
    };
    if let Some(wanted) = &expect.state {
        compare("the run".to_owned(), run.recorded_state().as_str(), wanted);
    }
    if let Some(wanted) = &expect.route {
        let wanted: Vec<&str> = wanted.iter().map(|id| id.as_str()).collect();
        let route: Vec<&str> = run.route().map(|id| id.as_str()).collect();
        compare("the route".to_owned(), &route.join(", "), &wanted.join(", "));
    }
    for (node, wanted) in &expect.nodes {
        compare(format!("the node `{node}`"), run.state(node).as_str(), wanted);
    }
    for (gate, wanted) in &expect.gates {
        compare(format!("the gate `{gate}`"), run.gate(gate).as_str(), wanted);
    }
    found
}
