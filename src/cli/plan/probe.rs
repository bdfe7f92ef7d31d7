use std::sync::Arc;

use crate::adapter::process::Surroundings;
use crate::adapter::report::shown;
use crate::adapter::runner::Prober;
use crate::plan::{Plan, Probed};

use super::super::console::Console;
use super::super::error::Refusal;
use super::super::load::Valid;
use super::super::session;

/// A plan with what its probes find. Each may tell what the next one is, so the plan is made anew after each; a signal ends that.
pub(super) fn probed(
    loaded: &Valid,
    planned: &dyn Fn(&Probed) -> Result<Plan, Refusal>,
    console: &Console,
) -> Result<Result<Plan, i32>, Refusal> {
    let surroundings = Surroundings {
        folder: loaded.folder.clone(),
        environment: session::environment().into(),
    };
    let mut prober = Prober::new(Arc::clone(&loaded.runbook), surroundings)?;
    let mut probed = Probed::new();
    loop {
        let plan = planned(&probed)?;
        let Some(probe) = &plan.probe else {
            return Ok(Ok(plan));
        };
        console.say(&format!(
            "probing {}: {}",
            probe.node(),
            shown(&probe.command().run.argv())
        ));
        match prober.run(probe) {
            Ok(found) => probed.insert(probe.node().clone(), found),
            Err(signal) => return Ok(Err(signal)),
        };
    }
}
