//! Runs generated scripts with hostile values in real shells: nothing of a value may run, and where a script prints one, it
//! must arrive byte for byte.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use serde_json::{Map, Value, json};
use switchback::model::Template;
use switchback::template::{Scope, Text, render_script};

/// How many scripts are generated.
const SCRIPTS: usize = 6_000;
/// How many of them one process of a shell runs.
const BATCH: usize = 1_000;

/// Values that break out of one quoting or another, if they can. `pwned` is a function of the shell that runs them.
const HOSTILE: &[&str] = &[
    "$(pwned); pwned #",
    "`pwned`",
    "'; pwned; '",
    "\"; pwned; \"",
    "'\"'\"; pwned #",
    "\\'; pwned #",
    "\\\"; pwned #",
    "\\$(pwned)",
    "\\",
    "\\\\",
    "a\npwned\n",
    "\npwned",
    "| pwned",
    "& pwned &",
    ") ; pwned ; (",
    ")) ; pwned",
    "}; pwned; {",
    "]]; pwned",
    ";; *) pwned ;;",
    "a[$(pwned)]",
    "${x:-$(pwned)}",
    "x}$(pwned)",
    "(pwned)",
    "{ pwned; }",
    "pwned #",
    "ASSIGNED=1",
    "$((1+1))",
    "$HOME",
    "{HOME}",
    "HOME",
    "OME",
    "*",
    "./*",
    "?[a-z]*",
    "~",
    "~root",
    "root",
    "{a,b}",
    "{1..3}",
    "a,b",
    "!",
    "!!",
    "#",
    "-n",
    "--",
    "if",
    "then",
    "done",
    "case",
    "esac",
    "function",
    "{",
    "}",
    "[[",
    "2",
    ">file",
    "<(pwned)",
    ";;",
    "%s%d%n",
    "\\c\\n\\0101",
    "'\\x41'",
    "a b  c",
    " ",
    "\t",
    "\r\n",
    "",
    "naïve ☃ \u{1f600}",
    "\u{7f}\u{1}",
    "plain-1.2_3",
    "E",
    "a'b\"c`d$e\\f",
];

/// What comes before the words of a frame.
const PRINT: &str = "printf '%s\\0' ";

/// Words that are printed; each `@` is a value.
const FRAMES: &[&str] = &[
    "@",
    "\"@\"",
    "'@'",
    "pre@post",
    "\"pre @ post\"",
    "'pre @ post'",
    "@@",
    "\"@\"@'@'",
    "--x=@ @",
    "@ @ @",
    "a@b\"c@d\"'e@f'",
    "\"@@\" '@@'",
    // `v` is not set: a name that took in a part of the value would show.
    "\"$v@\"",
    "$v@",
];

/// What may stand around such a command, and again around that; `%` is the place.
const AROUND: &[&str] = &[
    "{ %; }",
    "( % )",
    "if true; then %; fi",
    "for i in 1; do %; done",
    "true && %",
    "false || %",
    "f() { %; }; f",
    "x=$HOME; %",
    "! false; %",
    "y=${x:-1}; %",
    "printf '' >/dev/null; %",
    "printf '' 2>&1; %",
    "z='it'\\''s'; %",
    "echo \\\" \\' \\# \\$ >/dev/null; %",
    "echo \"a $(echo 'b' \"c\") ${x:-d} $x\" >/dev/null; %",
];

/// What may stand around the whole.
const OUTSIDE: &[&str] = &[
    "%",
    "%\n",
    "%>&1",
    "X=1 %",
    "# it's a comment\n%",
    "% # the \"rest",
    "case a in a) %;; esac",
    "case 'x' in (y) ;; *) % ;; esac",
];

