use crate::model::{
    Action, Check, Command, Content, Expression, Feed, Form, Invocation, Look, Matcher, Node, NodeKind,
    Notify, Question, Runbook, SecretSource, Template, Work,
};
use crate::source::{Path, Segment};

/// Something in a runbook that is rendered or evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// An argument, a path, or a text for people: values go in as they are.
    Plain(&'a Template),
    /// A script, in which every value is written for its place.
    Script(&'a Template),
    /// Something that is true or false.
    Expression(&'a Expression),
}

/// The way to a place in the document. It is borrowed from step to step, so that walking a large runbook costs nothing for the
/// places at which nothing is found.
#[derive(Clone, Copy, Debug)]
pub struct Trail<'a> {
    before: Option<&'a Trail<'a>>,
    step: Step<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    /// At a key of the document.
    pub fn root(key: &'a str) -> Self {
        Self {
            before: None,
            step: Step::Key(key),
        }
    }

    /// At a key of the mapping here.
    pub fn key(&'a self, key: &'a str) -> Self {
        Self {
            before: Some(self),
            step: Step::Key(key),
        }
    }

    /// At an item of the list here.
    pub fn index(&'a self, index: usize) -> Self {
        Self {
            before: Some(self),
            step: Step::Index(index),
        }
    }

    /// The id of the node in which it is; none where it is in no node.
    pub fn node(&self) -> Option<&'a str> {
        self.entry_of("nodes")
    }

    /// The id of the gate in which it is; none where it is in no gate.
    pub fn gate(&self) -> Option<&'a str> {
        self.entry_of("gates")
    }

    fn entry_of(&self, root: &str) -> Option<&'a str> {
        let before = self.before?;
        match (before.before, before.step, self.step) {
            (None, Step::Key(key), Step::Key(id)) => (key == root).then_some(id),
            _ => before.entry_of(root),
        }
    }

    /// The key in its node, gate or notification under which it is.
    pub fn section(&self) -> Option<&'a str> {
        let before = self.before?;
        match (before.before, self.step) {
            (Some(Trail { before: None, .. }), Step::Key(key)) => Some(key),
            _ => before.section(),
        }
    }

    /// The place, to keep.
    pub fn path(&self) -> Path {
        let mut segments = Vec::new();
        let mut trail = Some(self);
        while let Some(Trail { before, step }) = trail {
            segments.push(match step {
                Step::Key(key) => Segment::from(*key),
                Step::Index(index) => Segment::from(*index),
            });
            trail = *before;
        }
        segments.reverse();
        Path::from(segments)
    }
}

/// Shows every template and expression of a runbook, in the order of its keys, with the way to it.
pub fn runbook_texts<'r>(runbook: &'r Runbook, see: &mut dyn FnMut(&Trail<'_>, Text<'r>)) {
    let mut walk = Walk { see };
    let secrets = Trail::root("secrets");
    for (id, source) in &runbook.secrets {
        if let SecretSource::Command(command) = source {
            walk.command(&secrets.key(id.as_str()), "command", command);
        }
    }
    let requires = Trail::root("requires");
    let commands = requires.key("commands");
    for (index, command) in runbook.requires.iter().enumerate() {
        (walk.see)(&commands.index(index), Text::Plain(command));
    }
    if let Some(lock) = &runbook.lock {
        (walk.see)(&Trail::root("lock"), Text::Plain(lock));
    }
    let nodes = Trail::root("nodes");
    for (id, node) in &runbook.nodes {
        walk.node(&nodes.key(id.as_str()), node);
    }
    let gates = Trail::root("gates");
    for (id, gate) in &runbook.gates {
        let at = gates.key(id.as_str());
        walk.expression(&at, "when", gate.when.as_ref());
        walk.checks(&at, &gate.verify);
        walk.plain(&at, "attest", gate.attest.as_ref());
    }
    let notify = Trail::root("notify");
    for (index, told) in runbook.notify.iter().enumerate() {
        walk.notify(&notify.index(index), told);
    }
}

struct Walk<'w, 'r> {
    see: &'w mut dyn FnMut(&Trail<'_>, Text<'r>),
}

