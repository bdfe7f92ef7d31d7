use std::sync::Arc;

use crate::adapter::process::Surroundings;
use crate::adapter::reporter::shown;
use crate::adapter::runner::Prober;
use crate::plan::{Probe, Probed};

use super::super::console::Console;
use super::super::error::Refusal;
use super::super::load::Valid;
use super::super::session;

/// What the probes of a plan find. Each may tell what the next one is, so that is asked anew after each; a signal ends that.
pub(super) fn probed(
    loaded: &Valid,
    next: &dyn Fn(&Probed) -> Result<Option<Probe>, Refusal>,
    console: &Console,
) -> Result<Result<Probed, i32>, Refusal> {
    let surroundings = Surroundings {
        folder: loaded.folder.clone(),
        environment: session::environment().into(),
    };
    let mut prober = Prober::new(Arc::clone(&loaded.runbook), surroundings)?;
    let mut probed = Probed::new();
    while let Some(probe) = next(&probed)? {
        console.say(&format!(
            "probing {}: {}",
            probe.node(),
            shown(&probe.command().run.argv())
        ));
        match prober.run(&probe) {
            Ok(found) => probed.insert(probe.node().clone(), found),
            Err(signal) => return Ok(Err(signal)),
        };
    }
    Ok(Ok(probed))
}
