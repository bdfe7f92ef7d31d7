//! What can be run, and somebody will regret it.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Effect, NodeKind, Runbook, Work};
use crate::source::Path;
use crate::template::{Text, Trail};

/// Every change that nothing looks at.
pub(super) fn lints(runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for node in runbook.nodes.values() {
        if let NodeKind::Action(action) = &node.kind
            && matches!(action.work, Work::Run { .. })
            && action.effect != Effect::Read
            && action.verify.is_empty()
        {
            let path = Path::from(["nodes", node.id.as_str()]);
            let message = format!("nothing looks whether `{}` has worked", node.id);
            found.push(
                Diagnostic::new(Code::UnverifiedChange, path, message)
                    .at_key()
                    .label("an exit code proves nothing")
                    .help("add a check of the world to `verify`; if it only looks, say `effect: read`"),
            );
        }
    }
    found
}

/// A value that is let into a script as it is.
pub(super) fn raw(at: &Trail<'_>, text: Text<'_>) -> Option<Diagnostic> {
    let Text::Script(script) = text else {
        return None;
    };
    lets_raw_text_in(&script.0).then(|| {
        let message = "a value is put into a script as it is";
        Diagnostic::new(Code::RawInterpolation, at.path(), message)
            .label("`raw` is not escaped")
            .help("leave `raw` away, unless the value is shell text that the author wrote")
    })
}

/// Whether a script uses the filter `raw`.
fn lets_raw_text_in(script: &str) -> bool {
    script.split('|').skip(1).any(|part| {
        let filter = part.trim_start().strip_prefix("raw");
        filter.is_some_and(|rest| rest.trim_start().starts_with(['}', '|', ')', '~']))
    })
}
