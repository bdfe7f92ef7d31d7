//! Commands, wherever one can stand, and what a file says of all of them.

use std::time::Duration;

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::model::{Command, DEFAULT_GRACE, DEFAULT_SHELL, DEFAULT_TIMEOUT, Feed, Invocation, Template};

use super::decode::{
    Cursor, Fields, any_template, any_text, duration, map, name, non_empty, positive_duration, shown,
    template, text,
};
use super::tree::Tree;

/// The keys that say more about a `run`.
pub(crate) const KEYS: &[&str] = &["cwd", "env", "stdin", "timeout", "grace", "shell"];

/// What holds for every command that does not say otherwise. It is folded into each, so nothing later knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    cwd: Option<Template>,
    env: IndexMap<String, Feed>,
    timeout: Duration,
    grace: Duration,
    shell: Vec<String>,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            cwd: None,
            env: IndexMap::new(),
            timeout: DEFAULT_TIMEOUT,
            grace: DEFAULT_GRACE,
            shell: DEFAULT_SHELL.map(str::to_owned).to_vec(),
        }
    }
}

impl Defaults {
    /// The same without an environment.
    pub(crate) fn without_env(&self) -> Self {
        Self {
            env: IndexMap::new(),
            ..self.clone()
        }
    }
}

/// The file's `defaults`.
pub(crate) fn defaults(at: Cursor<'_>) -> Option<Defaults> {
    let mut fields = Fields::of(at, "`defaults`")?;
    let builtin = Defaults::default();
    let defaults = Defaults {
        cwd: fields.optional("cwd", template),
        env: fields.optional("env", env).unwrap_or_default(),
        timeout: fields
            .optional("timeout", positive_duration)
            .unwrap_or(builtin.timeout),
        grace: fields.optional("grace", duration).unwrap_or(builtin.grace),
        shell: fields.optional("shell", shell).unwrap_or(builtin.shell),
    };
    fields.finish();
    Some(defaults)
}

/// A command that stands by itself.
pub(crate) fn command(at: Cursor<'_>, defaults: &Defaults) -> Option<Command> {
    let mut fields = Fields::of(at, "a command")?;
    let command = command_of(&mut fields, defaults);
    fields.finish();
    command
}

/// A command whose keys stand among others.
pub(crate) fn command_of(fields: &mut Fields<'_>, defaults: &Defaults) -> Option<Command> {
    let shell = fields.optional("shell", shell);
    let is_given = shell.is_some();
    let run = fields.required("run", |at| {
        invocation(at, || shell.unwrap_or_else(|| defaults.shell.clone()))
    });
    if is_given && matches!(run, Some(Invocation::Exec(_))) {
        let message = "`shell` has no meaning beside a `run` that is a list: no shell sees it";
        fields.conflict("shell", message, "write `run` as a text, or remove `shell`");
    }
    let mut env_of_all = defaults.env.clone();
    env_of_all.extend(fields.optional("env", env).unwrap_or_default());
    let cwd = fields.optional("cwd", template);
    let stdin = fields.optional("stdin", feed);
    let timeout = fields.optional("timeout", positive_duration);
    let grace = fields.optional("grace", duration);
    Some(Command {
        run: run?,
        cwd: cwd.or_else(|| defaults.cwd.clone()),
        env: env_of_all,
        stdin,
        terminal: false,
        timeout: timeout.or(Some(defaults.timeout)),
        grace: grace.unwrap_or(defaults.grace),
    })
}

/// A command that is nothing but what is run.
pub(crate) fn bare(at: Cursor<'_>, defaults: &Defaults) -> Option<Command> {
    Some(Command {
        run: invocation(at, || defaults.shell.clone())?,
        cwd: defaults.cwd.clone(),
        env: defaults.env.clone(),
        stdin: None,
        terminal: false,
        timeout: Some(defaults.timeout),
        grace: defaults.grace,
    })
}

fn invocation(at: Cursor<'_>, shell: impl FnOnce() -> Vec<String>) -> Option<Invocation> {
    if !matches!(at.tree, Tree::List(_) | Tree::Text(_)) {
        at.wrong_type("a list of arguments or a text for the shell");
        return None;
    }
    if let Tree::Text(_) = at.tree {
        let script = template(at)?;
        let shell = shell();
        return Some(Invocation::Shell { shell, script });
    }
    let argv = non_empty(at, any_template)?;
    if argv.first().is_some_and(|program| program.0.trim().is_empty()) {
        let message = format!("the first item of {} is empty", at.name());
        at.invalid(message, "the first item is the program to run");
    }
    Some(Invocation::Exec(argv))
}

fn shell(at: Cursor<'_>) -> Option<Vec<String>> {
    non_empty(at, text)
}

/// A map of environment variables.
pub(crate) fn env(at: Cursor<'_>) -> Option<IndexMap<String, Feed>> {
    map(at, variable, |_, value| feed(value))
}

/// The name of an environment variable, which is the key of `at`.
pub(crate) fn variable(at: Cursor<'_>, key: &str) -> Option<String> {
    if !key.is_empty() && !key.contains(['=', '\0']) {
        return Some(key.to_owned());
    }
    let message = format!("{} cannot name an environment variable", shown(key));
    let finding = at.finding(Code::InvalidValue, message).at_key();
    at.report(
        finding
            .label("not a name")
            .help("a name is not empty and has no `=` in it"),
    );
    None
}

/// A template, or a secret.
pub(crate) fn feed(at: Cursor<'_>) -> Option<Feed> {
    let Tree::Map(_) = at.tree else {
        return any_template(at).map(Feed::Text);
    };
    let mut fields = Fields::of(at, "a reference to a secret")?;
    let id = fields.required("secret", name);
    let prefix = fields.optional("prefix", any_text).unwrap_or_default();
    fields.finish();
    Some(Feed::Secret { id: id?, prefix })
}
