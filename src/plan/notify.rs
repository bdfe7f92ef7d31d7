use serde::Serialize;

use crate::model::Notify;

use super::checks::authored;
use super::preview::Preview;

/// Somebody who would be told, of a preview.
#[derive(Clone, Debug, Serialize)]
pub struct PlannedNotify {
    /// Whom, when and what; as its author wrote it where there is a problem.
    #[serde(flatten)]
    pub notify: Notify<String>,
    /// Why it cannot be rendered, with the values given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

impl Preview<'_> {
    /// Who would be told of the run, in the order of declaration; not those whose address comes to nothing.
    pub(super) fn notify(&self) -> Vec<PlannedNotify> {
        let all = self.run.runbook().notify.iter();
        let planned = all.map(|notify| match self.run.rendered_notify(notify) {
            Ok(notify) => PlannedNotify {
                notify,
                problem: None,
            },
            Err(error) => {
                let Ok(notify) = notify.try_map(authored);
                PlannedNotify {
                    notify,
                    problem: Some(error.to_string()),
                }
            }
        });
        planned.filter(|planned| !planned.notify.is_off()).collect()
    }
}
