use crate::diagnostic::{Code, Diagnostic, Guesses, nearest};
use crate::model::{Action, CaptureId, NodeId, NodeKind, ParameterId, Runbook, Work};
use crate::source::Path;
use crate::template::{FACTS, Fact};

/// What is not a parameter, at the root of all names.
const ROOTS: [&str; 4] = ["answers", "outputs", "nodes", "run"];

/// Knows what the names in templates stand for.
pub(super) struct Names<'a> {
    pub(super) runbook: &'a Runbook,
    guesses: Guesses,
}

/// A name that stands for nothing.
pub(super) struct Unknown {
    message: String,
    label: &'static str,
    help: String,
}

impl Unknown {
    /// The finding, at the text that uses the name.
    pub(super) fn at(self, path: Path) -> Diagnostic {
        Diagnostic::new(Code::UndefinedName, path, self.message)
            .label(self.label)
            .help(self.help)
    }
}

impl<'a> Names<'a> {
    pub(super) fn new(runbook: &'a Runbook) -> Self {
        Self {
            runbook,
            guesses: Guesses::default(),
        }
    }

    /// What is wrong with a name, if it is known to stand for nothing.
    pub(super) fn unknown(&self, path: &[String]) -> Option<Unknown> {
        let mut parts = path.iter().map(String::as_str);
        let root = parts.next()?;
        let (id, rest) = (parts.next(), parts.next());
        match (root, id) {
            ("answers" | "outputs" | "nodes" | "run", None) => None,
            ("answers", Some(id)) => self.answer(id),
            ("outputs", Some(id)) => self.output(id, rest),
            ("nodes", Some(id)) => self.node(id, rest),
            ("run", Some(fact)) => unknown_fact(fact),
            _ => self.root(root, id),
        }
    }

    fn answer(&self, id: &str) -> Option<Unknown> {
        let node = self.runbook.nodes.get(id);
        match node.map(|node| &node.kind) {
            Some(NodeKind::Question(_)) => None,
            Some(NodeKind::Action(_)) => Some(Unknown {
                message: format!("`{id}` is an action, and has no answer"),
                label: "not a question",
                help: format!("its state is `nodes.{id}.state`, its captures are `outputs.{id}`"),
            }),
            None => Some(Unknown {
                message: format!("there is no question `{id}`"),
                label: "no such question",
                help: self
                    .near(id, "answers.", |kind| matches!(kind, NodeKind::Question(_)))
                    .unwrap_or_else(|| "`answers` has the answers to the questions, by their ids".to_owned()),
            }),
        }
    }

    fn output(&self, id: &str, capture: Option<&str>) -> Option<Unknown> {
        let action = self.runbook.nodes.get(id).map(|node| node.action());
        let captures = match action {
            None => {
                return Some(Unknown {
                    message: format!("there is no action `{id}`"),
                    label: "no such action",
                    help: self
                        .near(id, "outputs.", |kind| !captures_of(kind).is_empty())
                        .unwrap_or_else(|| {
                            "`outputs` has the captures of the actions, by their ids".to_owned()
                        }),
                });
            }
            Some(action) => action.map(captures).unwrap_or_default(),
        };
        if captures.is_empty() {
            return Some(Unknown {
                message: format!("`{id}` captures nothing"),
                label: "no captures",
                help: match action.flatten().map(|action| &action.work) {
                    Some(Work::Run { .. }) => format!(
                        "give it a `capture`, such as `capture: {{ {}: stdout }}`",
                        capture.unwrap_or("text")
                    ),
                    Some(_) => "only an action with `run` captures something".to_owned(),
                    None => format!("it is a question: its answer is `answers.{id}`"),
                },
            });
        }
        let capture = capture?;
        (!captures.contains(&capture)).then(|| Unknown {
            message: format!("`{id}` has no capture `{capture}`"),
            label: "no such capture",
            help: suggestion(
                &format!("outputs.{id}."),
                nearest(capture, captures.iter().copied()),
            )
            .unwrap_or_else(|| format!("it has {}", list(captures))),
        })
    }

