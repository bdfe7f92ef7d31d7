//! What a command makes of its values after they were put in safely.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Command, Invocation, Runbook};
use crate::template::{Trail, runbook_commands};

use super::script;
use super::values::{are_numbers, name_in, traits};
use super::words::{self, Piece, Word};

/// What a shell does itself, so that its arguments are in no list of processes.
const BUILTINS: [&str; 27] = [
    ":", "[", "[[", "alias", "case", "cd", "declare", "echo", "eval", "exit", "export", "false", "for",
    "local", "printf", "pwd", "read", "readonly", "return", "select", "set", "shift", "test", "trap", "true",
    "unset", "wait",
];
/// Those of them for which a word is a word, whatever it begins with.
const TAKE_ANY_WORD: [&str; 14] = [
    ":", "[", "[[", "case", "echo", "exit", "false", "for", "printf", "return", "select", "shift", "test",
    "true",
];

/// Every command that takes a value for more than a word.
pub(super) fn commands(runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    runbook_commands(runbook, &mut |at, run, command| {
        let rules = Rules {
            runbook,
            secrets: secrets(command),
        };
        match &command.run {
            Invocation::Exec(argv) => {
                if argv.iter().any(|word| word.0.contains("{{")) {
                    let words: Vec<Word<'_>> = argv.iter().map(|word| Word::of_template(&word.0)).collect();
                    let at = at.key(run);
                    let findings = rules.of_argv(&words);
                    found.extend(
                        findings
                            .into_iter()
                            .map(|(place, finding)| finding.at(&at.index(place))),
                    );
                }
            }
            Invocation::Shell { script, .. } => {
                let script = script.0.as_str();
                if script.contains("{{") || script.contains("eval") || !rules.secrets.is_empty() {
                    let at = at.key(run);
                    let all = script::commands(script);
                    let mut findings: Vec<Finding> =
                        all.iter().flat_map(|words| rules.of_script(words)).collect();
                    let mut seen = HashSet::new();
                    findings.retain(|finding| seen.insert((finding.code, finding.message.clone())));
                    found.extend(findings.into_iter().map(|finding| finding.at(&at)));
                }
            }
        }
    });
    found
}

/// The variables of a command that have a secret in them, with its id.
fn secrets(command: &Command) -> Vec<(&str, &str)> {
    let feeds = command.env.iter();
    feeds
        .filter_map(|(name, feed)| Some((name.as_str(), feed.secret()?.as_str())))
        .collect()
}

/// A finding that has no place yet.
struct Finding {
    code: Code,
    message: String,
    label: &'static str,
    help: String,
}

impl Finding {
    fn at(self, at: &Trail<'_>) -> Diagnostic {
        Diagnostic::new(self.code, at.path(), self.message)
            .label(self.label)
            .help(self.help)
    }
}

struct Rules<'r, 'c> {
    runbook: &'r Runbook,
    secrets: Vec<(&'c str, &'c str)>,
}