/// Uses of values that need print nothing; nothing of a value may run.
const SILENT: &[&str] = &[
    "@",
    "@ @",
    "@ @ @",
    "\"@\"",
    "@@",
    "X=@; Y=\"@\"; Z='@'",
    "X=@ true",
    "X=1 @ @",
    "export X=@",
    "case @ in @) true;; \"@\") true;; @|@) true;; esac",
    "for i in @ \"@\"; do true; done",
    "[ @ = \"@\" ]",
    "test -n @",
    "x=\"$(printf %s @)\"",
    "x=\"$(printf %s \"@\" '@')\"",
    "x=$(printf %s \"$(printf %s @)\")",
    "x=\"a $(true; true @ # it's\n) b@\"",
    "x=$(@)",
    "x=\"$(@ @)\"",
    "true; @@",
    "then@",
    "true \"$HOME@ $H@\" ~@ $HOME@",
    "if @; then true; fi",
    "! @",
    "{ @; }",
    "( @ )",
    "2>&1 @",
    ">/dev/null @",
    "true {@,b} *@ ?@ [@] {@}",
    "true @{a,b} @* @[a] ~@",
    "true & @",
    "true @>/dev/null",
    "true <@",
    "true \"a\n@\n\" '\n@\n'",
    "true \\\n @ \\\n@",
    "i@ true",
    "f@() { true; }",
    "cas@ x in x) true;; esac",
];

/// Scraps that are thrown together: most of what they make is no script, and what is must be safe all the same.
const SCRAPS: &[&str] = &[
    "@", "@", "@", "@", "@", "@", " ", " ", " ", " ", "true ", "echo ", "x", "'", "'", "\"", "\"", "\\", "$",
    "$(", "$(", ")", ")", "(", "((", "$((", "))", "${x:-", "}", "}", "{ ", "`", "#", " #", "\n", ";", "; ",
    "|", "&", "&&", "<", ">", "<<E\n", "<<<", "case ", " in ", "esac", "if ", "then ", "fi", "[[ ", " ]]",
    "$'", "$\"", "=", "~", "*", "[", "]", "!", "$x", "=(", "<(", "${x}", "2>&1 ", "A=1 ",
];

