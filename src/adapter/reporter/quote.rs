use super::harmless::is_treacherous;

/// A command as a person would type it in a shell, for people to read and to paste.
pub fn shown(argv: &[String]) -> String {
    argv.iter().map(|arg| quoted(arg)).collect::<Vec<_>>().join(" ")
}

/// One word as a person would type it in a shell.
///
/// A line break stands as it is inside quotes, so that a script stays readable. Other control characters, and characters that
/// cannot be seen, are written in `$'…'`, which bash and zsh read back exactly.
pub fn quoted(word: &str) -> String {
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if word
        .chars()
        .any(|c| (c.is_control() && c != '\n') || is_treacherous(c))
    {
        let inner: String = word.chars().map(escaped).collect();
        format!("$'{inner}'")
    } else if word.contains('\'') && !word.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn is_plain(c: char) -> bool {
    c.is_alphanumeric() && !is_treacherous(c) || "-_./:=@%+,".contains(c)
}

fn escaped(c: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\t' => "\\t".to_owned(),
        '\r' => "\\r".to_owned(),
        '\'' | '\\' => format!("\\{c}"),
        c if c.is_ascii_control() => format!("\\x{:02x}", c as u32),
        c if c.is_control() || is_treacherous(c) => format!("\\u{:04x}", c as u32),
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_reads_as_it_would_be_typed() {
        let argv = |words: &[&str]| shown(&words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>());
        assert_eq!(
            argv(&["dep", "deploy", "production", "--tag=v1.10.0"]),
            "dep deploy production --tag=v1.10.0"
        );
        assert_eq!(
            argv(&["git", "tag", "--list", "v*", ""]),
            "git tag --list 'v*' ''"
        );
        assert_eq!(argv(&["echo", "it's"]), "echo \"it's\"");
        assert_eq!(argv(&["echo", "it's $HOME"]), r"echo 'it'\''s $HOME'");
        assert_eq!(argv(&["sh", "-c", "one\ntwo"]), "sh -c 'one\ntwo'");
        assert_eq!(argv(&["echo", "~root", "a=b"]), "echo '~root' a=b");
    }

    #[test]
    fn nothing_hides_in_it() {
        assert_eq!(quoted("a\x1b[31m\t'"), r"$'a\x1b[31m\t\''");
        assert_eq!(quoted("v1\u{202e}0"), r"$'v1\u202e0'");
    }
}