impl Rules<'_, '_> {
    /// What is wrong with a command that no shell reads, by the place of the argument.
    fn of_argv(&self, words: &[Word<'_>]) -> Vec<(usize, Finding)> {
        let mut found: Vec<_> = self.nested_shell(words).into_iter().collect();
        found.extend(self.remote_shell(words));
        if found.is_empty() {
            found = self.leading_dash(words, 0);
        }
        found
    }

    /// What is wrong with a command of a script.
    fn of_script(&self, words: &[Word<'_>]) -> Vec<Finding> {
        let Some(place) = words::program(words) else {
            return Vec::new();
        };
        let program = words[place].text().unwrap_or_default();
        if program == "eval" {
            return vec![Finding {
                code: Code::Eval,
                message: "`eval` runs a text as a script".to_owned(),
                label: "whatever has come into the text is run",
                help:
                    "write the command itself; what differs between runs is put in by `{{ … }}` or by an `if`"
                        .to_owned(),
            }];
        }
        let mut found: Vec<_> = self.nested_shell(words).into_iter().collect();
        found.extend(self.remote_shell(words));
        if found.is_empty() && !TAKE_ANY_WORD.contains(&program) {
            found = self.leading_dash(words, place);
        }
        let mut found: Vec<Finding> = found.into_iter().map(|(_, finding)| finding).collect();
        if !BUILTINS.contains(&program) {
            found.extend(self.secret_in_arguments(program, &words[place + 1..]));
        }
        found
    }

    /// `sh -c "… {{ value }} …"`, also behind `sudo`, `xargs` and the like.
    fn nested_shell(&self, words: &[Word<'_>]) -> Option<(usize, Finding)> {
        let (place, shell) = words::inner_script(words)?;
        let code = words[place].values().find(|code| self.may_be_special(code))?;
        let finding = Finding {
            code: Code::NestedShell,
            message: format!("`{{{{ {code} }}}}` is a part of a script that `{shell}` reads"),
            label: "no escape reaches into the inner script",
            help: format!(
                "give it as an argument, which the script calls `\"$1\"`: `{shell} -c '… \"$1\" …' {shell}` and then the value"
            ),
        };
        Some((place, finding))
    }

    /// `ssh host command {{ value }}`.
    fn remote_shell(&self, words: &[Word<'_>]) -> Option<(usize, Finding)> {
        let command = words.iter().enumerate().skip(words::remote_command(words)?);
        let mut values = command.flat_map(|(place, word)| word.values().map(move |code| (place, code)));
        let (place, code) = values.find(|(_, code)| self.may_be_special(code))?;
        let finding = Finding {
            code: Code::RemoteShell,
            message: format!("`{{{{ {code} }}}}` is read once more, by the shell of the other machine"),
            label: "only the shell here is kept from it",
            help: match given(code) {
                Some(name) => format!(
                    "give `{name}` a `pattern` of harmless characters, such as `'^[a-z0-9][a-z0-9_.-]*$'`, or send the value by `stdin`"
                ),
                None => "send the value by `stdin`, to a script that is on the other machine".to_owned(),
            },
        };
        Some((place, finding))
    }

    /// Arguments that begin with a value, by their place.
    fn leading_dash(&self, words: &[Word<'_>], program: usize) -> Vec<(usize, Finding)> {
        let mut program = program;
        let remote = words::remote_command(words);
        // Behind the script of a shell stand its arguments, which it takes as they are.
        let end = words::inner_script(words).map_or(words.len(), |(script, _)| script);
        let mut found = Vec::new();
        for (place, word) in words.iter().enumerate().take(end).skip(program + 1) {
            if remote == Some(place) {
                program = place;
                continue;
            }
            if word.text() == Some("--") {
                break;
            }
            // After an option it is taken for the option's value.
            let before = words[place - 1].text().filter(|_| place - 1 > program);
            if before.is_some_and(|text| text.starts_with('-')) {
                continue;
            }
            if let Some(code) = word.first_value().filter(|code| self.may_begin_with_dash(code)) {
                let program = words[program].text().map_or("the program", words::base_name);
                found.push((place, self.may_be_option(program, code)));
            }
        }
        found
    }

    fn may_be_option(&self, program: &str, code: &str) -> Finding {
        let otherwise = match given(code) {
            Some(name) if are_numbers(self.runbook, name) => format!("give `{name}` a `min` of 0 or more"),
            Some(name) => format!("give `{name}` a `pattern` such as `'^[a-z0-9]'` or `'^/'`"),
            None => "capture it by a `regex` that cannot begin with `-`".to_owned(),
        };
        Finding {
            code: Code::LeadingDash,
            message: format!("`{program}` takes `{{{{ {code} }}}}` for an option if it begins with `-`"),
            label: "may be an option",
            help: format!("{otherwise}, or put `--` before the arguments if `{program}` knows it"),
        }
    }

    fn secret_in_arguments(&self, program: &str, arguments: &[Word<'_>]) -> Vec<Finding> {
        let pieces = arguments.iter().flat_map(|word| &word.0);
        let names = pieces.filter_map(|piece| match piece {
            Piece::Variable(name) => self.secrets.iter().find(|(secret, _)| secret == name),
            _ => None,
        });
        let finding = |(name, id): &(&str, &str)| Finding {
            code: Code::SecretInArguments,
            message: format!(
                "everybody on the machine can read `${name}` among the arguments of `{program}`"
            ),
            label: "shown by `ps`",
            help: format!(
                "give it by standard input, `stdin: {{ secret: {id} }}` or `printf '%s' \"${name}\" | …`, or let `{program}` read the variable itself"
            ),
        };
        names.map(finding).collect()
    }

    fn may_begin_with_dash(&self, code: &str) -> bool {
        let traits = name_in(code).and_then(|name| traits(self.runbook, name));
        traits.is_some_and(|traits| traits.dash)
    }

    /// What is made of several values is not known to be harmless.
    fn may_be_special(&self, code: &str) -> bool {
        let traits = name_in(code).and_then(|name| traits(self.runbook, name));
        traits.is_none_or(|traits| traits.special)
    }
}

/// The name of a value that somebody gives: a parameter or an answer, not what a command printed.
fn given(code: &str) -> Option<&str> {
    name_in(code).filter(|name| !name.starts_with("outputs."))
}
