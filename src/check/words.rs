//! Commands word by word, in both forms.

use crate::template::{Part, scan};

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Word<'a>(pub(super) Vec<Piece<'a>>);

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// What the author wrote, without its quotes.
    Text(String),
    /// A value that is put in, by its expression.
    Value(&'a str),
    /// A variable of the shell.
    Variable(String),
    /// What commands print.
    Output,
}

impl<'a> Word<'a> {
    /// A word of the exec form.
    pub(super) fn of_template(source: &'a str) -> Self {
        let pieces = scan(source).into_iter().filter_map(|part| match part {
            Part::Text(text) => Some(Piece::Text(text.to_owned())),
            Part::Output(code) => Some(Piece::Value(code.text)),
            Part::Block(_) => None,
        });
        Self(pieces.collect())
    }

    /// The word, if it is always the same.
    pub(super) fn text(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The value that it begins with.
    pub(super) fn first_value(&self) -> Option<&'a str> {
        match self.0.first() {
            Some(Piece::Value(code)) => Some(code),
            _ => None,
        }
    }

    /// The values in it.
    pub(super) fn values(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Value(code) => Some(*code),
            _ => None,
        })
    }

    /// Whether it gives a variable a value.
    fn assigns(&self) -> bool {
        let Some(Piece::Text(text)) = self.0.first() else {
            return false;
        };
        let name = text.split_once('=').map(|(name, _)| name.trim_end_matches('+'));
        name.is_some_and(|name| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        })
    }

    /// Adds a character that the author wrote.
    pub(super) fn push(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.0.push(Piece::Text(c.to_string())),
        }
    }
}

/// Words after which a command begins.
const KEYWORDS: [&str; 11] = [
    "!", "{", "}", "if", "then", "elif", "else", "while", "until", "do", "time",
];
/// Programs that start the one which is named after them: the options of one letter that have their value in the next word, and how many
/// operands come before that program.
const WRAPPERS: [(&str, &str, usize); 14] = [
    ("sudo", "CDghpRrTUu", 0),
    ("doas", "Cu", 0),
    ("env", "Cu", 0),
    ("exec", "a", 0),
    ("command", "", 0),
    ("nohup", "", 0),
    ("nice", "n", 0),
    ("ionice", "cn", 0),
    ("setsid", "", 0),
    ("builtin", "", 0),
    ("stdbuf", "eio", 0),
    ("timeout", "ks", 1),
    ("flock", "Ew", 1),
    ("xargs", "adEILnPs", 0),
];

/// Where in a command its program stands: behind keywords, assignments and what only starts it.
pub(super) fn program(words: &[Word<'_>]) -> Option<usize> {
    let (mut options, mut operands) = (None, 0);
    let mut place = 0;
    while let Some(word) = words.get(place) {
        let text = word.text().unwrap_or_default();
        if let Some((_, with_value, before)) = WRAPPERS.iter().find(|(name, ..)| *name == base_name(text)) {
            (options, operands) = (Some(*with_value), *before);
        } else if let (Some(with_value), Some(option)) = (options, text.strip_prefix('-')) {
            place += usize::from(has_value(option, with_value));
        } else if !(word.assigns() || KEYWORDS.contains(&text)) {
            if operands == 0 {
                return Some(place);
            }
            operands -= 1;
        }
        place += 1;
    }
    None
}

/// Whether an option, which is written without its dash, has its value in the next word.
fn has_value(option: &str, with_value: &str) -> bool {
    option.chars().count() == 1 && option.chars().all(|c| with_value.contains(c))
}

/// Shells, by whose `-c` a text becomes a script.
const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "su"];
/// Programs that start another, which stands behind words of many kinds.
const RUNNERS: [&str; 6] = ["docker", "podman", "kubectl", "find", "ssh", "chroot"];
/// Options of `ssh` that have their value in the next word.
const SSH_OPTIONS: &str = "BbcDEeFIiJLlmOopQRSWw";

