//! What a reader sees: a report in a real Chromium, opened, folded, clicked, printed, at the width of a desk and of a phone.
//!
//! `.ci/run` installs Chromium, and puts what drives it into `target/tools`. Where one is missing nothing is looked at, and the test says so; but
//! not on a machine for continuous integration.

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{World, in_ci};

/// Every kind of step, and texts that would be something else if they were not escaped.
const BOOK: &str = r#"
description: Brings the shop back. <b>Not</b> for the blog.
parameters:
  site: { type: string, description: "Where it is <i>served</i>" }
nodes:
  answered:
    question: Is the <u>shop</u> down?
    help: Look at {{ site }} first.
    choices:
      "yes": { label: "Yes: \"nobody\" can <b>buy</b>", next: prints }
      "no": stop
  prints:
    action: See what is there
    effect: read
    run: |
      printf '<script>window.pwned = 1; document.title = "PWNED"</script>\n'
      printf '<img src=x onerror="window.pwned = 1">\n\033[31mred\033[0m &amp; %s\n' "{{ site }}"
      printf 'averylongwordwithoutanyspaceatall%.0s' 1 2 3 4 5 6 7 8 9 10; echo
      echo '</pre></details></main>' >&2
    capture: { seen: { stdout: { regex: '(.*)' } } }
    verify:
      - title: it is <em>there</em>
        run: [echo, "<script>window.pwned = 1</script>"]
        stdout: { contains: script }
    next: by_hand
  by_hand:
    action: Call the hosting company
    manual: Their number is on the wall.
    next: note
  note:
    action: Write it down
    write: { path: note.md, content: "<script>window.pwned = 1</script>" }
    next: ready
  ready: { action: Ready to go on, next: fails }
  fails:
    action: Switch the shop back
    env: { COLOUR: blue }
    run: [sh, -c, "echo switching; echo 'no <such> release' >&2; exit 3"]
    on_failure: mended
    undo: { run: [echo, back] }
  mended: { action: Put up the notice, run: [echo, up], undo: { run: [echo, down] } }
  later: { action: Never come to, after: answered, when: "answers.answered == 'no'", run: [echo] }
start: [answered, later]
gates:
  told: { title: Everybody is told, attest: "The page of {{ site }} says so.", by: [on call] }
  looked:
    title: The shop answers
    verify: [ { title: "it <b>answers</b>", run: [sh, -c, "echo '<script>window.pwned = 1</script>'; exit 1"] } ]
  decided: { title: It is known what broke, decide: [code, data] }
  elsewhere: { title: The blog is up, when: "answers.answered == 'no'", attest: It is. }
  nice: { title: The next one is easier, attest: It is., required: false }
"#;

/// Chromium, if it is here.
fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .find_map(|name| which::which(name).ok())
}

/// What a machine lacks to look at a page.
fn missing(driver: &Path) -> Option<&'static str> {
    if chromium().is_none() {
        Some("Chromium is not here")
    } else if !driver.exists() {
        Some("playwright-core is not in target/tools, where .ci/run puts it")
    } else if which::which("node").is_err() {
        Some("Node.js is not here")
    } else {
        None
    }
}

fn run_of_everything(world: &World) {
    let hostile = "<script>window.pwned = 1</script>";
    world
        .call("run book.yaml --headless --answer answered=yes --attest by_hand=ada:on-the-phone --decide decided=code:grace")
        .arg("-p")
        .arg("site=https://shop.example/\"><img src=x onerror=window.pwned=1>")
        .arg("--waive")
        .arg(format!("looked=it is a copy {hostile}"))
        .arg("--attest")
        .arg(format!("told={hostile}:said {hostile}"))
        .exits(0);
}

#[test]
fn a_report_holds_in_a_real_browser() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let driver = root.join("target/tools/node_modules/playwright-core");
    if let Some(missing) = missing(&driver) {
        assert!(!in_ci(), "{missing}");
        let note = format!("{missing}: no report is looked at here\n");
        let _ = std::io::stderr().write_all(note.as_bytes());
        return;
    }
    let world = World::with(BOOK);
    run_of_everything(&world);
    world.call("report last -o report.html").exits(0);
    let pictures = root.join("target/reports");
    fs::create_dir_all(&pictures).expect("the folder can be made");

    let looked = Command::new("node")
        .arg(root.join("tests/browser/look.js"))
        .arg(driver)
        .arg(chromium().expect("it is here"))
        .arg(world.folder().join("report.html"))
        .arg(&pictures)
        .output()
        .expect("node starts");
    let (said, faults) = (
        String::from_utf8_lossy(&looked.stdout),
        String::from_utf8_lossy(&looked.stderr),
    );
    assert!(looked.status.success(), "{faults}\n{said}");
    assert!(
        said.lines().filter(|line| line.starts_with("ok: ")).count() > 25,
        "{said}"
    );
}
