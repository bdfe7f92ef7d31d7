//! What a single step leaves to chance.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Action, Effect, NodeId, NodeKind, OnInterrupt, Runbook, Work};
use crate::source::Path;
use crate::template::{Text, Trail};

/// Every change that nothing looks at, and all that is destroyed without a word.
pub(super) fn steps(runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for node in runbook.nodes.values() {
        if let NodeKind::Action(action) = &node.kind {
            found.extend(unverified(&node.id, action));
            found.extend(unconfirmed(&node.id, action));
        }
    }
    found
}

fn unverified(id: &NodeId, action: &Action) -> Option<Diagnostic> {
    let is =
        matches!(action.work, Work::Run { .. }) && action.effect != Effect::Read && action.verify.is_empty();
    is.then(|| {
        let message = format!("nothing looks whether `{id}` has worked");
        Diagnostic::new(
            Code::UnverifiedChange,
            Path::from(["nodes", id.as_str()]),
            message,
        )
        .at_key()
        .label("an exit code proves nothing")
        .help("add a check of the world to `verify`; if it only looks, say `effect: read`")
    })
}

fn unconfirmed(id: &NodeId, action: &Action) -> Option<Diagnostic> {
    (action.effect == Effect::Destroy && action.confirm.is_none()).then(|| {
        let path = Path::from(["nodes", id.as_str(), "effect"]);
        Diagnostic::new(
            Code::UnconfirmedDestroy,
            path,
            format!("nothing says what `{id}` destroys"),
        )
        .label("people are asked, and not told what is lost")
        .help("say it in the question that is asked first: `confirm: … will be gone for good. Go on?`")
    })
}

/// A check that is to tell whether a step which was cut short is done, and speaks of what only the whole step prints.
pub(super) fn own_captures(runbook: &Runbook, at: &Trail<'_>, names: &[Vec<String>]) -> Option<Diagnostic> {
    let id = at.node()?;
    let action = runbook.nodes.get(id)?.action()?;
    if action.on_interrupt != OnInterrupt::Verify || at.section() != Some("verify") {
        return None;
    }
    let is_own =
        |name: &&Vec<String>| matches!(name.as_slice(), [root, of, ..] if root == "outputs" && of == id);
    let name = names.iter().find(is_own)?.join(".");
    let message = format!("`{name}` may not be there when `{id}` was cut short");
    Some(
        Diagnostic::new(Code::VerifiesOwnCaptures, at.path(), message)
            .label("then nothing can be said about it")
            .help("check what can be seen without its output, or leave `on_interrupt` at `ask`"),
    )
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
