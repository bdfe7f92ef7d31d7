use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use serde_json::Map;
use tempfile::TempDir;

use crate::adapter::check::{Checker, Seen};
use crate::adapter::journal::StateDir;
use crate::adapter::process::{End, Environment, Interrupt, Launch, Surroundings};
use crate::adapter::reporter::shown;
use crate::adapter::secret::Secrets;
use crate::model::{
    Check, Command, Drill, Feed, Invocation, Runbook, Scenario, Stream, Template, Value, is_id, plain,
};
use crate::template::{Scope, render, render_script};

use super::super::audience::NO_NOTIFY;
use super::super::console::Console;
use super::super::error::{OrUsage, Refusal};
use super::super::load::Valid;
use super::super::progress::Progress;
use super::super::session;
use super::ending::Ending;

/// What git takes as an order to work elsewhere than where it stands: a drill that is started from a git hook must not reach the
/// repository outside.
const OF_GIT: [&str; 5] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_OBJECT_DIRECTORY",
];

/// When what one of the drill's own commands says on standard error is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chatter {
    AsItComes,
    /// How the world is made is of no interest, unless it is not made: meanwhile, this is what is being done.
    IfItFails(&'static str),
}

/// A small world in a temporary folder, in which a runbook runs for real.
pub(super) struct Sandbox<'a> {
    drill: &'a Drill,
    /// The wish that it ends.
    pub(super) ending: &'a Ending,
    /// Whether nothing is drawn.
    pub(super) plain: bool,
    runbook: Arc<Runbook>,
    /// Where the drill file is.
    folder: &'a Path,
    dir: TempDir,
    scope: Scope,
    /// What setup and teardown get.
    setting: Environment,
    /// What the runbook's commands get.
    pub(super) environment: Environment,
    /// The runbook's parameters.
    pub(super) parameters: BTreeMap<String, String>,
}

impl<'a> Sandbox<'a> {
    /// Makes the world of a scenario. What a half-made world has started is ended again.
    pub(super) fn make(
        drill: &'a Drill,
        scenario: &Scenario,
        loaded: &'a Valid,
        ending: &'a Ending,
        plain: bool,
        console: &Console,
    ) -> Result<Self, Refusal> {
        let dir = tempfile::Builder::new().prefix("switchback-drill-").tempdir()?;
        // Where the temporary folder is reached by a link, commands would print another path than the one they were given.
        let path = dir.path().canonicalize()?;
        let mut setting = session::environment();
        setting.retain(|name, _| !OF_GIT.iter().any(|of_git| name == of_git));
        setting.insert(NO_NOTIFY.into(), "1".into());
        // The summary of a job tells of its runs, and not of rehearsals.
        setting.remove(std::ffi::OsStr::new("GITHUB_STEP_SUMMARY"));
        let inherited = setting.clone();
        setting.insert("DRILL_SANDBOX".into(), path.clone().into());
        for (key, word) in &scenario.world {
            setting.insert(format!("DRILL_{}", key.to_uppercase()).into(), word.into());
        }
        let mut facts = Map::new();
        facts.insert("sandbox".to_owned(), Value::from(path.display().to_string()));
        let mut sandbox = Self {
            drill,
            ending,
            plain,
            runbook: Arc::clone(&loaded.runbook),
            folder: &loaded.folder,
            dir,
            scope: scope(facts.clone()),
            setting,
            environment: inherited,
            parameters: BTreeMap::new(),
        };
        console.say(&format!("making a sandbox in {}", path.display()));
        if let Err(refusal) = sandbox.set_up(facts, console) {
            // Why it was not made is what has to be said; a world that cannot be ended either adds nothing to that.
            let _ = sandbox.tear_down(console);
            return Err(refusal);
        }
        Ok(sandbox)
    }

    fn set_up(&mut self, mut facts: Map<String, Value>, console: &Console) -> Result<(), Refusal> {
        let printed = self.call(
            &self.drill.setup,
            (&self.setting, self.ending.interrupt()),
            console,
            Chatter::IfItFails("making the sandbox"),
        )?;
        for line in printed.lines() {
            match line.split_once('=') {
                Some((name, value)) if is_id(name.trim()) => {
                    facts.insert(name.trim().to_owned(), Value::from(value.trim()));
                }
                // Not for the templates, so it is for the person: what is not real in this sandbox, say.
                _ => console.say(line),
            }
        }
        self.scope = scope(facts);
        self.furnish()
    }

    fn tear_down(&self, console: &Console) -> Result<(), Refusal> {
        if let Some(teardown) = &self.drill.teardown {
            // Also when it was asked to end: that is how it ends.
            self.call(
                teardown,
                (&self.setting, &Interrupt::new()?),
                console,
                Chatter::IfItFails("taking the sandbox down"),
            )?;
        }
        Ok(())
    }

