//! What a command makes of its values after they were put in safely.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Command, Feed, Invocation, Kind, Runbook, Template, plain};
use crate::template::{self, Part, Trail, runbook_commands, scan};

use super::made::{made, name_in, of_word};
use super::programs::{self, Program, Reader, Script, Shell};
use super::script::{self, Simple};
use super::values::domain;
use super::words::{Piece, Word};

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

/// What a value is to match so that it is neither an option nor script.
const HARMLESS_PATTERN: &str = "`'^[a-z0-9][a-z0-9._-]*$'`";

/// Every command that takes a value for more than a word.
pub(super) fn commands(runbook: &Runbook) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    runbook_commands(runbook, &mut |at, run, command| {
        let rules = Rules {
            runbook,
            secrets: secrets(command),
        };
        let at_run = at.key(run);
        let of_run = match &command.run {
            // Most are like this, and there can be a hundred thousand.
            Invocation::Exec(argv) if command.stdin.is_none() && is_plain(argv) => return,
            Invocation::Exec(argv) => {
                let words: Vec<Word<'_>> = argv.iter().map(|word| Word::of_template(&word.0)).collect();
                for (place, finding) in rules.of_words(&words, true) {
                    found.push(finding.at(&at_run.index(place)));
                }
                vec![Simple { line: 1, words }]
            }
            Invocation::Shell { script, .. } => {
                let all = script::commands(&script.0);
                let mut findings = all.iter().flat_map(|command| rules.of_script(command)).collect();
                once(&mut findings);
                found.extend(findings.into_iter().map(|finding| finding.at(&at_run)));
                all
            }
        };
        if let Some(Feed::Text(input)) = &command.stdin {
            let findings = rules.of_input(&of_run, &input.0).into_iter();
            found.extend(findings.map(|finding| finding.at(&at.key("stdin"))));
        }
    });
    found
}

/// Whether a list of arguments has no value in it, and no shell that is given a script.
fn is_plain(argv: &[Template]) -> bool {
    let is_plain = |word: &Template| !word.0.contains("{{") && !programs::is_a_shell(&word.0);
    argv.iter().all(is_plain)
}

/// What is said twice of one line is said once.
fn once(findings: &mut Vec<Finding>) {
    let mut seen = HashSet::new();
    findings.retain(|finding| seen.insert((finding.code, finding.line, finding.message.clone())));
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
    /// The line of the script, from 1.
    line: usize,
    message: String,
    label: &'static str,
    help: String,
}

impl Finding {
    fn at(self, at: &Trail<'_>) -> Diagnostic {
        // The first line goes without saying, as most scripts have but one.
        let message = match self.line {
            1 => self.message,
            line => format!("{} (line {line})", self.message),
        };
        Diagnostic::new(self.code, at.path(), message)
            .label(self.label)
            .help(self.help)
    }
}

struct Rules<'r, 'c> {
    runbook: &'r Runbook,
    secrets: Vec<(&'c str, &'c str)>,
}

impl Rules<'_, '_> {
    /// What is wrong with a command of a script.
    fn of_script(&self, command: &Simple<'_>) -> Vec<Finding> {
        let words = &command.words;
        let Some(Program { place, starter }) = programs::program(words) else {
            return Vec::new();
        };
        let program = words[place].text().unwrap_or_default();
        let mut found = Vec::new();
        if program == "eval" {
            found.push(Finding {
                code: Code::Eval,
                line: command.line,
                message: "`eval` runs a text as a script".to_owned(),
                label: "whatever has come into the text is run",
                help:
                    "write the command itself; what differs between runs is put in by `{{ … }}` or by an `if`"
                        .to_owned(),
            });
            return found;
        }
        let of_words = self.of_words(words, !TAKE_ANY_WORD.contains(&program));
        found.extend(of_words.into_iter().map(|(_, finding)| finding));
        // Behind a program of its own, nothing is the shell's any more: neither a builtin nor an assignment.
        if let Some(starter) = starter {
            let name = words[starter].text().unwrap_or_default();
            found.extend(self.secret_in_arguments(name, &words[starter + 1..place]));
        }
        if starter.is_some() || !BUILTINS.contains(&program) {
            found.extend(self.secret_in_arguments(program, &words[place + 1..]));
        }
        for finding in &mut found {
            finding.line = command.line;
        }
        found
    }

