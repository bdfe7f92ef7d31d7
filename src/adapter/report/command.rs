use super::quote::quoted;
use super::style::{Line, Mark};

/// The one command that goes on: on one line if it fits, else one flag a line, so that it can be pasted either way.
pub(super) fn switchback<'a>(
    verb: &str,
    id: &str,
    flags: impl Iterator<Item = &'a str>,
    width: usize,
) -> Line {
    let mut parts = vec![format!("switchback {verb} {}", quoted(id))];
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
        let text = |width| switchback("resume", "0198c2aa", flags.into_iter(), width).text;
        assert_eq!(
            text(100),
            "switchback resume 0198c2aa --answer good_tag=VALUE --attest rollback.seen=WHO"
        );
        assert_eq!(
            text(60),
            "switchback resume 0198c2aa \\\n  --answer good_tag=VALUE \\\n  --attest rollback.seen=WHO"
        );
    }
}