/// A small generator, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }

    fn pick(&mut self, all: &[&'static str]) -> &'static str {
        all[self.below(all.len())]
    }
}

/// A script as it runs, the template it comes from, and what it must print where that is known.
struct Case {
    template: String,
    script: String,
    expected: Option<Vec<u8>>,
}

impl Case {
    /// A case, unless its template is refused.
    fn generate(random: &mut Random) -> Option<Self> {
        let mut values = Vec::new();
        let (template, expected) = match random.below(3) {
            0 => {
                let frame = random.pick(FRAMES);
                let mut script = format!("{PRINT}{}", interpolate(frame, random, &mut values));
                let outside = random.pick(OUTSIDE);
                if outside != "X=1 %" {
                    for _ in 0..random.below(3) {
                        script = random.pick(AROUND).replacen('%', &script, 1);
                    }
                }
                (outside.replacen('%', &script, 1), Some(printed(frame, &values)))
            }
            1 => (interpolate(random.pick(SILENT), random, &mut values), None),
            _ => {
                let scraps: String = (0..2 + random.below(12)).map(|_| random.pick(SCRAPS)).collect();
                (interpolate(&scraps, random, &mut values), None)
            }
        };
        let rendered = render_script(&Template(template.clone()), &scope(&values));
        assert_eq!(
            Text::Script(&Template(template.clone())).examine().0.is_ok(),
            rendered.is_ok(),
            "with values and without, the places are the same: {template:?} {values:?}"
        );
        match rendered {
            Ok(script) => Some(Self {
                template,
                script,
                expected,
            }),
            Err(error) => {
                assert!(expected.is_none(), "this place is safe: {template:?}: {error}");
                None
            }
        }
    }
}

fn scope(values: &[String]) -> Scope {
    let named = values.iter().enumerate();
    let parameters: Map<String, Value> = named.map(|(n, value)| (format!("v{n}"), json!(value))).collect();
    Scope {
        parameters: Arc::new(parameters),
        ..Scope::default()
    }
}

/// Puts the interpolation of a new value for each `@` of a text.
fn interpolate(text: &str, random: &mut Random, values: &mut Vec<String>) -> String {
    let mut template = String::new();
    for c in text.chars() {
        if c != '@' {
            template.push(c);
            continue;
        }
        let mut value = random.pick(HOSTILE).to_owned();
        if random.below(4) == 0 {
            value.push_str(random.pick(HOSTILE));
        }
        template.push_str(&format!("{{{{ v{} }}}}", values.len()));
        values.push(value);
    }
    template
}

/// What the words of a frame are, each with a NUL after it.
fn printed(frame: &str, values: &[String]) -> Vec<u8> {
    let mut values = values.iter();
    let mut bytes = Vec::new();
    let mut quote = None;
    for c in frame.replace("$v", "").chars() {
        match c {
            '@' => bytes.extend(values.next().into_iter().flat_map(|value| value.bytes())),
            '\'' | '"' if quote == Some(c) => quote = None,
            '\'' | '"' if quote.is_none() => quote = Some(c),
            ' ' if quote.is_none() => bytes.push(0),
            _ => bytes.extend(c.to_string().as_bytes()),
        }
    }
    bytes.push(0);
    bytes
}

/// Runs cases in one shell, each in a child of its own. There is nothing to run but what is built in.
fn run(shell: &str, cases: &[Case], directory: &Path) -> io::Result<()> {
    let empty = directory.join("empty");
    std::fs::create_dir_all(&empty)?;
    let mut driver = String::from("PATH=/nonexistent\npwned() { echo \"$case\" >&9; }\nexec 9>../pwned\n");
    for (number, case) in cases.iter().enumerate() {
        std::fs::write(directory.join(format!("case{number}")), &case.script)?;
        driver.push_str(&format!(
            "case={number}; ( . ../case{number}; test -z \"$ASSIGNED\" || pwned ) \
             >../out{number} 2>/dev/null </dev/null\n"
        ));
    }
    std::fs::write(directory.join("driver"), driver)?;
    let status = Command::new(shell)
        .arg("../driver")
        .current_dir(&empty)
        .env("HOME", "/nonexistent")
        .env_remove("BASH_ENV")
        .env_remove("ENV")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    assert!(status.code().is_some(), "{shell} was ended by a signal");

    let pwned = std::fs::read_to_string(directory.join("pwned"))?;
    let ran: Vec<&Case> = pwned
        .lines()
        .filter_map(|line| cases.get(line.parse::<usize>().ok()?))
        .collect();
    if let Some(case) = ran.first() {
        panic!(
            "{} scripts let a value run in {shell}, such as\n{:?}\nrendered as\n{}",
            ran.len(),
            case.template,
            case.script
        );
    }
    for (number, case) in cases.iter().enumerate() {
        let Some(expected) = &case.expected else { continue };
        let output = std::fs::read(directory.join(format!("out{number}")))?;
        assert_eq!(
            String::from_utf8_lossy(&output),
            String::from_utf8_lossy(expected),
            "{:?} in {shell}, rendered as\n{}",
            case.template,
            case.script
        );
    }
    Ok(())
}

/// Says something that the test harness does not swallow.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "injection: {line}");
}

fn hold(shell: &str) -> io::Result<()> {
    let there = Command::new(shell).args(["-c", ":"]).status().is_ok();
    if !there {
        assert!(std::env::var_os("CI").is_none(), "`{shell}` is not installed");
        say(&format!("`{shell}` is not installed, so nothing was tried in it"));
        return Ok(());
    }
    let mut random = Random(0x5eed_cafe_f00d_0001);
    let cases: Vec<Case> = (0..SCRIPTS).filter_map(|_| Case::generate(&mut random)).collect();
    let printing = cases.iter().filter(|case| case.expected.is_some()).count();
    assert!(
        cases.len() > SCRIPTS / 2 && printing > SCRIPTS / 4,
        "too many are refused"
    );
    for batch in cases.chunks(BATCH) {
        let directory = tempfile::tempdir()?;
        run(shell, batch, directory.path())?;
    }
    say(&format!(
        "{} scripts ran in `{shell}`, {printing} of them printing",
        cases.len()
    ));
    Ok(())
}

#[test]
fn nothing_of_a_value_runs_in_dash() -> io::Result<()> {
    hold("dash")
}

#[test]
fn nothing_of_a_value_runs_in_bash() -> io::Result<()> {
    hold("bash")
}
