use crate::diagnostic::{Code, Diagnostic};
use crate::model::Runbook;
use crate::source::Path;
use crate::template;

use super::names::Names;

/// What the key of a runbook is made of that is not known before the run starts. Names that stand for nothing are found with
/// those of all other texts.
pub(super) fn lock(runbook: &Runbook) -> Vec<Diagnostic> {
    let Some(lock) = &runbook.lock else {
        return Vec::new();
    };
    let names = Names::new(runbook);
    let used = template::names(lock).unwrap_or_default();
    let is_late = |path: &&Vec<String>| {
        let root = path.first().map(String::as_str).unwrap_or_default();
        names.unknown(path).is_none() && !runbook.parameters.contains_key(root)
    };
    let late = used.iter().filter(is_late).map(|path| {
        let message = format!("`{}` is not known before the run starts", path.join("."));
        Diagnostic::new(Code::UndefinedName, Path::from(["lock"]), message)
            .label("a lock is made of parameters only")
            .help("make it a parameter, so that the key is known when the run takes it")
    });
    late.collect()
}