impl<'r> Walk<'_, 'r> {
    fn plain(&mut self, at: &Trail<'_>, key: &str, template: Option<&'r Template>) {
        if let Some(template) = template {
            (self.see)(&at.key(key), Text::Plain(template));
        }
    }

    fn expression(&mut self, at: &Trail<'_>, key: &str, expression: Option<&'r Expression>) {
        if let Some(expression) = expression {
            (self.see)(&at.key(key), Text::Expression(expression));
        }
    }

    fn node(&mut self, at: &Trail<'_>, node: &'r Node) {
        self.expression(at, "when", node.links.when.as_ref());
        match &node.kind {
            NodeKind::Question(question) => self.question(at, question),
            NodeKind::Action(action) => self.action(at, action),
        }
    }

    fn question(&mut self, at: &Trail<'_>, question: &'r Question) {
        self.plain(at, "help", question.help.as_ref());
        if let Some(command) = &question.detect {
            self.command(&at.key("detect"), "run", command);
        }
        if let Form::Input {
            suggest: Some(suggest),
            ..
        } = &question.form
        {
            self.command(&at.key("suggest"), "run", &suggest.command);
        }
    }

    fn action(&mut self, at: &Trail<'_>, action: &'r Action) {
        self.plain(at, "description", action.description.as_ref());
        match &action.work {
            Work::Milestone => {}
            Work::Run { command, .. } => self.command(at, "run", command),
            Work::Manual(text) => self.plain(at, "manual", Some(text)),
            Work::Write(write) => {
                let at = at.key("write");
                self.plain(&at, "path", Some(&write.path));
                match &write.content {
                    Content::Inline(content) => self.plain(&at, "content", Some(content)),
                    Content::File { text, .. } => self.plain(&at, "template", Some(text)),
                    Content::Note(text) => (self.see)(&at, Text::Plain(text)),
                }
            }
        }
        self.plain(at, "confirm", action.confirm.as_ref());
        self.plain(at, "expect", action.expect.as_ref());
        self.checks(at, &action.verify);
        if let Some(undo) = &action.undo {
            self.command(&at.key("undo"), "run", undo);
        }
    }

    fn notify(&mut self, at: &Trail<'_>, notify: &'r Notify) {
        self.feed(at, "webhook", &notify.webhook);
        self.expression(at, "when", notify.when.as_ref());
        for (name, feed) in &notify.headers {
            self.feed(&at.key("headers"), name, feed);
        }
        for (name, text) in &notify.data {
            self.plain(&at.key("data"), name, Some(text));
        }
        if let Some(event) = &notify.cdevent {
            let at = at.key("cdevent");
            self.plain(&at, "service", Some(&event.service));
            self.plain(&at, "environment", Some(&event.environment));
            self.plain(&at, "artifact", Some(&event.artifact));
            self.plain(&at, "source", event.source.as_ref());
        }
    }

    /// A command whose keys stand at `at`, and whose program and arguments, or script, stand under `run`.
    fn command(&mut self, at: &Trail<'_>, run: &str, command: &'r Command) {
        match &command.run {
            Invocation::Exec(words) => {
                let at = at.key(run);
                for (index, word) in words.iter().enumerate() {
                    (self.see)(&at.index(index), Text::Plain(word));
                }
            }
            Invocation::Shell { script, .. } => (self.see)(&at.key(run), Text::Script(script)),
        }
        self.plain(at, "cwd", command.cwd.as_ref());
        for (name, feed) in &command.env {
            self.feed(&at.key("env"), name, feed);
        }
        if let Some(feed) = &command.stdin {
            self.feed(at, "stdin", feed);
        }
    }

    fn feed(&mut self, at: &Trail<'_>, key: &str, feed: &'r Feed) {
        if let Feed::Text(text) = feed {
            self.plain(at, key, Some(text));
        }
    }

    fn checks(&mut self, at: &Trail<'_>, checks: &'r [Check]) {
        let at = at.key("verify");
        for (index, check) in checks.iter().enumerate() {
            self.look(&at.index(index), &check.look);
        }
    }

    fn look(&mut self, at: &Trail<'_>, look: &'r Look) {
        match look {
            Look::Run {
                command,
                stdout,
                stderr,
                ..
            } => {
                self.command(at, "run", command);
                self.matcher(&at.key("stdout"), stdout);
                self.matcher(&at.key("stderr"), stderr);
            }
            Look::Http(http) => {
                let at = at.key("http");
                self.plain(&at, "url", Some(&http.url));
                for (name, feed) in &http.headers {
                    self.feed(&at.key("headers"), name, feed);
                }
                self.matcher(&at.key("body"), &http.body);
            }
            Look::File { path, content } => {
                self.plain(at, "file", Some(path));
                self.matcher(&at.key("content"), content);
            }
            Look::Link { path, to } => {
                self.plain(at, "link", Some(path));
                self.matcher(&at.key("to"), to);
            }
            Look::Expr(expression) => self.expression(at, "expr", Some(expression)),
            Look::Confirm(text) => self.plain(at, "confirm", Some(text)),
        }
    }

    fn matcher(&mut self, at: &Trail<'_>, matcher: &'r Matcher) {
        self.plain(at, "equals", matcher.equals.as_ref());
        self.plain(at, "contains", matcher.contains.as_ref());
        self.plain(at, "starts_with", matcher.starts_with.as_ref());
        self.plain(at, "ends_with", matcher.ends_with.as_ref());
    }
}