    /// What the runbook gets: parameters, and an environment in which the sandbox's programs come first.
    fn furnish(&mut self) -> Result<(), Refusal> {
        let folders = self.drill.path.iter().map(|folder| self.path().join(folder));
        let old = self
            .environment
            .get(&OsString::from("PATH"))
            .cloned()
            .unwrap_or_default();
        let all: Vec<PathBuf> = folders.chain(std::env::split_paths(&old)).collect();
        self.environment.insert("PATH".into(), std::env::join_paths(all)?);
        for (name, text) in &self.drill.env {
            let value = self.text(text)?;
            self.environment.insert(name.into(), value.into());
        }
        for (id, value) in &self.drill.parameters {
            let value = match value {
                Value::String(text) => self.text(&Template(text.clone()))?,
                other => plain(other),
            };
            self.parameters.insert(id.to_string(), value);
        }
        Ok(())
    }

    /// Ends the world; with `keep` its folder stays.
    pub(super) fn end(self, keep: bool, console: &Console) -> Result<(), Refusal> {
        self.tear_down(console)?;
        if keep {
            let path = self.dir.keep();
            console.say(&format!("the sandbox is kept in {}", path.display()));
        }
        Ok(())
    }

    /// Does what somebody does by hand, outside the runbook.
    pub(super) fn outside(&self, command: &Command, console: &Console) -> Result<(), Refusal> {
        let rendered = self.rendered(command)?;
        console.say(&format!("# outside the runbook: {}", shown(&rendered.run.argv())));
        self.call(
            command,
            (&self.environment, self.ending.interrupt()),
            console,
            Chatter::AsItComes,
        )?;
        console.say("");
        Ok(())
    }

    /// Carries out a check of the world: its words, and what was seen.
    pub(super) fn check(&self, check: &Check) -> Result<(String, Seen), Refusal> {
        let check = check
            .try_map(
                |text| render(text, &self.scope),
                |script| render_script(script, &self.scope),
            )
            .or_usage("setup must print the names that the drill's checks use")?;
        let surroundings = self.surroundings(&self.environment);
        let checker = Checker {
            surroundings: &surroundings,
            secrets: &Secrets::new(Arc::clone(&self.runbook), surroundings.clone()),
            interrupt: &Interrupt::new()?,
        };
        let seen = checker.carry_out(&check, &mut |_| {});
        Ok((check.title.clone().unwrap_or_else(|| check.to_string()), seen))
    }

    /// Where the drill's runs are recorded.
    pub(super) fn state_dir(&self) -> String {
        self.path().join("state").display().to_string()
    }

    /// The same, to be read.
    pub(super) fn state(&self) -> StateDir {
        StateDir::at(self.path().join("state"))
    }

    fn path(&self) -> PathBuf {
        let sandbox = self.scope.parameters.get("sandbox").and_then(Value::as_str);
        sandbox.map_or_else(|| self.dir.path().to_owned(), PathBuf::from)
    }

    fn surroundings(&self, environment: &Environment) -> Surroundings {
        Surroundings {
            folder: self.path(),
            environment: environment.clone().into(),
        }
    }

    /// Calls one of the drill's own commands, which must succeed; what it printed on standard output.
    fn call(
        &self,
        command: &Command,
        (environment, interrupt): (&Environment, &Interrupt),
        console: &Console,
        chatter: Chatter,
    ) -> Result<String, Refusal> {
        let rendered = self.rendered(command)?;
        let launch = Launch::of(&rendered, &self.surroundings(environment), |feed| match feed {
            Feed::Text(text) => Ok(text.clone()),
            Feed::Secret { id, .. } => Err(anyhow!("a drill has no secrets, so there is no `{id}`")),
        })?;
        let name = shown(&launch.argv);
        let progress = match chatter {
            Chatter::AsItComes => None,
            Chatter::IfItFails(what) => Some(Progress::spinner(console, self.plain, what)),
        };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = launch
            .run(interrupt, &mut |stream, block| match stream {
                _ if chatter == Chatter::AsItComes => {
                    console.say(String::from_utf8_lossy(block).trim_end());
                }
                Stream::Stdout => stdout.extend_from_slice(block),
                Stream::Stderr => stderr.extend_from_slice(block),
            })
            .with_context(|| format!("`{name}` could not be started"))
            .or_usage("mend the drill, or install what it needs")?;
        drop(progress);
        match ended.end {
            End::Exited(0) => Ok(String::from_utf8_lossy(&stdout).into_owned()),
            other => {
                console.say(String::from_utf8_lossy(&stderr).trim_end());
                Err(anyhow!("the drill's `{name}` {other}"))
                    .or_usage("its last lines above say what it lacks")
            }
        }
    }

    /// A command of the drill: relative programs are looked for beside the drill's file, and it runs in the sandbox.
    fn rendered(&self, command: &Command) -> Result<Command<String>, Refusal> {
        let mut rendered = command
            .try_map(
                |text| render(text, &self.scope),
                |script| render_script(script, &self.scope),
            )
            .or_usage("setup must print the names that the drill uses")?;
        if let Invocation::Exec(argv) = &mut rendered.run
            && let Some(program) = argv.first_mut()
            && program.contains('/')
        {
            *program = self.folder.join(program.as_str()).display().to_string();
        }
        Ok(rendered)
    }

    fn text(&self, template: &Template) -> Result<String, Refusal> {
        render(template, &self.scope).or_usage("setup must print the names that the drill uses")
    }
}

fn scope(facts: Map<String, Value>) -> Scope {
    Scope {
        parameters: Arc::new(facts),
        ..Scope::default()
    }
}