/// The last part of a program's path.
pub(super) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Where in a command the script stands that it gives to a shell (`sudo sh -c SCRIPT`), and which shell that is.
pub(super) fn inner_script<'w>(words: &'w [Word<'_>]) -> Option<(usize, &'w str)> {
    let name = |place: usize| words[place].text().map_or("", base_name);
    let program = program(words)?;
    let mut shell = program..program + 1;
    if RUNNERS.contains(&name(program)) {
        shell.end = words.len();
    }
    let shell = shell.into_iter().find(|place| SHELLS.contains(&name(*place)))?;
    let name = name(shell);
    let script = shell + 1 + script_among(&words[shell + 1..], name == "su")?;
    (script < words.len()).then_some((script, name))
}

/// Which of a shell's arguments is a script: its first operand, if an option before that says so. What follows is the script's own.
fn script_among(arguments: &[Word<'_>], is_su: bool) -> Option<usize> {
    // The user may stand before the options of `su`, and the script is the value of its `-c`.
    let mut users = usize::from(is_su);
    let with_value = if is_su { "gGsw" } else { "oO" };
    let mut takes_script = false;
    let mut place = 0;
    while let Some(word) = arguments.get(place) {
        let text = word.text().unwrap_or_default();
        let Some(option) = text.strip_prefix(['-', '+']) else {
            if takes_script || users == 0 {
                break;
            }
            users -= 1;
            place += 1;
            continue;
        };
        place += 1;
        if option == "-" {
            break;
        }
        if option.starts_with('-') {
            takes_script |= option == "-command";
            place += usize::from(matches!(option, "-rcfile" | "-init-file" | "-shell"));
            continue;
        }
        takes_script |= option.contains('c');
        place += usize::from(option.ends_with(|last| with_value.contains(last)));
    }
    takes_script.then_some(place)
}

/// Where in a command that one begins which `ssh` gives to another machine; it may be empty.
pub(super) fn remote_command(words: &[Word<'_>]) -> Option<usize> {
    let is_ssh = |place: &usize| words[*place].text().is_some_and(|text| base_name(text) == "ssh");
    let mut place = program(words).filter(is_ssh)? + 1;
    let option = |place: usize| words.get(place)?.text()?.strip_prefix('-');
    while let Some(letters) = option(place) {
        place += 1 + usize::from(has_value(letters, SSH_OPTIONS));
    }
    Some(place + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::script::commands;

    #[test]
    fn the_program_is_what_is_started_in_the_end() {
        for (script, expected) in [
            ("A=1 sudo -n env git x", Some("git")),
            ("if ! grep x", Some("grep")),
            ("sudo -u app timeout -k 5 10 psql x", Some("psql")),
            ("A=1", None),
        ] {
            let commands = commands(script);
            let program = program(&commands[0]).and_then(|place| commands[0][place].text());
            assert_eq!(program, expected, "{script}");
        }
    }

    #[test]
    fn a_script_is_what_a_shell_takes_for_one() {
        for script in [
            "sh -c X",
            "sudo -u x bash -lc X",
            "bash -eo pipefail -c X",
            "bash -c -e X",
            "find . -name a | xargs -n 1 sh -c X",
            "env A=b sh -c X",
            "timeout 5 /bin/sh -c X",
            "nice -n 5 nohup sh -c X",
            "su -c X app",
            "su - app -c X",
            "su -s /bin/sh app -c X",
            "docker exec -it web sh -c X",
            "kubectl exec web -- bash -c X",
        ] {
            let commands = commands(script);
            let last = commands.last().expect("a command");
            let script_of = inner_script(last).and_then(|(place, _)| last[place].text());
            assert_eq!(script_of, Some("X"), "{script}");
        }
        for script in [
            "bash scripts/deploy.sh -c X",
            "bash -- deploy.sh -c X",
            "rsync -c --exclude su -ac X",
            "sudo -n rsync --exclude su -ac X",
            "bash -x deploy.sh",
        ] {
            assert_eq!(inner_script(&commands(script)[0]), None, "{script}");
        }
    }
}
