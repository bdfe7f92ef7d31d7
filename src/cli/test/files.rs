use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::super::error::Refusal;
use super::super::find;

/// What the name of a file of tests ends with.
const ENDING: &str = ".test.yaml";

/// The runbooks that are meant: those that are named or whose tests are, and those in the folders that are. Tests without a runbook bring
/// the one that is missing, so that this is said.
///
/// # Errors
///
/// A folder without any.
pub(super) fn found(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Refusal> {
    let mut all = Vec::new();
    for path in paths {
        let mut here = if path.is_dir() {
            let mut here = find::files(std::slice::from_ref(path), "switchback", "runbook")?;
            // None of these is no fault: the runbooks are said to be untested.
            here.extend(
                find::files(std::slice::from_ref(path), "switchback_test", "test").unwrap_or_default(),
            );
            here
        } else {
            vec![path.clone()]
        };
        // What is found in this folder is called as it would be typed.
        let named = here.iter().map(|file| file.strip_prefix(".").unwrap_or(file));
        here = named.map(tested_by).collect();
        here.sort();
        all.extend(here);
    }
    let mut seen = BTreeSet::new();
    all.retain(|file| seen.insert(file.clone()));
    Ok(all)
}

/// The runbook of a file of tests; any other file is the runbook itself.
fn tested_by(file: &Path) -> PathBuf {
    let name = file.file_name().and_then(|name| name.to_str());
    let Some(stem) = name.and_then(|name| name.strip_suffix(ENDING)) else {
        return file.to_owned();
    };
    let runbook = |ending| file.with_file_name(format!("{stem}.{ending}"));
    let [yaml, yml] = ["yaml", "yml"].map(runbook);
    if !yaml.is_file() && yml.is_file() {
        yml
    } else {
        yaml
    }
}
