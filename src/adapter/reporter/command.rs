use std::path::Path;

use crate::traverse::RunId;

use super::quote::quoted;
use super::style::{Line, Mark};

/// How a run is named on the command line: by its id, and by where it is recorded if that is not where everybody looks first.
pub fn named(id: &RunId, state_dir: Option<&Path>) -> String {
    match state_dir {
        Some(folder) => format!(
            "{} --state-dir {}",
            quoted(&id.0),
            quoted(&folder.display().to_string())
        ),
        None => quoted(&id.0),
    }
}

/// The one command that goes on: on one line if it fits, else one flag a line, so that it can be pasted either way.
pub(super) fn switchback<'a>(
    verb: &str,
    named: &str,
    flags: impl Iterator<Item = &'a str>,
    width: usize,
) -> Line {
    let mut parts = vec![format!("switchback {verb} {named}")];
    parts.extend(flags.map(str::to_owned));
    let whole = parts.join(" ");
    let text = if whole.chars().count() + 2 <= width {
        whole
    } else {
        parts.join(" \\\n  ")
    };
    Line::new(Mark::None, &text).at(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_stays_one_command() {
        let flags = ["--answer good_tag=VALUE", "--attest rollback.seen=WHO"];
        let text = |width| switchback("resume", "20261122-135000-3f9a", flags.into_iter(), width).text;
        assert_eq!(
            text(100),
            "switchback resume 20261122-135000-3f9a --answer good_tag=VALUE --attest rollback.seen=WHO"
        );
        assert_eq!(
            text(60),
            "switchback resume 20261122-135000-3f9a \\\n  --answer good_tag=VALUE \\\n  --attest rollback.seen=WHO"
        );
    }
}