    /// What is wrong with a command in either form, by the place of the word.
    fn of_words(&self, words: &[Word<'_>], may_have_options: bool) -> Vec<(usize, Finding)> {
        let mut found: Vec<_> = self.nested_shell(words).into_iter().collect();
        found.extend(self.local_command(words));
        found.extend(self.remote_shell(words));
        let is_safe = found.is_empty();
        if is_safe && may_have_options {
            found = self.leading_dash(words);
        }
        if let Some((place, script)) = inner_script(words) {
            let mut inner = self.of_inner(&script);
            // What a value is to the inner script goes for its commands as well.
            inner
                .retain(|finding| is_safe || ![Code::LeadingDash, Code::NestedShell].contains(&finding.code));
            found.extend(inner.into_iter().map(|finding| (place, finding)));
        }
        found
    }

    /// What is wrong with a script that a shell is given by another command.
    fn of_inner(&self, script: &str) -> Vec<Finding> {
        let all = script::commands(script);
        let mut found = all.iter().flat_map(|command| self.of_script(command)).collect();
        once(&mut found);
        found
    }

    /// What is wrong with the standard input of commands, where a shell takes it for a script.
    fn of_input(&self, commands: &[Simple<'_>], input: &str) -> Vec<Finding> {
        let mut readers = commands.iter().map(|command| programs::reader(&command.words));
        let Some(reader) = readers.find_map(|reader| reader) else {
            return Vec::new();
        };
        let special = scan(input).into_iter().find_map(|part| match part {
            Part::Output(code) if self.may_be_special(code.text) => Some(code),
            _ => None,
        });
        let finding = special.map(|template::Code { text: code, line }| match reader {
            Reader::Here(shell) => Finding {
                code: Code::NestedShell,
                line,
                message: format!("`{{{{ {code} }}}}` is a part of a script that `{shell}` reads"),
                label: "no escape reaches into a script on standard input",
                help: match shell {
                    "su" | "runuser" | "fish" => self.limits(code),
                    _ => format!(
                        "give it as an argument, which the script calls `\"$1\"`: `{shell} -s --` and then the value"
                    ),
                },
            },
            Reader::There => Finding {
                code: Code::RemoteShell,
                line,
                message: format!("`{{{{ {code} }}}}` is a part of a script that the other machine's shell reads"),
                label: "no escape reaches into a script on standard input",
                help: self.limits(code),
            },
        });
        let is_safe = finding.is_none();
        let mut found: Vec<Finding> = finding.into_iter().collect();
        if matches!(reader, Reader::Here(_)) && is_safe {
            found.extend(self.of_inner(input));
        }
        found
    }

    /// `sh -c "… {{ value }} …"`, also behind `sudo`, `xargs` and the like.
    fn nested_shell(&self, words: &[Word<'_>]) -> Option<(usize, Finding)> {
        let shell = programs::shell(words)?;
        let Script::Word(place) = shell.script else {
            return None;
        };
        let code = words[place].values().find(|code| self.may_be_special(code))?;
        let name = shell.name;
        let finding = Finding {
            code: Code::NestedShell,
            line: 1,
            message: format!("`{{{{ {code} }}}}` is a part of a script that `{name}` reads"),
            label: "no escape reaches into the inner script",
            help: format!(
                "give it as an argument of the script: `{}` and then the value",
                with_argument(words, &shell, place)
            ),
        };
        Some((place, finding))
    }

    /// `ssh -o ProxyCommand="… {{ value }} …"`.
    fn local_command(&self, words: &[Word<'_>]) -> Option<(usize, Finding)> {
        let place = programs::local_command(words)?;
        let code = words[place].values().find(|code| self.may_be_special(code))?;
        let finding = Finding {
            code: Code::NestedShell,
            line: 1,
            message: format!(
                "`{{{{ {code} }}}}` is a part of a command that `ssh` gives to a shell of this machine"
            ),
            label: "no escape reaches into the inner command",
            help: self.limits(code),
        };
        Some((place, finding))
    }

    /// `ssh host command {{ value }}`.
    fn remote_shell(&self, words: &[Word<'_>]) -> Option<(usize, Finding)> {
        let command = words.iter().enumerate().skip(programs::remote_command(words)?);
        let mut values = command.flat_map(|(place, word)| word.values().map(move |code| (place, code)));
        let (place, code) = values.find(|(_, code)| self.may_be_special(code))?;
        let finding = Finding {
            code: Code::RemoteShell,
            line: 1,
            message: format!("`{{{{ {code} }}}}` is read once more, by the shell of the other machine"),
            label: "only the shell here is kept from it",
            help: format!(
                "{}, or send the value alone by `stdin`, to a program there that takes it for data and is no shell",
                self.limits(code)
            ),
        };
        Some((place, finding))
    }

    /// Arguments that begin with a value, by their place.
    fn leading_dash(&self, words: &[Word<'_>]) -> Vec<(usize, Finding)> {
        let Some(Program { place: first, .. }) = programs::program(words) else {
            return Vec::new();
        };
        let mut program = first;
        let remote = programs::remote_command(words).and_then(|start| {
            let command = words.get(start..)?;
            Some(start + programs::program(command)?.place)
        });
        // Behind the script of a shell stand its arguments, which it takes as they are.
        let end = inner_script(words).map_or(words.len(), |(script, _)| script);
        let mut found = Vec::new();
        for (place, word) in words.iter().enumerate().take(end).skip(first + 1) {
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
            if let Some(code) = word.first_value().filter(|_| of_word(self.runbook, word).dash) {
                let program = words[program].text().map_or("the program", programs::base_name);
                found.push((place, self.may_be_option(program, code)));
            }
        }
        found
    }

    fn may_be_option(&self, program: &str, code: &str) -> Finding {
        let end_of_options = format!("put `--` before the arguments if `{program}` knows it");
        let otherwise = match name_in(code).map(|name| (name, domain(self.runbook, name))) {
            Some((name, Some(domain))) => {
                match domain.one_of.iter().map(plain).find(|one| one.starts_with('-')) {
                    Some(option) => format!("take `{option}` out of the `enum` of `{name}`, or "),
                    None if matches!(domain.kind, Kind::Integer | Kind::Number) => {
                        format!("give `{name}` a `min` of 0 or more, or ")
                    }
                    None => format!("give `{name}` a `pattern` such as {HARMLESS_PATTERN}, or "),
                }
            }
            Some((name, None)) if name.starts_with("outputs.") => {
                "capture it by a `regex` that cannot begin with `-`, or ".to_owned()
            }
            Some((_, None)) => String::new(),
            None => "give a name alone whose `pattern` lets no `-` begin it, or ".to_owned(),
        };
        Finding {
            code: Code::LeadingDash,
            line: 1,
            message: format!("`{program}` takes `{{{{ {code} }}}}` for an option if it begins with `-`"),
            label: "may be an option",
            help: format!("{otherwise}{end_of_options}"),
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
            line: 1,
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

    fn may_be_special(&self, code: &str) -> bool {
        made(self.runbook, code).special
    }

    /// How to keep what a shell gives a meaning to out of a value.
    fn limits(&self, code: &str) -> String {
        let Some(name) = name_in(code) else {
            return format!(
                "give a name alone that has a `pattern` of harmless characters, such as {HARMLESS_PATTERN}"
            );
        };
        match domain(self.runbook, name) {
            Some(domain) if !domain.one_of.is_empty() => {
                format!("keep the values in the `enum` of `{name}` to letters, digits and `_@%+:,./-`")
            }
            Some(_) => {
                format!("give `{name}` a `pattern` of harmless characters, such as {HARMLESS_PATTERN}")
            }
            None if name.starts_with("outputs.") => {
                "capture it by a `regex` of harmless characters, such as `'([a-z0-9._-]+)'`".to_owned()
            }
            None => format!("leave `{name}` out of the script, as no `pattern` can limit it"),
        }
    }
}

/// The script that a command gives to a shell as an argument, and where.
fn inner_script(words: &[Word<'_>]) -> Option<(usize, String)> {
    let Script::Word(place) = programs::shell(words)?.script else {
        return None;
    };
    let source = words[place].source();
    Some((
        place,
        source.strip_prefix("--command=").unwrap_or(&source).to_owned(),
    ))
}

/// The shell of a command with its options and a script that is given an argument.
fn with_argument(words: &[Word<'_>], shell: &Shell<'_>, script: usize) -> String {
    let before = &words[shell.place..script];
    let own_words = before.iter().map(Word::source);
    let (given, last) = match shell.name {
        "fish" => ("'… $argv[1] …'", None),
        "su" | "runuser" => ("'… \"$1\" …'", Some("sh")),
        name => ("'… \"$1\" …'", Some(name)),
    };
    let given = match words[script].lead().strip_prefix("--command=") {
        Some(_) => format!("--command={given}"),
        None => given.to_owned(),
    };
    // `su -c SCRIPT USER` has its user behind the script.
    let behind = words
        .iter()
        .skip(script + 1)
        .filter(|_| last == Some("sh") && shell.name != "sh");
    let all = own_words.chain([given]).chain(behind.map(Word::source));
    all.chain(last.map(str::to_owned)).collect::<Vec<_>>().join(" ")
}
