//! What helps those who write runbooks: `new`, `explain`, `completions`, `man`.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use support::World;
use switchback::diagnostic::Code;

#[test]
fn a_new_runbook_has_nothing_to_complain_of_and_can_be_drilled() {
    let world = World::new();
    insta::assert_snapshot!(world.call("new deploy-web").exits(0), @"
    exit 0
    --- stderr
    wrote deploy-web.yaml
    wrote deploy-web.test.yaml
    wrote deploy-web.drill.yaml
    wrote deploy-web.drill/setup

    Make it yours, and after each step:
      switchback check deploy-web.yaml
      switchback test deploy-web.yaml
      switchback drill deploy-web.yaml --scenario pointed
    When it is needed:
      switchback run deploy-web.yaml -p release=v2 -p folder=/srv/site
    ");
    let seen = world.call("check --deny-warnings --preflight").exits(0);
    assert!(seen.stderr.ends_with(" files, 0 errors, 0 warnings\n"), "{seen}");
    let setup = fs::metadata(world.folder().join("deploy-web.drill/setup")).expect("it is there");
    assert_eq!(setup.permissions().mode() & 0o111, 0o111);
    for name in ["deploy-web.yaml", "deploy-web.test.yaml", "deploy-web.drill.yaml"] {
        let text = world.read(name);
        assert!(
            !text.contains("new-name") && !text.contains("new_name"),
            "{name}:\n{text}"
        );
    }
    assert!(world.read("deploy-web.yaml").contains("\nname: deploy_web\n"));
    for scenario in ["pointed", "empty_release"] {
        world
            .call("drill deploy-web.yaml --scenario")
            .arg(scenario)
            .exits(0);
    }
}

#[test]
fn a_new_runbook_runs_for_real() {
    let world = World::new();
    let site = world.home().join("site");
    fs::create_dir_all(site.join("releases/v2")).expect("the home is ours");
    fs::write(site.join("releases/v2/index.html"), "v2").expect("the home is ours");
    std::os::unix::fs::symlink("releases/v1", site.join("current")).expect("the home is ours");
    world.call("new a_b").exits(0);
    let run = "run a_b.yaml --headless -p release=v2 --answer agreed=yes --attest seen_working=ada -p";
    world.call(run).arg(format!("folder={}", site.display())).exits(0);
    world.call("undo last --headless").exits(0);
    assert_eq!(
        fs::read_link(site.join("current")).expect("a link").to_str(),
        Some("releases/v1")
    );
}

#[test]
fn new_takes_a_folder_and_writes_over_nothing() {
    let world = World::new();
    fs::create_dir(world.folder().join("books")).expect("the folder is ours");
    world.call("new books/deploy").exits(0);
    world.call("check books/deploy.yaml --deny-warnings").exits(0);
    fs::remove_file(world.folder().join("books/deploy.yaml")).expect("it was written");
    let before = world.tree();
    insta::assert_snapshot!(world.call("new books/deploy").exits(2), @"
    exit 2
    --- stderr
    error: `books/deploy.test.yaml` is there already
      help: take another name, or move it away; nothing was written
    ");
    insta::assert_snapshot!(world.call("new none/deploy").exits(2), @"
    exit 2
    --- stderr
    error: there is no folder `none`
      help: make it: `mkdir -p none`
    ");
    assert_eq!(world.tree(), before);
}

#[test]
fn new_leaves_nothing_half_written() {
    let world = World::new();
    // The first file can have such a name, the second cannot.
    let before: BTreeSet<_> = world.tree().into_keys().collect();
    let seen = world.call("new").arg("a".repeat(250)).exits(2);
    assert!(seen.stderr.contains("nothing was left behind"), "{seen}");
    assert_eq!(world.tree().into_keys().collect::<BTreeSet<_>>(), before);
}

#[test]
fn a_name_that_cannot_be_one_is_answered_with_one_that_can() {
    let world = World::new();
    for (typed, near) in [
        ("Deploy.Web", "deploy-web"),
        ("deploy.yaml", "deploy"),
        ("2fast", "deploy-web"),
        ("..", "deploy-web"),
        ("-- -x", "x"),
    ] {
        let seen = world.call(&format!("new {typed}")).exits(2);
        assert!(
            seen.stderr.contains(&format!("`switchback new {near}`")),
            "{typed}: {seen}"
        );
    }
    assert_eq!(world.tree().len(), 2, "the home, and its folder");
}

#[test]
fn a_code_is_explained_as_the_page_has_it() {
    let world = World::new();
    insta::assert_snapshot!(world.call("explain command-not-found").exits(0), @"
    exit 0
    --- stdout
    command-not-found (error)

    A command of the runbook is not found on this machine. It is looked for only
    with `switchback check --preflight`: what `requires` names, each program that a
    `run` written as a list names outright, and the shell of each script. A name is
    looked for on the command's `PATH`; one with a `/` from its `cwd`, or else from
    the runbook's own folder. A name, a `PATH` or a `cwd` that is a template is
    known only when it runs, and is left out. Install the command, put its folder on
    `PATH`, or correct its name; nothing is run to find out.
    ");
    insta::assert_snapshot!(world.call("explain unkown-field").exits(2), @"
    exit 2
    --- stderr
    error: there is no code `unkown-field`
      help: did you mean `unknown-field`?
    ");
    insta::assert_snapshot!(world.call("explain colours").exits(2), @"
    exit 2
    --- stderr
    error: there is no code `colours`
      help: `switchback explain` lists them
    ");
}

#[test]
fn all_codes_are_listed_and_each_can_be_explained() {
    let world = World::new();
    let list = world.call("explain").exits(0).stdout;
    assert_eq!(list.lines().count(), Code::ALL.len());
    for (line, code) in list.lines().zip(Code::ALL) {
        assert!(
            line.starts_with(&format!("{code} ")) && line.ends_with('.'),
            "{line}"
        );
        let seen = world.call("explain").arg(code.as_str()).exits(0);
        assert!(
            seen.stdout.lines().count() > 2 && !seen.stdout.contains("```"),
            "{seen}"
        );
    }
}

#[test]
fn there_is_a_manual_page_for_each_command() {
    let world = World::new();
    world.call("man pages/man1").exits(0);
    let folder = world.folder().join("pages/man1");
    let entries = fs::read_dir(&folder).expect("it was made");
    let pages: BTreeSet<String> = entries
        .map(|entry| {
            entry
                .expect("it can be listed")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let help = world.call("--help").exits(0).stdout;
    let commands = help
        .split("Commands:\n")
        .nth(1)
        .and_then(|rest| rest.split("\n\n").next());
    let commands = commands.expect("it lists the commands").lines();
    let names = commands.filter_map(|line| {
        line.strip_prefix("  ")?
            .split_whitespace()
            .next()
            .filter(|_| !line.starts_with("   "))
    });
    let mut wanted: BTreeSet<String> = names
        .filter(|name| *name != "help")
        .map(|name| format!("switchback-{name}.1"))
        .collect();
    assert!(wanted.len() > 10, "{wanted:?}");
    wanted.insert("switchback.1".to_owned());
    assert_eq!(pages, wanted);

    let page = fs::read_to_string(folder.join("switchback-run.1")).expect("it was written");
    for part in ["switchback\\-run", "\\-\\-answer", ".SH NOTES"] {
        assert!(page.contains(part), "{part}:\n{page}");
    }
    // Where there is a formatter, it has nothing to complain of.
    for page in &pages {
        let groff = Command::new("groff")
            .args(["-k", "-man", "-ww", "-Tutf8"])
            .arg(folder.join(page))
            .output();
        match groff {
            Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{page}"),
            Err(error) => assert!(!support::in_ci(), "groff: {error}: install it"),
        }
    }
}

/// What bash offers at the end of this line, which it gives in these parts.
#[track_caller]
fn offered(world: &World, line: &str, parts: &[&str]) -> Vec<String> {
    let call = world
        .call("--")
        .env("SWITCHBACK_COMPLETE", "bash")
        .env("SWITCHBACK_COMPLETE_LINE", line);
    let seen = parts.iter().fold(call, |call, part| call.arg(part)).exits(0);
    assert_eq!(seen.stderr, "");
    let values = seen.stdout.lines().filter_map(|line| line.split('\t').next());
    values.map(str::to_owned).collect()
}

/// The same of a line without `=` and `:` in its words, which bash leaves as they are.
#[track_caller]
fn offered_plainly(world: &World, line: &str) -> Vec<String> {
    offered(world, line, &line.split(' ').collect::<Vec<_>>())
}

const BOOK: &str = r#"
parameters:
  host: { type: string, enum: [web1, web2], description: Which server }
  dry: { type: boolean, default: false }
  tag: { type: string, pattern: '^v' }
nodes:
  way: { question: Which way?, choices: { fast: { label: Quick, next: quick }, slow: slow } }
  sure: { question: Sure?, input: { type: boolean } }
  quick:
    action: Do it quickly
    effect: destroy
    run: [ls, "{{ host }}", "{{ dry }}", "{{ tag }}", "{{ answers.sure }}"]
    after: sure
    capture: { found: stdout }
    verify: [{ id: seen, confirm: Is it seen? }]
    undo: { run: [ls] }
  slow: { action: Do it slowly, manual: Slowly. }
gates:
  settled: { title: It is settled, decide: [kept, gone] }
  told: { title: All were told, attest: They were. }
"#;

#[test]
fn a_shell_is_offered_what_the_runbook_knows() {
    let world = World::with(BOOK);
    let plainly = |line: &str| offered_plainly(&world, line);
    assert_eq!(plainly("switchback run book.yaml -p "), ["host=", "dry=", "tag="]);
    assert_eq!(plainly("switchback plan book.yaml --answer s"), ["sure="]);
    assert_eq!(
        plainly("switchback run book.yaml --attest "),
        ["quick.seen=", "slow=", "told="]
    );
    assert_eq!(plainly("switchback run book.yaml --confirm "), ["quick"]);
    assert_eq!(plainly("switchback run book.yaml --waive t"), ["told="]);
    assert_eq!(
        plainly("switchback explain unkn"),
        ["unknown-field", "unknown-node", "unknown-name"]
    );
    assert_eq!(plainly("switchback completions z"), ["zsh"]);

    let cut = |flag: &str, name: &str, rest: &[&str]| {
        let line = format!("switchback run book.yaml {flag} {name}{}", rest.concat());
        let parts = [&["switchback", "run", "book.yaml", flag, name], rest].concat();
        offered(&world, &line, &parts)
    };
    assert_eq!(cut("-p", "host", &["="]), ["web1", "web2"]);
    assert_eq!(cut("-p", "host", &["=", "web2"]), ["web2"]);
    assert_eq!(cut("-p", "dry", &["="]), ["true", "false"]);
    assert_eq!(cut("-p", "tag", &["="]), [""; 0]);
    assert_eq!(cut("--answer", "way", &["=", "f"]), ["fast"]);
    assert_eq!(cut("--answer", "sure", &["="]), ["true", "false"]);
    assert_eq!(cut("--decide", "settled", &["="]), ["kept:", "gone:"]);
    assert_eq!(cut("--decide", "settled", &["=", "kept", ":"]), [""; 0]);
    // The runbook may stand behind other flags.
    let parts = [
        "switchback",
        "run",
        "-p",
        "host",
        "=",
        "web1",
        "book.yaml",
        "--answer",
        "way",
        "=",
        "s",
    ];
    assert_eq!(
        offered(
            &world,
            "switchback run -p host=web1 book.yaml --answer way=s",
            &parts
        ),
        ["slow"]
    );
}

#[test]
fn a_shell_is_offered_files_runs_and_what_of_a_run_is_unsettled() {
    let world = World::with(BOOK);
    world.write("other.yaml", "services: {}\n");
    let plainly = |line: &str| offered_plainly(&world, line);
    assert_eq!(
        plainly("switchback check ").first().map(String::as_str),
        Some("book.yaml")
    );
    assert!(!plainly("switchback run ").contains(&"other.yaml".to_owned()));
    assert!(plainly("switchback resume ").contains(&"last".to_owned()));

    let said = "-p host=web1 -p tag=v --answer way=fast --answer sure=true --confirm quick";
    world.call(&format!("run book.yaml --headless {said}")).exits(1);
    let run = world.run();
    assert_eq!(plainly("switchback show 2"), [run.as_str()]);
    assert_eq!(plainly("switchback resume last --resolve "), ["quick="]);
    assert_eq!(plainly("switchback resume last --set "), ["quick.found="]);
    assert_eq!(plainly("switchback undo last --only "), ["quick"]);
    assert_eq!(
        offered(
            &world,
            "switchback resume last --resolve quick=",
            &["switchback", "resume", "last", "--resolve", "quick", "="]
        ),
        ["done", "rerun", "skip"]
    );

    world.call("new deploy").exits(0);
    assert_eq!(
        plainly("switchback drill deploy.yaml --scenario "),
        ["pointed", "empty_release"]
    );
}

#[test]
fn where_nothing_is_known_nothing_is_said() {
    let world = World::with("nodes: { a: { action: A, rnu: [ls] } }\n");
    for line in [
        "switchback run book.yaml -p ",
        "switchback run none.yaml --answer ",
        "switchback resume last --resolve ",
        "switchback drill book.yaml --scenario ",
    ] {
        let offered = offered_plainly(&world, line);
        assert!(
            offered
                .iter()
                .all(|one| one.starts_with("--") || one.ends_with("yaml")),
            "{line}: {offered:?}"
        );
    }
    assert_eq!(world.runs().len(), 0);
    // A value that would end the line, and go on as a candidate of its own.
    world.book("parameters: { p: { type: text, enum: [\"x\\ny\", z] } }\nnodes: { a: { action: A } }\n");
    let parts = ["switchback", "run", "book.yaml", "-p", "p", "="];
    assert_eq!(offered(&world, "switchback run book.yaml -p p=", &parts), ["z"]);
}

#[test]
fn every_shell_has_its_script_and_bash_takes_it() {
    let world = World::with(BOOK);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = world.call("completions").arg(shell).exits(0).stdout;
        assert!(script.contains("SWITCHBACK_COMPLETE"), "{shell}:\n{script}");
        assert!(
            script.contains("switchback") && !script.contains("PROGRAM"),
            "{shell}:\n{script}"
        );
    }
    world.write("it's.yaml", "switchback: 1\n");
    let typed = r#"
        source <(switchback completions bash)
        COMP_LINE='switchback run book.yaml -p host=w' COMP_WORDS=(switchback run book.yaml -p host = w)
        COMP_POINT=${#COMP_LINE} COMP_CWORD=6
        _switchback 2>&1 && printf '%s\n' "${COMPREPLY[@]}"
        COMP_LINE='switchback run it' COMP_WORDS=(switchback run it)
        COMP_POINT=${#COMP_LINE} COMP_CWORD=2
        _switchback 2>&1 && printf '%s\n' "${COMPREPLY[@]}"
        complete -p switchback
    "#;
    if Command::new("bash").arg("--version").output().is_ok() {
        let seen = world
            .shell(&format!("exec bash --norc -c {}", quoted(typed)))
            .exits(0);
        insta::assert_snapshot!(seen.stdout, @r"
        web1
        web2
        it\'s.yaml
        complete -o bashdefault -o nosort -F _switchback switchback
        ");
    } else {
        assert!(!support::in_ci(), "there is no bash");
    }
}

fn quoted(script: &str) -> String {
    format!("'{}'", script.replace('\'', r"'\''"))
}
