/// How far a step is by its own word: a percentage at which it was seen to move on.
#[derive(Debug, Default)]
pub(super) struct Progress {
    last: Option<u8>,
    moves: bool,
}

impl Progress {
    /// Looks at what a step printed last. One percentage alone says nothing, such as how full a disk is; one that grows does.
    pub(super) fn see(&mut self, line: &str) {
        let Some(now) = percent(line) else { return };
        match self.last {
            Some(before) if now > before => self.moves = true,
            Some(before) if now < before => self.moves = false,
            _ => {}
        }
        self.last = Some(now);
    }

    /// How many of a hundred parts are done, if the step says so.
    pub(super) fn percent(&self) -> Option<u8> {
        self.last.filter(|_| self.moves)
    }
}

/// The last percentage in a line: `45%`, `45 %` or `45.2%`.
fn percent(line: &str) -> Option<u8> {
    line.rmatch_indices('%').find_map(|(place, _)| {
        let before = line[..place].trim_end();
        let start = before
            .rfind(|c: char| !c.is_ascii_digit() && c != '.')
            .map_or(0, |end| {
                end + before[end..].chars().next().map_or(1, char::len_utf8)
            });
        let whole = before[start..].split('.').next()?;
        whole.parse().ok().filter(|percent| *percent <= 100)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_found_where_it_stands() {
        for (line, found) in [
            ("45%", Some(45)),
            ("Receiving objects:   7% (12/170), 1.2 MiB | 3 MiB/s", Some(7)),
            ("[####    ] 99.9 % …", Some(99)),
            ("grew by 140%", None),
            ("10% → 20%", Some(20)),
            ("100 of 200", None),
            ("%", None),
            ("ü7%", Some(7)),
        ] {
            assert_eq!(percent(line), found, "{line}");
        }
    }

    #[test]
    fn only_one_that_grows_is_progress() {
        let mut progress = Progress::default();
        let mut seen = |line: &str| {
            progress.see(line);
            progress.percent()
        };
        assert_eq!(seen("the disk is at 93%"), None);
        assert_eq!(seen("the disk is at 93%"), None);
        assert_eq!(seen("0%"), None);
        assert_eq!(seen("12%"), Some(12));
        assert_eq!(seen("still at it"), Some(12));
        assert_eq!(seen("100%"), Some(100));
        assert_eq!(seen("next part: 3%"), None);
    }
}
