//! `docs`: pages that show a runbook, and are kept as it is.

mod support;

use std::path::Path;

use support::World;

const BOOK: &str = r#"
nodes:
  full:
    question: Is the disk full?
    choices: { "yes": { label: "Yes, it is", next: clean }, "no": stop }
  clean:
    action: Clean it
    effect: destroy
    confirm: "Throw away what is in {{ 'tmp' }}?"
    run: ["true"]
    next: tell
    verify: [{ id: starts, confirm: Does it start again? }]
  tell: { action: "Tell <them>", manual: "By phone.\n\n`<b>` is code, <b> is not." }
gates:
  free: { title: There is room, verify: [{ expr: "true" }] }
  told: { title: They know, attest: They were told, by: [ops, product], when: "true" }
  how: { title: How it was, decide: [bad, worse], required: false }
"#;

const PAGE: &str = "# Page\n\n<!-- switchback:checklist ../book.yaml -->\nold\n<!-- switchback:end -->\n";

fn world(page: &str) -> World {
    let world = World::with(BOOK);
    std::fs::create_dir(world.folder().join("pages")).expect("the folder is ours");
    world.write("pages/page.md", page);
    world
}

#[test]
fn the_pages_of_this_repository_are_as_their_runbooks_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let world = World::new();
    let seen = world.call("docs --check docs README.md").in_folder(root).exits(0);
    assert!(
        seen.stderr.contains("docs/rollback.md: 2 blocks, up to date"),
        "{seen}"
    );
}

#[test]
fn a_page_is_written_and_then_left_alone() {
    let world = world(PAGE);
    insta::assert_snapshot!("told", world.call("docs --check pages").exits(1));
    assert_eq!(world.read("pages/page.md"), PAGE, "--check writes nothing");
    let written = world.call("docs pages").exits(0);
    assert_eq!(written.stderr, "pages/page.md: 1 block, 1 written\n");
    insta::assert_snapshot!("written", world.read("pages/page.md"));
    let before = world.tree();
    let seen = world.call("docs").exits(0);
    assert_eq!(seen.stderr, "pages/page.md: 1 block, up to date\n");
    assert_eq!(world.tree(), before);
    world.call("docs --check").exits(0);
}

#[test]
fn a_page_is_told_apart_from_its_runbook_when_that_changes() {
    let world = world(&PAGE.replace("checklist", "mermaid"));
    world.call("docs").exits(0);
    world.book(&BOOK.replace("Clean it", "Clean it well"));
    let seen = world.call("docs --check").exits(1);
    assert!(seen.stderr.contains("-    clean[\"Clean it\"]"), "{seen}");
    assert!(seen.stderr.contains("+    clean[\"Clean it well\"]"), "{seen}");
}

#[test]
fn line_breaks_and_everything_outside_the_comments_stay() {
    let page = format!(
        "\u{feff}top  \r\n{}\tbottom, and no line break",
        PAGE.replace('\n', "\r\n")
    );
    let world = world(&page);
    world.call("docs").exits(0);
    let written = world.read("pages/page.md");
    assert_eq!(written.matches('\n').count(), written.matches("\r\n").count());
    assert!(
        written.starts_with("\u{feff}top  \r\n# Page\r\n\r\n<!--"),
        "{written}"
    );
    assert!(
        written.ends_with("<!-- switchback:end -->\r\n\tbottom, and no line break"),
        "{written}"
    );
    world.call("docs --check").exits(0);
}

#[cfg(unix)]
#[test]
fn a_page_keeps_its_rights_and_a_link_stays_one() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let world = world(PAGE);
    let page = world.folder().join("pages/page.md");
    std::fs::set_permissions(&page, std::fs::Permissions::from_mode(0o640)).expect("it is ours");
    let link = world.folder().join("pages/link.md");
    symlink("page.md", &link).expect("the folder is ours");
    world.call("docs pages/link.md").exits(0);
    assert!(
        std::fs::symlink_metadata(&link)
            .expect("it is there")
            .is_symlink()
    );
    let rights = std::fs::metadata(&page)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(rights & 0o777, 0o640);
    assert!(world.read("pages/page.md").contains("Clean it"));
}

#[test]
fn every_fault_is_told_and_then_no_page_is_written() {
    let world = world(PAGE);
    world.write(
        "pages/wrong.md",
        "<!-- switchback:mermiad ../book.yaml -->\n<!-- switchback:end -->\n<!-- switchback:checklist ../none.yaml -->\n",
    );
    world.write("pages/missing.md", &PAGE.replace("../book", "../none"));
    let before = world.tree();
    insta::assert_snapshot!(world.call("docs").exits(2));
    assert_eq!(world.tree(), before);
}

#[test]
fn a_runbook_with_faults_is_shown_with_them() {
    let world = world(PAGE);
    world.book("nodes: { a: { action: A, nxt: b } }\n");
    let seen = world.call("docs --check pages").exits(3);
    assert!(seen.stderr.contains("unknown-field"), "{seen}");
    assert!(seen.stderr.contains("pages/page.md:3"), "{seen}");
}

#[test]
fn where_there_is_nothing_to_do_it_says_what_to_write() {
    let world = world("# Nothing here\n\n```\n<!-- switchback:mermaid book.yaml -->\n```\n");
    insta::assert_snapshot!(world.call("docs").exits(2));
}
