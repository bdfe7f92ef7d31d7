//! What helps those who write runbooks: `new`, `explain`.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

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