    fn node(&self, id: &str, fact: Option<&str>) -> Option<Unknown> {
        if !self.runbook.nodes.contains_key(id) {
            return Some(Unknown {
                message: format!("there is no node `{id}`"),
                label: "no such node",
                help: self
                    .near(id, "nodes.", |_| true)
                    .unwrap_or_else(|| "`nodes` has the states of the nodes, by their ids".to_owned()),
            });
        }
        let fact = fact.filter(|fact| *fact != "state")?;
        Some(Unknown {
            message: format!("a node has no `{fact}`"),
            label: "only `state`",
            help: format!("write `nodes.{id}.state`"),
        })
    }

    fn root(&self, name: &str, next: Option<&str>) -> Option<Unknown> {
        if self.runbook.parameters.contains_key(name) {
            return None;
        }
        let secret = if name == "secrets" {
            next.unwrap_or("ID")
        } else {
            name
        };
        if name == "secrets" || self.runbook.secrets.contains_key(name) {
            return Some(Unknown {
                message: format!("`{secret}` is a secret, and a template never has one"),
                label: "a secret",
                help: format!(
                    "put it into the environment, `env: {{ {}: {{ secret: {secret} }} }}`, and use it from there",
                    secret.to_uppercase()
                ),
            });
        }
        let parameters = self.runbook.parameters.keys().map(ParameterId::as_str);
        let help = match self.runbook.nodes.get(name).map(|node| &node.kind) {
            Some(NodeKind::Question(_)) => format!("the answer to it is `answers.{name}`"),
            Some(NodeKind::Action(_)) => {
                format!("its state is `nodes.{name}.state`, its captures are `outputs.{name}`")
            }
            None => suggestion("", self.guesses.nearest(name, parameters.chain(ROOTS)))
                .unwrap_or_else(|| format!("declare it under `parameters`, or use one of {}", list(ROOTS))),
        };
        Some(Unknown {
            message: format!("there is no parameter `{name}`"),
            label: "no such name",
            help,
        })
    }

    /// What to write if a node of the right kind has a name like this.
    fn near(&self, id: &str, prefix: &str, fits: impl Fn(&NodeKind) -> bool) -> Option<String> {
        let fitting = self.runbook.nodes.iter().filter(|(_, node)| fits(&node.kind));
        suggestion(
            prefix,
            self.guesses
                .nearest(id, fitting.map(|(id, _): (&NodeId, _)| id.as_str())),
        )
    }
}

fn unknown_fact(name: &str) -> Option<Unknown> {
    let facts = || FACTS.iter().map(|fact| fact.name);
    if facts().any(|fact| fact == name) {
        return None;
    }
    Some(Unknown {
        message: format!("a run has no `{name}`"),
        label: "no such fact of the run",
        help: suggestion("run.", nearest(name, facts()))
            .unwrap_or_else(|| format!("it has {}", list(facts()))),
    })
}

/// That no entry of a list of the run has such a field.
pub(super) fn unknown_field(list: &Fact, entry: &str, field: &str) -> Unknown {
    let fields = list.fields.iter().copied();
    let near = suggestion(&format!("{entry}."), nearest(field, fields.clone()));
    Unknown {
        message: format!("an entry of `run.{}` has no `{field}`", list.name),
        label: "no such field",
        help: near.unwrap_or_else(|| format!("it has {}", self::list(fields))),
    }
}

/// The ids of what an action captures.
fn captures(action: &Action) -> Vec<&str> {
    match &action.work {
        Work::Run { capture, .. } => capture.keys().map(CaptureId::as_str).collect(),
        _ => Vec::new(),
    }
}

fn captures_of(kind: &NodeKind) -> Vec<&str> {
    match kind {
        NodeKind::Question(_) => Vec::new(),
        NodeKind::Action(action) => captures(action),
    }
}

fn suggestion(prefix: &str, name: Option<&str>) -> Option<String> {
    name.map(|name| format!("did you mean `{prefix}{name}`?"))
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
