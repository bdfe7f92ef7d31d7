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
/// Programs that start the one which is named after them.
const WRAPPERS: [&str; 9] = [
    "sudo", "doas", "env", "exec", "command", "nohup", "nice", "setsid", "builtin",
];

/// Where in a command its program stands: behind keywords, assignments and what only starts it.
pub(super) fn program(words: &[Word<'_>]) -> Option<usize> {
    let mut is_wrapped = false;
    words.iter().position(|word| {
        let text = word.text().unwrap_or_default();
        if WRAPPERS.contains(&text) {
            is_wrapped = true;
            return false;
        }
        !(word.assigns() || KEYWORDS.contains(&text) || (is_wrapped && text.starts_with('-')))
    })
}

/// Shells, by whose `-c` a text becomes a script.
const SHELLS: [&str; 8] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "su"];
/// Options of `ssh` that have their value in the next word.
const SSH_OPTIONS: &str = "BbcDEeFIiJLlmOopQRSWw";

/// The last part of a program's path.
pub(super) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Where in a command the script stands that it gives to a shell (`sudo sh -c SCRIPT`), and which shell that is.
pub(super) fn inner_script<'w>(words: &'w [Word<'_>]) -> Option<(usize, &'w str)> {
    let names = words.iter().map(|word| word.text().map_or("", base_name));
    let (shell, name) = names.enumerate().find(|(_, name)| SHELLS.contains(name))?;
    let takes_script = |word: &Word<'_>| {
        let option = word.text().and_then(|text| text.strip_prefix('-'));
        option.is_some_and(|letters| letters.ends_with('c') && !letters.starts_with('-'))
    };
    let script = shell + words[shell..].iter().position(takes_script)? + 1;
    (script < words.len()).then_some((script, name))
}

/// Where in a command that one begins which `ssh` gives to another machine; it may be empty.
pub(super) fn remote_command(words: &[Word<'_>]) -> Option<usize> {
    let is_ssh = |place: &usize| words[*place].text().is_some_and(|text| base_name(text) == "ssh");
    let mut place = program(words).filter(is_ssh)? + 1;
    let option = |place: usize| words.get(place)?.text()?.strip_prefix('-');
    while let Some(letters) = option(place) {
        let has_value = letters.chars().count() == 1 && letters.chars().all(|c| SSH_OPTIONS.contains(c));
        place += 1 + usize::from(has_value);
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
            ("A=1", None),
        ] {
            let commands = commands(script);
            let program = program(&commands[0]).and_then(|place| commands[0][place].text());
            assert_eq!(program, expected, "{script}");
        }
    }
}
