//! The runbooks of the tree.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use switchback::model::Runbook;
use switchback::source::Source;

/// Every runbook that ships.
pub(crate) fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks");
    let entries = fs::read_dir(folder).expect("the runbooks are there");
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| {
            let name = path.display().to_string();
            let stands_beside = [".drill.yaml", ".test.yaml"]
                .iter()
                .any(|end| name.ends_with(end));
            name.ends_with(".yaml") && !stands_beside
        })
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no runbook ships");
    found
}

/// A runbook, which must have no fault.
pub(crate) fn load(path: &Path) -> Arc<Runbook> {
    let text = fs::read_to_string(path).expect("it is text");
    let folder = path.parent().expect("it is in a folder");
    let files = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
    let source = Source::new(path.display().to_string(), text);
    let parsed = switchback::parse::runbook(&source, &files);
    assert!(parsed.diagnostics.is_empty(), "{:#?}", parsed.diagnostics);
    Arc::new(parsed.value.expect("it has no findings"))
}
