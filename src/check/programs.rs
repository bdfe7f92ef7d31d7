//! Programs that start others: which one does the work in the end, and what a shell among them takes for a script.

use super::script;
use super::words::Word;

/// Words after which a command begins.
const KEYWORDS: [&str; 10] = [
    "!", "{", "}", "if", "then", "elif", "else", "while", "until", "do",
];

/// A program that starts the one which is named behind it.
struct Starter {
    name: &'static str,
    /// Its options that have their value in the next word.
    valued: &'static [&'static str],
    /// How many words stand between its options and the program.
    operands: usize,
}

const fn starter(name: &'static str, valued: &'static [&'static str], operands: usize) -> Starter {
    Starter {
        name,
        valued,
        operands,
    }
}

/// Those of them that are a part of the shell.
const OF_SHELL: [&str; 3] = ["builtin", "command", "time"];
const STARTERS: [Starter; 25] = [
    starter("builtin", &[], 0),
    starter("busybox", &[], 0),
    starter("chroot", &[], 1),
    starter("chrt", &["D", "P", "T"], 1),
    starter("command", &[], 0),
    starter("doas", &["C", "u"], 0),
    starter("env", &["C", "chdir", "u", "unset"], 0),
    starter("exec", &["a"], 0),
    starter("flock", &["E", "conflict-exit-code", "timeout", "w", "wait"], 1),
    starter("gosu", &[], 1),
    starter(
        "ionice",
        &["P", "c", "class", "classdata", "n", "p", "pid", "u"],
        0,
    ),
    starter("nice", &["adjustment", "n"], 0),
    starter("nohup", &[], 0),
    starter("runuser", &["G", "g", "group", "supp-group", "u", "user"], 0),
    starter("setsid", &[], 0),
    starter("sshpass", &["P", "d", "f", "p"], 0),
    starter("stdbuf", &["e", "error", "i", "input", "o", "output"], 0),
    starter("strace", &["E", "P", "e", "o", "p", "s", "u"], 0),
    starter("su-exec", &[], 1),
    starter(
        "sudo",
        &[
            "C", "D", "R", "T", "U", "chdir", "chroot", "g", "group", "h", "host", "p", "prompt", "r",
            "role", "t", "type", "u", "user",
        ],
        0,
    ),
    starter("taskset", &[], 1),
    starter("time", &["f", "format", "o", "output"], 0),
    starter("timeout", &["k", "kill-after", "s", "signal"], 1),
    starter("unbuffer", &[], 0),
    starter(
        "xargs",
        &[
            "E",
            "I",
            "L",
            "P",
            "a",
            "arg-file",
            "d",
            "delimiter",
            "max-args",
            "max-procs",
            "n",
            "s",
        ],
        0,
    ),
];

/// The program that a command starts in the end.
pub(super) struct Program {
    /// Its word: behind keywords, assignments and what only starts it.
    pub(super) place: usize,
    /// The first program that starts it, if it is not the shell that does.
    pub(super) starter: Option<usize>,
}

/// Which program a command starts in the end.
pub(super) fn program(words: &[Word<'_>]) -> Option<Program> {
    let mut place = 0;
    let mut first = None;
    while let Some(word) = words.get(place) {
        let text = word.text().unwrap_or_default();
        if word.assigns() || KEYWORDS.contains(&text) {
            place += 1;
            continue;
        }
        let name = base_name(text);
        let starter = STARTERS.iter().find(|starter| starter.name == name);
        // Without a user before the command, it is what `su` is.
        let Some(starter) = starter.filter(|_| name != "runuser" || names_user(&words[place..])) else {
            return Some(Program {
                place,
                starter: first,
            });
        };
        if !OF_SHELL.contains(&text) {
            first.get_or_insert(place);
        }
        place = behind_options(words, place + 1, starter.valued) + starter.operands;
    }
    None
}

fn names_user(words: &[Word<'_>]) -> bool {
    words
        .iter()
        .any(|word| word.text() == Some("-u") || word.lead().starts_with("--user"))
}

/// Where the first word stands that is no option and no value of one.
fn behind_options(words: &[Word<'_>], start: usize, valued: &[&str]) -> usize {
    let mut place = start;
    while let Some(word) = words.get(place).filter(|word| word.lead().starts_with('-')) {
        place += 1 + usize::from(has_value_behind(word, valued));
        if word.text() == Some("--") {
            break;
        }
    }
    place
}

/// Whether the value of an option is the next word.
fn has_value_behind(word: &Word<'_>, valued: &[&str]) -> bool {
    let Some(text) = word.text() else {
        return false;
    };
    if let Some(name) = text.strip_prefix("--") {
        return valued.contains(&name);
    }
    // Of several letters in one word, the first that has a value takes what is left of the word.
    let letters = text.strip_prefix(['-', '+']).unwrap_or(text);
    let has_value = |c: char| valued.iter().any(|name| name.chars().eq([c]));
    letters
        .find(has_value)
        .is_some_and(|place| letters[place..].chars().nth(1).is_none())
}

/// Shells, which take a text for a script.
const SHELLS: [&str; 13] = [
    "ash", "bash", "csh", "dash", "fish", "ksh", "mksh", "rbash", "runuser", "sh", "su", "tcsh", "zsh",
];
/// Programs that start another one somewhere among their arguments.
const CARRIERS: [&str; 17] = [
    "bwrap",
    "crictl",
    "docker",
    "find",
    "firejail",
    "flatpak",
    "incus",
    "ip",
    "kubectl",
    "lxc",
    "machinectl",
    "nerdctl",
    "nsenter",
    "oc",
    "podman",
    "systemd-run",
    "unshare",
];
/// Options of `ssh` that have their value in the next word.
const OF_SSH: [&str; 21] = [
    "B", "b", "c", "D", "E", "e", "F", "I", "i", "J", "L", "l", "m", "O", "o", "p", "Q", "R", "S", "W", "w",
];

/// The last part of a program's path.
pub(super) fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Whether a word names a shell.
pub(super) fn is_a_shell(word: &str) -> bool {
    SHELLS.contains(&base_name(word))
}

/// Where a shell has its script from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// A word of the command.
    Word(usize),
    /// Standard input.
    Input,
}

/// A shell that a command starts.
pub(super) struct Shell<'w> {
    /// Its name.
    pub(super) name: &'w str,
    /// Its word.
    pub(super) place: usize,
    /// Where it has its script from.
    pub(super) script: Script,
}

/// The shell that a command gives a script to (`sudo sh -c SCRIPT`).
pub(super) fn shell<'w>(words: &'w [Word<'_>]) -> Option<Shell<'w>> {
    let place = program(words)?.place;
    let name = |place: usize| words[place].text().map_or("", base_name);
    let at = |place: usize| {
        let name = Some(name(place)).filter(|name| SHELLS.contains(name))?;
        let script = if ["su", "runuser"].contains(&name) {
            script_of_su(words, place)
        } else {
            script_of_shell(words, place)?
        };
        let is_lost = matches!(script, Script::Word(place) if place >= words.len());
        (!is_lost).then_some(Shell { name, place, script })
    };
    if !CARRIERS.contains(&name(place)) {
        return at(place);
    }
    let starts =
        |before: &str| name(place) != "find" || before.starts_with("-exec") || before.starts_with("-ok");
    (place + 1..words.len())
        .filter(|shell| starts(words[shell - 1].lead()))
        .find_map(at)
}

/// `--command` as a word of its own, and with its value: where the script stands.
fn long_option(word: &Word<'_>, place: usize) -> Option<usize> {
    let is_whole = word.text() == Some("--command");
    let has_value = word.lead().starts_with("--command=");
    (is_whole || has_value).then_some(place + usize::from(is_whole))
}

/// Options stand before the user and behind it.
fn script_of_su(words: &[Word<'_>], su: usize) -> Script {
    let mut options = words.iter().enumerate().skip(su + 1);
    let script = options.find_map(|(place, word)| {
        let letters = word.text().and_then(|text| text.strip_prefix('-'));
        let is_short = letters.is_some_and(|letters| letters.ends_with('c') && !letters.starts_with('-'));
        is_short.then_some(place + 1).or_else(|| long_option(word, place))
    });
    script.map_or(Script::Input, Script::Word)
}

/// The first word behind the options, if `c` is among them; none where that word is a file.
fn script_of_shell(words: &[Word<'_>], shell: usize) -> Option<Script> {
    let (mut is_argument, mut is_input) = (false, false);
    let mut place = shell + 1;
    while let Some(word) = words
        .get(place)
        .filter(|word| word.lead().starts_with(['-', '+']))
    {
        if let Some(script) = long_option(word, place) {
            return Some(Script::Word(script));
        }
        place += 1 + usize::from(has_value_behind(word, &["O", "init-file", "o", "rcfile"]));
        if let Some("--" | "-") = word.text() {
            break;
        }
        if let Some(letters) = word
            .lead()
            .strip_prefix('-')
            .filter(|rest| !rest.starts_with('-'))
        {
            is_argument |= letters.contains('c');
            is_input |= letters.contains('s');
        }
    }
    let file = words.get(place).filter(|word| word.text() != Some("/dev/stdin"));
    if is_argument {
        Some(Script::Word(place))
    } else if is_input || file.is_none() {
        Some(Script::Input)
    } else {
        None
    }
}

/// Where in a command that one begins which `ssh` gives to another machine; it may be empty.
pub(super) fn remote_command(words: &[Word<'_>]) -> Option<usize> {
    let place = program(words)?.place;
    let is_ssh = words[place].text().map(base_name) == Some("ssh");
    is_ssh.then(|| behind_options(words, place + 1, &OF_SSH) + 1)
}

/// Where in a command a script stands that `ssh` starts here, to reach the other machine or when it has.
pub(super) fn local_command(words: &[Word<'_>]) -> Option<usize> {
    let place = program(words)?.place;
    let name = words[place].text().map(base_name)?;
    let is_command = |word: &Word<'_>| {
        let option = word.lead().to_ascii_lowercase();
        let option = option.strip_prefix("-o").unwrap_or(&option).trim_start();
        ["proxycommand", "localcommand", "knownhostscommand"]
            .iter()
            .any(|name| option.starts_with(name))
    };
    let mut options = (place + 1)..remote_command(words).unwrap_or(words.len()).min(words.len());
    ["scp", "sftp", "ssh"]
        .contains(&name)
        .then(|| options.find(|place| is_command(&words[*place])))?
}

/// The shell that takes the standard input of a command for its script.
pub(super) enum Reader<'w> {
    /// One of this machine, by its name.
    Here(&'w str),
    /// That of another machine.
    There,
}

/// Which shell takes the standard input of a command for its script.
pub(super) fn reader<'w>(words: &'w [Word<'_>]) -> Option<Reader<'w>> {
    let reads_input = |words: &[Word<'_>]| shell(words).is_some_and(|shell| shell.script == Script::Input);
    if let Some(remote) = remote_command(words) {
        let sources = words.iter().skip(remote).map(Word::source);
        let command = sources.collect::<Vec<_>>().join(" ");
        let all = script::commands(&command);
        let reads = all.is_empty() || all.iter().any(|command| reads_input(&command.words));
        return reads.then_some(Reader::There);
    }
    let shell = shell(words).filter(|shell| shell.script == Script::Input)?;
    Some(Reader::Here(shell.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(script: &str) -> Vec<Word<'_>> {
        script::commands(script).remove(0).words
    }

    #[test]
    fn the_program_is_what_is_started_in_the_end() {
        for (script, expected) in [
            ("A=1 sudo -n env git x", Some("git")),
            ("if ! grep x", Some("grep")),
            ("A=1", None),
            (
                "sudo -u deploy -- A=1 timeout -k 5 10 nice -n5 ssh web1",
                Some("ssh"),
            ),
            ("sshpass -p a stdbuf -oL ionice -c 2 -n 0 ssh web1", Some("ssh")),
            ("xargs -I% ssh % ls", Some("ssh")),
            ("time -p /usr/bin/sudo --user=a git", Some("git")),
            ("runuser -u app -- psql", Some("psql")),
        ] {
            let words = words(script);
            let program = program(&words).and_then(|program| words[program.place].text());
            assert_eq!(program, expected, "{script}");
        }
    }

    #[test]
    fn a_script_is_what_a_shell_takes_for_one() {
        for (command, expected) in [
            ("bash -ce SCRIPT", Some("SCRIPT")),
            ("bash -c -e -- SCRIPT c", Some("SCRIPT")),
            ("bash -euo pipefail -c SCRIPT", Some("SCRIPT")),
            ("sudo mksh +e -c SCRIPT", Some("SCRIPT")),
            ("su - postgres -c SCRIPT", Some("SCRIPT")),
            ("su --command=SCRIPT", Some("--command=SCRIPT")),
            ("runuser --command SCRIPT app", Some("SCRIPT")),
            ("kubectl exec bash -- sh -c SCRIPT", Some("SCRIPT")),
            ("find . -name sh -exec bash -c SCRIPT", Some("SCRIPT")),
            ("bash -s c", Some("standard input")),
            ("sudo su - app", Some("standard input")),
            ("bash file -c x", None),
            ("rsync -c --exclude su -ac x y", None),
            ("echo sh -c x", None),
        ] {
            let words = words(command);
            let script = shell(&words).map(|shell| match shell.script {
                Script::Word(place) => words[place].text().unwrap_or_default(),
                Script::Input => "standard input",
            });
            assert_eq!(script, expected, "{command}");
        }
    }

    #[test]
    fn what_comes_on_standard_input_is_a_script_to_a_shell() {
        for (command, expected) in [
            ("sh", Some("sh")),
            ("ssh web1", Some("there")),
            ("ssh -p 22 web1 sudo bash -s", Some("there")),
            ("ssh web1 'cd /x; sh'", Some("there")),
            ("ssh web1 cat", None),
            ("cat", None),
        ] {
            let words = words(command);
            let reader = reader(&words).map(|reader| match reader {
                Reader::Here(name) => name,
                Reader::There => "there",
            });
            assert_eq!(reader, expected, "{command}");
        }
    }
}
