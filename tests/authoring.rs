//! What helps those who write runbooks: `explain`.

mod support;

use support::World;
use switchback::diagnostic::Code;

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
