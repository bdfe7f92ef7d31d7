//! What the real programs of the drill do, as `docs/real-parts.md` has it and the flagship relies on it: the world of the drill, driven
//! past the runbook.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use support::{Seen, can_drill, in_ci};

fn drill() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks/rollback.drill")
}

/// A world as `setup` makes it; what was started in it is ended with the value.
struct Sandbox {
    dir: TempDir,
    /// What setup says to the drill.
    facts: BTreeMap<String, String>,
    /// What it says to people.
    notes: Vec<String>,
}

impl Sandbox {
    fn with(world: &[(&str, &str)]) -> Self {
        let dir = tempfile::Builder::new().prefix("switchback-test-").tempdir();
        let mut sandbox = Self {
            dir: dir.expect("there is room for it"),
            facts: BTreeMap::new(),
            notes: Vec::new(),
        };
        let mut setup = Command::new(drill().join("setup"));
        setup.env_remove("DRILL_WITHOUT").envs(world.iter().copied());
        let seen = sandbox.seen(&mut setup);
        assert_eq!(seen.code, Some(0), "{seen}");
        for line in seen.stdout.lines() {
            match line.split_once('=') {
                Some((name, value)) => {
                    sandbox.facts.insert(name.to_owned(), value.to_owned());
                }
                None => sandbox.notes.push(line.to_owned()),
            }
        }
        sandbox
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn seen(&self, command: &mut Command) -> Seen {
        let output = command.env("DRILL_SANDBOX", self.path()).output();
        Seen::of(output.expect("it can be started"))
    }

    /// What somebody types in the checkout, in the runbook's environment.
    fn types(&self, script: &str) -> Seen {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("bash");
        shell
            .args(["-c", script])
            .current_dir(self.path().join("shop"))
            .env("PATH", format!("{}/bin:{path}", self.path().display()))
            .env("HERE", drill());
        self.seen(&mut shell)
    }

    /// The name of the release that is live.
    fn live(&self) -> String {
        let target = fs::read_link(self.path().join("deploy/current")).expect("something is live");
        let name = target.file_name().expect("it leads to a release");
        name.to_string_lossy().into_owned()
    }

    fn releases(&self) -> Vec<String> {
        let listed = self.types("ls ../deploy/releases");
        listed.stdout.lines().map(str::to_owned).collect()
    }

    /// What the code that runs says of itself.
    fn version(&self) -> String {
        self.gets(&format!("http://127.0.0.1:{}/version", self.facts["port"]), None)
            .1
    }

    /// The status of an answer, its text, and where the next page is.
    fn gets(&self, address: &str, token: Option<&str>) -> (u16, String, String) {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .build()
            .into();
        let mut call = agent.get(address);
        if let Some(token) = token {
            call = call.header("Authorization", format!("Bearer {token}"));
        }
        let mut answer = call.call().expect("somebody answers");
        let link = answer.headers().get("Link").and_then(|link| link.to_str().ok());
        let link = link.unwrap_or_default().to_owned();
        let text = answer.body_mut().read_to_string().expect("it is text");
        (answer.status().as_u16(), text.trim_end().to_owned(), link)
    }

    /// Whether a part is real here. In CI all are, but for Deployer, which no registry has.
    fn is_real(&self, part: &str) -> bool {
        let missing = self.notes.iter().find(|note| note.contains(part));
        let Some(note) = missing else { return true };
        assert!(!in_ci(), "{note}");
        let _ = std::io::stderr().write_all(format!("{note}: nothing is seen of it\n").as_bytes());
        false
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let seen = self.seen(&mut Command::new(drill().join("teardown")));
        if !std::thread::panicking() {
            assert_eq!(seen.code, Some(0), "{seen}");
        }
    }
}

fn can_use_capistrano() -> bool {
    let is_there = Command::new("cap").arg("--version").output().is_ok();
    assert!(is_there || !in_ci(), "Capistrano is not here: install it");
    if !is_there {
        let _ = std::io::stderr().write_all(b"Capistrano is not here: nothing is seen of it\n");
    }
    is_there
}

/// The trap for which the runbook reverses first, and looks for these words: after the code, the reversal drops what is still needed.
#[test]
fn a_reversal_after_the_code_skips_the_bad_migration_and_drops_an_older_one() {
    if !can_drill() {
        return;
    }
    let world = [("DRILL_FAULT", "migration"), ("DRILL_BATCH", "shared")];
    let without = [world[0], world[1], ("DRILL_WITHOUT", "nginx laravel")];
    let mut told = Vec::new();
    for world in [world.as_slice(), without.as_slice()] {
        let sandbox = Sandbox::with(world);
        if world.len() == 2 && !sandbox.is_real("Laravel") {
            continue;
        }
        let columns = "sqlite3.connect('../deploy/shared/storage/database.sqlite').execute('PRAGMA table_info(orders)')";
        let columns = format!("python3 -c \"import sqlite3; print(*(row[1] for row in {columns}))\"");
        assert_eq!(sandbox.types(&columns).stdout, "id user_id amount note\n");
        let seen = sandbox.types("dep rollback production && cd ../deploy/current && php artisan migrate:rollback --pretend --force");
        assert_eq!(
            sandbox.types(&columns).stdout,
            "id user_id amount note\n",
            "it only pretends\n{seen}"
        );
        let seen = sandbox.types("cd ../deploy/current && php artisan migrate:rollback --force");
        assert_eq!(seen.code, Some(0), "{seen}");
        assert!(
            seen.stdout
                .contains("Migration not found: 2026_11_20_101500_rename_total_on_orders_table"),
            "{seen}"
        );
        assert_eq!(
            sandbox.types(&columns).stdout,
            "id user_id amount\n",
            "the note is lost, and the fault is still there"
        );
        // The same words from both, but for how long a migration took and how a refusal is framed.
        let script = "
            cd ../deploy/releases/3
            for command in migrate:status 'migrate --force' 'migrate --force' migrate:status \
                'migrate:rollback --pretend --force' 'migrate:rollback --force' migrate:status migrate:rollback; do
              php artisan $command </dev/null | sed -E 's/ \\([0-9.]+ms\\)//' | grep -E '^[|MRN0-9]'
              echo \"exit ${PIPESTATUS[0]}\"
            done";
        told.push(sandbox.types(script).stdout);
    }
    if let [real, stand_in] = told.as_slice() {
        assert_eq!(real, stand_in);
    }
}

#[test]
fn php_fpm_runs_the_old_code_until_it_is_reloaded() {
    if !can_drill() {
        return;
    }
    let sandbox = Sandbox::with(&[("DRILL_SERVER", "pinned")]);
    sandbox.is_real("web server");
    assert_eq!(sandbox.version(), "v1.10.0");
    let seen = sandbox.types("dep rollback production");
    assert_eq!((seen.code, sandbox.live().as_str()), (Some(0), "2"), "{seen}");
    assert_eq!(sandbox.version(), "v1.10.0", "a perfect switch, and the old code");
    let seen = sandbox.types("\"$HERE/by-hand/reload-site\" \"$DRILL_SANDBOX\"");
    assert_eq!(sandbox.version(), "v1.9.0", "{seen}");
}

#[test]
fn with_the_real_path_the_new_code_answers_at_once() {
    if !can_drill() {
        return;
    }
    let sandbox = Sandbox::with(&[]);
    sandbox.is_real("web server");
    for (command, version) in [
        ("dep rollback production", "v1.9.0"),
        ("dep deploy production --tag=v1.10.0", "v1.10.0"),
    ] {
        let seen = sandbox.types(command);
        assert_eq!(sandbox.version(), version, "{seen}");
    }
}

#[test]
fn capistrano_goes_by_what_was_changed_last() {
    if !(can_drill() && can_use_capistrano()) {
        return;
    }
    let sandbox = Sandbox::with(&[("DRILL_DEPLOYER", "cap"), ("DRILL_WITHOUT", "nginx laravel")]);
    let (good, bad) = (sandbox.facts["good"].clone(), sandbox.facts["bad"].clone());
    // A release is touched, and a plain rollback throws it away and changes nothing else.
    let copy = format!("cp -a ../deploy/releases/{good} .. && touch ../deploy/releases/{good}");
    let seen = sandbox.types(&format!("{copy} && cap production deploy:rollback"));
    assert_eq!((seen.code, sandbox.live()), (Some(0), bad.clone()), "{seen}");
    assert!(!sandbox.releases().contains(&good), "{seen}");
    // The command of the runbook goes where it is told.
    let seen = sandbox.types(&format!(
        "mv ../{good} ../deploy/releases/ && touch ../deploy/releases/{good} && cap production deploy:rollback ROLLBACK_RELEASE={good}"
    ));
    assert_eq!((seen.code, sandbox.live()), (Some(0), good.clone()), "{seen}");
    // With one release there is nowhere to go.
    let seen = sandbox.types(&format!(
        "find ../deploy/releases -mindepth 1 -maxdepth 1 ! -name {good} -exec rm -r {{}} + && cap production deploy:rollback"
    ));
    assert_eq!((seen.code, sandbox.live()), (Some(1), good), "{seen}");
    assert!(
        seen.stdout.contains("There are no older releases to rollback to"),
        "{seen}"
    );
}

#[test]
fn capistrano_takes_what_dead_deploys_left_for_the_previous_release() {
    if !(can_drill() && can_use_capistrano()) {
        return;
    }
    let world = [
        ("DRILL_DEPLOYER", "cap"),
        ("DRILL_DIED", "2"),
        ("DRILL_WITHOUT", "nginx laravel"),
    ];
    let sandbox = Sandbox::with(&world);
    let log = fs::read_to_string(sandbox.path().join("deploy/revisions.log")).expect("it is written");
    let releases = sandbox.releases();
    let (known, dead): (Vec<_>, Vec<_>) = releases.iter().partition(|name| log.contains(name.as_str()));
    assert_eq!((known.len(), dead.len()), (3, 2), "{log}");
    let seen = sandbox.types("cap production deploy:rollback");
    assert_eq!((seen.code, &sandbox.live()), (Some(0), dead[0]), "{seen}");
    assert!(
        !sandbox.path().join("deploy/current/VERSION").exists(),
        "the site is gone"
    );
}

#[test]
fn the_tracker_answers_as_sentry_does() {
    if !can_drill() {
        return;
    }
    let sandbox = Sandbox::with(&[("DRILL_ISSUES", "101"), ("DRILL_WITHOUT", "nginx laravel")]);
    let issues = format!(
        "http://127.0.0.1:{}/api/0/projects/acme/shop/issues/",
        sandbox.facts["tracker"]
    );
    let query = format!("{issues}?query=is:unresolved");
    let token = Some("token-of-the-drill");
    let page = |address: &str| {
        let (status, text, link) = sandbox.gets(address, token);
        assert_eq!(status, 200, "{text}");
        let issues: Vec<serde_json::Value> = serde_json::from_str(&text).expect("it is a list");
        (issues, link)
    };

    assert_eq!(sandbox.gets(&query, None).0, 401);
    assert_eq!(sandbox.gets(&query, Some("another")).0, 401);
    assert_eq!(
        sandbox.gets(&format!("{issues}?query=is:unresovled"), token).0,
        400
    );
    let (first, link) = page(&query);
    assert_eq!(first.len(), 100);
    let next = link
        .split(", ")
        .find(|link| link.contains("rel=\"next\"; results=\"true\""));
    let next = next
        .and_then(|link| link.strip_prefix('<')?.split('>').next())
        .expect("there is more");
    let (second, link) = page(next);
    assert_eq!(second.len(), 1);
    assert!(link.contains("rel=\"next\"; results=\"false\""), "{link}");

    // What is resolved is gone, and comes back with the next visitor, once, however many they are.
    let resolve = "\"$HERE/by-hand/resolve-issues\" \"$DRILL_SANDBOX\"";
    let seen = sandbox.types(resolve);
    assert_eq!(page(&query).0.len(), 0, "{seen}");
    let site = format!("http://127.0.0.1:{}/", sandbox.facts["port"]);
    for count in ["1", "2", "3"] {
        if count == "3" {
            sandbox.types(resolve);
            assert_eq!(page(&query).0.len(), 0);
        }
        assert_eq!(sandbox.gets(&site, None).0, 500);
        let (left, _) = page(&query);
        assert_eq!((left.len(), &left[0]["count"]), (1, &count.into()), "{left:?}");
    }
}
